import { systemEntry } from "#system/catalogue.ts";
import type { Expectation, Scenario } from "./types.ts";

/** An expectation that bears on a run, and what came of it. */
export interface Judged {
  readonly expectation: Expectation;
  readonly met: boolean;
}

/**
 * Compares the auditor's words on a run with what the scenario expects of it under this preset: the expectations for every
 * preset and those for this one. Null: a choice of bugs that has no name, of which only the former can be asked.
 */
export function judge(
  { expect }: Scenario,
  preset: string | null,
  verdicts: readonly { readonly id: string; readonly holds: boolean }[],
): readonly Judged[] {
  return expect
    .filter((each) => each.preset === null || each.preset === preset)
    .map((expectation) => ({
      expectation,
      met: verdicts.some(
        ({ id, holds }) => id === expectation.check && holds === expectation.holds,
      ),
    }));
}

/** The preset with exactly these bugs; null when there is none. */
export function presetWith(system: string, bugs: readonly string[]): string | null {
  const wanted = bugs.toSorted().join();
  const presets = systemEntry(system)?.presets ?? [];
  return presets.find((each) => each.bugs.toSorted().join() === wanted)?.id ?? null;
}
