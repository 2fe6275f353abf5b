import { crash } from "#disk/crash.ts";
import { cloneDisk, type Disk, pendingCount } from "#disk/disk.ts";
import { perform } from "#disk/perform.ts";
import {
  answerStep,
  nextDiskStep,
  type Outcome,
  type Patient,
  recoverOn,
  startRecovery,
} from "#sim/recovery.ts";
import type { System } from "#system/contract.ts";
import { readStep } from "#system/read.ts";
import { createExploration, nextLeaf } from "./explore.ts";
import { idOf } from "./outcomes.ts";

/** What a crash that keeps these effects makes of a disk, and recovery of that: an outcome for each server. */
export function recoverAfter(
  system: System,
  disk: Disk,
  kind: "os" | "power",
  effects: readonly number[],
  patients: readonly Patient[],
): readonly Outcome[] {
  const crashed = cloneDisk(disk);
  crash(crashed, kind, { type: "chosen", effects });
  return recoverAll(system, crashed, patients);
}

/** An outcome for each server that recovers on this disk, one after the other. */
export function recoverAll(
  system: System,
  disk: Disk,
  patients: readonly Patient[],
): readonly Outcome[] {
  return patients.flatMap((patient) => recoverOn(system, disk, patient) ?? []);
}

/** Another state that a second crash leads to. */
export interface Differing {
  /** Micro-steps that needed the disk, of all servers of the machine, before the second crash. */
  readonly steps: number;
  readonly outcomes: readonly Outcome[];
}

/**
 * Is recovery the same when it is cut off and run again? After each call by which it changed something it crashes once
 * more, and every state of that is recovered; `most` recoveries, and what lies beyond is not looked at. Null: always the same.
 */
export function firstDiffering(
  system: System,
  disk: Disk,
  kind: "os" | "power",
  patients: readonly Patient[],
  expected: string,
  most: number,
): Differing | null {
  let left = most;
  let steps = 0;
  for (const patient of patients) {
    const recovery = startRecovery(system, patient);
    for (let step = nextDiskStep(recovery); step !== null; step = nextDiskStep(recovery)) {
      steps++;
      if (step.type === "read") {
        answerStep(recovery, step, readStep(disk, step));
        continue;
      }
      const result = perform(disk, step.op, disk.clock);
      answerStep(recovery, step, { type: "disk", result });
      if (pendingCount(disk) === 0) continue;
      const exploration = createExploration(system, disk, kind, patients);
      // Pieces by the hundred make every recovery a long one.
      left -= Math.floor(exploration.ground.implications.pieces.length / 10);
      for (let leaf = nextLeaf(exploration); leaf !== null; leaf = nextLeaf(exploration)) {
        if (idOf(leaf.outcomes) !== expected) return { steps, outcomes: leaf.outcomes };
        if (--left <= 0) return null;
      }
      if (exploration.tooMany || left <= 0) return null;
    }
  }
  return null;
}
