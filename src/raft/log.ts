import { assert } from "#base/assert.ts";
import type { Entry, Index, Term } from "./types.ts";

/**
 * A server's log in memory, with a base: entries up to `baseIndex` are gone (compacted), those after it are here. Copies
 * share one array and diverge only when they are written to, so a keyframe of a long run costs a few words.
 */
export interface Log {
  baseIndex: Index;
  baseTerm: Term;
  /** Shared with copies; only the first `length` belong to this log. */
  entries: Entry[];
  length: number;
}

export function createLog(entries: readonly Entry[] = [], baseIndex = 0, baseTerm = 0): Log {
  return { baseIndex, baseTerm, entries: [...entries], length: entries.length };
}

export function cloneLog(log: Log): Log {
  return { ...log };
}

export function firstIndex(log: Log): Index {
  return log.baseIndex + 1;
}

export function lastIndex(log: Log): Index {
  return log.baseIndex + log.length;
}

export function lastTerm(log: Log): Term {
  return log.length === 0 ? log.baseTerm : (log.entries[log.length - 1] as Entry).term;
}

/** Null when the log does not hold that index (compacted away, or not yet there). */
export function entryAt(log: Log, index: Index): Entry | null {
  const at = index - log.baseIndex - 1;
  return at >= 0 && at < log.length ? (log.entries[at] as Entry) : null;
}

/** The term at an index, the base included; null when the log does not know it. */
export function termAt(log: Log, index: Index): Term | null {
  if (index === log.baseIndex) return log.baseTerm;
  return entryAt(log, index)?.term ?? null;
}

/** At most `limit` entries from `from` on. */
export function entriesFrom(log: Log, from: Index, limit = Number.MAX_SAFE_INTEGER): Entry[] {
  const at = Math.max(0, from - log.baseIndex - 1);
  return log.entries.slice(at, Math.min(log.length, at + limit));
}

export function appendEntry(log: Log, entry: Entry): void {
  assert(entry.index === lastIndex(log) + 1, "a log grows by its next index");
  if (log.entries.length !== log.length) log.entries = log.entries.slice(0, log.length);
  log.entries.push(entry);
  log.length += 1;
}

/** Removes the entry at `from` and all after it. */
export function truncateFrom(log: Log, from: Index): void {
  log.length = Math.max(0, Math.min(log.length, from - log.baseIndex - 1));
}
