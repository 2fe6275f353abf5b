import type { Image, Path } from "#disk/types.ts";
import type { Entry, ServerId, Term } from "#raft/types.ts";
import type { Codec, DiskContents, FileProblem, Span } from "#system/contract.ts";
import { cloneReading, entriesOf, type Reading, startReading, take } from "./reading.ts";
import { isFlushedLater, type PlacedRecord, recordOf } from "./record.ts";

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
  /** The same, to be read on from a copy. */
  readonly reading: Reading;
}

/**
 * Reads a file of records. A file that begins as one read not long ago is read on from where they part: the moments of one
 * run, which the interface looks at one after the other, mostly differ in their ends. Keeps `bytes` for that: they are never
 * to change afterwards.
 */
export function decodeWal(bytes: Uint8Array): WalContents {
  const contents = readOn(bytes);
  recent.unshift({ bytes, contents });
  recent.length = Math.min(recent.length, RECENT);
  return contents;
}

const RECENT = 12;
const recent: { readonly bytes: Uint8Array; readonly contents: WalContents }[] = [];

/** The longest start of these bytes that was read lately, as a file or the start of one. */
function knownStart(bytes: Uint8Array): { reading: Reading; records: PlacedRecord[] } {
  let best: { readonly contents: WalContents; readonly count: number } | null = null;
  for (const { bytes: other, contents } of recent) {
    const { records, end } = contents;
    if (records.length <= (best?.count ?? 0)) continue;
    const most = Math.min(bytes.length, end);
    let same = 0;
    while (same < most && bytes[same] === other[same]) same += 1;
    let count = records.length;
    while (count > 0 && endOf(records[count - 1]) > same) count -= 1;
    if (count > (best?.count ?? 0)) best = { contents, count };
  }
  if (best === null) return { reading: startReading(), records: [] };
  const { contents, count } = best;
  const records = contents.records.slice(0, count);
  if (count === contents.records.length)
    return { reading: cloneReading(contents.reading), records };
  const reading = startReading();
  for (const placed of records) take(reading, placed);
  return { reading, records };
}

function endOf(placed: PlacedRecord | undefined): number {
  return placed === undefined ? 0 : placed.offset + placed.length;
}

function readOn(bytes: Uint8Array): WalContents {
  const { reading, records } = knownStart(bytes);
  let problem: WalContents["problem"] = null;
  let isTorn = false;
  while (problem === null && reading.end < bytes.length) {
    const offset = reading.end;
    const placed = recordOf(bytes.subarray(offset), offset);
    const reason = typeof placed === "string" ? placed : take(reading, placed);
    if (reason !== null) problem = { offset, reason };
    if (typeof placed === "string") isTorn = !isFlushedLater(bytes, offset);
    else if (reason === null) records.push(placed);
  }
  const { currentTerm, votedFor, end } = reading;
  const entries = entriesOf(reading);
  return { currentTerm, votedFor, entries, records, end, problem, isTorn, reading };
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
