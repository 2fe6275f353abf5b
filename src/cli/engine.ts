import { catchUp, createAuditor, verdicts } from "#audit/auditor.ts";
import { ok, type Result, refused } from "#base/result.ts";
import type { RecordedRun } from "#importer/recordings.ts";
import { planOf } from "#scenario/plan.ts";
import type { Scenario } from "#scenario/types.ts";
import type { Verdict } from "#sim/frame.ts";
import { judgedServers } from "#sim/looks.ts";
import { toldBy } from "#sim/recorded.ts";
import { createTimeline, runToEnd, type Timeline } from "#sim/timeline.ts";
import { systemById } from "#system/registry.ts";

/** A run that is over, and what the auditor said of it. */
export interface Run {
  readonly timeline: Timeline;
  readonly verdicts: readonly Verdict[];
}

/** Runs one side of a scenario to its end. `recorded`: what it replays. */
export function runScenario(
  scenario: Scenario,
  side: "main" | "twin" = "main",
  recorded: RecordedRun | null = null,
): Result<Run> {
  const planned = planOf(scenario, side);
  if (!planned.ok) return planned;
  const plan = recorded === null ? planned : ok(toldBy(planned.value, recorded, side));
  const system = systemById(scenario.system);
  if (system === null) return refused(`There is no system ${scenario.system}.`);
  const timeline = createTimeline(plan.value, system);
  runToEnd(timeline);
  const auditor = createAuditor({ servers: judgedServers(plan.value) });
  catchUp(auditor, timeline);
  return ok({ timeline, verdicts: verdicts(auditor, timeline.observations) });
}
