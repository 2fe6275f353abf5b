import { assert } from "#base/assert.ts";
import { perform } from "#disk/perform.ts";
import type { DiskOp } from "#disk/types.ts";
import { entriesFrom, firstIndex } from "#raft/log.ts";
import type { Recovered } from "#raft/protocol.ts";
import type { Actor, Note, Step, StepResult } from "#system/contract.ts";
import { atRisk, readStep } from "#system/read.ts";
import { localTime } from "./clock.ts";
import { passNotch } from "./cuts.ts";
import { diskPlanOf } from "./disk-plan.ts";
import { endProcess } from "./ending.ts";
import type { DiskPlan } from "./faults.ts";
import { receiveInput } from "./inbox.ts";
import { lookAtRecovery, promiseOf } from "./looks.ts";
import { openForBusiness, sendMessage } from "./network.ts";
import { push } from "./queue.ts";
import { meet } from "./seen.ts";
import { type ActorSlot, machineOf, observe, type Process, type World } from "./world.ts";

const NOTHING: StepResult = { type: "none" };
/** An actor that never comes to rest at one moment of virtual time is a defect of the system's model. */
const STEPS_AT_ONE_TIME = 10_000_000;

/** The actors of a process as it starts. */
export function startActors(world: World): ActorSlot[] {
  return world.system.actors.map((actor, index) => ({
    actor: index,
    state: actor.start(),
    last: NOTHING,
    running: null,
  }));
}

export function actorIndex(world: World, id: string): number {
  const index = world.system.actors.findIndex((actor) => actor.id === id);
  assert(index >= 0, `the system ${world.system.id} has no actor ${id}`);
  return index;
}

export function noteTo(world: World, process: Process, index: number, note: Note): void {
  const slot = process.actors[index];
  if (slot === undefined) return;
  specOf(world, slot).receive(slot.state, note);
  drive(world, process, index);
}

/** Lets an actor go on until it is idle or a step of it takes time. */
export function drive(world: World, process: Process, index: number): void {
  const slot = process.actors[index];
  if (slot === undefined || slot.running !== null) return;
  const spec = specOf(world, slot);
  const { epoch } = process;
  for (let turn = 0; turn < STEPS_AT_ONE_TIME; turn++) {
    const step = spec.next(slot.state, {
      memory: memoryOf(process, spec.process),
      last: slot.last,
      now: localTime(machineOf(world, process.machine).clock, world.now),
      directory: process.directory,
      held: process.tickets,
      bugs: world.bugs,
      options: world.options,
      atRisk: atRisk(machineOf(world, process.machine).disk),
    });
    slot.last = NOTHING;
    if (step === null) {
      if (process.waiting === index) process.waiting = null;
      return;
    }
    const duration = durationOf(diskPlanOf(world.plan, process.machine), step);
    if (duration > 0) {
      slot.running = step;
      push(world.queue, world.now + duration, world.cause, {
        type: "step-done",
        server: process.id,
        epoch,
        actor: index,
      });
      return;
    }
    takeStep(world, process, slot, step);
    if (process.epoch !== epoch) return;
  }
  assert(false, `the actor ${spec.id} of ${process.id} does not come to rest`);
}

export function finishStep(world: World, process: Process, slot: ActorSlot): void {
  const step = slot.running;
  slot.running = null;
  if (step !== null) takeStep(world, process, slot, step);
}

function durationOf(disk: DiskPlan, step: Step): number {
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

/** One micro-step: what it does to the disk, to the server, to held messages. */
function takeStep(world: World, process: Process, slot: ActorSlot, step: Step): void {
  if (!passNotch(world, process, { of: "actor", step })) return;
  const actor = specOf(world, slot).id;
  switch (step.type) {
    case "disk": {
      const machine = machineOf(world, process.machine);
      const result = perform(machine.disk, step.op, world.now);
      slot.last = { type: "disk", result };
      const path = pathOf(process, step.op);
      if (result.ok && step.op.type === "open") process.opened[result.descriptor] = path;
      if (step.op.type === "close") delete process.opened[step.op.descriptor];
      observe(world, {
        type: "disk",
        machine: machine.id,
        server: process.id,
        actor,
        op: step.op,
        path,
        errno: result.ok ? null : result.errno,
      });
      if (!result.ok) failed(world, process, slot, step, result.errno);
      return;
    }
    case "read": {
      const machine = machineOf(world, process.machine);
      slot.last = readStep(machine.disk, step);
      if (slot.last.type === "read" && slot.last.errno !== null) {
        const { errno } = slot.last;
        const { file: path, offset = 0 } = step;
        const server = process.id;
        observe(world, {
          type: "read-error",
          machine: machine.id,
          server,
          actor,
          path,
          offset,
          errno,
        });
      }
      return;
    }
    case "memory":
      observe(world, { type: "memory", server: process.id, actor, text: step.text });
      return;
    case "release":
      release(world, process, step.upTo);
      return;
    case "tell-server":
      receiveInput(world, process, step.input, world.cause);
      return;
    case "tell-actor":
      noteTo(world, process, actorIndex(world, step.actor), step.note);
      return;
    case "recovered":
      recovered(world, process, step.recovered);
      return;
    case "notice":
      observe(world, {
        type: "notice",
        server: process.id,
        severity: step.severity,
        text: step.text,
      });
      return;
    case "fail":
      fail(world, process, step.name, step.text);
  }
}

/** A call failed: what becomes of the process, or of the handler that waits for it, is the design's to say. */
function failed(
  world: World,
  process: Process,
  slot: ActorSlot,
  { op, onError }: Extract<Step, { type: "disk" }>,
  errno: string,
): void {
  const text = `${op.type} failed`;
  if (onError === "exit") fail(world, process, errno, text);
  if (onError !== "abort-handler" || process.waiting !== slot.actor) return;
  process.aborting = true;
  observe(world, { type: "handler-error", server: process.id, name: errno, text });
}

function pathOf(process: Process, op: DiskOp): string {
  switch (op.type) {
    case "rename":
      return op.from;
    case "sync-directory":
      return op.directory;
    case "close":
      return process.opened[op.descriptor] ?? "";
    default:
      return typeof op.file === "number" ? (process.opened[op.file] ?? "") : op.file;
  }
}

function release(world: World, process: Process, upTo: number): void {
  let count = 0;
  while ((process.held[count]?.ticket ?? Number.POSITIVE_INFINITY) <= upTo) count += 1;
  if (count === 0) return;
  const released = process.held.splice(0, count);
  observe(world, { type: "release", server: process.id, messages: count });
  const { cause } = world;
  for (const { message, cause: handedOut } of released) {
    world.cause = handedOut;
    sendMessage(world, message, promiseOf(world, process, message, true));
  }
  world.cause = cause;
}

function recovered(world: World, process: Process, found: Recovered): void {
  const server = world.system.protocol.create(
    {
      id: process.id,
      peers: [...world.servers.keys()].filter((id) => id !== process.id),
      incarnation: process.incarnation,
      bugs: world.bugs,
      options: world.options,
    },
    found,
  );
  process.server = server;
  process.status = "up";
  process.upSince = world.now;
  meet(process, server);
  lookAtRecovery(world, process);
  observe(world, {
    type: "recovered",
    server: process.id,
    incarnation: process.incarnation,
    currentTerm: server.currentTerm,
    votedFor: server.votedFor,
    commitIndex: server.commitIndex,
    lastApplied: server.lastApplied,
    baseIndex: server.log.baseIndex,
    baseTerm: server.log.baseTerm,
    entries: entriesFrom(server.log, firstIndex(server.log)),
  });
  process.inbox.push({ input: { type: "start" }, cause: world.cause });
  openForBusiness(world, process.id);
}

function fail(world: World, process: Process, name: string, text: string): void {
  observe(world, { type: "failed", server: process.id, name, text });
  endProcess(world, process, "failed", true);
}

function specOf(world: World, slot: ActorSlot): Actor {
  const spec = world.system.actors[slot.actor];
  assert(spec !== undefined, "an actor slot has its actor");
  return spec;
}

function memoryOf(process: Process, id: string): Record<string, unknown> {
  let memory = process.memories[id];
  if (memory === undefined) {
    memory = {};
    process.memories[id] = memory;
  }
  return memory;
}
