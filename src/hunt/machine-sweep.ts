import { assert } from "#base/assert.ts";
import { countStates, type StateCount } from "#disk/counting.ts";
import { crash } from "#disk/crash.ts";
import { cloneDisk, type Disk } from "#disk/disk.ts";
import { fatesIn, fateWith } from "#disk/fates.ts";
import { crashedTo, type Fate, KEPT, LOST, stateOf } from "#disk/ground.ts";
import { closureCoin, createUniformSampler, edgesFirst } from "#disk/sampling.ts";
import type { Outcome, Patient } from "#sim/recovery.ts";
import { firstDiffering, recoverAfter, recoverAll } from "./again.ts";
import { type Blamed, blamed, type Finding, weightiest } from "./blame.ts";
import { createTally, type StateTally, statesIn } from "./classify-states.ts";
import { createExploration, type Exploration, goOn, type Leaf, rulesOf } from "./explore.ts";
import { idOf, type Judgement, judge, resultText } from "./outcomes.ts";
import { patientsOn, type Scene } from "./scene.ts";
import type { Family, Sampler } from "./types.ts";

/** Every crash state of one machine, being tried. */
export interface MachineJob {
  readonly scene: Scene;
  readonly machine: string;
  readonly kind: "os" | "power";
  readonly most: number;
  readonly disk: Disk;
  readonly patients: readonly Patient[];
  readonly exploration: Exploration;
  /** Pieces of effects that a sync had called durable. */
  readonly sworn: readonly number[];
  /** Null until it has been counted. */
  states: StateCount | null;
  /** By id, in the order in which they were found. */
  readonly classes: Map<string, OutcomeClass>;
  recoveries: number;
  phase: "count" | "explore" | "sample" | "repeat" | "done";
  readonly samples: Iterator<Sample>;
  readonly drawn: Map<Sampler, number>;
  isCapped: boolean;
  /** Recoveries after which that was so; what else was recovered are samples. */
  explored: number;
  /** Checksums were taken to find every mixture of old and new sectors, where too many match by accident to try them. */
  trusts: boolean;
  readonly tally: StateTally;
  /** Classes that have been recovered twice. */
  repeated: number;
}

/** States with one outcome. */
export interface OutcomeClass {
  readonly judgement: Judgement;
  readonly recovered: readonly Outcome[];
  /** What is wrong with it, and with recovering from it twice. */
  readonly wrongs: Finding[];
  recoveries: number;
  /** States that lead here; null: they are not all known, or too many to count. */
  states: bigint | null;
  /** The first set in which nothing is lost that a sync had called durable; null: there is none. */
  honest: Fate | null;
  /** Some of the sets of states that lead here; all of them, unless there are more than `FATES_MOST`, or `Exploration.merges`. */
  readonly fates: Fate[];
}

interface Sample {
  readonly sampler: Sampler;
  readonly kept: Uint8Array;
}

const FATES_MOST = 300;
/** States that are drawn when not all can be tried, at most; half of them edges. */
const SAMPLES_MOST = 2_000;
/** Second recoveries for one outcome, at most; and outcomes that are recovered a second time. */
const REPEATS_MOST = 60;
const REPEATED_CLASSES_MOST = 100;

/** What exploring may cost (`Effort.spent`), beside so much for each recovery that is allowed: then the rest is sampled. */
const EFFORT_LEAST = 1_000_000_000;
const EFFORT_A_RECOVERY = 600_000;
/** The cost that counts for as much as a recovery, where callers say how far to go on. */
const EFFORT_A_TURN = 500_000;
/** So many pieces make a recovery of one state, on a disk of its own, take twice as long. */
const PIECES_A_TURN = 50;

export function createMachineJob(
  scene: Scene,
  machine: string,
  kind: "os" | "power",
  most: number,
): MachineJob {
  const disk = scene.disks.get(machine);
  assert(disk !== undefined, `the scene has the disk of ${machine}`);
  const patients = patientsOn(scene, machine);
  const effort = EFFORT_LEAST + most * EFFORT_A_RECOVERY;
  const exploration = createExploration(scene.system, disk, kind, patients, { effort });
  return {
    ...{ scene, machine, kind, most, disk, patients, exploration },
    sworn: exploration.sworn,
    states: null,
    classes: new Map(),
    recoveries: 0,
    phase: "count",
    samples: samplesOf(exploration, most, scene.step),
    drawn: new Map(),
    isCapped: false,
    explored: 0,
    trusts: false,
    tally: createTally(rulesOf(exploration)),
    repeated: 0,
  };
}

/** Goes on for about so many recoveries. True: it is done. */
export function advanceMachine(job: MachineJob, recoveries: number): boolean {
  for (let left = recoveries; left > 0; ) {
    switch (job.phase) {
      case "count":
        job.states = countStates(rulesOf(job.exploration));
        job.phase = "explore";
        left -= 1;
        break;
      case "explore":
        left -= exploreOne(job);
        break;
      case "sample":
        left -= sampleOne(job);
        break;
      case "repeat":
        left -= repeatOne(job);
        break;
      case "done":
        return true;
    }
  }
  return job.phase === "done";
}

/** Returns for how many recoveries it counts. */
function exploreOne(job: MachineJob): number {
  const { exploration, most } = job;
  const { open, ground } = exploration;
  const isStopped = job.recoveries >= most && open.length > 0;
  if (isStopped || open.length === 0) {
    job.trusts ||= exploration.trusts;
    job.isCapped = isStopped || exploration.tooMany;
    job.phase = job.isCapped ? "sample" : "repeat";
    job.explored = job.recoveries;
    // Of what was left out it is known where it leads, not how much of it there is.
    if (exploration.merges) for (const known of job.classes.values()) known.states = null;
    return 0;
  }
  const before = ground.effort.spent;
  const leaf = goOn(exploration);
  if (leaf !== null) add(job, leaf);
  return (leaf === null ? 0 : 1) + (ground.effort.spent - before) / EFFORT_A_TURN;
}

function sampleOne(job: MachineJob): number {
  const next = job.samples.next();
  if (next.done === true) {
    job.phase = "repeat";
    return 0;
  }
  const { sampler, kept } = next.value;
  const fate = kept.map((each) => (each === 1 ? KEPT : LOST));
  const { ground, system } = job.exploration;
  const outcomes = recoverAll(system, crashedTo(ground, kept), job.patients);
  // Some of them have been tried before: what a sample adds is no number.
  add(job, { outcomes, factors: [[fate]], trusts: false }).states = null;
  job.drawn.set(sampler, (job.drawn.get(sampler) ?? 0) + 1);
  return 1 + kept.length / PIECES_A_TURN;
}

function add(job: MachineJob, { outcomes, factors, trusts }: Leaf): OutcomeClass {
  job.recoveries++;
  const id = idOf(outcomes);
  let known = job.classes.get(id);
  if (known === undefined) {
    const judgement = judge(job.scene, job.machine, outcomes);
    known = {
      judgement,
      recovered: outcomes,
      wrongs: [...judgement.wrongs],
      recoveries: 0,
      states: 0n,
      honest: null,
      fates: [],
    };
    job.classes.set(id, known);
  }
  known.recoveries++;
  const isTold = known.states !== null && !job.exploration.merges;
  const states = isTold ? statesIn(job.tally, factors) : null;
  known.states = states === null ? null : (known.states ?? 0n) + states;
  known.honest ??= fateWith(factors, (fate) => job.sworn.every((piece) => fate[piece] !== LOST));
  known.fates.push(...fatesIn(factors, FATES_MOST - known.fates.length));
  job.trusts ||= trusts;
  return known;
}

/** What is wrong with it, and who answers for that, as far as it is known. */
export function wrongsOf({ scene, disk }: MachineJob, { wrongs, honest }: OutcomeClass): Blamed[] {
  return wrongs.map((wrong) => {
    return blamed(wrong, scene.troubles.get(wrong.server), disk, honest === null);
  });
}

export function familyOf(job: MachineJob, found: OutcomeClass): Family | null {
  return weightiest(wrongsOf(job, found).map(({ family }) => family));
}

/** Effects that one state leading there keeps: one that no lie has brought about, where there is one. */
export function witnessOf({ exploration, sworn }: MachineJob, found: OutcomeClass): number[] {
  const { honest, fates } = found;
  if (sworn.length > 0 && honest !== null) return stateOf(exploration.ground, honest, "most");
  const [fate] = fates;
  return fate === undefined ? [] : stateOf(exploration.ground, fate, "least");
}

/** The witness of an outcome is recovered for real, with the least and with the most that it may keep; then once more. */
function repeatOne(job: MachineJob): number {
  const found = [...job.classes.values()][job.repeated];
  if (found === undefined) {
    job.phase = "done";
    return 0;
  }
  if (job.repeated++ >= REPEATED_CLASSES_MOST) return 0;
  const { ground, system } = job.exploration;
  const { id } = found.judgement;
  const fate = found.fates[0] as Fate;
  for (const which of ["least", "most"] as const) {
    const effects = stateOf(ground, fate, which);
    const outcomes = recoverAfter(system, job.disk, job.kind, effects, job.patients);
    const isAlike = idOf(outcomes) === id || job.trusts;
    assert(isAlike, `states that recovery does not tell apart end alike (${id})`);
  }
  if ([...found.judgement.memories.values()].includes(null)) return 2;
  const crashed = cloneDisk(job.disk);
  crash(crashed, job.kind, { type: "chosen", effects: stateOf(ground, fate, "least") });
  const { kind, patients } = job;
  const differing = firstDiffering(system, crashed, kind, patients, id, REPEATS_MOST);
  if (differing !== null) {
    const server = patients[0]?.server ?? "";
    const other = resultText(job.scene, job.machine, differing.outcomes);
    const text = `A second crash during recovery, after step ${differing.steps} of it, leads to something else: ${other}.`;
    found.wrongs.push({ check: "C17", server, text, reason: "recovers otherwise a second time" });
  }
  return 4;
}

function* samplesOf(exploration: Exploration, most: number, seed: number): Generator<Sample> {
  const rules = rulesOf(exploration);
  const count = Math.min(most, SAMPLES_MOST);
  const edges = Math.ceil(count / 2);
  let drawn = 0;
  for (const kept of edgesFirst(rules)) {
    if (drawn++ === edges) break;
    yield { sampler: "edges-first", kept };
  }
  const rest = Math.floor(count / 4);
  const uniform = createUniformSampler(rules);
  for (let i = 0; i < rest; i++) yield { sampler: "uniform-state", kept: uniform(seed + i) };
  for (let i = 0; i < rest; i++)
    yield { sampler: "closure-coin", kept: closureCoin(rules, seed + i) };
}
