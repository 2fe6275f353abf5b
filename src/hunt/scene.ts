import { type Blame, blameFor } from "#audit/disks.ts";
import {
  createGhost,
  fold,
  type Ghost,
  isRobbed,
  mirrorOf,
  diskOf as recordOf,
} from "#audit/ghost.ts";
import type { Promised } from "#audit/promises.ts";
import type { Disk } from "#disk/disk.ts";
import type { Entry, Index, ServerId, Term } from "#raft/types.ts";
import { judgedServers } from "#sim/looks.ts";
import type { Observation } from "#sim/observation.ts";
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
  /** By server, where something is to be said. */
  readonly troubles: ReadonlyMap<ServerId, Trouble>;
  /** By server; one that is not there has never been up. */
  readonly written: ReadonlyMap<ServerId, Written>;
  /** Entries that must not get lost, in order of index. */
  readonly settled: readonly SettledEntry[];
  /** The highest term that any server has been in, or has had an entry of. Left out: not known. */
  readonly highestTerm?: Term;
}

/** What a server's past says of what it has forgotten, or will have forgotten at its next boot. */
export interface Trouble {
  /** Who would answer for it if no more were lost. */
  readonly blame: Blame;
  /** In this life it has spoken before what it promised was durable. */
  readonly careless: boolean;
  /** Something other than the server has taken from its disk what it had kept there. */
  readonly robbed: boolean;
}

/** Every entry that a server's log has held in memory, by index. */
export type Written = ReadonlyMap<Index, readonly Entry[]>;

/** An entry that a client was told is kept, or that a leader counted as committed in its own term. */
export interface SettledEntry {
  readonly index: number;
  readonly term: number;
  readonly acknowledged: boolean;
}

/** The run right after a step. */
export function sceneAt(timeline: Timeline, step: number): Scene {
  const machines = timeline.plan.machines.map(({ id }) => id);
  const teller = createTeller(timeline);
  const settled = new Map<string, SettledEntry>();
  const logs = new LeaderLogs();
  for (const observation of timeline.observations) {
    if (observation.step > step) break;
    tellNext(teller);
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
    ...pastOf(teller),
    written: writtenBy(timeline.observations, step),
    highestTerm: highestTermBy(timeline.observations, step),
    settled: [...settled.values()].sort((a, b) => a.index - b.index || a.term - b.term),
  };
}

/** An auditor's memory of a run, an observation after the other. */
export interface Teller {
  readonly timeline: Timeline;
  readonly ghost: Ghost;
  observations: number;
  looks: number;
}

export function createTeller(timeline: Timeline): Teller {
  return {
    timeline,
    ghost: createGhost(judgedServers(timeline.plan)),
    observations: 0,
    looks: 0,
  };
}

/** False: the run has no more. */
export function tellNext(teller: Teller): boolean {
  const { timeline, ghost } = teller;
  const observation = timeline.observations[teller.observations];
  if (observation === undefined) return false;
  const look = timeline.looks[teller.looks];
  const isLookedAt = look?.sequence === teller.observations;
  fold(ghost, observation, isLookedAt ? look : null);
  teller.observations += 1;
  if (isLookedAt) teller.looks += 1;
  return true;
}

/** What the servers had promised so far, and what their disks' past says of that. */
export function pastOf({ ghost }: Teller): Pick<Scene, "promises" | "troubles"> {
  const troubles = new Map<ServerId, Trouble>();
  for (const server of ghost.servers.keys()) {
    const { bornWith, careless, machine } = mirrorOf(ghost, server);
    const blame = blameFor(recordOf(ghost, machine), bornWith, careless);
    const robbed = isRobbed(ghost, server);
    if (blame !== "own" || careless || robbed) troubles.set(server, { blame, careless, robbed });
  }
  return { promises: new Map(ghost.promises), troubles };
}

/** Up to the end of this step: what a server holds in memory it may write at once, before that is seen. */
export function writtenBy(
  observations: readonly Observation[],
  step: number,
): ReadonlyMap<ServerId, Written> {
  const written = new Map<ServerId, Map<Index, Entry[]>>();
  for (const observation of observations) {
    if (observation.step > step) break;
    if (observation.type !== "append" && observation.type !== "recovered") continue;
    const { server, entries } = observation;
    const logged = written.get(server) ?? new Map<Index, Entry[]>();
    written.set(server, logged);
    for (const entry of entries) {
      const known = logged.get(entry.index);
      if (known === undefined) logged.set(entry.index, [entry]);
      else if (known.at(-1) !== entry) known.push(entry);
    }
  }
  return written;
}

function highestTermBy(observations: readonly Observation[], step: number): Term {
  let highest = 0;
  for (const observation of observations) {
    if (observation.step > step) break;
    for (const term of termsIn(observation)) highest = Math.max(highest, term);
  }
  return highest;
}

function termsIn(observation: Observation): readonly Term[] {
  switch (observation.type) {
    case "term":
      return [observation.to];
    case "recovered":
      return [observation.currentTerm, ...observation.entries.map(({ term }) => term)];
    case "append":
    case "rebase":
      return observation.entries.map(({ term }) => term);
    default:
      return [];
  }
}

/** The same scene with another disk in a machine. */
export function withDisk(scene: Scene, machine: string, disk: Disk): Scene {
  return { ...scene, disks: new Map(scene.disks).set(machine, disk) };
}

export function patientsOn({ servers }: Scene, machine: string): readonly Patient[] {
  return servers.filter((each) => each.machine === machine).map(({ patient }) => patient);
}
