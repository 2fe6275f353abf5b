import { isLossOf } from "#hunt/blame.ts";
import type { Outcome, SweepReport } from "#hunt/types.ts";
import type { NotchReport } from "./protocol.ts";

/** The end of an event, after its last micro-step: what a crash right after the step leads to, as a notch like the others. */
export function lastNotch(before: NotchReport, { machines: [sweep] }: SweepReport): NotchReport {
  const outcomes = sweep?.outcomes ?? [];
  const bad = outcomes.filter(({ family }) => isLossOf(family));
  const worst = bad.reduce<Outcome | undefined>(
    (one, other) => (one === undefined || other.wrongs.length > one.wrongs.length ? other : one),
    undefined,
  );
  return {
    ...before,
    notch: before.notch + 1,
    kind: "other",
    text: null,
    verdict: worst === undefined ? "safe" : "unsafe",
    outcomes: outcomes.length,
    bad: bad.length,
    wrongs: worst?.wrongs ?? [],
    witness: (worst ?? outcomes[0])?.witness ?? [],
  };
}

/** By machine, its last notch, in order of their first. */
export function lastByMachine(notches: readonly NotchReport[]): readonly NotchReport[] {
  return [...new Map(notches.map((notch) => [notch.machine, notch])).values()];
}
