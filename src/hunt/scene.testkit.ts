import { createDisk } from "#disk/disk.ts";
import type { Plan, ScriptAction } from "#sim/faults.ts";
import { plan, write } from "#sim/run.testkit.ts";
import { createTimeline, runToEnd, type Timeline } from "#sim/timeline.ts";
import type { System } from "#system/contract.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import { reference } from "#system/reference/index.ts";
import type { Burst } from "./bursts.ts";
import type { Scene } from "./scene.ts";
import { advanceSweep, reportOf, sweepScene } from "./sweep.ts";
import type { SweepAsk, SweepReport } from "./types.ts";

/** PySyncObj as it was released, as far as it is about syncs: there are none. */
const UNSYNCED = [
  "journal-not-synced-on-write",
  "journal-not-synced-before-meta",
  "meta-not-synced",
];

const SYSTEMS: Readonly<Record<string, System>> = { reference, pysyncobj };

/** Three servers that take a few writes, to the end of their run. */
export function ended(
  system: string,
  more: readonly ScriptAction[] = [],
  changes: Partial<Plan> = {},
): Timeline {
  const writes = [1, 2, 3].map((i) => write(2_000_000 + i * 60_000, "k", `v${i}`));
  const bugs = system === "pysyncobj" ? UNSYNCED : [];
  const given = plan(3, [...writes, ...more], { until: 2_400_000, bugs, ...changes, system });
  const run = createTimeline(given, SYSTEMS[system] as System);
  runToEnd(run);
  return run;
}

/** A server alone with its disk, which had promised nothing. */
export function sceneOf({ system, disk, patients }: Burst): Scene {
  const servers = patients.map((patient) => ({ machine: "A", patient, memory: null }));
  const promises = new Map();
  return {
    ...{ step: 0, system, servers, disks: new Map([["A", disk]]), promises, settled: [] },
    ...{ troubles: new Map(), written: new Map() },
  };
}

/** A reference server on which something was written that it does not understand. */
export function emptyDisk(): ReturnType<typeof createDisk> {
  return createDisk({ policy: "adversarial", sectorSize: 512, writeBack: null });
}

export function swept(scene: Scene, ask: Partial<SweepAsk> = {}): SweepReport {
  const machines = ask.machines ?? [...scene.disks.keys()];
  const sweep = sweepScene(scene, { machines, kind: "power", policy: null, most: 10_000, ...ask });
  while (!advanceSweep(sweep, 100));
  return reportOf(sweep);
}
