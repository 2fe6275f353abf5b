import { assert } from "#base/assert.ts";
import type { Effect, Input, StepContext } from "#raft/protocol.ts";
import type { Entry, ServerMemory } from "#raft/types.ts";
import { actorIndex, drive, finishStep, noteTo, startActors } from "./actors.ts";
import { localTime } from "./clock.ts";
import { passNotch } from "./cuts.ts";
import { diskPlanOf } from "./disk-plan.ts";
import { play } from "./effects.ts";
import { endProcess } from "./ending.ts";
import type { DiskPlan } from "./faults.ts";
import { receiveInput } from "./inbox.ts";
import { push } from "./queue.ts";
import { changesOf, meet, removedBy, takeLog, tell, tellChanges } from "./seen.ts";
import { choose as draw } from "./tape.ts";
import {
  type Handled,
  machineOf,
  observe,
  type Process,
  processOf,
  resetProcess,
  type World,
} from "./world.ts";

const NO_ENTRIES: readonly Entry[] = [];
/** Thrown through a protocol's `step` by the `emit` it called, and by nothing else. */
const ABORTED = new Error("the handler is aborted");
/** So many handlers are done again at most to undo a part of the last. */
const RETRACED_MOST = 64;
/** A loop that never comes to rest at one moment of virtual time is a defect of the system's model. */
const TURNS_AT_ONE_TIME = 100_000;

/** Starts a server's process: its actors first, of which recovery makes the server. */
export function startProcess(world: World, process: Process): void {
  if (process.status === "up" || process.status === "recovering") return;
  resetProcess(process, "recovering");
  process.incarnation += 1;
  process.actors = startActors(world);
  const recovery = actorIndex(world, world.system.recovery);
  process.waiting = recovery;
  noteTo(world, process, recovery, { type: "recover" });
  world.ready.push(process);
}

/** A graceful stop: storage may leave the files as this system leaves them, then the process ends. */
export function stopProcess(world: World, process: Process): void {
  if (process.status === "down" || process.status === "failed") return;
  const { epoch } = process;
  if (process.status === "up") {
    for (const [index, slot] of process.actors.entries()) {
      // The loop has ended: what a step would have waited for is done at once, in its order.
      if (slot.running !== null) finishStep(world, process, slot);
      if (process.epoch !== epoch) return;
      noteTo(world, process, index, { type: "stop" });
      while (slot.running !== null && process.epoch === epoch) {
        finishStep(world, process, slot);
        drive(world, process, index);
      }
      if (process.epoch !== epoch) return;
    }
  }
  observe(world, { type: "stop", server: process.id });
  endProcess(world, process, "down", true);
}

/** A poll's time is over. */
export function wake(world: World, process: Process, nap: number): void {
  if (process.nap !== nap || !process.asleep) return;
  process.asleep = false;
  process.overslept = true;
  // A tick by the clock has no cause but the election timer, when that is over.
  const deadline = process.server?.electionDeadline ?? null;
  const { clock } = machineOf(world, process.machine);
  if (deadline !== null && localTime(clock, world.now) >= deadline) world.cause = process.timerSeen;
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

/** The election timer of this server rings now, whatever it was set to. */
export function forceTimeout(world: World, server: string): void {
  const process = processOf(world, server);
  if (process.status !== "up") return;
  receiveInput(world, process, { type: "alarm", alarm: "election" }, world.cause);
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
    if (process.aborting) dropHandler(world, process);
    if (process.queue.length > 0) {
      playQueue(world, process);
      continue;
    }
    process.played = null;
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
  const now = localTime(machineOf(world, process.machine).clock, world.now);
  noteHandled(world, process, server, { input, now, endedBy: null });
  const emit = (effect: Effect) => {
    if (process.epoch !== epoch) return; // It ended in the middle of this handler.
    const removed = effect.type === "truncate" ? removedBy(process, effect.from) : NO_ENTRIES;
    takeLog(process, server);
    if (process.queue.length > 0 || process.waiting !== null) {
      const changes = changesOf(process, server);
      process.queue.push({ changes, effect, removed, cause: world.cause });
      return;
    }
    if (!passNotch(world, process, { of: "protocol", effect })) return;
    tell(world, process, server);
    playNext(world, process, effect, removed);
    if (process.aborting) throw ABORTED; // Unwinds the protocol: its memory stays as the effects so far made it.
  };
  if (!stepToEnd(world, process, server, { input, now, emit })) {
    process.aborting = false;
    noteEnd(process);
  }
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
    const { effect } = next;
    if (effect !== null && !passNotch(world, process, { of: "protocol", effect })) return;
    tellChanges(world, process, next.changes);
    if (effect !== null) playNext(world, process, effect, next.removed);
    if (process.epoch !== epoch) return;
    if (process.aborting) dropHandler(world, process);
  }
}

function playNext(world: World, process: Process, effect: Effect, removed: readonly Entry[]): void {
  process.played = (process.played ?? 0) + 1;
  play(world, process, effect, removed);
}

/**
 * A call that the handler waited for has failed. Because calls take time, memory is ahead: the handler is done again up to the
 * effect that failed, and unwinds there as if the call had taken none.
 */
function dropHandler(world: World, process: Process): void {
  const { retrace, played } = process;
  process.aborting = false;
  process.queue = [];
  if (retrace === null || played === null) return;
  noteEnd(process);
  const server = world.system.protocol.clone(retrace.before);
  for (const { input, now, endedBy } of retrace.handled) {
    let emitted = 0;
    const emit = () => {
      emitted += 1;
      if (emitted === endedBy) throw ABORTED;
    };
    const cameToEnd = stepToEnd(world, process, server, { input, now, emit });
    assert(cameToEnd === (endedBy === null), "a handler that is done again does the same");
  }
  process.server = server;
  process.retrace = null;
  meet(process, server); // All that it has done until here has been told.
}

/** A copy of memory for every input would cost more than the inputs do. */
function noteHandled(world: World, process: Process, server: ServerMemory, handled: Handled): void {
  process.played = 0;
  if (!takesTime(diskPlanOf(world.plan, process.machine))) return;
  if (process.retrace === null || process.retrace.handled.length === RETRACED_MOST) {
    process.retrace = { before: world.system.protocol.clone(server), handled: [] };
  }
  process.retrace.handled.push(handled);
}

/** The effect that took place last has ended the handler. */
function noteEnd({ retrace, played }: Process): void {
  const last = retrace?.handled.pop();
  if (last !== undefined) retrace?.handled.push({ ...last, endedBy: played });
}

/** False: an `emit` ended the handler. */
function stepToEnd(
  world: World,
  { id, incarnation }: Process,
  server: ServerMemory,
  { input, now, emit }: { readonly input: Input } & Pick<StepContext, "now" | "emit">,
): boolean {
  const choose: StepContext["choose"] = (purpose, low, high) =>
    draw(world.tape, world.plan, `${id}/${incarnation}/${purpose}`, low, high);
  try {
    world.system.protocol.step(server, input, { now, emit, choose });
    return true;
  } catch (error) {
    if (error !== ABORTED) throw error;
    return false;
  }
}

function takesTime({ writeTime, syncTime }: DiskPlan): boolean {
  return writeTime > 0 || syncTime > 0;
}
