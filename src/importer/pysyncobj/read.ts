import { toHex } from "#base/bytes.ts";
import type { Result } from "#base/result.ts";
import type { GivenFile, ImportedEntry, ImportedFile, Slices } from "#importer/contract.ts";
import { annotateDump } from "#system/pysyncobj/dump.ts";
import {
  annotateJournal,
  annotateMeta,
  commandText,
  decodeCommand,
  decodeMeta,
  HEADER_SIZE,
  type JournalRecord,
  type Meta,
  metaText,
  RECORD_FRAME,
  type Whole,
} from "#system/pysyncobj/format.ts";
import { commandCalls } from "./calls.ts";
import { type DumpContents, type DumpProblem, readDump } from "./dump.ts";
import { briefly } from "./entries.ts";
import { type ScannedJournal, scanJournal } from "./journal.ts";
import { type Kind, recognise } from "./recognise.ts";

/** A file, and what is in it. */
export type ReadFile = { readonly file: GivenFile } & (
  | {
      readonly kind: "journal";
      readonly journal: ScannedJournal;
      readonly broken: BrokenCommands;
    }
  | { readonly kind: "meta" | "unfinished meta"; readonly meta: ReturnType<typeof decodeMeta> }
  | {
      readonly kind: "dump" | "unfinished dump" | "incoming dump";
      readonly dump: Result<DumpContents, DumpProblem>;
    }
);

export type ReadJournal = Extract<ReadFile, { readonly kind: "journal" }>;
export type ReadMeta = Extract<ReadFile, { readonly meta: unknown }>;
export type ReadDump = Extract<ReadFile, { readonly dump: unknown }>;

/** Commands that cannot be taken apart: the first of them, and how many there are. */
export interface BrokenCommands {
  readonly first: readonly {
    readonly offset: number;
    readonly index: Whole;
    /** Of its record in the journal. */
    readonly place: number;
    readonly reason: string;
  }[];
  readonly count: number;
  /** Those that would call something when the library loads them: the first, and how many there are. */
  readonly calling: {
    readonly first: readonly {
      readonly offset: number;
      readonly index: Whole;
      readonly names: readonly string[];
    }[];
    readonly count: number;
  };
}

const BROKEN_MOST = 5;
/** Commands that are looked at between two words on how far it is. */
const COMMANDS_SLICE = 20_000;

/** Of a longer file the report carries the start alone. Bytes. */
const CARRIED_MOST = 4 * 1024 * 1024;
const CARRIED_START = 64 * 1024;

export function* readFile(file: GivenFile): Slices<ReadFile> {
  const kind: Kind = recognise(file)?.kind ?? "journal";
  switch (kind) {
    case "journal": {
      const scan = scanJournal(file.bytes);
      for (;;) {
        const { done, value } = scan.next();
        if (done) return { file, kind, journal: value, broken: yield* brokenIn(value, file) };
        yield { done: value, of: file.bytes.length, text: `Reading ${file.path}` };
      }
    }
    case "meta":
    case "unfinished meta":
      return { file, kind, meta: decodeMeta(file.bytes) };
    case "dump":
    case "unfinished dump":
    case "incoming dump":
      return { file, kind, dump: readDump(file.bytes) };
  }
}

function* brokenIn({ records }: ScannedJournal, { path }: GivenFile): Slices<BrokenCommands> {
  const first: { offset: number; index: Whole; place: number; reason: string }[] = [];
  const callers: BrokenCommands["calling"]["first"][number][] = [];
  let [count, calling, done] = [0, 0, 0];
  for (const { offset, index, command } of records) {
    done += 1;
    if (done % COMMANDS_SLICE === 0) {
      yield { done, of: records.length, text: `Taking apart the commands of ${path}` };
    }
    const names = commandCalls(command);
    if (names.length > 0) {
      calling += 1;
      if (callers.length === 0) callers.push({ offset: offset + 20, index, names });
    }
    const decoded = decodeCommand(command);
    if (decoded.type !== "broken") continue;
    count += 1;
    if (first.length === BROKEN_MOST) continue;
    const reason = briefly(`${decoded.name}: ${decoded.text}`);
    first.push({ offset: offset + 20, index, place: done - 1, reason });
  }
  return { first, count, calling: { first: callers, count: calling } };
}

/** What the file holds, for the report. */
export function importedFile(
  read: ReadFile,
  server: string | null,
  entriesMost: number,
): ImportedFile {
  const { path, bytes } = read.file;
  const problems = problemsOf(read);
  const isCarried = bytes.length <= CARRIED_MOST;
  return {
    path,
    kind: `pysyncobj ${read.kind}`,
    server,
    intact: problems.length === 0,
    ...(read.kind === "journal"
      ? entriesOf(read.journal, entriesMost)
      : { entries: [], entriesLeftOut: 0 }),
    meta: "meta" in read && read.meta.ok ? plainMeta(read.meta.value) : null,
    problems,
    size: bytes.length,
    bytes: isCarried ? bytes : bytes.slice(0, CARRIED_START),
    spans: isCarried ? spansOf(read) : startSpans(read),
  };
}

export function problemsOf(read: ReadFile): ImportedFile["problems"] {
  if (read.kind === "journal") {
    const { problems, loadError } = read.journal;
    const isListed = problems.length > 0 || loadError === null;
    return isListed ? problems : [{ offset: 0, reason: loadError.text }];
  }
  const result = "dump" in read ? read.dump : read.meta;
  if (!result.ok) return [result.problem];
  const isWhole = !("dump" in read) || !read.dump.ok || read.dump.value.isWhole;
  return isWhole ? [] : [{ offset: Math.max(0, read.file.bytes.length - 8), reason: NO_CHECKSUM }];
}

const NO_CHECKSUM =
  "the checksum at its end is missing or wrong, which the library does not notice";

function entriesOf(
  { records, ghosts }: ScannedJournal,
  most: number,
): Pick<ImportedFile, "entries" | "entriesLeftOut"> {
  const entry = ({ index, term, command }: JournalRecord, ghost: boolean): ImportedEntry => ({
    index: String(index),
    term: String(term),
    command: toHex(command),
    text: commandText(command),
    ghost,
  });
  const listed = endsOf(records, most);
  return {
    entries: [
      ...listed.map((record) => entry(record, false)),
      ...ghosts.slice(0, most).map((record) => entry(record, true)),
    ],
    entriesLeftOut: records.length - listed.length,
  };
}

/** Of so many bytes of commands the entries are listed, at most. */
const LISTED_BYTES_MOST = 4 * 1024 * 1024;

/** The first and the last records, as many as may be listed. */
function endsOf(records: ScannedJournal["records"], most: number): readonly JournalRecord[] {
  const starts: JournalRecord[] = [];
  const ends: JournalRecord[] = [];
  let bytes = 0;
  for (let count = 0; count < Math.min(most, records.length); count++) {
    const isStart = count % 2 === 0;
    const record = records.at(isStart ? starts.length : records.length - 1 - ends.length);
    bytes += record?.command.length ?? 0;
    if (record === undefined || bytes > LISTED_BYTES_MOST) break;
    if (isStart) starts.push(record);
    else ends.push(record);
  }
  return [...starts, ...ends.reverse()];
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
  return "meta" in read ? annotateMeta(bytes) : annotateDump(bytes);
}

/** Of a long file: what its start means. */
function startSpans(read: ReadFile): ImportedFile["spans"] {
  if (read.kind !== "journal") {
    return [
      { offset: 0, length: CARRIED_START, kind: "value", label: `start of a long ${read.kind}` },
    ];
  }
  const { header, records } = read.journal;
  const label = `header, lastRecordOffset ${header.lastRecordOffset}`;
  const spans = [{ offset: 0, length: HEADER_SIZE, kind: "header", label }];
  for (const { offset, size, index, term, command } of records) {
    const length = Math.min(size + RECORD_FRAME, CARRIED_START - offset);
    if (length <= 0) break;
    const text = `record ${index} of term ${term}: ${commandText(command)}`;
    spans.push({ offset, length, kind: "record", label: text });
  }
  return spans;
}
