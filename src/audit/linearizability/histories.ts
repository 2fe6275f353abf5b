import type { ServerId } from "#raft/types.ts";
import type { Observation, Observed } from "#sim/observation.ts";
import { ABSENT, ANYTHING, type Call, isBlind, kindOf, type State, stateOf } from "./calls.ts";
import { coreOf } from "./core.ts";
import { type Start, search } from "./search.ts";

/** What clients asked and were told, by key: as much of it as may still matter. */
export interface Histories {
  readonly keys: Map<string, KeyHistory>;
  /** Not answered yet, by operation. */
  readonly waiting: Map<string, Call>;
  /** The latest answer that no order explains; null: the answer taken in last is none. */
  broken: Conflict | null;
  /** The first of them, by the sequence of the answer. */
  readonly conflicts: Map<number, Conflict>;
  /** Keys on which something was not decided within the bound. */
  readonly undecided: Set<string>;
  /** Servers that had files before they first came up, and the highest index that those held. */
  readonly given: ReadonlySet<ServerId>;
  readonly born: Set<ServerId>;
  givenTo: number;
}

/** From the last moment at which no question was open. */
export interface KeyHistory {
  starts: readonly Start[];
  calls: Call[];
  /** How many of its calls wait for an answer. */
  open: number;
  /** What its answers have cost beyond the usual. */
  effort: number;
  /** How many of them look at the key. */
  looks: number;
  /** The latest writes that were left out because others had followed, since the starts; and calls from before the starts. */
  overwritten: readonly Call[];
  past: readonly Call[];
  /** Values that were there before the run may have been; each once. */
  readonly before: Set<string | null>;
}

/** Answers that cannot all be true. */
export interface Conflict {
  /** The answer that made it impossible. */
  readonly call: Call;
  /** Answers of which none can be spared, the last one included, in the order of their questions. */
  readonly core: readonly Call[];
  /** What had settled the value that the key had before them; null: nothing, or it does not matter. */
  readonly settled: Start | null;
  /** Other calls that may have written what was seen. */
  readonly writers: readonly Call[];
  /** Nobody ever asked for what was seen. */
  readonly isUnheard: boolean;
}

/** How many configurations one answer may cost before it is given up. */
export const BOUND = 2_000;
/** An answer may cost so many without being counted; all answers on a key so many more, then it is judged no further. */
const COST_USUAL = 64;
const EFFORT_MOST = 6_000;
/** Of all the places where a history may go on, so many are looked for. */
const ENDS_BOUND = 500;
/** Answers on a key that are kept before a question that is still open is not waited for any more. */
const PATIENCE = 32;
/** Answers on a key that are kept where what they come down to is not found out. */
const CALLS_MOST = 256;
const CONFLICTS_KEPT = 64;
/** Calls on a key that are remembered for explanations alone. */
const PAST_KEPT = 16;

export function createHistories(given: Iterable<ServerId>): Histories {
  return {
    keys: new Map(),
    waiting: new Map(),
    broken: null,
    conflicts: new Map(),
    undecided: new Set(),
    given: new Set(given),
    born: new Set(),
    givenTo: 0,
  };
}

/** Takes in one observation. Constant work for writes that do not overlap. */
export function foldCalls(histories: Histories, observation: Observation): void {
  switch (observation.type) {
    case "invoke":
      ask(histories, observation);
      return;
    case "return":
      answer(histories, observation);
      return;
    case "recovered":
    case "restored":
    case "apply":
      if (histories.given.size > 0) seed(histories, observation);
      return;
    default:
      return;
  }
}

/** What lies on given disks was written by clients that nobody has seen, and may become committed at any time. */
function seed(histories: Histories, seen: Observed<"recovered" | "restored" | "apply">): void {
  if (seen.type === "recovered") {
    if (histories.born.has(seen.server) || !histories.given.has(seen.server)) return;
    histories.born.add(seen.server);
    const last = seen.baseIndex + seen.entries.length;
    if (last > histories.givenTo) histories.givenTo = last;
  } else if (seen.type === "restored") {
    if (seen.lastApplied > histories.givenTo) return;
    for (const { key, value } of seen.values) mayHold(histories, key, value, seen);
  } else if (seen.key !== null && seen.entry.index <= histories.givenTo) {
    mayHold(histories, seen.key, seen.value, seen);
  }
}

function mayHold(
  histories: Histories,
  key: string,
  value: string | null,
  { server }: Observed<"restored" | "apply">,
): void {
  const history = historyOf(histories, key);
  if (history.before.has(value)) return;
  history.before.add(value);
  const asked = { asked: -1, askedStep: 0 };
  history.calls.push({
    ...{ client: "", server, key, kind: "write", value, expected: null, ...asked },
    ...{ ...UNANSWERED, status: "maybe" },
  });
}

const UNANSWERED = {
  answered: Number.POSITIVE_INFINITY,
  answeredStep: Number.POSITIVE_INFINITY,
  told: null,
  index: null,
  isOverdue: false,
} as const;

function ask(
  histories: Histories,
  { operation, sequence, server, step }: Observed<"invoke"> | Observed<"return">,
): Call | null {
  const kind = kindOf(operation);
  if (kind === null) return null;
  const { client, expected, id, key, value } = operation;
  const call: Call = {
    ...{ client, server, key, kind, value, expected, asked: sequence, askedStep: step },
    ...{ ...UNANSWERED, status: "waiting" },
  };
  const history = historyOf(histories, key);
  history.calls.push(call);
  history.open += 1;
  if (!isBlind(call)) history.looks += 1;
  histories.waiting.set(id, call);
  return call;
}

function answer(histories: Histories, observation: Observed<"return">): void {
  const { entry, operation, result, sequence, step } = observation;
  histories.broken = null;
  const call = histories.waiting.get(operation.id) ?? ask(histories, observation);
  if (call === null) return;
  histories.waiting.delete(operation.id);
  const history = historyOf(histories, call.key);
  if (call.isOverdue) {
    if (result.outcome === "ok") histories.undecided.add(call.key);
    else if (result.outcome === "failed") remove(history, call);
    if (history.starts.length === 0) giveUp(histories, history, call.key);
    return;
  }
  history.open -= 1;
  const isMiss = call.kind === "compare-and-set" && result.outcome === "failed" && entry !== null;
  if (isMiss) call.kind = "read";
  if (result.outcome === "ok" || isMiss) {
    call.status = "done";
    call.answered = sequence;
    call.answeredStep = step;
    call.index = entry?.index ?? null;
    if (call.kind === "read") call.told = stateOf(result.value);
    else if (call.kind === "increment" && result.value !== null) call.told = stateOf(result.value);
  } else if (result.outcome === "unknown" && call.kind !== "read") {
    call.status = "maybe";
  } else {
    remove(history, call);
    call.answered = sequence;
    call.answeredStep = step;
  }
  judge(histories, history, call);
}

function judge(histories: Histories, history: KeyHistory, call: Call): void {
  if (history.looks === 0) {
    forgetOverwritten(history);
    return;
  }
  if (history.effort > EFFORT_MOST) {
    giveUp(histories, history, call.key);
    return;
  }
  // A write can always have happened last, and what may happen need not.
  const isHarmless =
    call.status === "done" ? isBlind(call) : call.status === "maybe" || call.kind === "read";
  if (!isHarmless) {
    const { cost, type } = search(history.starts, history.calls, "one", BOUND);
    history.effort += Math.max(0, cost - COST_USUAL);
    if (type === "undecided") giveUp(histories, history, call.key);
    if (type === "impossible") refuse(histories, history, call);
    if (type !== "possible") return;
  }
  if (history.open > 0 && answeredIn(history) > PATIENCE) stopWaiting(history);
  if (history.open === 0) settle(history);
  if (answeredIn(history) > CALLS_MOST) giveUp(histories, history, call.key);
}

function answeredIn({ calls }: KeyHistory): number {
  return calls.reduce((count, { status }) => (status === "done" ? count + 1 : count), 0);
}

/** Nothing is open: all that has been answered comes down to what the key may hold now. */
function settle(history: KeyHistory): void {
  const outcome = search(history.starts, history.calls, "all", ENDS_BOUND);
  if (outcome.type !== "possible") return;
  beginAnew(history, outcome.ends);
}

/** Of writes alone, those that others have followed will never be seen again. */
function forgetOverwritten(history: KeyHistory): void {
  let latest = -1;
  for (const { asked, status } of history.calls) {
    if (status === "done" && asked > latest) latest = asked;
  }
  const gone = history.calls.filter(({ answered }) => answered < latest);
  if (gone.length === 0) return;
  history.calls = history.calls.filter(({ answered }) => answered >= latest);
  history.overwritten = [...history.overwritten, ...gone].slice(-PAST_KEPT);
}

/** What is still not answered may happen at any time, or never; its answer is not judged. */
function stopWaiting(history: KeyHistory): void {
  history.open = 0;
  history.calls = history.calls.filter((call) => {
    if (call.status !== "waiting") return true;
    call.isOverdue = true;
    if (call.kind !== "read") call.status = "maybe";
    return call.kind !== "read";
  });
  countLooks(history);
}

function giveUp(histories: Histories, history: KeyHistory, key: string): void {
  histories.undecided.add(key);
  beginBlindly(history);
}

function refuse(histories: Histories, history: KeyHistory, call: Call): void {
  const { core, settled } = coreOf(history, call);
  const seen: State[] = core.flatMap(({ told }) =>
    told === null || told === ABSENT ? [] : [told],
  );
  const known = [...history.past, ...history.overwritten, ...history.calls];
  const ofSeen = known.filter(
    ({ kind, value }) => kind !== "read" && seen.includes(stateOf(value)),
  );
  const writers = ofSeen.filter((each) => !core.includes(each) && each.kind === "write");
  const isCounter = known.some(({ kind }) => kind === "increment");
  const isUnheard = call.kind === "read" && seen.length > 0 && ofSeen.length === 0 && !isCounter;
  const conflict = { call, core, settled, writers, isUnheard };
  histories.broken = conflict;
  if (histories.conflicts.size < CONFLICTS_KEPT) histories.conflicts.set(call.answered, conflict);
  beginBlindly(history);
}

/** What was asked may have seen what is forgotten now, so that its answer would not be judged fairly. */
function beginBlindly(history: KeyHistory): void {
  stopWaiting(history);
  beginAnew(history, [{ state: ANYTHING, spent: [], by: null }]);
}

function beginAnew(history: KeyHistory, starts: readonly Start[]): void {
  const { calls, overwritten, past } = history;
  const done = calls.filter(({ status }) => status === "done");
  history.starts = starts;
  history.past = [...past, ...overwritten, ...done].slice(-PAST_KEPT);
  history.overwritten = [];
  history.calls = calls.filter(({ status }) => status !== "done");
  countLooks(history);
}

function countLooks(history: KeyHistory): void {
  history.looks = history.calls.filter((call) => !isBlind(call)).length;
}

function remove(history: KeyHistory, call: Call): void {
  history.calls = history.calls.filter((each) => each !== call);
  countLooks(history);
  history.starts = history.starts.filter(({ spent }) => !spent.includes(call));
}

function historyOf({ given, keys }: Histories, key: string): KeyHistory {
  const known = keys.get(key);
  if (known !== undefined) return known;
  const state = given.size > 0 ? ANYTHING : ABSENT;
  const starts: readonly Start[] = [{ state, spent: [], by: null }];
  const history: KeyHistory = {
    ...{ starts, calls: [], open: 0, effort: 0, looks: 0 },
    ...{ overwritten: [], past: [], before: new Set() },
  };
  keys.set(key, history);
  return history;
}
