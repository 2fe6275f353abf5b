import { assert } from "#base/assert.ts";
import type { Plan, ScriptAction } from "#sim/faults.ts";
import type { System } from "#system/contract.ts";
import { systemById } from "#system/registry.ts";

const SERVERS = ["A", "B", "C", "D", "E"];
const SECOND = 1_000_000;

export function referenceSystem(): System {
  const system = systemById("reference");
  assert(system !== null, "there is a reference system");
  return system;
}

/** Five reference servers, A leading from the start, and one client that writes every so often. */
export function loadPlan(load: {
  /** Microseconds of virtual time between writes. */
  readonly writeEvery: number;
  readonly until: number;
  /** One-way delay of a message. */
  readonly delay: readonly [number, number];
}): Plan {
  const script: ScriptAction[] = [
    {
      anchor: { type: "at", time: 0, order: 0 },
      action: { type: "boot", machines: SERVERS, stagger: 0 },
    },
  ];
  for (let time = SECOND; time < load.until; time += load.writeEvery) {
    script.push({
      anchor: { type: "at", time, order: 0 },
      action: {
        type: "client",
        client: "load",
        server: null,
        operation: "write",
        key: `key-${script.length % 20}`,
        value: `value ${script.length}`,
        expected: null,
      },
    });
  }
  const [delayMin, delayMax] = load.delay;
  return {
    system: "reference",
    bugs: [],
    options: { electionTimeoutMin: SECOND, electionTimeoutMax: SECOND * 2 },
    machines: SERVERS.map((id) => ({
      id,
      clockOffset: 0,
      clockDrift: 0,
      servers: [{ id, address: id }],
      files: [],
    })),
    network: { delayMin, delayMax, lossPerMille: 0, duplicatePerMille: 0 },
    disk: {
      policy: "ordered-journal",
      sectorSize: 512,
      writeBack: null,
      writeTime: 10,
      syncTime: 500,
      admits: ["process", "os", "power"],
    },
    seed: 1,
    choices: { "A/1/election-timeout/0": SECOND / 5 },
    script,
    until: load.until,
  };
}
