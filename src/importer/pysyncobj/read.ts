import { toHex } from "#base/bytes.ts";
import type { Result } from "#base/result.ts";
import type { GivenFile, ImportedEntry, ImportedFile } from "#importer/contract.ts";
import {
  annotateJournal,
  annotateMeta,
  commandText,
  type DumpContents,
  decodeJournal,
  decodeMeta,
  type Journal,
  type JournalRecord,
  type Meta,
  metaText,
} from "#system/pysyncobj/format.ts";
import { type DumpProblem, readDump } from "./dump.ts";
import { type Kind, recognise } from "./recognise.ts";

/** A file, and what is in it. */
export type ReadFile = { readonly file: GivenFile } & (
  | { readonly kind: "journal"; readonly journal: Journal }
  | { readonly kind: "meta" | "unfinished meta"; readonly meta: ReturnType<typeof decodeMeta> }
  | { readonly kind: "dump"; readonly dump: Result<DumpContents, DumpProblem> }
);

export type ReadJournal = Extract<ReadFile, { readonly kind: "journal" }>;
export type ReadMeta = Extract<ReadFile, { readonly kind: "meta" | "unfinished meta" }>;
export type ReadDump = Extract<ReadFile, { readonly kind: "dump" }>;

export function readFile(file: GivenFile): ReadFile {
  const kind: Kind = recognise(file)?.kind ?? "journal";
  switch (kind) {
    case "journal":
      return { file, kind, journal: decodeJournal(file.bytes) };
    case "meta":
    case "unfinished meta":
      return { file, kind, meta: decodeMeta(file.bytes) };
    case "dump":
      return { file, kind, dump: readDump(file.bytes) };
  }
}

/** What the file holds, for the report. */
export function importedFile(read: ReadFile, server: string | null): ImportedFile {
  const { path, bytes } = read.file;
  const problems = problemsOf(read);
  return {
    path,
    kind: `pysyncobj ${read.kind}`,
    server,
    intact: problems.length === 0,
    entries: read.kind === "journal" ? entriesOf(read.journal) : [],
    meta: "meta" in read && read.meta.ok ? plainMeta(read.meta.value) : null,
    problems,
    bytes,
    spans: spansOf(read),
  };
}

export function problemsOf(read: ReadFile): ImportedFile["problems"] {
  if (read.kind === "journal") {
    const { problems, loadError } = read.journal;
    const isListed = problems.length > 0 || loadError === null;
    return isListed ? problems : [{ offset: 0, reason: loadError.text }];
  }
  const result = read.kind === "dump" ? read.dump : read.meta;
  return result.ok ? [] : [result.problem];
}

function entriesOf({ records, ghosts }: Journal): ImportedEntry[] {
  const entry = ({ index, term, command }: JournalRecord, ghost: boolean): ImportedEntry => ({
    index: String(index),
    term: String(term),
    command: toHex(command),
    text: commandText(command),
    ghost,
  });
  return [
    ...records.map((record) => entry(record, false)),
    ...ghosts.map((record) => entry(record, true)),
  ];
}

function plainMeta(meta: Meta): ImportedFile["meta"] {
  return Object.fromEntries(
    meta.pairs.map(([key, value]) => {
      const isPlain = value === null || typeof value === "string" || typeof value === "number";
      return [typeof key === "string" ? key : metaText(key), isPlain ? value : metaText(value)];
    }),
  );
}

function spansOf(read: ReadFile): ImportedFile["spans"] {
  const { bytes } = read.file;
  if (read.kind === "journal") return annotateJournal(bytes);
  if (read.kind !== "dump") return annotateMeta(bytes);
  const label = "full dump, compressed";
  return bytes.length === 0 ? [] : [{ offset: 0, length: bytes.length, kind: "value", label }];
}
