import { digestOfPlain } from "#base/digest.ts";
import type { Disk } from "#disk/disk.ts";
import { type Factors, isWithin } from "#disk/fates.ts";
import { createGround, type Ground } from "#disk/ground.ts";
import type { Implications } from "#disk/pieces.ts";
import {
  createSymbolicDisk,
  performSymbolic,
  readSymbolic,
  type SymbolicDisk,
} from "#disk/symbolic.ts";
import {
  answerStep,
  cloneRecovery,
  nextDiskStep,
  type Outcome,
  type Patient,
  type Recovery,
  startRecovery,
} from "#sim/recovery.ts";
import type { StepResult, System } from "#system/contract.ts";

/** All that recoveries make of a disk that crashes now, one leaf after the other, in an order that is always the same. */
export interface Exploration {
  readonly system: System;
  readonly ground: Ground;
  readonly patients: readonly Patient[];
  readonly bounds: Bounds;
  /** Pieces of effects that a sync had called durable: by these, states are told apart in any case. */
  readonly sworn: readonly number[];
  /** What is left to do; the last goes first. */
  readonly open: Branch[];
  /** By what a recovery knows: where one has been that knew it, once all that comes of that has been found. */
  readonly done: Map<string, Junction[]>;
  leaves: number;
  /** Some recovery looks at more than can be told apart, or all is too much work: what comes of that is not explored. */
  tooMany: boolean;
  /** Some branches were left out, since every outcome of them had been found: leaves do not have all states together. */
  merges: boolean;
  /** Of the branches left out one trusts a checksum (`Leaf.trusts`). */
  trusts: boolean;
}

export interface Bounds {
  /** What all questions may cost together (`Effort.spent`). */
  readonly effort: number;
  /** From so many leaves on, what has been explored before is not explored again. */
  readonly patience: number;
}

/** States that recovery cannot tell apart, and what it makes of them: an outcome for each server of the machine. */
export interface Leaf {
  readonly outcomes: readonly Outcome[];
  readonly factors: Factors;
  /** States of which a checksum would match by accident were taken for such as recovery calls damaged. */
  readonly trusts: boolean;
}

interface Branch {
  disk: SymbolicDisk;
  recovery: Recovery;
  readonly outcomes: Outcome[];
  junction: Junction;
  /** It has just been split off, and may be where another has been. */
  isNew: boolean;
}

/** Where a recovery has been: what it knew, in which states, and by what these were told apart from there on. */
interface Junction {
  /** Null: nothing can be compared with it. */
  key: string | null;
  readonly factors: Factors;
  readonly parent: Junction | null;
  /** By piece, 1: some question depended on it. */
  readonly asked: Uint8Array;
  /** Branches that have not come to their end. */
  open: number;
}

const BOUNDS: Bounds = { effort: 10_000_000_000, patience: 1000 };

export function createExploration(
  system: System,
  disk: Disk,
  kind: "os" | "power",
  patients: readonly Patient[],
  bounds: Partial<Bounds> = {},
): Exploration {
  const ground = createGround(disk, kind);
  const exploration: Exploration = {
    ...{ system, ground, patients, bounds: { ...BOUNDS, ...bounds }, sworn: swornPieces(ground) },
    ...{ open: [], done: new Map(), leaves: 0, tooMany: false, merges: false, trusts: false },
  };
  const [first] = patients;
  if (first !== undefined) {
    const symbolic = createSymbolicDisk(ground, kind);
    exploration.open.push({
      disk: symbolic,
      recovery: startRecovery(system, first),
      outcomes: [],
      junction: junctionOf(exploration, null, symbolic.factors, null),
      isNew: false,
    });
  }
  return exploration;
}

function swornPieces({ disk: { forsworn }, implications }: Ground): readonly number[] {
  if (forsworn.size === 0) return [];
  return implications.pieces.flatMap(({ kind, parts }, i) => {
    const isSworn = parts.some(({ effect }) => forsworn.has(effect.sequence));
    return isSworn && kind !== "garble" ? [i] : [];
  });
}

export function rulesOf({ ground }: Exploration): Implications {
  return ground.implications;
}

/** Runs one recovery to its end (of several servers: one after the other). Null: nothing is left. */
export function nextLeaf(exploration: Exploration): Leaf | null {
  while (exploration.open.length > 0) {
    const leaf = goOn(exploration);
    if (leaf !== null) return leaf;
  }
  return null;
}

/** Answers one question of a recovery. The leaf when that one has ended by it; null: nothing is to be told. */
export function goOn(exploration: Exploration): Leaf | null {
  const { open, ground, bounds } = exploration;
  const branch = open.pop();
  if (branch === undefined) return null;
  if (ground.effort.spent > bounds.effort) {
    giveUp(exploration, branch.junction);
    open.length = 0;
    return null;
  }
  ground.effort.spent += STEP_COST;
  const step = nextDiskStep(branch.recovery);
  if (step === null) return ended(exploration, branch);
  if (branch.isNew && exploration.leaves >= bounds.patience) {
    branch.isNew = false;
    if (!enter(exploration, branch, step)) return null;
  }
  answer(exploration, branch, step);
  return null;
}

function ended(exploration: Exploration, branch: Branch): Leaf | null {
  const { system, open, patients } = exploration;
  const { outcome } = branch.recovery;
  if (outcome !== null) branch.outcomes.push(outcome);
  const next = patients[branch.outcomes.length];
  if (next !== undefined) {
    branch.recovery = startRecovery(system, next);
    open.push(branch);
    return null;
  }
  exploration.leaves++;
  leave(exploration, branch.junction);
  const { factors, trusts } = branch.disk;
  return { outcomes: branch.outcomes, factors, trusts };
}

type Question = NonNullable<ReturnType<typeof nextDiskStep>>;

/** Where answers differ, the first is followed and the others are left for later. */
function answer(exploration: Exploration, branch: Branch, step: Question): void {
  const { open, ground } = exploration;
  const { junction } = branch;
  const isWatched = junction.key !== null || junction.parent !== null;
  ground.effort.asked = isWatched ? (pieces) => mark(junction, pieces) : null;
  const answers = answersTo(branch.disk, step);
  const [first, ...others] = answers ?? [];
  if (first === undefined) {
    giveUp(exploration, junction);
    return;
  }
  const isNew = others.length > 0;
  for (const { disk, result } of others.reverse()) {
    const recovery = cloneRecovery(branch.recovery);
    answerStep(recovery, step, result);
    open.push({ disk, recovery, outcomes: [...branch.outcomes], junction, isNew });
  }
  junction.open += others.length;
  branch.disk = first.disk;
  branch.isNew ||= isNew;
  answerStep(branch.recovery, step, first.result);
  open.push(branch);
}

function mark({ asked }: Junction, pieces: readonly number[]): void {
  for (const piece of pieces) asked[piece] = 1;
}

/** What comes of this branch, and of all that it came from, is not known. */
function giveUp(exploration: Exploration, junction: Junction): void {
  exploration.tooMany = true;
  for (let at: Junction | null = junction; at !== null; at = at.parent) at.key = null;
  leave(exploration, junction);
}

/**
 * Is what comes of this branch still to be found? Not when a recovery that knew the same has been followed to all its ends,
 * from states of which some were like each of these wherever anybody looked since.
 */
function enter(exploration: Exploration, branch: Branch, step: Question): boolean {
  const { done, ground } = exploration;
  const key = keyOf(branch, step);
  ground.effort.spent += ENTER_COST;
  const { factors } = branch.disk;
  const known = done.get(key ?? "")?.find((other) => {
    const pieces: number[] = [];
    for (let i = 0; i < other.asked.length; i++) if (other.asked[i] === 1) pieces.push(i);
    ground.effort.spent += ENTER_COST;
    return isWithin(factors, other.factors, pieces, ground.undecided);
  });
  if (known === undefined) {
    branch.junction = junctionOf(exploration, key, factors, branch.junction);
    return true;
  }
  addAsked(branch.junction, known);
  exploration.merges = true;
  exploration.trusts ||= branch.disk.trusts;
  leave(exploration, branch.junction);
  return false;
}

/** What looking at a junction costs, and a step of a recovery; about nanoseconds. */
const ENTER_COST = 50_000;
const STEP_COST = 5_000;

function junctionOf(
  { ground, sworn }: Exploration,
  key: string | null,
  factors: Factors,
  parent: Junction | null,
): Junction {
  const asked = new Uint8Array(ground.undecided.length);
  for (const piece of sworn) asked[piece] = 1;
  return { key, factors, parent, asked, open: 1 };
}

/** One branch of it has come to its end. */
function leave({ done }: Exploration, junction: Junction): void {
  for (let at: Junction | null = junction; at !== null && --at.open === 0; at = at.parent) {
    const { key, parent } = at;
    if (parent !== null) addAsked(parent, at);
    if (key === null) continue;
    const known = done.get(key);
    if (known === undefined) done.set(key, [at]);
    else known.push(at);
  }
}

function addAsked({ asked }: Junction, other: Junction): void {
  for (let i = 0; i < asked.length; i++) if (other.asked[i] === 1) asked[i] = 1;
}

/** All that decides, beside the states of the disk, how this recovery goes on. Null: it is nothing that can be compared. */
function keyOf({ disk, recovery, outcomes }: Branch, step: Question): string | null {
  const { actors, lasts, memories, calls, recovered } = recovery;
  const { done, resolved, skeleton, real } = disk;
  if (real !== null) return null;
  const known = [
    [outcomes, actors.map(({ state }) => state), lasts, memories, calls, recovered],
    [step.type, done, [...resolved].sort(), [...skeleton.names].sort(), [...skeleton.descriptors]],
  ];
  return isPlain(known) ? digestOfPlain(known) : null;
}

function isPlain(value: unknown): boolean {
  if (typeof value === "number") return Number.isInteger(value);
  if (typeof value !== "object") return typeof value === "string" || typeof value === "boolean";
  if (value === null || value instanceof Uint8Array) return true;
  if (Array.isArray(value)) return value.every(isPlain);
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isPlain);
}

interface Answer {
  readonly disk: SymbolicDisk;
  readonly result: StepResult;
}

function answersTo(disk: SymbolicDisk, step: Question): readonly Answer[] | null {
  if (step.type === "disk") {
    const branches = performSymbolic(disk, step.op);
    return (
      branches?.map((branch) => ({
        disk: branch.disk,
        result: { type: "disk", result: branch.answer },
      })) ?? null
    );
  }
  const { file, offset = 0, length = Number.MAX_SAFE_INTEGER, as = null, seal = null } = step;
  const branches = readSymbolic(disk, file, offset, length, as, seal);
  return (
    branches?.map((branch) => ({
      disk: branch.disk,
      result: { type: "read", ...branch.answer },
    })) ?? null
  );
}
