import { foldPromises, type Promised, type Promises } from "#audit/promises.ts";
import type { Disk } from "#disk/disk.ts";
import type { ServerId } from "#raft/types.ts";
import type { Patient, ServerAt } from "#sim/recovery.ts";
import { diskOf, serversOf, type Timeline } from "#sim/timeline.ts";
import type { System } from "#system/contract.ts";
import { LeaderLogs } from "./leader-logs.ts";

/** What a crash meets: disks and servers at one moment, and what they had promised and acknowledged by then. Plain data. */
export interface Scene {
  readonly step: number;
  readonly system: System;
  readonly servers: readonly ServerAt[];
  /** By machine. */
  readonly disks: ReadonlyMap<string, Disk>;
  readonly promises: ReadonlyMap<ServerId, Promised>;
  /** Entries that must not get lost, in order of index. */
  readonly settled: readonly SettledEntry[];
}

/** An entry that a client was told is kept, or that a leader counted as committed in its own term. */
export interface SettledEntry {
  readonly index: number;
  readonly term: number;
  readonly acknowledged: boolean;
}

/** The run right after a step. */
export function sceneAt(timeline: Timeline, step: number): Scene {
  const machines = timeline.plan.machines.map(({ id }) => id);
  const promises: Promises = new Map();
  const settled = new Map<string, SettledEntry>();
  const logs = new LeaderLogs();
  for (const observation of timeline.observations) {
    if (observation.step > step) break;
    foldPromises(promises, observation);
    logs.follow(observation);
    if (observation.type === "return" && observation.result.outcome === "ok") {
      const { entry } = observation;
      if (entry === null) continue;
      const { index, term } = entry;
      settled.set(`${index} ${term}`, { index, term, acknowledged: true });
    }
    if (observation.type === "commit") {
      for (const { index, term } of logs.committed(observation)) {
        const key = `${index} ${term}`;
        if (!settled.has(key)) settled.set(key, { index, term, acknowledged: false });
      }
    }
  }
  return {
    step,
    system: timeline.system,
    servers: serversOf(timeline, step),
    disks: new Map(machines.map((id) => [id, diskOf(timeline, step, id)])),
    promises,
    settled: [...settled.values()].sort((a, b) => a.index - b.index || a.term - b.term),
  };
}

/** The same scene with another disk in a machine. */
export function withDisk(scene: Scene, machine: string, disk: Disk): Scene {
  return { ...scene, disks: new Map(scene.disks).set(machine, disk) };
}

export function patientsOn({ servers }: Scene, machine: string): readonly Patient[] {
  return servers.filter((each) => each.machine === machine).map(({ patient }) => patient);
}
