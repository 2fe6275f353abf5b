import { ok, type Result, refused } from "#base/result.ts";
import { libraryScenario } from "#library/registry.ts";
import { parseScenario } from "#scenario/schema.ts";
import type { Scenario } from "#scenario/types.ts";
import type { Column } from "./columns.ts";
import { bugsLeft, type FixSet } from "./fix-sets.ts";

/**
 * What a cell plays: the column's schedule under the released version, and these fixes beside it. Refused: the library does
 * not have the schedule.
 */
export function scenarioOf(fixSet: FixSet, { scenario: id }: Column): Result<Scenario> {
  const parsed = parseScenario(libraryScenario(id)?.scenario);
  if (!parsed.ok) return refused(`The library has no scenario ${id}.`);
  const twin = { preset: "0.3.14", bugs: bugsLeft(fixSet), options: fixSet.options };
  return ok({ ...parsed.value, preset: "0.3.14", bugs: null, twin });
}
