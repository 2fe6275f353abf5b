import { appendEntry, cloneLog, createLog, type Log, lastIndex, truncateFrom } from "#raft/log.ts";
import type { Entry, ServerId, Term } from "#raft/types.ts";
import type { PlacedRecord } from "./record.ts";

/** What a file of records says so far, read from its start. Copies share the log. */
export interface Reading {
  /** Null: no record says. */
  currentTerm: Term | null;
  votedFor: ServerId | null;
  readonly log: Log;
  /** Where the flush of the last record began. */
  flush: number;
  /** Where the next record stands. */
  end: number;
}

/** Before the first record, which stands at `offset`. */
export function startReading(offset = 0): Reading {
  return { currentTerm: null, votedFor: null, log: createLog(), flush: offset, end: offset };
}

export function cloneReading(reading: Reading): Reading {
  return { ...reading, log: cloneLog(reading.log) };
}

/** Takes the next record in; or why it does not belong there, and then nothing has changed. */
export function take(reading: Reading, placed: PlacedRecord): string | null {
  const { offset, length, flush, record } = placed;
  const reason = misplaced(reading, placed);
  if (reason !== null) return reason;
  if (record.type === "entry") appendEntry(reading.log, record.entry);
  if (record.type === "cut") truncateFrom(reading.log, record.from);
  if (record.type === "hard-state") {
    reading.currentTerm = record.term;
    reading.votedFor = record.votedFor;
  }
  reading.flush = flush;
  reading.end = offset + length;
  return null;
}

function misplaced(reading: Reading, { offset, flush, record }: PlacedRecord): string | null {
  if (flush !== offset && flush !== reading.flush) return "the record belongs to another place";
  const next = lastIndex(reading.log) + 1;
  if (record.type === "entry" && record.entry.index !== next) {
    return `entry ${record.entry.index} stands where entry ${next} should`;
  }
  if (record.type === "cut" && (record.from < 1 || record.from >= next)) {
    return `a cut from entry ${record.from} on, in a log of ${next - 1}`;
  }
  return null;
}

export function entriesOf({ log }: Reading): readonly Entry[] {
  return log.entries.slice(0, log.length);
}
