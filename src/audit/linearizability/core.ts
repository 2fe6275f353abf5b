import { ANYTHING, type Call } from "./calls.ts";
import type { KeyHistory } from "./histories.ts";
import { type Start, search } from "./search.ts";

/** Configurations that each attempt to spare an answer may cost. */
const BOUND = 2_000;

/**
 * Of answers that cannot all be true, a few that cannot either: as many as possible are spared, reads that were answered
 * without asking anybody first, then the oldest. Sparing one means that what was asked may or may not have happened.
 */
export function coreOf(
  history: KeyHistory,
  last: Call,
): { readonly core: readonly Call[]; readonly settled: Start | null } {
  let calls: readonly Call[] = [...history.overwritten, ...history.calls];
  const due = calls
    .filter((each) => each.status === "done" && each !== last)
    .sort((a, b) => Number(isAlone(b)) - Number(isAlone(a)) || a.answered - b.answered);
  for (const each of due) {
    const without = spare(calls, each);
    if (isImpossible(history.starts, without)) calls = without;
  }
  const core = calls.filter((each) => each.status === "done");
  // Would it do if nobody knew what the key held before?
  const open: Start = { state: ANYTHING, spent: [], by: null };
  const [first] = history.starts;
  const matters = !isImpossible([open], calls) || core.some(({ told }) => told === first?.state);
  const settled = matters ? (first ?? null) : null;
  return { core: [...core].sort((a, b) => a.asked - b.asked), settled };
}

/** Was it answered as it was asked, on the word of this server alone? */
export function isAlone({ askedStep, answeredStep, kind }: Call): boolean {
  return kind === "read" && askedStep === answeredStep;
}

function spare(calls: readonly Call[], call: Call): readonly Call[] {
  const rest = calls.filter((each) => each !== call);
  if (call.kind === "read") return rest;
  return [...rest, { ...call, status: "maybe", answered: Number.POSITIVE_INFINITY, told: null }];
}

function isImpossible(starts: readonly Start[], calls: readonly Call[]): boolean {
  return search(starts, calls, "one", BOUND).type === "impossible";
}
