import { assert } from "#base/assert.ts";
import type { DiskOp } from "#disk/types.ts";
import { createLog } from "#raft/log.ts";
import type { Effect, Recovered } from "#raft/protocol.ts";
import type { Actor, ActorContext, ProcessMemory, Step } from "#system/contract.ts";
import { decodeWal, WAL, type WalContents } from "./format.ts";
import { encodeFlush, type WalRecord } from "./record.ts";

/** Where the next flush goes, in the memory that the two actors share. */
const END = "walEnd";

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
  /** Length of the flush under way. */
  length: number;
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
      length: 0,
    };
  },

  clone(state) {
    return { ...state, batch: [...state.batch] };
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
        context.memory[END] = endOf(context.memory) + state.length;
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
  const offset = endOf(context.memory);
  const bytes = encodeFlush(records, offset);
  state.length = bytes.length;
  state.stage = "writing";
  return walStep({ type: "write", file: context.directory + WAL, offset, bytes });
}

function release(state: WalState): Step | null {
  if (state.ticket <= state.released) return null;
  state.released = state.ticket;
  return { type: "release", upTo: state.ticket };
}

interface RecoveryState {
  stage: "idle" | "reading" | "judging" | "closing" | "finishing";
  /** What is left to do, once the file has been read. */
  steps: readonly Step[];
}

/**
 * Reads the file, cuts off what a power failure left half written, and makes all that it found durable before the server
 * can speak of it: after a process crash, what it read may be in the page cache alone.
 */
export const recoveryActor: Actor<RecoveryState> = {
  id: "recovery",
  process: "server",

  start() {
    return { stage: "idle", steps: [] };
  },

  clone(state) {
    return { ...state };
  },

  receive(state, note) {
    if (note.type === "recover") state.stage = "reading";
  },

  next(state, context) {
    const file = context.directory + WAL;
    switch (state.stage) {
      case "idle":
        return null;
      case "reading":
        state.stage = "judging";
        return { type: "read", file };
      case "judging": {
        const bytes = context.last.type === "read" ? context.last.bytes : null;
        const found = decodeWal(bytes ?? new Uint8Array());
        context.memory[END] = found.end;
        state.steps = bytes === null ? [] : repair(found, file);
        if (state.steps[0]?.type !== "fail") {
          state.steps = [...state.steps, ...settle(found, context.directory)];
        }
        state.stage = bytes === null ? "closing" : "finishing";
        if (bytes !== null) return takeStep(state);
        return walStep({ type: "open", file, create: true, truncate: false });
      }
      case "closing": {
        const { last } = context;
        const isOpen = last.type === "disk" && last.result.ok;
        state.stage = "finishing";
        if (!isOpen) return takeStep(state);
        return walStep({ type: "close", descriptor: last.result.descriptor });
      }
      case "finishing":
        return takeStep(state);
    }
  },
};

/** What the end of the file needs. */
function repair({ problem, isTorn, end }: WalContents, file: string): Step[] {
  if (problem === null) return [];
  const text = `${file}, offset ${problem.offset}: ${problem.reason}`;
  if (!isTorn) return [{ type: "fail", name: "WAL_DAMAGED", text }];
  return [
    { type: "notice", severity: "info", text: `${text}; cut there` },
    walStep({ type: "truncate", file, size: end }),
  ];
}

/** What was found, and its name, are made durable; then it is the server's. */
function settle({ currentTerm, votedFor, entries }: WalContents, directory: string): Step[] {
  const recovered: Recovered = {
    currentTerm: currentTerm ?? 0,
    votedFor,
    log: createLog(entries),
    commitIndex: 0,
    extra: {},
  };
  return [
    walStep({ type: "sync", file: directory + WAL }),
    walStep({ type: "sync-directory", directory }),
    { type: "recovered", recovered },
  ];
}

function takeStep(state: RecoveryState): Step | null {
  const [step, ...rest] = state.steps;
  state.steps = rest;
  return step ?? null;
}

function endOf(memory: ProcessMemory): number {
  const end = memory[END];
  assert(typeof end === "number", "recovery comes before the first flush");
  return end;
}

/** A server that cannot keep what it promises must not go on. */
function walStep(op: DiskOp): Step {
  return { type: "disk", op, onError: "exit" };
}
