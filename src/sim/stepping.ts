import { assert } from "#base/assert.ts";
import { perform } from "#disk/perform.ts";
import type { DiskOp } from "#disk/types.ts";
import type { Micros, StateImage } from "#raft/types.ts";
import type { Actor, ProcessMemory, Step, StepResult } from "#system/contract.ts";
import { atRisk, readStep } from "#system/read.ts";
import { localTime } from "./clock.ts";
import { diskPlanOf } from "./disk-plan.ts";
import { type ActorSlot, machineOf, observe, type Process, type World } from "./world.ts";

// What the steps of an actor are made of, whether its server still lives or not.

export const NOTHING: StepResult = { type: "none" };
/** An actor that never comes to rest at one moment of virtual time is a defect of the system's model. */
export const STEPS_AT_ONE_TIME = 10_000_000;

/** What the actor does next, after what its last step gave. */
export function nextStep(
  world: World,
  process: Process,
  slot: ActorSlot,
  memory: ProcessMemory,
  application: (() => StateImage) | null,
): Step | null {
  const { clock, disk } = machineOf(world, process.machine);
  const { last } = slot;
  slot.last = NOTHING;
  return specOf(world, slot).next(slot.state, {
    memory,
    last,
    now: localTime(clock, world.now),
    directory: process.directory,
    ...(application === null ? {} : { application }),
    held: process.tickets,
    bugs: world.bugs,
    options: world.options,
    atRisk: atRisk(disk),
  });
}

/** How long a step takes on this machine. */
export function durationOf(world: World, { machine }: Process, step: Step): Micros {
  const disk = diskPlanOf(world.plan, machine);
  if (step.type === "work") return step.micros;
  if (step.type !== "disk") return 0;
  switch (step.op.type) {
    case "sync":
    case "data-sync":
    case "sync-directory":
      return disk.syncTime;
    case "write":
      return disk.writeTime;
    default:
      return 0;
  }
}

/** A call, and what it gives: `slot.last`. */
export function touchDisk(
  world: World,
  process: Process,
  slot: ActorSlot,
  step: Extract<Step, { readonly type: "disk" | "read" }>,
): void {
  const machine = machineOf(world, process.machine);
  const spec = specOf(world, slot);
  const { id: server } = process;
  const { id: actor } = spec;
  if (step.type === "read") {
    slot.last = readStep(machine.disk, step);
    if (slot.last.type !== "read" || slot.last.errno === null) return;
    const { errno } = slot.last;
    const { file: path, offset = 0 } = step;
    const where = { machine: machine.id, server, actor, path, offset };
    observe(world, { type: "read-error", ...where, errno });
    return;
  }
  const { op } = step;
  const opened = spec.outlives === true ? slot.opened : process.opened;
  const result = perform(machine.disk, op, world.now);
  slot.last = { type: "disk", result };
  const path = pathOf(opened, op);
  if (result.ok && op.type === "open") opened[result.descriptor] = path;
  if (op.type === "close") delete opened[op.descriptor];
  const errno = result.ok ? null : result.errno;
  observe(world, { type: "disk", machine: machine.id, server, actor, op, path, errno });
}

function pathOf(opened: Readonly<Record<number, string>>, op: DiskOp): string {
  switch (op.type) {
    case "rename":
      return op.from;
    case "sync-directory":
      return op.directory;
    case "close":
      return opened[op.descriptor] ?? "";
    default:
      return typeof op.file === "number" ? (opened[op.file] ?? "") : op.file;
  }
}

export function specOf(world: World, slot: ActorSlot): Actor {
  const spec = world.system.actors[slot.actor];
  assert(spec !== undefined, "an actor slot has its actor");
  return spec;
}

/** What the actors of a process share. */
export function memoryOf(process: Process, id: string): Record<string, unknown> {
  let memory = process.memories[id];
  if (memory === undefined) {
    memory = {};
    process.memories[id] = memory;
  }
  return memory;
}
