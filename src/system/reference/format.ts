import type { Image, Path } from "#disk/types.ts";
import type { Entry, ServerId, Term } from "#raft/types.ts";
import type { Codec, DiskContents, FileProblem, Span } from "#system/contract.ts";
import { isFlushedLater, type PlacedRecord, recordAt } from "./record.ts";

export const WAL = "wal";

/** What a file of records says. */
export interface WalContents {
  /** Null: no record says. */
  readonly currentTerm: Term | null;
  readonly votedFor: ServerId | null;
  /** The log, from index 1. */
  readonly entries: readonly Entry[];
  /** All records in order, those of entries that were cut again included. */
  readonly records: readonly PlacedRecord[];
  /** Where the whole records end. */
  readonly end: number;
  /** What is wrong there; null when the file ends there. */
  readonly problem: { readonly offset: number; readonly reason: string } | null;
  /** A power failure during the last flush explains the problem: nothing from `end` on was ever promised. */
  readonly isTorn: boolean;
}

/**
 * Reads a file of records. A file that begins as one read not long ago is read on from where they part: the moments of one
 * run, which the interface looks at one after the other, mostly differ in their ends. Keeps `bytes` for that: they are never
 * to change afterwards.
 */
export function decodeWal(bytes: Uint8Array): WalContents {
  const contents = readOn(bytes, knownStart(bytes));
  recent.unshift({ bytes, contents });
  recent.length = Math.min(recent.length, RECENT);
  return contents;
}

const RECENT = 12;
const recent: { readonly bytes: Uint8Array; readonly contents: WalContents }[] = [];

/** What is read of a file so far. */
interface Reading {
  currentTerm: Term | null;
  votedFor: ServerId | null;
  readonly entries: Entry[];
  readonly records: PlacedRecord[];
  end: number;
}

/** The longest start of these bytes that was read lately, as a file or the start of one. */
function knownStart(bytes: Uint8Array): Reading {
  let best: { readonly contents: WalContents; readonly count: number } | null = null;
  for (const { bytes: other, contents } of recent) {
    const { records } = contents;
    if (records.length <= (best?.count ?? 0)) continue;
    const most = Math.min(bytes.length, contents.end);
    let same = 0;
    while (same < most && bytes[same] === other[same]) same += 1;
    let count = records.length;
    while (count > 0 && endOf(records[count - 1]) > same) count -= 1;
    if (count > (best?.count ?? 0)) best = { contents, count };
  }
  const start: Reading = { currentTerm: null, votedFor: null, entries: [], records: [], end: 0 };
  if (best === null) return start;
  const { contents, count } = best;
  if (count === contents.records.length) {
    const { entries, records } = contents;
    return { ...contents, entries: entries.slice(), records: records.slice() };
  }
  for (const placed of contents.records.slice(0, count)) add(start, placed);
  return start;
}

function endOf(placed: PlacedRecord | undefined): number {
  return placed === undefined ? 0 : placed.offset + placed.length;
}

function readOn(bytes: Uint8Array, reading: Reading): WalContents {
  while (reading.end < bytes.length) {
    const offset = reading.end;
    const placed = recordAt(bytes, offset);
    if (typeof placed === "string") {
      const isTorn = !isFlushedLater(bytes, offset);
      return { ...reading, problem: { offset, reason: placed }, isTorn };
    }
    const reason = misplaced(placed, reading);
    if (reason !== null) return { ...reading, problem: { offset, reason }, isTorn: false };
    add(reading, placed);
  }
  return { ...reading, problem: null, isTorn: false };
}

function add(reading: Reading, placed: PlacedRecord): void {
  const { record } = placed;
  if (record.type === "entry") reading.entries.push(record.entry);
  if (record.type === "cut") reading.entries.length = record.from - 1;
  if (record.type === "hard-state") {
    reading.currentTerm = record.term;
    reading.votedFor = record.votedFor;
  }
  reading.records.push(placed);
  reading.end = endOf(placed);
}

/** Why a whole record does not belong where it stands; null when it does. */
function misplaced({ offset, flush, record }: PlacedRecord, reading: Reading): string | null {
  const flushBefore = reading.records.at(-1)?.flush ?? 0;
  if (flush !== offset && flush !== flushBefore) return "the record belongs to another place";
  const next = reading.entries.length + 1;
  if (record.type === "entry" && record.entry.index !== next) {
    return `entry ${record.entry.index} stands where entry ${next} should`;
  }
  if (record.type === "cut" && (record.from < 1 || record.from >= next)) {
    return `a cut from entry ${record.from} on, in a log of ${reading.entries.length}`;
  }
  return null;
}

export const codec: Codec = {
  inspect(files: Image, directory: Path): DiskContents {
    const path = directory + WAL;
    const bytes = files.get(path) ?? new Uint8Array();
    const { currentTerm, votedFor, entries, problem } = decodeWal(bytes);
    const problems: FileProblem[] = problem === null ? [] : [{ path, ...problem }];
    return { currentTerm, votedFor, commitIndex: null, baseIndex: 0, entries, problems };
  },
  annotate(file: Path, bytes: Uint8Array): readonly Span[] {
    if (file !== WAL && !file.endsWith(`/${WAL}`)) return [];
    const { records, entries, end, problem } = decodeWal(bytes);
    const spans = records.map((placed) => spanOf(placed, entries));
    if (problem !== null) {
      const length = bytes.length - end;
      spans.push({ offset: end, length, kind: "damaged", label: problem.reason, entry: null });
    }
    return spans;
  },
};

function spanOf({ offset, length, record }: PlacedRecord, log: readonly Entry[]): Span {
  switch (record.type) {
    case "entry": {
      const { entry } = record;
      const isInLog = log[entry.index - 1] === entry;
      const name = `entry ${entry.index} of term ${entry.term}`;
      return isInLog
        ? { offset, length, kind: "record", label: name, entry }
        : { offset, length, kind: "ghost", label: `${name}, cut later`, entry };
    }
    case "hard-state": {
      const vote = record.votedFor === null ? "no vote" : `vote for ${record.votedFor}`;
      const label = `term ${record.term}, ${vote}`;
      return { offset, length, kind: "value", label, entry: null };
    }
    case "cut": {
      const label = `the log is cut from entry ${record.from} on`;
      return { offset, length, kind: "value", label, entry: null };
    }
  }
}
