import * as v from "valibot";
import { ok, type Result, refused } from "#base/result.ts";
import { sortedJson } from "./canonical.ts";
import { DISK_PATCH } from "./disk-document.ts";
import { type Problem, problemOf } from "./problem.ts";
import type { DiskPatch, Scenario, ScenarioMachine } from "./types.ts";

/** Checks settings of a disk that come from elsewhere than a document; each alone, not how they fit together. */
export function readDiskPatch(json: unknown): Result<DiskPatch, readonly Problem[]> {
  const parsed = v.safeParse(DISK_PATCH, json);
  return parsed.success ? ok(parsed.output) : refused(parsed.issues.map(problemOf));
}

/**
 * The scenario with other settings for the disk of one machine, or (null) of all that have none of their own. Not yet
 * checked. A machine keeps only what differs from the others: set back to theirs, it follows them again.
 */
export function changeDisk(
  scenario: Scenario,
  machine: string | null,
  settings: DiskPatch,
): Scenario {
  if (machine === null) return { ...scenario, disk: { ...scenario.disk, ...settings } };
  const machines = scenario.cluster.machines.map((each) =>
    each.id === machine ? withDisk(scenario, each, settings) : each,
  );
  return { ...scenario, cluster: { machines } };
}

function withDisk(
  { disk: usual }: Scenario,
  { disk, ...machine }: ScenarioMachine,
  settings: DiskPatch,
): ScenarioMachine {
  const differing = Object.entries({ ...disk, ...settings }).filter(
    ([name, value]) => sortedJson(value) !== sortedJson(usual[name as keyof DiskPatch]),
  );
  return differing.length === 0 ? machine : { ...machine, disk: Object.fromEntries(differing) };
}
