import { ANYTHING, after, type Call, isBlind, type State, stateOf } from "./calls.ts";

/** Where a history may begin: what the key holds, and which calls of earlier ones have happened already. */
export interface Start {
  readonly state: State;
  /** Calls that may or may not happen, and did. */
  readonly spent: readonly Call[];
  /** The call that left the key so; null: none that is known. */
  readonly by: Call | null;
}

export type Outcome = {
  /** Configurations looked at. */
  readonly cost: number;
} /** `ends`: where it may go on, all of them if all were asked for, else one. */ & (
  | { readonly type: "possible"; readonly ends: readonly Start[] }
  | { readonly type: "impossible" }
  /** The bound was reached first. */
  | { readonly type: "undecided" }
);

interface Configuration {
  readonly state: State;
  /** A bit for each call that has happened. */
  readonly happened: bigint;
  readonly by: Call | null;
  /** The last one need not have happened, and nothing has shown yet that it did. */
  readonly isIdle: boolean;
}

interface Problem {
  readonly calls: readonly Call[];
  /** The bits of those that must have happened. */
  readonly due: bigint;
  /** The bits of those that leave the key in a state; null: some add to it, so that any may. */
  readonly makers: ReadonlyMap<State, bigint> | null;
}

/**
 * Can these calls on one key be put in an order in which each has its effect at one moment between its question and its
 * answer? The search of Wing and Gong (1993) with Lowe's memory of configurations (2017), for one key alone (Horn and
 * Kroening 2015). Where the log says in which order writes took effect, that order is tried first: as long as it explains
 * the history, the search never turns back.
 * @param bound how many configurations are looked at before it is given up.
 */
export function search(
  starts: readonly Start[],
  calls: readonly Call[],
  wanted: "one" | "all",
  bound: number,
): Outcome {
  const problem = problemOf(starts, calls);
  const bitOf = new Map(problem.calls.map((call, at) => [call, 1n << BigInt(at)]));
  const stack: Configuration[] = starts
    .map(({ by, spent, state }) => {
      const happened = spent.reduce((bits, call) => bits | (bitOf.get(call) ?? 0n), 0n);
      return { state, happened, by, isIdle: false };
    })
    .reverse();
  const seen = new Set<string>();
  const ends = new Map<string, Start>();
  for (let now = stack.pop(); now !== undefined; now = stack.pop()) {
    const { happened, isIdle, state } = now;
    const name = `${happened.toString(36)}${isIdle ? "!" : ""}${state}`;
    if (seen.has(name)) continue;
    if (seen.size >= bound) return { type: "undecided", cost: bound };
    seen.add(name);
    if ((happened & problem.due) === problem.due && !isIdle) {
      ends.set(name, { state, spent: spentIn(problem, happened), by: now.by });
      if (wanted === "one") break;
      continue;
    }
    if (!isLost(problem, now)) stack.push(...nextOf(problem, now).reverse());
  }
  const cost = seen.size;
  if (ends.size === 0) return { type: "impossible", cost };
  return { type: "possible", cost, ends: [...ends.values()] };
}

/** In the order in which they are tried: what must have happened, as the log has it or as it was answered; then the rest. */
function problemOf(starts: readonly Start[], calls: readonly Call[]): Problem {
  const spent = starts.flatMap((start) => start.spent);
  const sorted = [...new Set([...calls, ...spent])]
    .filter(({ kind, status }) => status === "done" || kind !== "read")
    .sort(
      (a, b) =>
        rankOf(a) - rankOf(b) ||
        (a.index ?? 0) - (b.index ?? 0) ||
        a.answered - b.answered ||
        a.asked - b.asked,
    );
  let due = 0n;
  for (const [at, { status }] of sorted.entries()) if (status === "done") due |= 1n << BigInt(at);
  return { calls: sorted, due, makers: makersIn(sorted) };
}

function makersIn(calls: readonly Call[]): Map<State, bigint> | null {
  const makers = new Map<State, bigint>();
  for (const [at, { kind, value }] of calls.entries()) {
    if (kind === "increment") return null;
    if (kind === "read") continue;
    const made = stateOf(value);
    makers.set(made, (makers.get(made) ?? 0n) | (1n << BigInt(at)));
  }
  return makers;
}

/** Does a call that is still due need the key to be what nothing can make it any more? */
function isLost({ calls, due, makers }: Problem, { happened, state }: Configuration): boolean {
  if (makers === null || state === ANYTHING) return false;
  const open = due & ~happened;
  return calls.some(({ expected, kind, told }, at) => {
    if (kind === "write" || (open & (1n << BigInt(at))) === 0n) return false;
    const needed = kind === "read" ? told : stateOf(expected);
    if (needed === null || needed === state) return false;
    return ((makers.get(needed) ?? 0n) & ~happened) === 0n;
  });
}

function rankOf({ index, status }: Call): number {
  if (status !== "done") return 2;
  return index === null ? 1 : 0;
}

function nextOf({ calls, due }: Problem, now: Configuration): Configuration[] {
  const latest = firstAnswer(calls, now.happened);
  const next: Configuration[] = [];
  for (const [at, call] of calls.entries()) {
    const bit = 1n << BigInt(at);
    const isDue = (due & bit) !== 0n;
    if ((now.happened & bit) !== 0n || call.asked > latest) continue;
    // What nobody sees need not have happened.
    if (now.isIdle && isBlind(call)) continue;
    const state = after(call, now.state);
    if (state === null) continue;
    const isRead = call.kind === "read";
    const by = isRead && state === now.state ? now.by : call;
    const then = { state, happened: now.happened | bit, by, isIdle: !isDue };
    // It changes nothing, and the sooner it is done the better.
    if (isRead && state === now.state) return [then];
    next.push(then);
  }
  return next;
}

/** What was asked after the first answer that is still due cannot have happened before it. */
function firstAnswer(calls: readonly Call[], happened: bigint): number {
  let first = Number.POSITIVE_INFINITY;
  for (const [at, { answered, status }] of calls.entries()) {
    const isOpen = status === "done" && (happened & (1n << BigInt(at))) === 0n;
    if (isOpen && answered < first) first = answered;
  }
  return first;
}

function spentIn({ calls, due }: Problem, happened: bigint): Call[] {
  return calls.filter((_, at) => (happened & ~due & (1n << BigInt(at))) !== 0n);
}
