import type { DiskOp, Errno } from "#disk/types.ts";
import type { Recovered } from "#raft/protocol.ts";
import type { StateImage } from "#raft/types.ts";
import type { ActorContext } from "#system/contract.ts";
import { formOf } from "./form.ts";
import { WAL } from "./format.ts";
import { cloneReading, type Reading } from "./reading.ts";
import { encodeFlush, paddingFrom, type WalRecord } from "./record.ts";
import { FOUND } from "./storage.ts";
import { call, ended, type Task } from "./tasks.ts";
import { HARD_STATE } from "./vote.ts";

/** The records of a flush, the last one first, so that copies share them. */
export interface Tail {
  readonly record: WalRecord;
  readonly before: Tail | null;
}

/** What recovery has read. */
export interface Found {
  readonly reading: Reading;
  /** The last flush. */
  readonly tail: Tail | null;
  /** There is a file with term and vote in it. */
  readonly hasVote: boolean;
  /** The state machine that was kept; null: the log is applied from its start. */
  readonly kept: StateImage | null;
}

/** What was found, and its name, are made durable; then it is the server's. */
export function settlingTasks(found: Found, context: ActorContext): readonly Task[] {
  const { bugs, directory, memory } = context;
  const { reading, hasVote, kept } = found;
  const tasks: Task[] = [...paddingTasks(reading, context), syncTask(found, context)];
  memory[FOUND] = cloneReading(reading);
  if (hasVote) tasks.push(call({ type: "sync", file: directory + HARD_STATE }));
  if (!bugs.has("no-directory-sync")) tasks.push(call({ type: "sync-directory", directory }));
  const { currentTerm, votedFor, log } = reading;
  const recovered: Recovered = {
    currentTerm: currentTerm ?? 0,
    votedFor,
    log,
    commitIndex: kept?.lastApplied ?? 0,
    ...(kept !== null && { state: kept }),
    extra: {},
  };
  return [...tasks, { type: "recovered", recovered }];
}

/** The next flush gets sectors of its own: what stands before it will be promised, and nothing may be at risk with it. */
function paddingTasks(reading: Reading, context: ActorContext): readonly Task[] {
  const { bugs, directory, atRisk = 1 } = context;
  const { end: offset, flush } = reading;
  const records = paddingFrom(offset, atRisk);
  const form = formOf(bugs);
  if (records.length === 0 || form.hasPointer) return [];
  const bytes = encodeFlush(records, flush, form.isSealed);
  reading.end += bytes.length;
  return [call({ type: "write", file: directory + WAL, offset, bytes })];
}

/**
 * If it fails, the last flush, which may have been in the cache alone, is clean there now: it is written once more, so that
 * the next process's sync has it to write. Not where that would put at risk what has long been durable.
 */
function syncTask({ tail, reading }: Found, context: ActorContext): Task {
  const { bugs, directory, atRisk = 1 } = context;
  const file = directory + WAL;
  const op: DiskOp = { type: "sync", file };
  const { flush: offset } = reading;
  const otherwise = (errno: Errno): readonly Task[] => {
    const bytes = encodeFlush(recordsOf(tail), offset, formOf(bugs).isSealed);
    if (atRisk > 1 || bytes.length === 0) return [ended(op, errno)];
    return [call({ type: "write", file, offset, bytes }), ended(op, errno)];
  };
  return { type: "try", op, otherwise };
}

/** In the order of the file. */
function recordsOf(tail: Tail | null): readonly WalRecord[] {
  const records: WalRecord[] = [];
  for (let each = tail; each !== null; each = each.before) records.push(each.record);
  return records.reverse();
}
