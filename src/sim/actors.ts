import { assert } from "#base/assert.ts";
import { entriesFrom, firstIndex } from "#raft/log.ts";
import type { Recovered } from "#raft/protocol.ts";
import type { StateImage } from "#raft/types.ts";
import type { Note, Step } from "#system/contract.ts";
import { applicationDigest, applicationFrom, imageOf } from "./application.ts";
import { passNotch } from "./cuts.ts";
import { endProcess } from "./ending.ts";
import { receiveInput } from "./inbox.ts";
import { lookAtRecovery, promiseOf } from "./looks.ts";
import { openForBusiness, sendMessage } from "./network.ts";
import { push } from "./queue.ts";
import { meet } from "./seen.ts";
import {
  durationOf,
  memoryOf,
  NOTHING,
  nextStep,
  STEPS_AT_ONE_TIME,
  specOf,
  touchDisk,
} from "./stepping.ts";
import { type ActorSlot, observe, type Process, peersOf, type World } from "./world.ts";

/** The actors of a process as it starts. */
export function startActors(world: World): ActorSlot[] {
  return world.system.actors.map((actor, index) => ({
    actor: index,
    state: actor.start(),
    last: NOTHING,
    running: null,
    due: 0,
    opened: {},
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
    const memory = memoryOf(process, spec.process);
    const step = nextStep(world, process, slot, memory, () => imageOf(process.application));
    if (step === null) {
      if (process.waiting === index) process.waiting = null;
      return;
    }
    const duration = durationOf(world, process, step);
    if (duration > 0) {
      slot.running = step;
      slot.due = world.now + duration;
      push(world.queue, slot.due, world.cause, {
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

/** One micro-step: what it does to the disk, to the server, to held messages. */
function takeStep(world: World, process: Process, slot: ActorSlot, step: Step): void {
  const spec = specOf(world, slot);
  if (spec.outlives === true) {
    // If power does not fail but the parent dies at this very notch, the child takes the step all the same.
    slot.running = step;
    slot.due = world.now;
  }
  if (!passNotch(world, process, { of: "actor", step })) return;
  if (spec.outlives === true) slot.running = null;
  const actor = spec.id;
  switch (step.type) {
    case "disk":
    case "read":
      touchDisk(world, process, slot, step);
      if (step.type === "disk" && slot.last.type === "disk" && !slot.last.result.ok) {
        failed(world, process, slot, step, slot.last.result.errno);
      }
      return;
    case "work":
      return;
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
      peers: peersOf(world, process.id),
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
  if (found.state !== undefined) restoreState(world, process, found.state);
  process.inbox.push({ input: { type: "start" }, cause: world.cause });
  openForBusiness(world, process.id);
}

/** The state machine of a process is from now on what a snapshot says. */
export function restoreState(world: World, process: Process, image: StateImage): void {
  process.application = applicationFrom(image);
  const { lastApplied, values } = image;
  const state = applicationDigest(process.application);
  observe(world, { type: "restored", server: process.id, lastApplied, values, state });
}

function fail(world: World, process: Process, name: string, text: string): void {
  observe(world, { type: "failed", server: process.id, name, text });
  endProcess(world, process, "failed", true);
}
