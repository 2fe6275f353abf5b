import type { Frame, Verdict } from "#sim/frame.ts";
import { type StateTable, stateTable } from "#view/divergence.ts";
import { logMatrix } from "#view/matrix.ts";
import type { RunView } from "#worker/protocol.ts";

// Sentences and orders that several panels show, from frames and verdicts alone.

/** How a check stands at the step that is shown. */
export type Standing = "holds" | "breaks-later" | "broken";

export function standingAt(verdict: Verdict, step: number): Standing {
  if (verdict.holds) return "holds";
  return verdict.firstStep === null || verdict.firstStep <= step ? "broken" : "breaks-later";
}

/** The broken checks at the step shown: violations first; among them what users suffer, then the newest first. */
export function brokenChecks({ verdicts, frame }: RunView): readonly Verdict[] {
  return verdicts
    .filter((verdict) => standingAt(verdict, frame.step) === "broken")
    .toSorted(
      (one, other) =>
        rank(one) - rank(other) ||
        harm(one) - harm(other) ||
        (other.firstStep ?? 0) - (one.firstStep ?? 0),
    );
}

/** Lost writes, wrong answers, state machines that differ, two leaders: what all the rest is only the way to. */
const HARM = ["C11", "C18", "C15", "C6", "C1"];

function harm({ id }: Verdict): number {
  const at = HARM.indexOf(id);
  return at < 0 ? HARM.length : at;
}

/** What can be said against a run, the gravest first. */
export const FAMILIES: readonly Verdict["family"][] = [
  "violation",
  "broken-promise",
  "assumption-broken",
  "unavailable-by-design",
];

/** The gravest that can be said against it at the step shown; null: nothing. */
export function gravest(view: RunView): Verdict["family"] | null {
  return brokenChecks(view)[0]?.family ?? null;
}

function rank({ family }: Verdict): number {
  return FAMILIES.indexOf(family);
}

const tables = new WeakMap<Frame, StateTable>();

/** The state machines of a frame side by side; several panels ask for the same one. */
export function tableOf(frame: Frame): StateTable {
  const known = tables.get(frame);
  if (known !== undefined) return known;
  const table = stateTable(frame);
  tables.set(frame, table);
  return table;
}

/** What is wrong with the state machines, in a sentence; null: nothing. */
export function divergenceText(frame: Frame): string | null {
  const { differing } = tableOf(frame);
  if (differing.length === 0) return null;
  return logsAgree(frame)
    ? "State machines differ although the logs agree"
    : "State machines differ";
}

/** Where nothing worse has happened than promises made too early: the good news first. */
const PROMISES_AT_RISK =
  "Nothing is lost so far, but promises were made before they would survive a crash.";

/** The auditor's word on a side in a sentence: what is wrong now, and how it began. */
export function verdictSentence(view: RunView): string {
  const broken = brokenChecks(view);
  const grave = broken.filter(({ family }) => family === broken[0]?.family);
  const first = grave.toSorted((a, b) => (a.firstStep ?? 0) - (b.firstStep ?? 0))[0];
  const diverged = divergenceText(view.frame);
  if (first === undefined) return diverged ?? "All checks hold so far.";
  if (first.family === "broken-promise" && diverged === null) return PROMISES_AT_RISK;
  return diverged === null ? (broken[0]?.text ?? "") : `${diverged}: ${first.text}`;
}

function logsAgree(frame: Frame): boolean {
  const up = frame.servers.filter(({ process }) => process === "up");
  const [one] = up;
  if (one === undefined || up.some(({ lastIndex }) => lastIndex !== one.lastIndex)) return false;
  const width = Math.max(...up.map(({ log }) => log.length));
  return logMatrix({ ...frame, servers: up }, { last: null, width }).columns.every(
    ({ differs }) => !differs,
  );
}
