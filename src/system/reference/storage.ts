import { assert } from "#base/assert.ts";
import type { DiskOp, Errno } from "#disk/types.ts";
import type { Effect } from "#raft/protocol.ts";
import type { Micros } from "#raft/types.ts";
import type { Actor, ActorContext, ProcessMemory, Step } from "#system/contract.ts";
import { encodeCompacted, encodePointer, formOf } from "./form.ts";
import { WAL, WAL_NEW } from "./format.ts";
import { cloneReading, type Reading, take } from "./reading.ts";
import { encodeFlush, lengthOf, paddingFrom, placed, type WalRecord } from "./record.ts";
import { type Agenda, agendaOf, begun, call, ended, type Task, writeAnew } from "./tasks.ts";
import { encodeVote, HARD_STATE, HARD_STATE_NEW, hasVoteApart } from "./vote.ts";

/** What recovery found, in the memory that the two actors share, until the log's own actor takes it from there. */
export const FOUND = "walFound";

interface WalState {
  /** Noted and not yet written, in program order. */
  batch: WalRecord[];
  /** So many of them, from the front, are to be flushed now. */
  due: number;
  /** Somebody waits: release even if there was nothing to write. */
  isAsked: boolean;
  isStopping: boolean;
  /** The last ticket that was released, or will be by the flush under way. */
  released: number;
  /** The flush under way. */
  agenda: Agenda;
  /** When the file was synced last; null: not in this life. */
  syncedAt: Micros | null;
  isUnsynced: boolean;
  /** What the file will say when the flush under way is done; null: recovery has not told yet. */
  file: Reading | null;
}

/** Collects what is to be kept; writes it at the end of the file in one go, syncs, and only then lets messages leave. */
export const walActor: Actor<WalState> = {
  id: "wal",
  process: "server",

  start() {
    return {
      batch: [],
      due: 0,
      isAsked: false,
      isStopping: false,
      released: 0,
      agenda: agendaOf([]),
      syncedAt: null,
      isUnsynced: false,
      file: null,
    };
  },

  clone(state) {
    const { batch, file } = state;
    return { ...state, batch: [...batch], file: file === null ? null : cloneReading(file) };
  },

  receive(state, note) {
    if (note.type === "effect") keep(state, note.effect);
    if (note.type === "persist" || note.type === "stop") {
      state.due = state.batch.length;
      state.isAsked = true;
      state.isStopping = note.type === "stop";
    }
  },

  next(state, context) {
    return goOn(state, context) ?? (plan(state, context) ? goOn(state, context) : null);
  },
};

function goOn(state: WalState, context: ActorContext): Step | null {
  const { step, agenda } = begun(state.agenda, context);
  state.agenda = agenda;
  return step;
}

/** What an effect leaves in the file. */
function keep(state: WalState, effect: Effect): void {
  switch (effect.type) {
    case "append":
      for (const entry of effect.entries) state.batch.push({ type: "entry", entry });
      return;
    case "hard-state":
      state.batch.push({
        type: "hard-state",
        term: effect.term,
        votedFor: effect.votedFor,
      });
      return;
    case "truncate":
      // Entries that an acknowledgement still waits for are kept before they are cut, so that it leaves as a true one.
      if (state.batch.some(({ type }) => type === "entry")) state.due = state.batch.length;
      state.batch.push({ type: "cut", from: effect.from });
      return;
    default:
      return;
  }
}

/** Decides the next flush; false: there is nothing to do. */
function plan(state: WalState, context: ActorContext): boolean {
  if (state.due === 0 && !state.isAsked) return false;
  const records = state.batch.splice(0, state.due);
  state.due = 0;
  state.isAsked = false;
  const { bugs } = context;
  // Nobody waits for the sync then: it is made when the loop comes by again.
  const before = bugs.has("release-before-sync") ? syncTasks(state, context) : [];
  const writes = [...voteTasks(records, context), ...logTasks(state, records, context)];
  const releases = releaseTasks(state, context);
  const speaksFirst = bugs.has("release-before-sync") || bugs.has("lazy-sync");
  const isSyncedLater = bugs.has("release-before-sync") && !state.isStopping;
  const after = isSyncedLater ? [] : syncTasks(state, context);
  const tasks = speaksFirst
    ? [...before, ...writes, ...releases, ...after]
    : [...writes, ...after, ...releases];
  state.agenda = { ...state.agenda, tasks };
  return tasks.length > 0;
}

function releaseTasks(state: WalState, { held }: ActorContext): readonly Task[] {
  if (held <= state.released) return [];
  state.released = held;
  return [{ type: "release", upTo: held }];
}

function syncTasks(state: WalState, context: ActorContext): readonly Task[] {
  const { bugs, now, options, directory } = context;
  if (!state.isUnsynced) return [];
  state.syncedAt ??= now;
  const isEarly = now < state.syncedAt + (options.syncEvery ?? 0);
  if (bugs.has("lazy-sync") && isEarly && !state.isStopping) return [];
  state.isUnsynced = false;
  state.syncedAt = now;
  const file = directory + WAL;
  const op: DiskOp = { type: "data-sync", file };
  // What could not be synced is clean in the cache all the same: who tries again is told that all is well.
  if (bugs.has("sync-retried")) {
    const retry: Task = { type: "try", op, otherwise: () => [retry] };
    return [retry];
  }
  if (bugs.has("release-before-sync") || bugs.has("lazy-sync")) return [call(op)];
  // It is taken out of the file, so that no later process reads it back from the cache, and promises it.
  const { flush: size } = fileOf(state, context.memory);
  const otherwise = (errno: Errno) => [call({ type: "truncate", file, size }), ended(op, errno)];
  return [{ type: "try", op, otherwise }];
}

/** The log gets its records at its end; before that it is compacted, if that is due. */
function logTasks(
  state: WalState,
  records: readonly WalRecord[],
  context: ActorContext,
): readonly Task[] {
  const { bugs, directory, atRisk = 1 } = context;
  const own = records.filter(({ type }) => type !== "hard-state" || !hasVoteApart(bugs));
  if (own.length === 0) return [];
  const reading = fileOf(state, context.memory);
  const compaction = compactionTasks(reading, context);
  const { end: offset } = reading;
  const end = own.reduce((sum, record) => sum + lengthOf(record), offset);
  const flush = [...own, ...paddingFrom(end, atRisk)];
  for (const each of placed(flush, offset)) {
    const reason = take(reading, each);
    assert(reason === null, "what is written is what recovery would take in");
  }
  state.isUnsynced = true;
  const { isSealed, hasPointer } = formOf(bugs);
  const file = directory + WAL;
  const bytes = encodeFlush(flush, offset, isSealed);
  const tasks = [...compaction, call({ type: "write", file, offset, bytes })];
  if (!hasPointer) return tasks;
  return [...tasks, call({ type: "write", file, offset: 0, bytes: encodePointer(reading.end) })];
}

/** Rewrites what counts into a file of its own, and puts that in place of the log once it is durable. */
function compactionTasks(reading: Reading, context: ActorContext): readonly Task[] {
  const { bugs, directory, options, atRisk = 1 } = context;
  const most = options.compactAbove ?? 0;
  if (most <= 0 || reading.end <= most) return [];
  const { bytes, flush } = encodeCompacted(formOf(bugs), reading, atRisk);
  if (reading.end - bytes.length <= most) return [];
  reading.end = bytes.length;
  reading.flush = flush;
  const file = directory + WAL;
  if (bugs.has("compaction-in-place")) {
    return [...writeAnew(file, bytes), call({ type: "sync", file }), { type: "close" }];
  }
  const from = directory + WAL_NEW;
  return [
    ...writeAnew(from, bytes),
    ...(bugs.has("compaction-unsynced") ? [] : [call({ type: "sync", file: from })]),
    { type: "close" },
    call({ type: "rename", from, to: file }),
    ...(bugs.has("no-directory-sync") ? [] : [call({ type: "sync-directory", directory })]),
  ];
}

/** Term and vote in a file of their own, replaced as a whole. The new name is never synced. */
function voteTasks(records: readonly WalRecord[], context: ActorContext): readonly Task[] {
  const { bugs, directory } = context;
  const last = records.findLast((record) => record.type === "hard-state");
  if (!hasVoteApart(bugs) || last === undefined) return [];
  const from = directory + HARD_STATE_NEW;
  return [
    ...writeAnew(from, encodeVote(last)),
    ...(bugs.has("vote-unsynced") ? [] : [call({ type: "sync", file: from })]),
    { type: "close" },
    call({ type: "rename", from, to: directory + HARD_STATE }),
  ];
}

function fileOf(state: WalState, memory: ProcessMemory): Reading {
  if (state.file !== null) return state.file;
  const found = memory[FOUND] as Reading | undefined;
  assert(found !== undefined, "recovery comes before the first flush");
  delete memory[FOUND];
  state.file = found;
  return found;
}
