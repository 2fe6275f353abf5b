import { lastIndex } from "#raft/log.ts";
import type { Index, StateImage } from "#raft/types.ts";
import type { Actor, ActorContext, ReadStep, Step } from "#system/contract.ts";
import { encodeHeader, firstRecord, formOf, POINTER, pointerIn } from "./form.ts";
import { WAL } from "./format.ts";
import {
  APPLIED,
  decodeApplied,
  decodeKept,
  isIndexApart,
  type Kept,
  STATE,
  usable,
} from "./kept.ts";
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
  sealOf,
  tracesIn,
} from "./record.ts";
import { settlingTasks, type Tail } from "./settling.ts";
import { type Agenda, agendaOf, begun, call, type Task } from "./tasks.ts";
import { decodeVote, HARD_STATE, type HardState, hasVoteApart } from "./vote.ts";

/** A head that promises more than this is believed only when the file is that long. Bytes. */
const LONG = 4096;
/** The search for what follows a bad record goes at least so far. Bytes. */
const SHORT = 512;

interface RecoveryState {
  /** What is done next, or what the read before was for. */
  stage:
    | "idle"
    | "start"
    | "pointer"
    | "head"
    | "length"
    | "record"
    | "reach"
    | "traces"
    | "trace end"
    | "trace"
    | "vote"
    | "state"
    | "applied"
    | "finish";
  reading: Reading;
  /** Where the log ends as the header says, where there is one. */
  pointer: number;
  /** What the log's end needs, once the file has been read. */
  repair: readonly Task[];
  /** The flush read last. */
  tail: Tail | null;
  /** There is a file with term and vote in it. */
  hasVote: boolean;
  /** What the file of the state machine says; null: there is none, or it cannot be used. */
  kept: Kept | null;
  /** Of the record at hand, as its head says. Bytes. */
  length: number;
  /** Why what stands at the end of the reading is no record. */
  reason: string;
  stretch: Stretch;
  /** Places in it where a record of a later flush may stand. */
  traces: readonly Stretch[];
  /** The file ends before this offset. */
  reach: number;
  /** The one that is looked at. */
  place: Stretch;
  /** Where the read under way begins. */
  asked: number;
  agenda: Agenda;
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
      pointer: 0,
      repair: [],
      tail: null,
      hasVote: false,
      kept: null,
      length: 0,
      reason: "",
      stretch: firstStretch(0),
      traces: [],
      reach: 0,
      place: firstStretch(0),
      asked: 0,
      agenda: agendaOf([]),
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
        return formOf(context.bugs).hasPointer
          ? readPointer(state, context)
          : readHead(state, context);
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
    case "pointer":
      return value === null ? create(state, context) : follow(state, context, value as number);
    case "head":
      return value === null ? create(state, context) : judgeHead(state, context, value as Head);
    case "length":
      return value === true ? readRecord(state, context) : suspect(state, context, ENDS_INSIDE);
    case "record":
      return judgeRecord(state, context, value as PlacedRecord | string);
    case "reach":
      if (value === true) return reachFor(state, context, 2 * (state.reach - state.reading.end));
      return lookInto(state, context, firstStretch(state.reading.end));
    case "traces":
      state.traces = value as readonly Stretch[];
      return lookOn(state, context);
    case "trace end":
      return value === true ? readTrace(state, context) : lookOn(state, context);
    case "trace":
      return value === true ? damaged(state, context) : lookOn(state, context);
    case "vote":
      return judgeVote(state, context, value as HardState | string | null);
    case "state":
      return judgeKept(state, context, value as Kept | string | null);
    case "applied":
      return judgeApplied(state, context, value as Index | string | null);
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

function readPointer(state: RecoveryState, context: ActorContext): Step {
  state.stage = "pointer";
  return read(state, context, { offset: 0, length: POINTER }, pointerIn);
}

function follow(state: RecoveryState, context: ActorContext, pointer: number): Step | null {
  state.pointer = pointer;
  state.reading = startReading(firstRecord(formOf(context.bugs)));
  return readNext(state, context);
}

function readNext(state: RecoveryState, context: ActorContext): Step | null {
  const isAll = formOf(context.bugs).hasPointer && state.reading.end >= state.pointer;
  return isAll ? settle(state, context, []) : readHead(state, context);
}

function readHead(state: RecoveryState, context: ActorContext): Step {
  state.stage = "head";
  return read(state, context, { offset: state.reading.end, length: HEAD }, headOf);
}

function judgeHead(state: RecoveryState, context: ActorContext, head: Head): Step | null {
  if (head === "end") {
    if (!formOf(context.bugs).hasPointer) return settle(state, context, []);
    return suspect(state, context, `the header says that the log ends at ${state.pointer}`);
  }
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
  const { isSealed } = formOf(context.bugs);
  const step = read(state, context, { offset, length }, (bytes) =>
    recordOf(bytes, offset, isSealed),
  );
  return isSealed ? { ...step, seal: sealOf(length) } : step;
}

function judgeRecord(
  state: RecoveryState,
  context: ActorContext,
  placed: PlacedRecord | string,
): Step | null {
  if (typeof placed === "string") return suspect(state, context, placed);
  const reason = take(state.reading, placed);
  if (reason === null) {
    const before = placed.flush === placed.offset ? null : state.tail;
    state.tail = { record: placed.record, before };
    return readNext(state, context);
  }
  state.reason = reason;
  return context.bugs.has("cut-at-bad-record") ? cut(state, context) : damaged(state, context);
}

/** A bad record: of the last flush, or of one that had been synced? */
function suspect(state: RecoveryState, context: ActorContext, reason: string): Step | null {
  const { bugs } = context;
  state.reason = reason;
  if (bugs.has("cut-at-bad-record") || bugs.has("no-checksum")) return cut(state, context);
  if (formOf(bugs).hasPointer) return damaged(state, context);
  return reachFor(state, context, SHORT);
}

/**
 * How far the search must go, up to a factor of two. Where exactly the file ends is not asked: there is nothing behind it to
 * be found, and after a crash it may end in many places.
 */
function reachFor(state: RecoveryState, context: ActorContext, distance: number): Step {
  state.stage = "reach";
  state.reach = state.reading.end + distance;
  const there = { offset: state.reach, length: 1 };
  return read(state, context, there, (bytes) => bytes.length === 1);
}

function lookInto(state: RecoveryState, context: ActorContext, stretch: Stretch): Step {
  state.stage = "traces";
  state.stretch = stretch;
  const { end } = state.reading;
  return read(state, context, stretch, (bytes) => tracesIn(bytes, stretch, end));
}

function lookOn(state: RecoveryState, context: ActorContext): Step | null {
  const [place, ...rest] = state.traces;
  if (place === undefined) {
    const following = nextStretch(state.stretch);
    const isAll = following.offset > state.reach;
    return isAll ? cut(state, context) : lookInto(state, context, following);
  }
  state.traces = rest;
  state.place = place;
  if (place.length <= LONG) return readTrace(state, context);
  state.stage = "trace end";
  const last = { offset: place.offset + place.length - 1, length: 1 };
  return read(state, context, last, (bytes) => bytes.length === 1);
}

function readTrace(state: RecoveryState, context: ActorContext): Step {
  state.stage = "trace";
  const { place } = state;
  const step = read(state, context, place, (bytes) => isRecord(bytes, place.offset));
  return { ...step, seal: sealOf(place.length) };
}

function damaged(state: RecoveryState, context: ActorContext): Step {
  return refuse(state, "WAL_DAMAGED", context, state.reading.end, state.reason);
}

/** What cannot be read may have been promised. Of a state machine nothing is: the log has it all. */
function unreadable(state: RecoveryState, context: ActorContext, errno: string): Step | null {
  if (state.stage === "state") return judgeKept(state, context, errno);
  if (state.stage === "applied") return judgeApplied(state, context, errno);
  if (context.bugs.has("unreadable-is-empty")) {
    if (state.stage === "vote") return judgeVote(state, context, null);
    state.reading = startReading();
    return create(state, context);
  }
  if (state.stage === "vote") return refuseVote(state, context, errno);
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
    call({ type: "truncate", file, size: end }),
  ]);
}

function create(state: RecoveryState, context: ActorContext): Step | null {
  const { bugs, directory } = context;
  const form = formOf(bugs);
  const file = directory + WAL;
  const truncate = bugs.has("unreadable-is-empty");
  const offset = firstRecord(form);
  state.reading = startReading(offset);
  const header = encodeHeader(form, offset);
  const tasks: Task[] = [call({ type: "open", file, create: true, truncate })];
  if (offset > 0) tasks.push(call({ type: "write", file, offset: 0, bytes: header }));
  return settle(state, context, [...tasks, { type: "close" }]);
}

function settle(state: RecoveryState, context: ActorContext, repair: readonly Task[]): Step | null {
  state.repair = repair;
  if (!hasVoteApart(context.bugs)) return readKept(state, context);
  state.stage = "vote";
  return { type: "read", file: context.directory + HARD_STATE, as: decodeVote };
}

function judgeVote(
  state: RecoveryState,
  context: ActorContext,
  found: HardState | string | null,
): Step | null {
  if (typeof found === "string" && !context.bugs.has("vote-unsynced")) {
    return refuseVote(state, context, found);
  }
  const isThere = found !== null && typeof found !== "string";
  state.reading.currentTerm = isThere ? found.term : null;
  state.reading.votedFor = isThere ? found.votedFor : null;
  state.hasVote = isThere && !context.bugs.has("vote-unsynced");
  return readKept(state, context);
}

function refuseVote(state: RecoveryState, { directory }: ActorContext, reason: string): Step {
  state.stage = "idle";
  return {
    type: "fail",
    name: "HARD_STATE_UNREADABLE",
    text: `${directory}${HARD_STATE}: ${reason}`,
  };
}

function readKept(state: RecoveryState, context: ActorContext): Step | null {
  if ((context.options.keepState ?? 0) <= 0) return prepare(state, context, null);
  state.stage = "state";
  return { type: "read", file: context.directory + STATE, as: decodeKept };
}

function judgeKept(
  state: RecoveryState,
  context: ActorContext,
  found: Kept | string | null,
): Step | null {
  if (found === null) return prepare(state, context, null);
  if (typeof found === "string") return startOver(state, context, found);
  state.kept = found;
  if (!isIndexApart(context.bugs)) return takeOver(state, context, null);
  state.stage = "applied";
  return { type: "read", file: context.directory + APPLIED, as: decodeApplied };
}

function judgeApplied(
  state: RecoveryState,
  context: ActorContext,
  found: Index | string | null,
): Step | null {
  return takeOver(state, context, typeof found === "number" ? found : 0);
}

function takeOver(state: RecoveryState, context: ActorContext, applied: Index | null): Step | null {
  const { kept, reading } = state;
  const found = kept === null ? null : usable(kept, applied, lastIndex(reading.log));
  return typeof found === "string"
    ? startOver(state, context, found)
    : prepare(state, context, found);
}

/** The state machine is not what was promised, the log is: it is applied from its start. */
function startOver(state: RecoveryState, context: ActorContext, reason: string): Step | null {
  const text = `${context.directory}${STATE}: ${reason}; the log is applied from its start`;
  state.repair = [...state.repair, { type: "notice", severity: "info", text }];
  return prepare(state, context, null);
}

function prepare(
  state: RecoveryState,
  context: ActorContext,
  kept: StateImage | null,
): Step | null {
  const { reading, tail, hasVote, repair } = state;
  state.stage = "finish";
  state.agenda = agendaOf([...repair, ...settlingTasks({ reading, tail, hasVote, kept }, context)]);
  return finish(state, context);
}

function finish(state: RecoveryState, context: ActorContext): Step | null {
  const { step, agenda } = begun(state.agenda, context);
  state.agenda = agenda;
  return step;
}
