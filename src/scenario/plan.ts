import { ok, type Result, refused } from "#base/result.ts";
import type { MachinePlan, Plan, ScriptAction } from "#sim/faults.ts";
import { bugsOfPreset, optionsOfPreset } from "#system/catalogue.ts";
import { decodeBase64 } from "./base64.ts";
import type { Scenario, ScenarioMachine } from "./types.ts";

/** What one side of a scenario gives a run. Refused: there is no such side, no such preset, or a file is not base64. */
export function planOf(scenario: Scenario, side: "main" | "twin"): Result<Plan> {
  const choice = side === "main" ? scenario : scenario.twin;
  if (choice === null) return refused("The scenario has no twin.");
  const bugs = bugsOf(scenario.system, choice);
  if (bugs === null) {
    return refused(`There is no preset ${choice.preset} of a system ${scenario.system}.`);
  }
  const machines: MachinePlan[] = [];
  for (const machine of scenario.cluster.machines) {
    const planned = machinePlan(machine);
    if (!planned.ok) return planned;
    machines.push(planned.value);
  }
  const { network, disk, cluster } = scenario;
  const own = side === "twin" ? scenario.twin?.options : {};
  const presetOptions = choice.bugs === null ? optionsOfPreset(scenario.system, choice.preset) : {};
  return ok({
    system: scenario.system,
    bugs,
    options: { ...presetOptions, ...scenario.options, ...own },
    machines,
    ...(cluster.members === undefined ? {} : { members: cluster.members }),
    network: {
      delayMin: network.delay[0],
      delayMax: network.delay[1],
      lossPerMille: network.lossPerMille,
      duplicatePerMille: network.duplicatePerMille,
    },
    disk,
    seed: scenario.seed,
    choices: scenario.choices,
    script: scriptOf(scenario),
    until: scenario.until,
  });
}

/** The bugs that a preset, or an explicit list, turns on; null when there is no such preset. */
export function bugsOf(
  system: string,
  choice: { readonly preset: string; readonly bugs: readonly string[] | null },
): readonly string[] | null {
  return choice.bugs ?? bugsOfPreset(system, choice.preset);
}

/** Actions first, then what is told about them: at one and the same moment the words follow the deed. */
function scriptOf({ script, narration }: Scenario): readonly ScriptAction[] {
  const told = narration.map(
    ({ anchor, text }): ScriptAction => ({ anchor, action: { type: "narrate", text } }),
  );
  return [...script, ...told];
}

function machinePlan(machine: ScenarioMachine): Result<MachinePlan> {
  const files: { path: string; bytes: Uint8Array }[] = [];
  for (const { path, base64 } of machine.files) {
    const bytes = decodeBase64(base64);
    if (bytes === null) return refused(`The file ${path} of machine ${machine.id} is not base64.`);
    files.push({ path, bytes });
  }
  const { id, clockOffset, clockDrift, servers, disk } = machine;
  const own = disk === undefined ? {} : { disk };
  return ok({ id, clockOffset, clockDrift, servers, ...own, files });
}
