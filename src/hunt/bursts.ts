import { createDisk, type Disk } from "#disk/disk.ts";
import { perform } from "#disk/perform.ts";
import type { DiskOp, DiskSettings, OpResult } from "#disk/types.ts";
import type { Effect } from "#raft/protocol.ts";
import { type Patient, recoverOn } from "#sim/recovery.ts";
import type { ProcessMemory, StepResult, System } from "#system/contract.ts";
import { readStep } from "#system/read.ts";

/** A server alone on a disk, in the middle of writing: what sweeps are measured and tested on. */
export interface Burst {
  readonly system: System;
  readonly disk: Disk;
  readonly patients: readonly Patient[];
}

export function patientOf(system: System, server: string, peers: readonly string[] = []): Patient {
  const { options } = system;
  return { server, peers, directory: `${server}/`, now: 0, bugs: new Set(), options };
}

/**
 * Boots a server on an empty disk, lets it vote in term 1 and makes that durable; then hands these effects to its storage,
 * all of them before it is asked to keep them. What the design syncs of those is left out: the power fails before that.
 * `writeSize`: a write of more bytes than this is made as several.
 */
export function burstOf(
  system: System,
  server: string,
  settings: DiskSettings,
  effects: readonly Effect[],
  writeSize = Number.POSITIVE_INFINITY,
): Burst {
  const disk = createDisk(settings);
  const patient = patientOf(system, server);
  const memories: Record<string, ProcessMemory> = {};
  recoverOn(system, disk, patient, Number.POSITIVE_INFINITY, memories);
  const states = system.actors.map((actor) => actor.start());
  const keep = (given: readonly Effect[]): void => {
    for (const effect of given) {
      const index = system.actors.findIndex(({ id }) => id === system.route(effect)?.actor);
      system.actors[index]?.receive(states[index], { type: "effect", effect });
    }
    for (const [index, actor] of system.actors.entries()) {
      actor.receive(states[index], { type: "persist" });
      let last: StepResult = { type: "none" };
      for (;;) {
        const { now, directory, bugs, options } = patient;
        memories[actor.process] ??= {};
        const memory = memories[actor.process] as ProcessMemory;
        const context = { memory, last, now, directory, held: 0, bugs, options };
        const step = actor.next(states[index], context);
        if (step === null) break;
        last = { type: "none" };
        if (step.type === "read") last = readStep(disk, step);
        if (step.type !== "disk") continue;
        last = { type: "disk", result: unsynced(disk, step.op, writeSize) };
      }
    }
  };
  keep([{ type: "hard-state", term: 1, votedFor: server }]);
  for (const path of [...disk.names.keys()]) perform(disk, { type: "sync", file: path }, 0);
  perform(disk, { type: "sync-directory", directory: server }, 0);
  keep(effects);
  return { system, disk, patients: [patient] };
}

function unsynced(disk: Disk, op: DiskOp, writeSize: number): OpResult {
  if (op.type === "sync" || op.type === "data-sync" || op.type === "sync-directory") {
    return { ok: true, descriptor: -1 };
  }
  if (op.type !== "write" || op.bytes.length <= writeSize) return perform(disk, op, 0);
  const bytes = op.bytes.subarray(0, writeSize);
  perform(disk, { ...op, bytes }, 0);
  const offset = op.offset + writeSize;
  return unsynced(disk, { ...op, offset, bytes: op.bytes.subarray(writeSize) }, writeSize);
}

/** Entries 1 up to `count`, or after `from`, each an effect of its own, with commands of so many bytes. */
export function appends(count: number, size: number, from = 0): readonly Effect[] {
  return Array.from({ length: count }, (_, i) => {
    const index = from + i + 1;
    const command = new Uint8Array(size).fill(index & 255);
    return { type: "append", entries: [{ index, term: 1, command }] };
  });
}
