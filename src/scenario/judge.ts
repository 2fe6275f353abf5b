import { CATALOGUE } from "#system/catalogue.ts";
import { bugsOf } from "./plan.ts";
import type { Expectation, Scenario } from "./types.ts";

/** An expectation that bears on a run, and what came of it. */
export interface Judged {
  readonly expectation: Expectation;
  readonly met: boolean;
}

/**
 * The preset that a run is an instance of: the named one, or the one whose bugs an explicit list is. Null when the list is
 * no preset's.
 */
export function presetMeant(
  system: string,
  choice: { readonly preset: string; readonly bugs: readonly string[] | null },
): string | null {
  if (choice.bugs === null) return choice.preset;
  const wanted = choice.bugs.toSorted().join();
  const presets = CATALOGUE.find(({ id }) => id === system)?.presets ?? [];
  return presets.find(({ bugs }) => bugs.toSorted().join() === wanted)?.id ?? null;
}

/** Compares the auditor's words on one side's run with what the scenario expects of that side. */
export function judge(
  scenario: Scenario,
  side: "main" | "twin",
  verdicts: readonly { readonly id: string; readonly holds: boolean }[],
): readonly Judged[] {
  const choice = side === "main" ? scenario : scenario.twin;
  if (choice === null || bugsOf(scenario.system, choice) === null) return [];
  const preset = presetMeant(scenario.system, choice);
  return scenario.expect
    .filter((each) => each.preset === null || each.preset === preset)
    .map((expectation) => ({
      expectation,
      met: verdicts.some(
        ({ id, holds }) => id === expectation.check && holds === expectation.holds,
      ),
    }));
}
