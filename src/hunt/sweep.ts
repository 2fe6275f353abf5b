import { ok, type Result, refused } from "#base/result.ts";
import { cloneDisk, type Disk } from "#disk/disk.ts";
import type { Policy } from "#disk/types.ts";
import type { Timeline } from "#sim/timeline.ts";
import { byBadness, weightiest } from "./blame.ts";
import { clusterOf } from "./cluster.ts";
import { differenceOf } from "./difference.ts";
import { rulesOf } from "./explore.ts";
import {
  advanceMachine,
  createMachineJob,
  type MachineJob,
  type OutcomeClass,
  witnessOf,
  wrongsOf,
} from "./machine-sweep.ts";
import { type Scene, sceneAt, withDisk } from "./scene.ts";
import type { MachineSweep, Outcome, Sampler, SweepAsk, SweepReport } from "./types.ts";

/** Crash states being tried, machine by machine. Advanced in slices, given up by forgetting it. */
export interface Sweep {
  readonly scene: Scene;
  readonly ask: SweepAsk;
  readonly jobs: readonly MachineJob[];
}

const SAMPLERS: readonly Sampler[] = ["edges-first", "uniform-state", "closure-coin"];

/** Begins to try every state that these machines' crash right after a step may leave. Refused: with the reason. */
export function createSweep(timeline: Timeline, step: number, ask: SweepAsk): Result<Sweep> {
  const known = timeline.plan.machines.map(({ id }) => id);
  const unknown = ask.machines.find((machine) => !known.includes(machine));
  if (unknown !== undefined) return refused(`There is no machine ${JSON.stringify(unknown)}.`);
  if (ask.machines.length === 0) return refused("No machine is named that crashes.");
  if (new Set(ask.machines).size < ask.machines.length) return refused("A machine is named twice.");
  if (!Number.isSafeInteger(ask.most) || ask.most < 1) {
    return refused("At least one recovery must be allowed.");
  }
  return ok(sweepScene(sceneAt(timeline, step), ask));
}

export function sweepScene(scene: Scene, ask: SweepAsk): Sweep {
  let prepared = scene;
  for (const machine of ask.machines) {
    const disk = scene.disks.get(machine);
    if (ask.policy === null || disk === undefined) continue;
    prepared = withDisk(prepared, machine, underPolicy(disk, ask.policy));
  }
  const jobs = ask.machines.map((machine) =>
    createMachineJob(prepared, machine, ask.kind, ask.most),
  );
  return { scene: prepared, ask, jobs };
}

/** What is pending stays pending, and is read by other rules. */
export function underPolicy(disk: Disk, policy: Policy): Disk {
  return { ...cloneDisk(disk), options: { ...disk.options, policy } };
}

/** Goes on for about so many recoveries. True: all is tried. */
export function advanceSweep({ jobs }: Sweep, recoveries: number): boolean {
  const next = jobs.find(({ phase }) => phase !== "done");
  if (next === undefined) return true;
  advanceMachine(next, recoveries);
  return jobs.every(({ phase }) => phase === "done");
}

/** Recoveries so far and at most, and what is being tried, in words. */
export function progressOf({ jobs, ask }: Sweep): {
  readonly done: number;
  readonly of: number;
  readonly text: string;
} {
  const done = jobs.reduce((sum, { recoveries }) => sum + recoveries, 0);
  const current = jobs.find(({ phase }) => phase !== "done");
  const { machine, classes, phase } = current ?? jobs[jobs.length - 1] ?? EMPTY;
  const what = phase === "repeat" ? "recovering a second time" : `${classes.size} outcomes so far`;
  return { done, of: ask.most * jobs.length, text: `${machine}: ${what}` };
}

const EMPTY = { machine: "", classes: new Map(), phase: "done" };

/** What has been found; of a sweep that is not done: so far. */
export function reportOf({ scene, ask, jobs }: Sweep): SweepReport {
  const machines = jobs.map(machineReport);
  return {
    ask,
    step: scene.step,
    machines,
    cluster: jobs.length > 1 ? clusterOf(scene, jobs) : null,
  };
}

const TRUSTS =
  "Of the damaged versions of a large record about one in 4,294,967,296 matches its checksum of 32 bits by accident; they are taken for damaged like the others.";

function machineReport(job: MachineJob): MachineSweep {
  const { machine, patients, disk, states, most, drawn } = job;
  const classes = [...job.classes.values()];
  const good = classes.filter(({ wrongs }) => wrongs.length === 0);
  const outcomes = classes.map((found) => outcomeOf(job, found, good));
  return {
    machine,
    servers: patients.map(({ server }) => server),
    policy: disk.options.policy,
    pieces: rulesOf(job.exploration).pieces.length,
    states: { count: `${states?.count ?? 1n}`, exact: states?.exact ?? false },
    recoveries: job.recoveries,
    cap: job.isCapped
      ? { most, samples: SAMPLERS.map((sampler) => ({ sampler, drawn: drawn.get(sampler) ?? 0 })) }
      : null,
    ...(job.trusts ? { trusts: TRUSTS } : {}),
    outcomes: outcomes.sort(byVerdict),
  };
}

function outcomeOf(job: MachineJob, found: OutcomeClass, good: readonly OutcomeClass[]): Outcome {
  const { judgement, recoveries } = found;
  const { ground } = job.exploration;
  const wrongs = wrongsOf(job, found);
  const family = weightiest(wrongs.map((wrong) => wrong.family));
  const difference = family === null ? null : differenceOf(ground, job.kind, found, good);
  return {
    id: judgement.id,
    text: judgement.text,
    servers: judgement.servers,
    good: family === null,
    family,
    wrongs: wrongs.map(({ reason, ...wrong }) => wrong),
    recoveries,
    witness: difference?.witness ?? witnessOf(job, found),
    difference: difference?.text ?? null,
  };
}

function byVerdict(a: Outcome, b: Outcome): number {
  const worse = byBadness(a.family, b.family);
  if (worse !== 0) return worse;
  return b.recoveries - a.recoveries || (a.id < b.id ? -1 : 1);
}
