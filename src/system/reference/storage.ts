import { assert } from "#base/assert.ts";
import type { DiskOp } from "#disk/types.ts";
import type { Effect } from "#raft/protocol.ts";
import type { Actor, ActorContext, ProcessMemory, Step } from "#system/contract.ts";
import { WAL } from "./format.ts";
import { cloneReading, type Reading } from "./reading.ts";
import { encodeFlush, type WalRecord } from "./record.ts";

/** What recovery found, in the memory that the two actors share, until the log's own actor takes it from there. */
export const FOUND = "walFound";

interface WalState {
  /** Noted and not yet written, in program order. */
  batch: WalRecord[];
  /** So many of them, from the front, are to be flushed now. */
  due: number;
  /** Somebody waits: release even if there was nothing to write. */
  isAsked: boolean;
  /** The ticket up to which the flush under way releases. */
  ticket: number;
  /** The last ticket that was released. */
  released: number;
  stage: "idle" | "writing" | "syncing";
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
      ticket: 0,
      released: 0,
      stage: "idle",
      file: null,
    };
  },

  clone(state) {
    const { batch, file } = state;
    return { ...state, batch: [...batch], file: file === null ? null : cloneReading(file) };
  },

  receive(state, note) {
    if (note.type === "effect") take(state, note.effect);
    if (note.type === "persist" || note.type === "stop") {
      state.due = state.batch.length;
      state.isAsked = true;
    }
  },

  next(state, context) {
    switch (state.stage) {
      case "idle":
        return begin(state, context);
      case "writing":
        state.stage = "syncing";
        return walStep({ type: "data-sync", file: context.directory + WAL });
      case "syncing":
        state.stage = "idle";
        return release(state) ?? begin(state, context);
    }
  },
};

/** What an effect leaves in the file. */
function take(state: WalState, effect: Effect): void {
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

function begin(state: WalState, context: ActorContext): Step | null {
  if (state.due === 0) {
    if (!state.isAsked) return null;
    state.isAsked = false;
    state.ticket = context.held;
    return release(state);
  }
  const records = state.batch.splice(0, state.due);
  state.due = 0;
  state.isAsked = false;
  state.ticket = context.held;
  const file = fileOf(state, context.memory);
  const { end: offset } = file;
  const bytes = encodeFlush(records, offset);
  file.end += bytes.length;
  state.stage = "writing";
  return walStep({ type: "write", file: context.directory + WAL, offset, bytes });
}

function release(state: WalState): Step | null {
  if (state.ticket <= state.released) return null;
  state.released = state.ticket;
  return { type: "release", upTo: state.ticket };
}

function fileOf(state: WalState, memory: ProcessMemory): Reading {
  if (state.file !== null) return state.file;
  const found = memory[FOUND] as Reading | undefined;
  assert(found !== undefined, "recovery comes before the first flush");
  delete memory[FOUND];
  state.file = found;
  return found;
}

/** A server that cannot keep what it promises must not go on. */
export function walStep(op: DiskOp): Step {
  return { type: "disk", op, onError: "exit" };
}
