import type { DiskSettings } from "#disk/types.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import { reference } from "#system/reference/index.ts";
import { appends, type Burst, burstOf } from "./bursts.ts";
import { createExploration, nextLeaf } from "./explore.ts";
import type { Scene } from "./scene.ts";
import { advanceSweep, reportOf, sweepScene } from "./sweep.ts";
import type { SweepReport } from "./types.ts";

// What the speed of sweeps is measured on. The clock is the caller's.

const ADVERSARIAL: DiskSettings = { policy: "adversarial", sectorSize: 512, writeBack: null };
/** Of the reference: the head and numbers of an entry's record beside its command. Bytes. */
const RECORD = 33;

/** A log with checksums: 32 entries of 600 bytes, each written by itself, none of them synced. About 1e19 states. */
export function walBurst(): Scene {
  return sceneOf([burstOf(reference, "A", ADVERSARIAL, appends(32, 600), RECORD + 600)]);
}

/** The same log with one entry of 32 KiB: 65 sectors under one checksum, and a size. */
export function wideRecord(): Scene {
  const command = Uint8Array.from({ length: 32_768 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24);
  const entries = [{ index: 1, term: 1, command }];
  return sceneOf([burstOf(reference, "A", ADVERSARIAL, [{ type: "append", entries }])]);
}

/** Three machines, each with a mapped journal to which 8 entries of 300 bytes were added. */
export function journalBursts(): Scene {
  return sceneOf(
    ["A", "B", "C"].map((id) => burstOf(pysyncobj, id, ADVERSARIAL, appends(8, 300, 1))),
  );
}

/** All outcomes of all machines of a scene, judged, and what they come to together. */
export function sweepAll(scene: Scene): SweepReport {
  const machines = [...scene.disks.keys()];
  const sweep = sweepScene(scene, { machines, kind: "power", policy: null, most: 100_000 });
  while (!advanceSweep(sweep, 1000));
  return reportOf(sweep);
}

/** Explores small states over and over; returns how many recoveries were run, at least so many. */
export function recoverSmallStates(count: number): number {
  const bursts = [
    burstOf(reference, "A", ADVERSARIAL, appends(2, 20)),
    burstOf(pysyncobj, "A", ADVERSARIAL, appends(2, 20, 1)),
  ];
  let done = 0;
  while (done < count) {
    for (const { system, disk, patients } of bursts) {
      const exploration = createExploration(system, disk, "power", patients);
      while (nextLeaf(exploration) !== null) done++;
    }
  }
  return done;
}

function sceneOf(bursts: readonly Burst[]): Scene {
  const patients = bursts.flatMap((burst) => burst.patients);
  const ids = patients.map(({ server }) => server);
  return {
    step: 0,
    system: (bursts[0] as Burst).system,
    servers: patients.map((patient) => ({
      machine: patient.server,
      patient: { ...patient, peers: ids.filter((id) => id !== patient.server) },
      memory: null,
    })),
    disks: new Map(bursts.map(({ disk }, i) => [ids[i] as string, disk])),
    promises: new Map(),
    troubles: new Map(),
    written: new Map(),
    settled: [],
  };
}
