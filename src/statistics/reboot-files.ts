import { assert } from "#base/assert.ts";
import { SIMULTANEOUS_REBOOT } from "#library/incidents/pysyncobj-201/scenario.ts";
import { planOf } from "#scenario/plan.ts";
import { parseScenario } from "#scenario/schema.ts";
import type { MachinePlan } from "#sim/faults.ts";

/** The disks of the main incident, with which the real members were started too. */
export function rebootFiles(server: string): MachinePlan["files"] {
  const parsed = parseScenario(SIMULTANEOUS_REBOOT);
  const plan = parsed.ok ? planOf(parsed.value, "main") : null;
  assert(plan?.ok === true, "the main incident is a scenario");
  return plan.value.machines.find(({ id }) => id === server)?.files ?? [];
}
