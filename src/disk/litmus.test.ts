import { describe, expect, it } from "vitest";
import { createDisk, type Disk, installFile } from "./disk.ts";
import { crashImages, POLICIES } from "./history.testkit.ts";
import { perform } from "./perform.ts";
import type { DiskOp, Image, Path, Policy } from "./types.ts";

// One row a hazard that the author of a journal must know, and all that an OS crash may leave under each policy. In
// the manner of Bornholt et al., "Specifying and Checking File System Crash-Consistency Models" (ASPLOS 2016).

interface Litmus {
  readonly files: Readonly<Record<Path, string>>;
  readonly ops: readonly DiskOp[];
  /** What of an image matters, in a word. */
  readonly shows: (image: Image) => string;
  readonly outcomes: Readonly<Record<Policy, readonly string[]>>;
}

const ROWS: Readonly<Record<string, Litmus>> = {
  "LT1 overwrites A, then B": {
    files: { "d/A": "a", "d/B": "b" },
    ops: [write("d/A", 0, "A"), write("d/B", 0, "B")],
    shows: (image) => `${text(image, "d/A")}${text(image, "d/B")}`,
    outcomes: {
      strict: ["ab", "Ab", "AB"],
      "per-file": ["ab", "Ab", "aB", "AB"],
      "ordered-journal": ["ab", "Ab", "aB", "AB"],
      adversarial: ["ab", "Ab", "aB", "AB"],
    },
  },
  "LT2 appends a page, then another": {
    files: { "d/log": "" },
    ops: [write("d/log", 0, page("1")), write("d/log", 4096, page("2"))],
    shows: (image) => `size ${image.get("d/log")?.length}: ${pages(image, "d/log")}`,
    outcomes: {
      strict: ["size 0: ", "size 4096: 1", "size 8192: 12"],
      "per-file": ["size 0: ", "size 4096: 1", "size 8192: 12"],
      "ordered-journal": ["size 0: ", "size 4096: 1", "size 8192: 12"],
      adversarial: [
        "size 0: ",
        "size 4096: 0",
        "size 4096: 1",
        "size 8192: 00",
        "size 8192: 02",
        "size 8192: 10",
        "size 8192: 12",
      ],
    },
  },
  "LT3 replaces a file by rename, nothing synced": {
    files: { "d/A": "old" },
    ops: [create("d/T"), write("d/T", 0, "new"), rename("d/T", "d/A")],
    shows: (image) => text(image, "d/A"),
    outcomes: {
      strict: ["old", "new"],
      "per-file": ["old", "empty", "new"],
      "ordered-journal": ["old", "new"],
      adversarial: ["old", "empty", "zeros", "new"],
    },
  },
  "LT4 renames to a new name, nothing synced": {
    files: {},
    ops: [create("d/T"), write("d/T", 0, "new"), rename("d/T", "d/A")],
    shows: (image) => text(image, "d/A"),
    outcomes: {
      strict: ["absent", "new"],
      "per-file": ["absent", "empty", "new"],
      "ordered-journal": ["absent", "empty", "new"],
      adversarial: ["absent", "empty", "zeros", "new"],
    },
  },
  "LT5 replaces a file by rename, the new one synced": {
    files: { "d/A": "old" },
    ops: [create("d/T"), write("d/T", 0, "new"), sync("d/T"), rename("d/T", "d/A")],
    shows: (image) => text(image, "d/A"),
    outcomes: {
      strict: ["old", "new"],
      "per-file": ["old", "new"],
      "ordered-journal": ["old", "new"],
      adversarial: ["old", "new"],
    },
  },
  "LT7 stores a record in page 1, then the pointer to it in page 0": {
    files: { "d/map": page("-") + page("-") },
    ops: [store("d/map", 4096, "R"), store("d/map", 0, "H")],
    shows: (image) =>
      `${image.get("d/map")?.[0] === 72 ? "header" : ""}${image.get("d/map")?.[4096] === 82 ? "record" : ""}`,
    outcomes: {
      strict: ["", "record", "headerrecord"],
      "per-file": ["", "record", "headerrecord"],
      "ordered-journal": ["", "header", "record", "headerrecord"],
      adversarial: ["", "header", "record", "headerrecord"],
    },
  },
  "LT9 creates a segment and syncs it, not its directory": {
    files: {},
    ops: [create("d/S"), write("d/S", 0, "new"), sync("d/S")],
    shows: (image) => text(image, "d/S"),
    outcomes: {
      strict: ["new"],
      "per-file": ["absent", "new"],
      "ordered-journal": ["absent", "new"],
      adversarial: ["absent", "new"],
    },
  },
  "LT10 writes a snapshot, renames it to a new name, unlinks the log": {
    files: { "d/log": "log" },
    ops: [create("d/T"), write("d/T", 0, "new"), rename("d/T", "d/snap"), unlink("d/log")],
    shows: (image) => `${text(image, "d/snap")} snapshot, ${image.has("d/log") ? "log" : "no log"}`,
    outcomes: {
      strict: ["absent snapshot, log", "new snapshot, log", "new snapshot, no log"],
      "per-file": [
        "absent snapshot, log",
        "empty snapshot, log",
        "empty snapshot, no log",
        "new snapshot, log",
        "new snapshot, no log",
      ],
      "ordered-journal": [
        "absent snapshot, log",
        "empty snapshot, log",
        "empty snapshot, no log",
        "new snapshot, log",
        "new snapshot, no log",
      ],
      adversarial: [
        "absent snapshot, log",
        "absent snapshot, no log",
        "empty snapshot, log",
        "empty snapshot, no log",
        "new snapshot, log",
        "new snapshot, no log",
        "zeros snapshot, log",
        "zeros snapshot, no log",
      ],
    },
  },
};

describe.each(Object.entries(ROWS))("%s", (_, { files, ops, shows, outcomes }) => {
  it.each(POLICIES)("leaves exactly the known outcomes when %s", (policy) => {
    expect(outcomesOf(diskAfter(policy, files, ops), shows)).toEqual([...outcomes[policy]].sort());
  });
});

describe("a vote that replaces another by a temporary file and a rename", () => {
  const vote = (image: Image) => text(image, "d/meta");
  const old = { "d/meta": "old" };
  const written = [create("d/tmp"), write("d/tmp", 0, "new")];
  const renamed = rename("d/tmp", "d/meta");

  it.each([
    ["strict", ["new", "old"]],
    ["per-file", ["empty", "new", "old"]],
    ["ordered-journal", ["new", "old"]],
    ["adversarial", ["empty", "new", "old", "zeros"]],
  ] as const)("without a sync, when %s, may be %j", (policy, outcomes) => {
    expect(outcomesOf(diskAfter(policy, old, [...written, renamed]), vote)).toEqual(outcomes);
  });

  it.each(POLICIES)(
    "with the file synced and not the directory, is old or new when %s",
    (policy) => {
      const disk = diskAfter(policy, old, [...written, sync("d/tmp"), renamed]);
      expect(outcomesOf(disk, vote)).toEqual(["new", "old"]);
    },
  );

  it.each(POLICIES)("with file and directory synced, is new when %s", (policy) => {
    const disk = diskAfter(policy, old, [...written, sync("d/tmp"), renamed, syncDirectory("d")]);
    expect(outcomesOf(disk, vote)).toEqual(["new"]);
  });

  it.each(POLICIES)(
    "is absent or new when it is the first and the directory is not synced, when %s",
    (policy) => {
      const disk = diskAfter(policy, {}, [...written, sync("d/tmp"), renamed]);
      expect(outcomesOf(disk, vote)).toEqual(["absent", "new"]);
    },
  );

  it.each([
    ["strict", ["absent", "new"]],
    ["per-file", ["absent", "empty", "new"]],
    ["ordered-journal", ["absent", "empty", "new"]],
    ["adversarial", ["absent", "empty", "new", "zeros"]],
  ] as const)("when it is the first, without a sync, when %s, may be %j", (policy, outcomes) => {
    expect(outcomesOf(diskAfter(policy, {}, [...written, renamed]), vote)).toEqual(outcomes);
  });
});

it("tears a record of two sectors when power fails, not when the system crashes", () => {
  const disk = diskAfter("per-file", { "d/log": page("-") }, [store("d/log", 510, "abcd")]);
  const record = (image: Image) => text(image, "d/log").slice(510, 514);
  expect(outcomesOf(disk, record)).toEqual(["----", "abcd"]);
  expect(outcomesOf(disk, record, "power")).toEqual(["----", "ab--", "abcd"]);
  const torn = diskAfter("adversarial", { "d/log": page("-") }, [store("d/log", 510, "abcd")]);
  expect(outcomesOf(torn, record, "power")).toEqual(["----", "--cd", "ab--", "abcd"]);
});

function diskAfter(
  policy: Policy,
  files: Readonly<Record<Path, string>>,
  ops: readonly DiskOp[],
): Disk {
  const disk = createDisk({ policy, sectorSize: 512, writeBack: null });
  for (const [path, content] of Object.entries(files)) installFile(disk, path, ascii(content));
  for (const [i, op] of ops.entries()) expect(perform(disk, op, i)).toMatchObject({ ok: true });
  return disk;
}

function outcomesOf(
  disk: Disk,
  shows: (image: Image) => string,
  kind: "os" | "power" = "os",
): string[] {
  return [...new Set([...crashImages(disk, kind).values()].map(shows))].sort();
}

/** The content of a file, or how it fails to be there. */
function text(image: Image, path: Path): string {
  const bytes = image.get(path);
  if (bytes === undefined) return "absent";
  if (bytes.length === 0) return "empty";
  return bytes.every((byte) => byte === 0) ? "zeros" : String.fromCharCode(...bytes);
}

/** A digit a page, by its first byte; 0 for zeros. */
function pages(image: Image, path: Path): string {
  const bytes = image.get(path) ?? new Uint8Array();
  let digits = "";
  for (let at = 0; at < bytes.length; at += 4096) {
    digits += bytes[at] === 0 ? "0" : String.fromCharCode(bytes[at] ?? 0);
  }
  return digits;
}

function page(character: string): string {
  return character.repeat(4096);
}

function ascii(content: string): Uint8Array {
  return Uint8Array.from(content, (character) => character.charCodeAt(0));
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
