import { assert } from "#base/assert.ts";
import type { Disk } from "#disk/disk.ts";
import { perform } from "#disk/perform.ts";
import type { Recovered } from "#raft/protocol.ts";
import type { Micros, ServerId, ServerMemory } from "#raft/types.ts";
import type { Actor, ProcessMemory, ReadStep, Step, StepResult, System } from "#system/contract.ts";
import { readStep } from "#system/read.ts";
import { localTime } from "./clock.ts";
import { cloneMemory, machineOf, peersOf, type World } from "./world.ts";

/** Whose recovery it is, and what it may know. */
export interface Patient {
  readonly server: ServerId;
  /** All other servers of the cluster. */
  readonly peers: readonly ServerId[];
  /** Prefix of its paths, with the slash. */
  readonly directory: string;
  /** The machine's own clock, which stands still meanwhile. */
  readonly now: Micros;
  readonly bugs: ReadonlySet<string>;
  readonly options: Readonly<Record<string, number>>;
}

/** A server at some moment: where it lives, and what its next recovery may know. */
export interface ServerAt {
  readonly machine: string;
  readonly patient: Patient;
  /** Its memory, as a clone of its own; null: it is down. */
  readonly memory: ServerMemory | null;
}

/** All servers of a world, in the order of the plan. */
export function serversIn(world: World): readonly ServerAt[] {
  const { bugs, options, system } = world;
  return [...world.servers.values()].map(({ id, machine, directory, server }) => ({
    machine,
    patient: {
      server: id,
      peers: peersOf(world, id),
      directory,
      now: localTime(machineOf(world, machine).clock, world.now),
      bugs,
      options,
    },
    memory: server === null ? null : system.protocol.clone(server),
  }));
}

/** What came of a recovery; else how the process ended itself, in its own words. */
export type Outcome =
  | { readonly ok: true; readonly recovered: Recovered }
  | { readonly ok: false; readonly name: string; readonly text: string };

type DiskStep = Extract<Step, { readonly type: "disk" }>;

/** A recovery under way, without a world: it stops wherever it needs the disk. `cloneRecovery` copies it there. */
export interface Recovery {
  readonly system: System;
  readonly patient: Patient;
  readonly actors: readonly { readonly actor: Actor; readonly state: unknown }[];
  /** By actor. */
  readonly lasts: StepResult[];
  readonly memories: Record<string, ProcessMemory>;
  /** Actors that have something to do; the last goes on, as if the others had called it. */
  readonly calls: number[];
  recovered: Recovered | null;
  outcome: Outcome | null;
  /** Micro-steps so far. */
  steps: number;
}

const NOTHING: StepResult = { type: "none" };
/** A recovery of so many micro-steps is a defect of the system's model. */
const STEPS_MOST = 1_000_000;

export function startRecovery(
  system: System,
  patient: Patient,
  memories: Record<string, ProcessMemory> = {},
): Recovery {
  const recovery: Recovery = {
    system,
    patient,
    actors: system.actors.map((actor) => ({ actor, state: actor.start() })),
    lasts: system.actors.map(() => NOTHING),
    memories,
    calls: [],
    recovered: null,
    outcome: null,
    steps: 0,
  };
  note(recovery, system.recovery, { type: "recover" });
  return recovery;
}

export function cloneRecovery(recovery: Recovery): Recovery {
  const memories: Record<string, ProcessMemory> = {};
  for (const [process, memory] of Object.entries(recovery.memories)) {
    memories[process] = cloneMemory(memory);
  }
  return {
    ...recovery,
    actors: recovery.actors.map(({ actor, state }) => ({ actor, state: actor.clone(state) })),
    lasts: [...recovery.lasts],
    memories,
    calls: [...recovery.calls],
  };
}

/** Goes on until a step needs the disk: that step. Null: it is over, and has its outcome. */
export function nextDiskStep(recovery: Recovery): ReadStep | DiskStep | null {
  const { calls, lasts } = recovery;
  while (recovery.outcome === null) {
    const index = calls.at(-1);
    if (index === undefined) {
      recovery.outcome = atRest(recovery);
      break;
    }
    const step = nextStep(recovery, index);
    lasts[index] = NOTHING;
    if (step === null) {
      calls.pop();
      continue;
    }
    recovery.steps++;
    assert(recovery.steps < STEPS_MOST, `the recovery of ${recovery.patient.server} ends`);
    if (step.type === "read" || step.type === "disk") return step;
    take(recovery, step);
  }
  return null;
}

/** What the disk said to the step that was given last. */
export function answerStep(
  recovery: Recovery,
  step: ReadStep | DiskStep,
  result: StepResult,
): void {
  const index = recovery.calls.at(-1);
  if (index === undefined) return;
  recovery.lasts[index] = result;
  if (step.type === "read" || result.type !== "disk" || result.result.ok) return;
  if (step.onError !== "exit") return;
  recovery.outcome = { ok: false, name: result.result.errno, text: `${step.op.type} failed` };
}

/**
 * Recovers a server on this disk, as its boot would, and changes the disk as that does. `steps`: it is cut off after so
 * many micro-steps that need the disk; then null. `memories`: what its actors leave in the memory of their processes.
 */
export function recoverOn(
  system: System,
  disk: Disk,
  patient: Patient,
  steps = Number.POSITIVE_INFINITY,
  memories: Record<string, ProcessMemory> = {},
): Outcome | null {
  const recovery = startRecovery(system, patient, memories);
  for (let done = 0; ; done++) {
    const step = nextDiskStep(recovery);
    if (step === null) return recovery.outcome;
    if (done >= steps) return null;
    const result: StepResult =
      step.type === "read"
        ? readStep(disk, step)
        : { type: "disk", result: perform(disk, step.op, disk.clock) };
    answerStep(recovery, step, result);
  }
}

/** The server as it would be right after its recovery, before it has done anything. */
export function serverOf(system: System, patient: Patient, recovered: Recovered): ServerMemory {
  const { server: id, peers, bugs, options } = patient;
  return system.protocol.create({ id, peers, incarnation: 1, bugs, options }, recovered);
}

function nextStep(recovery: Recovery, index: number): Step | null {
  const slot = recovery.actors[index];
  assert(slot !== undefined, "a call is one of an actor");
  const { actor, state } = slot;
  const { now, directory, bugs, options } = recovery.patient;
  let memory = recovery.memories[actor.process];
  if (memory === undefined) {
    memory = {};
    recovery.memories[actor.process] = memory;
  }
  const last = recovery.lasts[index] ?? NOTHING;
  return actor.next(state, { memory, last, now, directory, held: 0, bugs, options });
}

function take(recovery: Recovery, step: Exclude<Step, ReadStep | DiskStep>): void {
  switch (step.type) {
    case "recovered":
      recovery.recovered = step.recovered;
      return;
    case "fail":
      recovery.outcome = { ok: false, name: step.name, text: step.text };
      return;
    case "tell-actor":
      note(recovery, step.actor, step.note);
      return;
    default: // Nobody is there yet to see a memory change, a notice, a release or an input.
  }
}

function note(recovery: Recovery, id: string, given: Parameters<Actor["receive"]>[1]): void {
  const index = recovery.actors.findIndex(({ actor }) => actor.id === id);
  const slot = recovery.actors[index];
  assert(slot !== undefined, `the system ${recovery.system.id} has an actor ${id}`);
  slot.actor.receive(slot.state, given);
  recovery.calls.push(index);
}

function atRest({ recovered }: Recovery): Outcome {
  if (recovered !== null) return { ok: true, recovered };
  return { ok: false, name: "NO_SERVER", text: "recovery came to rest without a server" };
}
