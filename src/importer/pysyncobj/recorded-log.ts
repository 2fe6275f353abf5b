import { lastIndex } from "#raft/log.ts";
import type { Entry } from "#raft/types.ts";
import type { Completed } from "#system/pysyncobj/cut.ts";
import type { PySyncObj } from "#system/pysyncobj/server.ts";
import {
  commandIn,
  isJsonObject,
  type LogWindow,
  type RecordedEvent,
  type RecordedState,
} from "#system/pysyncobj/trace.ts";

/**
 * A node's log as its state after an event tells it. A state tells the first entry, the last and how many there are, and what is appended; what
 * lies between is as the model has it where the model's first, last and number are the same.
 */
export function recordedLog(
  before: readonly Entry[],
  event: RecordedEvent,
  state: RecordedState | null,
  model: readonly Entry[],
  completed: Completed,
): readonly Entry[] {
  const window = state?.log;
  if (window === undefined) return before;
  if (window === null) return [];
  const candidates = [
    before,
    appended(before, event, completed),
    appended([], event, completed),
    truncated(before, window),
    model,
  ];
  return candidates.find((entries) => fits(entries, window)) ?? before;
}

/** The entries of a model's node. */
export function entriesOf({ log }: PySyncObj): readonly Entry[] {
  return lastIndex(log) === log.baseIndex ? [] : log.entries.slice(0, log.length);
}

function appended(
  before: readonly Entry[],
  { fields: { entry } }: RecordedEvent,
  completed: Completed,
): readonly Entry[] {
  if (!isJsonObject(entry) || !("index" in entry)) return before;
  const command = commandIn(entry, completed.command);
  const added = { index: Number(entry.index), term: Number(entry.term) };
  return [...before, { ...added, command: command ?? new Uint8Array() }];
}

function truncated(before: readonly Entry[], { length }: LogWindow): readonly Entry[] {
  return before.slice(0, length);
}

function fits(entries: readonly Entry[], { first, tail, length }: LogWindow): boolean {
  const [head] = entries;
  const last = entries.at(-1);
  if (head === undefined || last === undefined || entries.length !== length) return false;
  return isAt(head, first) && isAt(last, tail);
}

function isAt({ index, term }: Entry, [wanted, of]: LogWindow["first"]): boolean {
  return index === wanted && term === of;
}
