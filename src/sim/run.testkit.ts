import type { CrashKind } from "#disk/types.ts";
import { reference } from "#system/reference/index.ts";
import type { Action, Anchor, Plan, ScriptAction } from "./faults.ts";
import type { Happening, Observation, Observed } from "./observation.ts";
import { advance } from "./scheduler.ts";
import { createWorld, type World } from "./world.ts";

/** A plan for `servers` reference servers, one a machine, named A, B, ... that boot at once. */
export function plan(
  servers: number,
  script: readonly ScriptAction[],
  more: Partial<Plan> = {},
): Plan {
  const names = [..."ABCDEFGHI"].slice(0, servers);
  return {
    system: "reference",
    bugs: [],
    options: {},
    machines: names.map((id) => ({
      id,
      clockOffset: 0,
      clockDrift: 0,
      servers: [{ id, address: id }],
      files: [],
    })),
    network: { delayMin: 500, delayMax: 3_000, lossPerMille: 0, duplicatePerMille: 0 },
    disk: {
      policy: "ordered-journal",
      sectorSize: 512,
      writeBack: null,
      writeTime: 20,
      syncTime: 800,
      admits: ["process", "os", "power"],
    },
    seed: 1,
    choices: {},
    script: [at(0, { type: "boot", machines: names, stagger: 0 }), ...script],
    until: 5_000_000,
    ...more,
  };
}

export function at(time: number, action: Action, order = 0): ScriptAction {
  const anchor: Anchor = { type: "at", time, order };
  return { anchor, action };
}

export function write(
  time: number,
  key: string,
  value: string,
  server: string | null = null,
): ScriptAction {
  return at(time, {
    type: "client",
    client: "c",
    server,
    operation: "write",
    key,
    value,
    expected: null,
  });
}

export function crashAll(time: number, machines: readonly string[], kind: CrashKind): ScriptAction {
  return at(time, {
    type: "restart",
    machines,
    kind,
    survivors: { type: "none" },
    down: 100_000,
    stagger: 0,
  });
}

/** Runs a plan on the reference system to its end. */
export function play(given: Plan): { world: World; seen: Observation[] } {
  const seen: Observation[] = [];
  const world = createWorld(given, reference, (observation) => seen.push(observation));
  while (advance(world));
  return { world, seen };
}

export function only<Type extends Happening["type"]>(
  seen: readonly Observation[],
  type: Type,
): Observed<Type>[] {
  return seen.filter((each): each is Observed<Type> => each.type === type);
}
