import type { Recovered } from "#raft/protocol.ts";
import type { Actor, ActorContext, ReadStep, Step } from "#system/contract.ts";
import { WAL } from "./format.ts";
import { cloneReading, type Reading, startReading, take } from "./reading.ts";
import {
  ENDS_INSIDE,
  firstStretch,
  HEAD,
  type Head,
  headOf,
  isRecord,
  nextStretch,
  type PlacedRecord,
  recordOf,
  type Stretch,
  type Traces,
  tracesIn,
} from "./record.ts";
import { FOUND, walStep } from "./storage.ts";

/** A head that promises more than this is believed only when the file is that long. Bytes. */
const LONG = 4096;

interface RecoveryState {
  /** What is done next, or what the read before was for. */
  stage: "idle" | "start" | "head" | "length" | "record" | "traces" | "trace" | "create" | "finish";
  readonly reading: Reading;
  /** Of the record at hand, as its head says. Bytes. */
  length: number;
  /** Why what stands at the end of the reading is no record. */
  reason: string;
  stretch: Stretch;
  /** Places in it where a record of a later flush may stand. */
  traces: Traces;
  /** Where the read under way begins. */
  asked: number;
  /** What is left to do, once the file has been read. */
  steps: readonly Step[];
}

/**
 * Reads the file record by record, cuts off what a power failure left half written, and makes all that it found durable
 * before the server can speak of it: after a process crash, what it read may be in the page cache alone.
 */
export const recoveryActor: Actor<RecoveryState> = {
  id: "recovery",
  process: "server",

  start() {
    return {
      stage: "idle",
      reading: startReading(),
      length: 0,
      reason: "",
      stretch: firstStretch(0),
      traces: { places: [], goesOn: false },
      asked: 0,
      steps: [],
    };
  },

  clone(state) {
    return { ...state, reading: cloneReading(state.reading) };
  },

  receive(state, note) {
    if (note.type === "recover") state.stage = "start";
  },

  next(state, context) {
    const { last } = context;
    if (last.type === "read" && last.errno !== null) return unreadable(state, context, last.errno);
    switch (state.stage) {
      case "idle":
        return null;
      case "start":
        return readHead(state, context);
      case "create":
      case "finish":
        return finish(state, context);
      default:
        return last.type === "read" ? judge(state, context, last.value) : null;
    }
  },
};

/** Goes on by what was read. */
function judge(state: RecoveryState, context: ActorContext, value: unknown): Step | null {
  switch (state.stage) {
    case "head":
      return value === null ? create(state, context) : judgeHead(state, context, value as Head);
    case "length":
      if (value !== true) return suspect(state, context, ENDS_INSIDE);
      return readRecord(state, context);
    case "record":
      return judgeRecord(state, context, value as PlacedRecord | string);
    case "traces":
      state.traces = value as Traces;
      return lookOn(state, context);
    case "trace":
      return value === true ? damaged(state, context) : lookOn(state, context);
    default:
      return null;
  }
}

function read(
  state: RecoveryState,
  { directory }: ActorContext,
  { offset, length }: Stretch,
  as: NonNullable<ReadStep["as"]>,
): ReadStep {
  state.asked = offset;
  return { type: "read", file: directory + WAL, offset, length, as };
}

function readHead(state: RecoveryState, context: ActorContext): Step {
  state.stage = "head";
  return read(state, context, { offset: state.reading.end, length: HEAD }, headOf);
}

function judgeHead(state: RecoveryState, context: ActorContext, head: Head): Step | null {
  if (head === "end") return settle(state, context, []);
  if (typeof head !== "number") return suspect(state, context, head.reason);
  state.length = head;
  if (head <= LONG) return readRecord(state, context);
  state.stage = "length";
  const last = { offset: state.reading.end + head - 1, length: 1 };
  return read(state, context, last, (bytes) => bytes.length === 1);
}

function readRecord(state: RecoveryState, context: ActorContext): Step {
  state.stage = "record";
  const { end: offset } = state.reading;
  const { length } = state;
  return read(state, context, { offset, length }, (bytes) => recordOf(bytes, offset));
}

function judgeRecord(
  state: RecoveryState,
  context: ActorContext,
  placed: PlacedRecord | string,
): Step | null {
  if (typeof placed === "string") return suspect(state, context, placed);
  const reason = take(state.reading, placed);
  if (reason === null) return readHead(state, context);
  state.reason = reason;
  return damaged(state, context);
}

/** A bad record: of the last flush, or of one that had been synced? */
function suspect(state: RecoveryState, context: ActorContext, reason: string): Step | null {
  state.reason = reason;
  return lookInto(state, context, firstStretch(state.reading.end));
}

function lookInto(state: RecoveryState, context: ActorContext, stretch: Stretch): Step {
  state.stage = "traces";
  state.stretch = stretch;
  const { end } = state.reading;
  return read(state, context, stretch, (bytes) => tracesIn(bytes, stretch, end));
}

function lookOn(state: RecoveryState, context: ActorContext): Step | null {
  const { places, goesOn } = state.traces;
  const [place, ...rest] = places;
  if (place === undefined) {
    return goesOn ? lookInto(state, context, nextStretch(state.stretch)) : cut(state, context);
  }
  state.traces = { places: rest, goesOn };
  state.stage = "trace";
  return read(state, context, place, (bytes) => isRecord(bytes, place.offset));
}

function damaged(state: RecoveryState, context: ActorContext): Step {
  return refuse(state, "WAL_DAMAGED", context, state.reading.end, state.reason);
}

/** What cannot be read may have been promised. */
function unreadable(state: RecoveryState, context: ActorContext, errno: string): Step {
  return refuse(state, "WAL_UNREADABLE", context, state.asked, errno);
}

function refuse(
  state: RecoveryState,
  name: string,
  context: ActorContext,
  offset: number,
  reason: string,
): Step {
  state.stage = "idle";
  return { type: "fail", name, text: problemText(context, offset, reason) };
}

function problemText({ directory }: ActorContext, offset: number, reason: string): string {
  return `${directory}${WAL}, offset ${offset}: ${reason}`;
}

/** A torn tail: nobody was promised what stood there. */
function cut(state: RecoveryState, context: ActorContext): Step | null {
  const file = context.directory + WAL;
  const { end } = state.reading;
  const text = `${problemText(context, end, state.reason)}; cut there`;
  return settle(state, context, [
    { type: "notice", severity: "info", text },
    walStep({ type: "truncate", file, size: end }),
  ]);
}

function create(state: RecoveryState, context: ActorContext): Step {
  prepare(state, context, []);
  state.stage = "create";
  const file = context.directory + WAL;
  return walStep({ type: "open", file, create: true, truncate: false });
}

function finish(state: RecoveryState, { last }: ActorContext): Step | null {
  if (state.stage === "create") {
    state.stage = "finish";
    if (last.type === "disk" && last.result.ok) {
      return walStep({ type: "close", descriptor: last.result.descriptor });
    }
  }
  return takeStep(state);
}

function settle(state: RecoveryState, context: ActorContext, repair: readonly Step[]): Step | null {
  prepare(state, context, repair);
  return takeStep(state);
}

/** What was found, and its name, are made durable; then it is the server's. */
function prepare(state: RecoveryState, context: ActorContext, repair: readonly Step[]): void {
  const { directory, memory } = context;
  const { currentTerm, votedFor, log } = state.reading;
  memory[FOUND] = cloneReading(state.reading);
  const recovered: Recovered = {
    currentTerm: currentTerm ?? 0,
    votedFor,
    log,
    commitIndex: 0,
    extra: {},
  };
  state.stage = "finish";
  state.steps = [
    ...repair,
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
