import { pagesOf, textOf } from "./litmus-words.ts";
import { type DiskOp, type Image, PAGE_SIZE, type Path } from "./types.ts";

/** A row before it is worked out: the calls, and in which words an image is told. */
export interface LitmusCase {
  readonly id: string;
  readonly title: string;
  readonly files: Readonly<Record<Path, string>>;
  readonly ops: readonly DiskOp[];
  /** What the program does after the calls, as if all were done. */
  readonly after?: string;
  readonly lesson: string;
  readonly shows: (image: Image) => string;
  /** Every word that `shows` has, in the order of the table, and whether it would do. */
  readonly words: Readonly<Record<string, "fine" | "harmful">>;
}

const TEMPORARY = "d/tmp";
const REPLACED = { old: "fine", new: "fine", empty: "harmful", zeros: "harmful" } as const;
const NEWLY_NAMED = { absent: "fine", new: "fine", empty: "harmful", zeros: "harmful" } as const;

export const LITMUS_ROWS: readonly LitmusCase[] = [
  {
    id: "LT1",
    title: "Overwrites file A, then file B",
    files: { "d/A": "-", "d/B": "-" },
    ops: [write("d/A", 0, "a"), write("d/B", 0, "b")],
    lesson: "Between two files only a strict disk keeps the order of writes.",
    shows: (image) =>
      which(["A", textOf(image, "d/A") === "a"], ["B", textOf(image, "d/B") === "b"]),
    words: { neither: "fine", "A alone": "fine", "B alone": "harmful", both: "fine" },
  },
  {
    id: "LT2",
    title: "Appends a page, then another",
    files: { "d/log": "" },
    ops: [write("d/log", 0, page("1")), write("d/log", PAGE_SIZE, page("2"))],
    lesson: "A length does not prove that the bytes are there: a log needs checksums.",
    shows: (image) => APPENDED[pagesOf(image, "d/log")] ?? "something else",
    words: {
      "no page": "fine",
      "page 1": "fine",
      "pages 1 and 2": "fine",
      "a hole": "harmful",
      "a hole, then page 2": "harmful",
      "page 1, then a hole": "harmful",
      "two holes": "harmful",
    },
  },
  {
    id: "LT3",
    title: "Replaces a file by rename, nothing synced",
    files: { "d/A": "old" },
    ops: [create(TEMPORARY), write(TEMPORARY, 0, "new"), rename(TEMPORARY, "d/A")],
    lesson:
      "The rename may be there before what it names: without an fsync some disks leave an empty file.",
    shows: (image) => textOf(image, "d/A"),
    words: REPLACED,
  },
  {
    id: "LT4",
    title: "Renames to a new name, nothing synced",
    files: {},
    ops: [create(TEMPORARY), write(TEMPORARY, 0, "new"), rename(TEMPORARY, "d/A")],
    lesson:
      "Where nothing is replaced, even a disk that guards replacing renames may leave an empty file.",
    shows: (image) => textOf(image, "d/A"),
    words: NEWLY_NAMED,
  },
  {
    id: "LT5",
    title: "Replaces a file by rename, the new one synced",
    files: { "d/A": "old" },
    ops: [create(TEMPORARY), write(TEMPORARY, 0, "new"), sync(TEMPORARY), rename(TEMPORARY, "d/A")],
    lesson: "The file is whole, and no policy promises that it is the new one.",
    shows: (image) => textOf(image, "d/A"),
    words: REPLACED,
  },
  {
    id: "LT6",
    title: "Replaces a file by rename, the new one and the directory synced",
    files: { "d/A": "old" },
    ops: [
      create(TEMPORARY),
      write(TEMPORARY, 0, "new"),
      sync(TEMPORARY),
      rename(TEMPORARY, "d/A"),
      syncDirectory("d"),
    ],
    lesson: "Only with both syncs is the replacement durable, and then under every policy.",
    shows: (image) => textOf(image, "d/A"),
    words: REPLACED,
  },
  {
    id: "LT7",
    title: "Stores a record, then the header that points to it, into a mapping",
    files: { "d/map": page("-") + page("-") },
    ops: [store("d/map", PAGE_SIZE, "r"), store("d/map", 0, "h")],
    lesson:
      "Pages of one mapping are written in any order: the header may point to a record that is not there.",
    shows: (image) => {
      const [header, record] = pagesOf(image, "d/map");
      return which(["record", record === "r"], ["header", header === "h"]);
    },
    words: { neither: "fine", "record alone": "fine", both: "fine", "header alone": "harmful" },
  },
  {
    id: "LT8",
    title: "Empties a file and writes it anew in place",
    files: { "d/A": "old, long" },
    ops: [truncate("d/A", 0), write("d/A", 0, "new")],
    lesson: "Between the truncate and the write nothing is left, and any disk may stop there.",
    shows: (image) => REWRITTEN[textOf(image, "d/A")] ?? textOf(image, "d/A"),
    words: {
      old: "fine",
      new: "fine",
      empty: "harmful",
      zeros: "harmful",
      "new, then the old tail": "harmful",
    },
  },
  {
    id: "LT9",
    title: "Creates a segment and syncs it, not its directory",
    files: {},
    ops: [create("d/segment"), write("d/segment", 0, "new"), sync("d/segment")],
    lesson:
      "An fsync of a file covers its bytes, not its name: what it acknowledged may be gone with the file.",
    shows: (image) => textOf(image, "d/segment"),
    words: { new: "fine", absent: "harmful" },
  },
  {
    id: "LT10",
    title: "Writes a snapshot, renames it into place and unlinks the log",
    files: { "d/log": "log" },
    ops: [
      create(TEMPORARY),
      write(TEMPORARY, 0, "new"),
      rename(TEMPORARY, "d/snapshot"),
      unlink("d/log"),
    ],
    lesson: "The log may be gone before the snapshot that replaces it has any bytes.",
    shows: (image) => {
      const snapshot = textOf(image, "d/snapshot");
      const of = snapshot === "absent" ? "no snapshot" : `${snapshot} snapshot`;
      return `${of}, ${image.has("d/log") ? "log" : "no log"}`;
    },
    words: {
      "no snapshot, log": "fine",
      "new snapshot, log": "fine",
      "new snapshot, no log": "fine",
      "empty snapshot, log": "fine",
      "zeros snapshot, log": "fine",
      "empty snapshot, no log": "harmful",
      "zeros snapshot, no log": "harmful",
      "no snapshot, no log": "harmful",
    },
  },
];

const OLD_VOTE = "t5 v1";
const NEW_VOTE = "t6 v2";
const SAVED = [create(TEMPORARY), write(TEMPORARY, 0, NEW_VOTE)];
const RENAMED = rename(TEMPORARY, "d/meta");
const SENT = "the vote is sent";

/** After the calls the server has said that it votes: whatever is not the new vote lets it vote a second time in the term. */
const VOTE = {
  shows: (image: Image) => VOTES[textOf(image, "d/meta")] ?? textOf(image, "d/meta"),
  words: {
    "term 6, vote 2": "fine",
    "term 5, vote 1": "harmful",
    absent: "harmful",
    empty: "harmful",
    zeros: "harmful",
  },
  after: SENT,
} as const;

export const VOTE_ROWS: readonly LitmusCase[] = [
  {
    id: "V1",
    title: "Temporary file and rename, nothing synced",
    files: { "d/meta": OLD_VOTE },
    ops: [...SAVED, RENAMED],
    lesson: "Old, new or nothing at all: the rename alone makes nothing durable.",
    ...VOTE,
  },
  {
    id: "V2",
    title: "The temporary file synced",
    files: { "d/meta": OLD_VOTE },
    ops: [...SAVED, sync(TEMPORARY), RENAMED],
    lesson: "The file is never torn, and the vote may still be forgotten: under every policy.",
    ...VOTE,
  },
  {
    id: "V3",
    title: "The temporary file and the directory synced",
    files: { "d/meta": OLD_VOTE },
    ops: [...SAVED, sync(TEMPORARY), RENAMED, syncDirectory("d")],
    lesson: "Only now may the vote be sent.",
    ...VOTE,
  },
  {
    id: "V4",
    title: "The first vote ever, nothing synced",
    files: {},
    ops: [...SAVED, RENAMED],
    lesson: "A file that was never there has no rename that guards it: it may be found empty.",
    ...VOTE,
  },
  {
    id: "V5",
    title: "The first vote ever, the temporary file synced",
    files: {},
    ops: [...SAVED, sync(TEMPORARY), RENAMED],
    lesson:
      "Without its directory the file may be absent, and the server takes itself for a new one.",
    ...VOTE,
  },
  {
    id: "V6",
    title: "The first vote ever, the temporary file and the directory synced",
    files: {},
    ops: [...SAVED, sync(TEMPORARY), RENAMED, syncDirectory("d")],
    lesson: "Both syncs are needed the first time as well.",
    ...VOTE,
  },
];

const APPENDED: Readonly<Record<string, string>> = {
  "": "no page",
  "1": "page 1",
  "12": "pages 1 and 2",
  "0": "a hole",
  "02": "a hole, then page 2",
  "10": "page 1, then a hole",
  "00": "two holes",
};
const REWRITTEN: Readonly<Record<string, string>> = {
  "old, long": "old",
  "new, long": "new, then the old tail",
};
const VOTES: Readonly<Record<string, string>> = {
  [OLD_VOTE]: "term 5, vote 1",
  [NEW_VOTE]: "term 6, vote 2",
};

function which(...each: readonly (readonly [string, boolean])[]): string {
  const there = each.filter(([, isThere]) => isThere);
  if (there.length === each.length) return "both";
  return there.length === 0 ? "neither" : `${there[0]?.[0]} alone`;
}

export function ascii(content: string): Uint8Array {
  return Uint8Array.from(content, (character) => character.charCodeAt(0));
}

function page(character: string): string {
  return character.repeat(PAGE_SIZE);
}

function create(file: Path): DiskOp {
  return { type: "open", file, create: true, truncate: false };
}

function write(file: Path, offset: number, content: string): DiskOp {
  return { type: "write", file, offset, bytes: ascii(content) };
}

function store(file: Path, offset: number, content: string): DiskOp {
  return { type: "store", file, offset, bytes: ascii(content) };
}

function truncate(file: Path, size: number): DiskOp {
  return { type: "truncate", file, size };
}

function rename(from: Path, to: Path): DiskOp {
  return { type: "rename", from, to };
}

function unlink(file: Path): DiskOp {
  return { type: "unlink", file };
}

function sync(file: Path): DiskOp {
  return { type: "sync", file };
}

function syncDirectory(directory: Path): DiskOp {
  return { type: "sync-directory", directory };
}
