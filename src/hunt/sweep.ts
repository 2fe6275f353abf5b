import { ok, type Result, refused } from "#base/result.ts";
import { cloneDisk, type Disk } from "#disk/disk.ts";
import type { Policy } from "#disk/types.ts";
import type { Timeline } from "#sim/timeline.ts";
import { byBadness, weightiest } from "./blame.ts";
import { BOOT_FATES, severityOf } from "./classify.ts";
import { clusterOf } from "./cluster.ts";
import { differenceOf, type ToldDifference } from "./difference.ts";
import { rulesOf } from "./explore.ts";
import {
  advanceMachine,
  createMachineJob,
  type MachineJob,
  type OutcomeClass,
  witnessOf,
  wrongsOf,
} from "./machine-sweep.ts";
import { meaningOf } from "./meaning.ts";
import { type Scene, sceneAt, withDisk } from "./scene.ts";
import type {
  BootFate,
  FateCount,
  MachineSweep,
  Outcome,
  Sampler,
  SweepAsk,
  SweepReport,
} from "./types.ts";

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
  const { machine, patients, disk, states, drawn } = job;
  const classes = [...job.classes.values()];
  const yardstick = yardstickOf(classes);
  const told = classes.map((found) => {
    const difference = differenceFrom(job, found, yardstick);
    return { found, difference, outcome: outcomeOf(job, found, difference) };
  });
  return {
    machine,
    servers: patients.map(({ server }) => server),
    policy: disk.options.policy,
    pieces: rulesOf(job.exploration).pieces.length,
    states: { count: `${states?.count ?? 1n}`, exact: states?.exact ?? false },
    recoveries: job.recoveries,
    cap: job.isCapped
      ? {
          most: job.explored,
          samples: SAMPLERS.map((sampler) => ({ sampler, drawn: drawn.get(sampler) ?? 0 })),
        }
      : null,
    ...(job.trusts ? { trusts: TRUSTS } : {}),
    outcomes: told.map(({ outcome }) => outcome).sort(byVerdict),
    fates: BOOT_FATES.flatMap((fate) => {
      const own = told.filter(({ outcome }) => outcome.fate === fate);
      return own.length === 0 ? [] : [fateCount(job, fate, own)];
    }),
  };
}

/** What bad outcomes are held against: the good ones; where there is none, those of the mildest fate. */
interface Yardstick {
  readonly classes: readonly OutcomeClass[];
  /** What they are, in words. */
  readonly words: string;
  /** Null: they are good. */
  readonly fate: BootFate | null;
}

function yardstickOf(classes: readonly OutcomeClass[]): Yardstick {
  const fateIn = ({ judgement }: OutcomeClass) => judgement.fate.fate;
  const good = classes.filter((found) => found.wrongs.length === 0 && fateIn(found) === "boots");
  if (good.length > 0) return { classes: good, words: "a good state", fate: null };
  const mildest = BOOT_FATES.find((fate) => classes.some((found) => fateIn(found) === fate));
  const fate = mildest ?? "boots";
  return { classes: classes.filter((found) => fateIn(found) === fate), words: WORDS[fate], fate };
}

const WORDS: Readonly<Record<BootFate, string>> = {
  boots: "a state that boots",
  "boots-having-forgotten": "a state that boots having forgotten a term or a vote",
  "boots-having-lost": "a state that boots having lost entries",
  "boots-garbled": "a state that boots garbled",
  stuck: "a state that boots and is stuck",
  refuses: "a state that refuses to boot",
  "poisons-term": "a state that poisons the term",
};

function differenceFrom(
  { exploration, kind, scene }: MachineJob,
  found: OutcomeClass,
  { classes, words, fate }: Yardstick,
): ToldDifference | null {
  if (found.wrongs.length === 0 && found.judgement.fate.fate === "boots") return null;
  if (fate !== null && severityOf(found.judgement.fate.fate) <= severityOf(fate)) return null;
  const { ground } = exploration;
  const meaning = (piece: number) => meaningOf(scene.system, ground, piece);
  return differenceOf(ground, kind, found, classes, words, meaning);
}

function outcomeOf(
  job: MachineJob,
  found: OutcomeClass,
  difference: ToldDifference | null,
): Outcome {
  const { judgement, recoveries } = found;
  const wrongs = wrongsOf(job, found);
  const family = weightiest(wrongs.map((wrong) => wrong.family));
  return {
    id: judgement.id,
    text: judgement.text,
    servers: judgement.servers,
    good: family === null,
    family,
    ...judgement.fate,
    wrongs: wrongs.map(({ reason, ...wrong }) => wrong),
    recoveries,
    witness: difference?.witness ?? witnessOf(job, found),
    difference: difference?.text ?? null,
  };
}

interface Told {
  readonly found: OutcomeClass;
  readonly difference: ToldDifference | null;
  readonly outcome: Outcome;
}

function fateCount(job: MachineJob, fate: BootFate, told: readonly Told[]): FateCount {
  const counts = told.map(({ found }) => (job.isCapped ? null : found.states));
  const isKnown = !counts.includes(null);
  let least: FateCount["smallest"] = null;
  let pieces = Number.POSITIVE_INFINITY;
  for (const { outcome, difference } of told) {
    if (difference === null || difference.pieces >= pieces) continue;
    pieces = difference.pieces;
    least = { outcome: outcome.id, text: difference.text };
  }
  return {
    fate,
    outcomes: told.length,
    recoveries: told.reduce((sum, { found }) => sum + found.recoveries, 0),
    states: isKnown ? `${counts.reduce<bigint>((sum, each) => sum + (each ?? 0n), 0n)}` : null,
    smallest: least,
  };
}

function byVerdict(a: Outcome, b: Outcome): number {
  const worse = byBadness(a.family, b.family);
  if (worse !== 0) return worse;
  return b.recoveries - a.recoveries || (a.id < b.id ? -1 : 1);
}
