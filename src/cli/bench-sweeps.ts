import { assert } from "#base/assert.ts";
import type { DiskSettings } from "#disk/types.ts";
import { appends, type Burst, burstOf } from "#hunt/bursts.ts";
import { createExploration, nextLeaf } from "#hunt/explore.ts";
import type { Scene } from "#hunt/scene.ts";
import { advanceSweep, reportOf, sweepScene } from "#hunt/sweep.ts";
import type { SweepReport } from "#hunt/types.ts";
import type { System } from "#system/contract.ts";
import { systemById } from "#system/registry.ts";
import { cpuSeconds } from "./bench-figures.ts";

const HARSH: DiskSettings = { policy: "adversarial", sectorSize: 512, writeBack: null };
const MOST = 100_000;

export interface Swept {
  readonly seconds: number;
  readonly report: SweepReport;
}

/** All outcomes of a write-ahead log's burst: 32 entries of 600 bytes, none synced, each written by a call of its own. */
export function sweptWal(): Swept {
  return swept([burstOf(systemNamed("reference"), "A", HARSH, appends(32, 600), 600)], []);
}

/** The outcome table of three machines that lose power in the same burst of a mapped journal: 8 entries of 300 bytes. */
export function sweptCluster(): Swept {
  const mapped = systemNamed("pysyncobj");
  const bursts = ["A", "B", "C"].map((id) => burstOf(mapped, id, HARSH, mappedEntries(8)));
  const settled = [2, 3, 4, 5, 6, 7, 8, 9].map((index) => {
    return { index, term: 1, acknowledged: true };
  });
  return swept(bursts, settled);
}

/** Recoveries a CPU second, states with few pieces one after the other, nothing judged. */
export function recoveryRates(): { readonly mapped: number; readonly wal: number } {
  return {
    mapped: recoveryRate(burstOf(systemNamed("pysyncobj"), "A", HARSH, mappedEntries(3))),
    wal: recoveryRate(burstOf(systemNamed("reference"), "A", HARSH, appends(3, 300), 300)),
  };
}

/** A new journal has an entry already. */
function mappedEntries(count: number): ReturnType<typeof appends> {
  return appends(count, 300, 1);
}

function swept(bursts: readonly Burst[], settled: Scene["settled"]): Swept {
  const scene = sceneOf(bursts, settled);
  const machines = [...scene.disks.keys()];
  let report: SweepReport | null = null;
  const seconds = cpuSeconds(() => {
    const sweep = sweepScene(scene, { machines, kind: "power", policy: null, most: MOST });
    while (!advanceSweep(sweep, MOST));
    report = reportOf(sweep);
  });
  assert(report !== null, "a sweep that is done has a report");
  return { seconds, report };
}

/** Each server alone on a machine of its own name. */
function sceneOf(bursts: readonly Burst[], settled: Scene["settled"]): Scene {
  const [first] = bursts;
  assert(first !== undefined, "there is a burst");
  const placed = bursts.flatMap(({ disk, patients }) =>
    patients.map((patient) => ({ machine: patient.server, patient, disk })),
  );
  return {
    step: 0,
    system: first.system,
    servers: placed.map(({ machine, patient }) => ({ machine, patient, memory: null })),
    disks: new Map(placed.map(({ machine, disk }) => [machine, disk])),
    promises: new Map(),
    settled,
  };
}

const MEASURED_SECONDS = 0.5;

function recoveryRate({ system, disk, patients }: Burst): number {
  let recoveries = 0;
  let seconds = 0;
  const round = () => {
    const exploration = createExploration(system, disk, "power", patients);
    while (nextLeaf(exploration) !== null) recoveries += 1;
  };
  for (seconds = 0; seconds < MEASURED_SECONDS; seconds += cpuSeconds(round));
  recoveries = 0;
  for (seconds = 0; seconds < MEASURED_SECONDS; seconds += cpuSeconds(round));
  return recoveries / seconds;
}

function systemNamed(id: string): System {
  const system = systemById(id);
  assert(system !== null, `there is a system ${id}`);
  return system;
}
