import type { Disk } from "#disk/disk.ts";
import type { Factors } from "#disk/fates.ts";
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
  /** What is left to do; the last goes first. */
  readonly open: Branch[];
  /** Some recovery looks at more than can be told apart: what is left is not explored. */
  tooMany: boolean;
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
}

export function createExploration(
  system: System,
  disk: Disk,
  kind: "os" | "power",
  patients: readonly Patient[],
): Exploration {
  const ground = createGround(disk, kind);
  const open: Branch[] = [];
  const [first] = patients;
  if (first !== undefined) {
    const recovery = startRecovery(system, first);
    open.push({ disk: createSymbolicDisk(ground, kind), recovery, outcomes: [] });
  }
  return { system, ground, patients, open, tooMany: false };
}

export function rulesOf({ ground }: Exploration): Implications {
  return ground.implications;
}

/** Runs one recovery to its end (of several servers: one after the other). Null: nothing is left. */
export function nextLeaf(exploration: Exploration): Leaf | null {
  const { system, open, patients } = exploration;
  const branch = open.pop();
  if (branch === undefined) return null;
  for (;;) {
    if (!runOn(exploration, branch)) return null;
    const { outcome } = branch.recovery;
    if (outcome !== null) branch.outcomes.push(outcome);
    const next = patients[branch.outcomes.length];
    if (next === undefined) {
      const { factors, trusts } = branch.disk;
      return { outcomes: branch.outcomes, factors, trusts };
    }
    branch.recovery = startRecovery(system, next);
  }
}

/** Goes on to the end of this recovery; where answers differ, the others are left for later. False: too many do. */
function runOn(exploration: Exploration, branch: Branch): boolean {
  for (;;) {
    const step = nextDiskStep(branch.recovery);
    if (step === null) return true;
    const answers = answersTo(branch.disk, step);
    const [first, ...others] = answers ?? [];
    if (first === undefined) {
      exploration.tooMany = true;
      exploration.open.length = 0;
      return false;
    }
    for (const { disk, result } of others.reverse()) {
      const recovery = cloneRecovery(branch.recovery);
      answerStep(recovery, step, result);
      exploration.open.push({ disk, recovery, outcomes: [...branch.outcomes] });
    }
    branch.disk = first.disk;
    answerStep(branch.recovery, step, first.result);
  }
}

interface Answer {
  readonly disk: SymbolicDisk;
  readonly result: StepResult;
}

function answersTo(
  disk: SymbolicDisk,
  step: NonNullable<ReturnType<typeof nextDiskStep>>,
): readonly Answer[] | null {
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
