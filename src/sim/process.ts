import { assert } from "#base/assert.ts";
import { readFile } from "#disk/disk.ts";
import { perform } from "#disk/perform.ts";
import type { DiskOp } from "#disk/types.ts";
import { cloneLog, entriesFrom, firstIndex, lastIndex } from "#raft/log.ts";
import type { Effect, Input, Recovered, StepContext } from "#raft/protocol.ts";
import type { Entry, ServerMemory } from "#raft/types.ts";
import type { Actor, Note, Step, StepResult } from "#system/contract.ts";
import { applicationDigest, applyEntry } from "./application.ts";
import { localTime, virtualTime } from "./clock.ts";
import { receiveInput } from "./inbox.ts";
import { durabilityOf } from "./inspection.ts";
import { abandon, openForBusiness, sendMessage } from "./network.ts";
import type { Happening } from "./observation.ts";
import { push } from "./queue.ts";
import { choose } from "./tape.ts";
import {
  type ActorSlot,
  machineOf,
  observe,
  type Process,
  processOf,
  resetProcess,
  type World,
} from "./world.ts";

const NOTHING: StepResult = { type: "none" };
const NO_ENTRIES: readonly Entry[] = [];
/** A loop that never comes to rest at one moment of virtual time is a defect of the system's model. */
const TURNS_AT_ONE_TIME = 100_000;

/** Starts a server's process: its actors first, of which recovery makes the server. */
export function startProcess(world: World, process: Process): void {
  if (process.status === "up" || process.status === "recovering") return;
  resetProcess(process, "recovering");
  process.incarnation += 1;
  process.actors = world.system.actors.map((actor, index) => ({
    actor: index,
    state: actor.start(),
    last: NOTHING,
    running: null,
  }));
  const recovery = actorIndex(world, world.system.recovery);
  process.waiting = recovery;
  noteTo(world, process, recovery, { type: "recover" });
  world.ready.push(process);
}

/** A graceful stop: storage may leave the files as this system leaves them, then the process ends. */
export function stopProcess(world: World, process: Process): void {
  if (process.status === "down" || process.status === "failed") return;
  if (process.status === "up") {
    for (const [index, slot] of process.actors.entries()) {
      // The loop has ended: what a step would have waited for is done at once, in its order.
      if (slot.running !== null) finishStep(world, process, slot);
      noteTo(world, process, index, { type: "stop" });
      while (slot.running !== null && isAlive(process)) {
        finishStep(world, process, slot);
        drive(world, process, index);
      }
    }
  }
  observe(world, { type: "stop", server: process.id });
  endProcess(world, process, "down", true);
}

/** The process is gone, by whatever cause. `told`: its operating system closes its connections. */
export function endProcess(
  world: World,
  process: Process,
  status: "down" | "failed",
  told: boolean,
): void {
  resetProcess(process, status);
  abandon(world, process.id, told);
  for (const [id, { operation, server }] of world.operations) {
    if (server !== process.id) continue;
    world.operations.delete(id);
    observe(world, {
      type: "return",
      server,
      operation,
      result: { outcome: "unknown", code: "CONNECTION_LOST", value: null },
      entry: null,
    });
  }
}

/** A poll's time is over. */
export function wake(world: World, process: Process, nap: number): void {
  if (process.nap !== nap || !process.asleep) return;
  process.asleep = false;
  process.overslept = true;
  world.ready.push(process);
}

export function ringAlarm(world: World, process: Process, alarm: string, setting: number): void {
  const set = process.alarms[alarm];
  if (set === undefined || set.setting !== setting) return;
  delete process.alarms[alarm];
  receiveInput(world, process, { type: "alarm", alarm }, set.cause);
}

/** A step that took time is done. */
export function stepDone(world: World, process: Process, epoch: number, actor: number): void {
  if (process.epoch !== epoch) return;
  const slot = process.actors[actor];
  if (slot === undefined || slot.running === null) return;
  finishStep(world, process, slot);
  drive(world, process, actor);
  world.ready.push(process);
}

/** Lets every process that has something to do go on until it waits for time, for an actor or for input. */
export function settle(world: World): void {
  for (let process = world.ready.shift(); process !== undefined; process = world.ready.shift()) {
    run(world, process);
  }
}

function run(world: World, process: Process): void {
  if (process.asleep) return;
  for (let turn = 0; turn < TURNS_AT_ONE_TIME; turn++) {
    if (process.waiting !== null) return;
    if (process.queue.length > 0) {
      playQueue(world, process);
      continue;
    }
    if (process.status !== "up") return;
    const phase = world.system.loop[process.phase];
    if (phase === undefined) {
      process.phase = 0;
      continue;
    }
    if (phase.type === "input") {
      process.phase += 1;
      handle(world, process, { type: "phase", phase: phase.phase });
    } else if (phase.type === "persist") {
      process.phase += 1;
      const actor = actorIndex(world, phase.actor);
      process.waiting = actor;
      noteTo(world, process, actor, { type: "persist" });
    } else if (!pollOnce(world, process, phase.timeout, phase.most)) {
      return;
    }
  }
  assert(false, `the loop of ${process.id} does not come to rest`);
}

/** False: there is nothing to do until time passes or something comes. */
function pollOnce(world: World, process: Process, timeout: number | null, most: number): boolean {
  const received = process.polled < most ? process.inbox.shift() : undefined;
  if (received !== undefined) {
    process.polled += 1;
    world.cause = received.cause;
    handle(world, process, received.input);
    return true;
  }
  if (process.polled > 0 || process.overslept) {
    process.polled = 0;
    process.overslept = false;
    process.phase += 1;
    return true;
  }
  process.asleep = true;
  process.nap += 1;
  if (timeout !== null) {
    push(world.queue, world.now + timeout, null, {
      type: "wake",
      server: process.id,
      nap: process.nap,
    });
  }
  return false;
}

/** Lets the protocol handle one input. Its effects take place in program order, each as far as storage lets it. */
function handle(world: World, process: Process, input: Input): void {
  const { server } = process;
  if (server === null) return;
  const { epoch } = process;
  const context: StepContext = {
    now: localTime(machineOf(world, process.machine).clock, world.now),
    emit: (effect) => {
      if (process.epoch !== epoch) return; // It ended itself in the middle of this handler.
      const removed = effect.type === "truncate" ? removedBy(process, effect.from) : NO_ENTRIES;
      takeLog(process, server);
      if (process.queue.length > 0 || process.waiting !== null) {
        const changes = changesOf(process, server);
        process.queue.push({ changes, effect, removed, cause: world.cause });
        return;
      }
      tell(world, process, server);
      play(world, process, effect, removed);
    },
    choose: (purpose, low, high) =>
      choose(world.tape, world.plan, `${process.id}/${process.incarnation}/${purpose}`, low, high),
  };
  world.system.protocol.step(server, input, context);
  if (process.epoch !== epoch) return;
  takeLog(process, server);
  if (process.queue.length > 0 || process.waiting !== null) {
    const changes = changesOf(process, server);
    if (changes.length > 0) {
      process.queue.push({ changes, effect: null, removed: NO_ENTRIES, cause: world.cause });
    }
  } else {
    tell(world, process, server);
  }
}

/** Effects that had to wait for an actor, until one has to wait again. */
function playQueue(world: World, process: Process): void {
  const { epoch } = process;
  while (process.waiting === null) {
    const next = process.queue.shift();
    if (next === undefined) return;
    world.cause = next.cause;
    for (const change of next.changes) observe(world, change);
    if (next.effect !== null) play(world, process, next.effect, next.removed);
    if (process.epoch !== epoch) return;
  }
}

function play(world: World, process: Process, effect: Effect, removed: readonly Entry[]): void {
  const { id: server } = process;
  switch (effect.type) {
    case "append":
      observe(world, { type: "append", server, entries: effect.entries });
      break;
    case "truncate":
      observe(world, { type: "truncate", server, from: effect.from, removed });
      break;
    case "store":
      observe(world, { type: "store", server, what: effect.what, values: effect.values });
      break;
    case "send":
      handOut(world, process, effect);
      return;
    case "apply":
      apply(world, process, effect.entry);
      return;
    case "reply":
      reply(world, process, effect);
      return;
    case "alarm":
      setAlarm(world, process, effect.alarm, effect.at);
      return;
    case "notice":
      observe(world, { type: "notice", server, severity: effect.severity, text: effect.text });
      return;
    case "error":
      observe(world, { type: "handler-error", server, name: effect.name, text: effect.text });
      return;
    case "hard-state":
      break;
  }
  const route = world.system.route(effect);
  if (route === null) return;
  const actor = actorIndex(world, route.actor);
  if (route.wait) process.waiting = actor;
  noteTo(world, process, actor, { type: "effect", effect });
}

function handOut(world: World, process: Process, effect: Extract<Effect, { type: "send" }>): void {
  const { message } = effect;
  if (world.system.holds(message)) {
    process.tickets += 1;
    process.held.push({ ticket: process.tickets, message, cause: world.cause });
    observe(world, { type: "held", server: process.id, message, ticket: process.tickets });
    return;
  }
  sendMessage(world, message, durabilityOf(world, process, message.obligation, false));
}

function apply(world: World, process: Process, entry: Entry): void {
  const { application } = process;
  const { text, key, value } = applyEntry(application, entry, world.decoder.decode(entry));
  observe(world, {
    type: "apply",
    server: process.id,
    entry,
    text,
    key,
    value,
    state: applicationDigest(application),
  });
}

function reply(world: World, process: Process, effect: Extract<Effect, { type: "reply" }>): void {
  const asked = world.operations.get(effect.operation);
  if (asked === undefined) return; // Nobody waits any more.
  world.operations.delete(effect.operation);
  const read = effect.readKey === null ? undefined : process.application.values.get(effect.readKey);
  observe(world, {
    type: "return",
    server: process.id,
    operation: asked.operation,
    result:
      effect.readKey === null ? effect.result : { ...effect.result, value: read?.value ?? null },
    entry: effect.entry,
  });
}

function setAlarm(world: World, process: Process, alarm: string, at: number | null): void {
  if (at === null) {
    delete process.alarms[alarm];
    return;
  }
  process.settings += 1;
  process.alarms[alarm] = { setting: process.settings, cause: world.cause };
  const { clock } = machineOf(world, process.machine);
  push(world.queue, virtualTime(clock, at, world.now), world.cause, {
    type: "alarm",
    server: process.id,
    alarm,
    setting: process.settings,
  });
}

// Actors

function actorIndex(world: World, id: string): number {
  const index = world.system.actors.findIndex((actor) => actor.id === id);
  assert(index >= 0, `the system ${world.system.id} has no actor ${id}`);
  return index;
}

function noteTo(world: World, process: Process, index: number, note: Note): void {
  const slot = process.actors[index];
  if (slot === undefined) return;
  specOf(world, slot).receive(slot.state, note);
  drive(world, process, index);
}

/** Lets an actor go on until it is idle or a step of it takes time. */
function drive(world: World, process: Process, index: number): void {
  const slot = process.actors[index];
  if (slot === undefined || slot.running !== null) return;
  const spec = specOf(world, slot);
  const { epoch } = process;
  for (let turn = 0; turn < TURNS_AT_ONE_TIME; turn++) {
    const step = spec.next(slot.state, {
      memory: memoryOf(process, spec.process),
      last: slot.last,
      now: localTime(machineOf(world, process.machine).clock, world.now),
      directory: process.directory,
      held: process.tickets,
      bugs: world.bugs,
      options: world.options,
    });
    slot.last = NOTHING;
    if (step === null) {
      if (process.waiting === index) process.waiting = null;
      return;
    }
    const duration = durationOf(world, step);
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

function finishStep(world: World, process: Process, slot: ActorSlot): void {
  const step = slot.running;
  slot.running = null;
  if (step !== null) takeStep(world, process, slot, step);
}

function durationOf(world: World, step: Step): number {
  if (step.type !== "disk") return 0;
  switch (step.op.type) {
    case "sync":
    case "data-sync":
    case "sync-directory":
      return world.plan.disk.syncTime;
    case "write":
      return world.plan.disk.writeTime;
    default:
      return 0;
  }
}

/** One micro-step: what it does to the disk, to the server, to held messages. */
function takeStep(world: World, process: Process, slot: ActorSlot, step: Step): void {
  const actor = specOf(world, slot).id;
  switch (step.type) {
    case "disk": {
      const machine = machineOf(world, process.machine);
      const result = perform(machine.disk, step.op, world.now);
      slot.last = { type: "disk", result };
      const path = pathOf(process, step.op);
      if (result.ok && step.op.type === "open") process.opened[result.descriptor] = path;
      observe(world, {
        type: "disk",
        machine: machine.id,
        server: process.id,
        actor,
        op: step.op,
        path,
        errno: result.ok ? null : result.errno,
      });
      if (!result.ok && step.onError === "exit") {
        fail(world, process, result.errno, `${step.op.type} failed`);
      }
      return;
    }
    case "read": {
      const bytes = readFile(machineOf(world, process.machine).disk, step.file);
      slot.last = { type: "read", bytes };
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
    sendMessage(world, message, durabilityOf(world, process, message.obligation, true));
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
  process.seenLog = cloneLog(server.log);
  take(process, server);
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

function isAlive(process: Process): boolean {
  return process.status === "up" || process.status === "recovering";
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

// What is seen of a server

/** Entries of the log as it was before this effect, from `from` on. */
function removedBy(process: Process, from: number): readonly Entry[] {
  return process.seenLog === null || from > lastIndex(process.seenLog)
    ? NO_ENTRIES
    : entriesFrom(process.seenLog, from);
}

function takeLog(process: Process, server: ServerMemory): void {
  const { seenLog } = process;
  if (seenLog === null) return;
  seenLog.baseIndex = server.log.baseIndex;
  seenLog.baseTerm = server.log.baseTerm;
  seenLog.entries = server.log.entries;
  seenLog.length = server.log.length;
}

function take(process: Process, server: ServerMemory): void {
  const { seen } = process;
  seen.role = server.role;
  seen.term = server.currentTerm;
  seen.vote = server.votedFor;
  seen.leader = server.leader;
  seen.commit = server.commitIndex;
  seen.applied = server.lastApplied;
  seen.deadline = server.electionDeadline;
  seen.timeout = server.electionTimeout;
}

function tell(world: World, process: Process, server: ServerMemory): void {
  if (!differs(process, server)) return;
  for (const change of changesOf(process, server)) observe(world, change);
}

function differs({ seen }: Process, server: ServerMemory): boolean {
  return (
    seen.term !== server.currentTerm ||
    seen.vote !== server.votedFor ||
    seen.role !== server.role ||
    seen.leader !== server.leader ||
    seen.commit !== server.commitIndex ||
    seen.applied !== server.lastApplied ||
    seen.deadline !== server.electionDeadline ||
    seen.timeout !== server.electionTimeout
  );
}

/** What changed in the server since it was last looked at. */
function changesOf(process: Process, memory: ServerMemory): Happening[] {
  const { seen, id: server } = process;
  const changes: Happening[] = [];
  if (seen.term !== memory.currentTerm) {
    changes.push({ type: "term", server, from: seen.term, to: memory.currentTerm });
  }
  if (seen.vote !== memory.votedFor) {
    changes.push({ type: "vote", server, from: seen.vote, to: memory.votedFor });
  }
  if (seen.role !== memory.role) {
    changes.push({ type: "role", server, from: seen.role, to: memory.role });
  }
  if (seen.leader !== memory.leader) {
    changes.push({ type: "leader", server, from: seen.leader, to: memory.leader });
  }
  if (seen.commit !== memory.commitIndex) {
    changes.push({ type: "commit", server, from: seen.commit, to: memory.commitIndex });
  }
  if (seen.applied !== memory.lastApplied) {
    changes.push({ type: "applied-index", server, from: seen.applied, to: memory.lastApplied });
  }
  if (seen.deadline !== memory.electionDeadline || seen.timeout !== memory.electionTimeout) {
    changes.push({
      type: "timer",
      server,
      deadline: memory.electionDeadline,
      timeout: memory.electionTimeout,
    });
  }
  take(process, memory);
  return changes;
}

/** The election timer of this server rings now, whatever it was set to. */
export function forceTimeout(world: World, server: string): void {
  const process = processOf(world, server);
  if (process.status !== "up") return;
  receiveInput(world, process, { type: "alarm", alarm: "election" }, world.cause);
}
