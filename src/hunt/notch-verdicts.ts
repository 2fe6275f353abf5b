import { ok, type Result, refused } from "#base/result.ts";
import { cloneDisk } from "#disk/disk.ts";
import { type Notch, notchesAt } from "#sim/notches.ts";
import { serversIn } from "#sim/recovery.ts";
import { advance } from "#sim/scheduler.ts";
import { type Timeline, worldAt } from "#sim/timeline.ts";
import { machineOf } from "#sim/world.ts";
import { isLossOf } from "./blame.ts";
import {
  advanceMachine,
  createMachineJob,
  familyOf,
  type MachineJob,
  type OutcomeClass,
  witnessOf,
  wrongsOf,
} from "./machine-sweep.ts";
import { createTeller, pastOf, type Scene, tellNext, writtenBy } from "./scene.ts";
import type { NotchReport } from "./types.ts";

/** The micro-steps of one step, each with what a crash right before it leads to, being tried. */
export interface NotchTrial {
  readonly kind: "os" | "power";
  readonly notches: readonly Notched[];
  /** By number of the notch; the same job where nothing has changed in between. */
  readonly jobs: MachineJob[];
}

interface Notched {
  readonly notch: Notch;
  readonly scene: Scene;
  /** Equal at two notches of a machine: a crash makes no difference between them. */
  readonly key: string;
}

/** Recoveries at one notch, at most. */
const MOST = 200;

/** Begins with the event that made this step. Refused: there is no such step. */
export function createNotchTrial(
  timeline: Timeline,
  step: number,
  kind: "os" | "power",
): Result<NotchTrial> {
  if (step < 1 || step > timeline.steps) return refused(`Nothing happens at step ${step}.`);
  return ok({ kind, notches: notchedAt(timeline, step), jobs: [] });
}

/** Goes on for about so many recoveries. True: every notch has been tried. */
export function advanceNotches(trial: NotchTrial, recoveries: number): boolean {
  const { notches, jobs, kind } = trial;
  const current = jobs.at(-1);
  if (current !== undefined && !advanceMachine(current, recoveries)) return false;
  const next = notches[jobs.length];
  if (next === undefined) return true;
  const same = notches.findIndex(
    ({ notch, key }) => notch.machine === next.notch.machine && key === next.key,
  );
  jobs.push(jobs[same] ?? createMachineJob(next.scene, next.notch.machine, kind, MOST));
  return false;
}

export function notchProgressOf({ notches, jobs }: NotchTrial): {
  readonly done: number;
  readonly of: number;
  readonly text: string;
} {
  const done = jobs.reduce((sum, { recoveries }) => sum + recoveries, 0);
  const text = `${Math.min(jobs.length, notches.length)} of ${notches.length} moments`;
  return { done, of: notches.length * MOST, text };
}

export function notchReportsOf({ notches, jobs }: NotchTrial): readonly NotchReport[] {
  return notches.flatMap(({ notch }, i) => {
    const job = jobs[i];
    return job === undefined ? [] : [reportOf(notch, job)];
  });
}

function reportOf(notch: Notch, job: MachineJob): NotchReport {
  const classes = [...job.classes.values()];
  // A disk that is damaged already is no reason to call this moment unsafe.
  const bad = classes.filter((found) => isLossOf(familyOf(job, found)));
  const worst = bad.reduce<OutcomeClass | undefined>(
    (one, other) => (one === undefined || other.wrongs.length > one.wrongs.length ? other : one),
    undefined,
  );
  const shown = worst ?? classes[0];
  return {
    ...notch,
    verdict: worst === undefined ? "safe" : "unsafe",
    outcomes: classes.length,
    bad: bad.length,
    wrongs: worst === undefined ? [] : wrongsOf(job, worst).map(({ reason, ...wrong }) => wrong),
    witness: shown === undefined ? [] : witnessOf(job, shown),
  };
}

/** Executes the step again, and takes down at each of its notches what a crash would meet. */
function notchedAt(timeline: Timeline, step: number): readonly Notched[] {
  const notches = notchesAt(timeline, step);
  const [first] = notches;
  if (first === undefined) return [];
  const world = worldAt(timeline, step - 1);
  const teller = createTeller(timeline);
  const written = writtenBy(timeline.observations, step);
  const notched: Notched[] = [];
  world.watcher = ({ machine: id }) => {
    const { time, order } = world.place;
    if (world.step !== step || time !== first.time || order !== first.order) return;
    const notch = notches[notched.length];
    if (notch === undefined) return;
    while (teller.observations < world.observations && tellNext(teller));
    const { disk } = machineOf(world, id);
    const servers = serversIn(world);
    const scene: Scene = {
      step,
      system: timeline.system,
      servers,
      disks: new Map([[id, cloneDisk(disk)]]),
      ...pastOf(teller),
      written,
      settled: [],
    };
    const kept = servers.map(
      ({ memory }) => memory && [memory.currentTerm, memory.votedFor, memory.log.length],
    );
    const { liveVersion, durableVersion, nextSequence } = disk;
    const key = JSON.stringify([
      ...[liveVersion, durableVersion, nextSequence],
      ...[[...scene.promises], [...scene.troubles], kept],
    ]);
    notched.push({ notch, scene, key });
  };
  while (world.step < step && advance(world));
  return notched;
}
