import { assert } from "#base/assert.ts";
import { cloneDisk, type Disk, pendingCount, platterDigest } from "#disk/disk.ts";
import { type DiskRecord, serializeDisk } from "#disk/record.ts";
import type { CrashKind } from "#disk/types.ts";
import type { System } from "#system/contract.ts";
import { localTime } from "./clock.ts";
import { diskFrame } from "./disk-frame.ts";
import type { Anchor, Plan } from "./faults.ts";
import { buildFrame, cloneFold, createFold, type Fold, observeFold } from "./fold.ts";
import type { DiskFrame, Frame, Outline } from "./frame.ts";
import { inspect } from "./inspection.ts";
import type { Look, Observation } from "./observation.ts";
import {
  createOutline,
  outlineOf as finish,
  type OutlineBuilder,
  observeOutline,
} from "./outline.ts";
import { type ServerAt, serversIn } from "./recovery.ts";
import { advance } from "./scheduler.ts";
import { unusedChoices } from "./tape.ts";
import { traceHash as hashOf } from "./trace-hash.ts";
import { cloneWorld, createWorld, machineOf, processOf, type World } from "./world.ts";

/** A longer run is ended before its time: what it would take of memory is not had in a browser's tab. */
const EVENTS_MOST = 1_000_000;
const OBSERVATIONS_MOST = 2_000_000;
/** A keyframe every so many events: a seek re-executes at most that many. */
const KEYFRAME_EVENTS = 2_000;

/**
 * A run that can be looked at anywhere: keyframes, and the steps between them by re-execution. It grows at its end until the
 * plan's time is over; its past never changes.
 */
export interface Timeline {
  readonly plan: Plan;
  readonly system: System;
  readonly observations: readonly Observation[];
  /** What the disks said at some of them, in their order. */
  readonly looks: readonly Look[];
  /** Steps known so far. Step 0 is the moment before anything happened. */
  readonly steps: number;
  readonly ended: boolean;
}

interface Recording extends Timeline {
  observations: Observation[];
  looks: Look[];
  steps: number;
  ended: boolean;
  readonly keyframes: Keyframe[];
  /** The world at the end of what is known. */
  readonly end: View;
  readonly outline: OutlineBuilder;
  /** Per step: virtual time, events of that time up to it, and the first observation. */
  readonly times: number[];
  readonly orders: number[];
  readonly firsts: number[];
  /** Where somebody looked last: the next look is mostly one step further. */
  cursor: View | null;
  lastKeyframe: number;
}

interface View {
  readonly world: World;
  readonly fold: Fold;
}

interface Keyframe extends View {
  /** The first step that can be shown from here; the next one when events that let nothing be seen have followed the last. */
  readonly step: number;
}

export function createTimeline(plan: Plan, system: System): Timeline {
  assert(plan.system === system.id, "a plan is run on its own system");
  return begin(plan, system, null, [], []);
}

/**
 * The same past up to `step`, then on under `plan`, which must not differ in what was done by then. With no difference at all
 * the fork repeats the original to its last step.
 */
export function forkTimeline(timeline: Timeline, plan: Plan, step: number): Timeline {
  const recording = asRecording(timeline);
  const keyframe = keyframeBefore(recording, step);
  const { observations: seen } = keyframe.world;
  const fork = begin(
    plan,
    timeline.system,
    keyframe,
    recording.observations.slice(0, seen),
    recording.looks.filter(({ sequence }) => sequence < seen),
  );
  fork.times.push(...recording.times.slice(1, fork.steps + 1));
  fork.orders.push(...recording.orders.slice(1, fork.steps + 1));
  fork.firsts.push(...recording.firsts.slice(1, fork.steps + 1));
  fork.keyframes.unshift(...recording.keyframes.slice(0, recording.keyframes.indexOf(keyframe)));
  return fork;
}

/** Goes on for at most `events` events. True when the run has ended. */
export function runToEnd(timeline: Timeline, events = Number.POSITIVE_INFINITY): boolean {
  const recording = asRecording(timeline);
  const { world } = recording.end;
  for (let done = 0; done < events; done++) {
    const before = world.step;
    if (isTooLong(recording) || !advance(world)) {
      recording.ended = true;
      return true;
    }
    const isStep = world.step !== before;
    if (isStep) {
      recording.steps = world.step;
      recording.times.push(world.now);
      recording.orders.push(world.eventsNow);
      recording.firsts.push(recording.observations.length);
    }
    if (world.events - recording.lastKeyframe >= KEYFRAME_EVENTS) {
      addKeyframe(recording, isStep ? world.step : world.step + 1);
    }
  }
  return false;
}

export function frameAt(timeline: Timeline, step: number): Frame {
  const recording = asRecording(timeline);
  const { world, fold } = viewAt(recording, step);
  return buildFrame(
    fold,
    {
      inspect: (server) =>
        world.plan.recorded === undefined ? inspect(world, processOf(world, server)) : null,
      power: (machine) => machineOf(world, machine).power,
      pending: (machine) => pendingCount(machineOf(world, machine).disk),
    },
    {
      step: world.step,
      lastStep: recording.steps,
      time: world.now,
      localTime: (machine) => localTime(machineOf(world, machine).clock, world.now),
      describe: (entry) => world.decoder.decode(entry).text,
      recall: (sequence) => recording.observations[sequence] ?? null,
    },
  );
}

/** `kind`: the crash that what is pending is taken apart for. */
export function diskAt(
  timeline: Timeline,
  step: number,
  machine: string,
  kind: CrashKind = "os",
): DiskFrame {
  const { world } = viewAt(asRecording(timeline), step);
  return diskFrame(world, machine, kind);
}

/** The disks at a step, whole, and a digest of each: what storage keeps, and checks on the way back. */
export function plattersAt(
  timeline: Timeline,
  step: number,
): readonly { readonly machine: string; readonly record: DiskRecord; readonly digest: string }[] {
  const { world } = viewAt(asRecording(timeline), step);
  return [...world.machines.values()].map(({ id, disk }) => ({
    machine: id,
    record: serializeDisk(disk),
    digest: platterDigest(disk),
  }));
}

/** A machine's disk at a step, as a clone of its own. */
export function diskOf(timeline: Timeline, step: number, machine: string): Disk {
  const { world } = viewAt(asRecording(timeline), step);
  return cloneDisk(machineOf(world, machine).disk);
}

/** The world right after a step: a copy that goes its own way and records nothing. */
export function worldAt(timeline: Timeline, step: number): World {
  return cloneWorld(viewAt(asRecording(timeline), step).world, () => {});
}

/** All servers at a step, in the order of the plan. */
export function serversOf(timeline: Timeline, step: number): readonly ServerAt[] {
  const { world } = viewAt(asRecording(timeline), step);
  return serversIn(world);
}

export function outlineOf(timeline: Timeline): Outline {
  return finish(asRecording(timeline).outline);
}

/** When something that is done by hand at this step happens: right after it. */
export function anchorAt(timeline: Timeline, step: number): Anchor {
  const { times, orders } = asRecording(timeline);
  return { type: "at", time: times[step] ?? 0, order: orders[step] ?? 0 };
}

/** The observations of one step, in order. */
export function observationsOf(timeline: Timeline, step: number): readonly Observation[] {
  const { firsts, observations } = asRecording(timeline);
  return observations.slice(firsts[step - 1] ?? 0, firsts[step] ?? observations.length);
}

/** The digest of the run up to a step (all of it by default). */
export function traceHash(timeline: Timeline, step = timeline.steps): string {
  const { firsts, observations } = asRecording(timeline);
  return hashOf(observations, firsts[step] ?? observations.length);
}

/**
 * What the script asked for and never came about, in sentences: anchors, and choices on the tape. Narration that waits for
 * what this run does not do is left out: it is told where it fits.
 */
export function unmet(timeline: Timeline): readonly string[] {
  const { end, plan } = asRecording(timeline);
  const sentences: string[] = [];
  const { events, now } = end.world;
  if (isTooLong(asRecording(timeline))) {
    sentences.push(
      `the run was ended at ${now} us, before its end at ${plan.until} us: it has ${events} events already`,
    );
  }
  plan.script.forEach(({ anchor, action }, index) => {
    if (action.type === "narrate") return;
    if (anchor.type === "at") {
      if (end.world.script.missed.has(index)) {
        const { time, order, notch } = anchor;
        sentences.push(
          `action ${index + 1} waits for notch ${notch} of what happens at ${time} us after ${order} events of that time, and it does not go that far`,
        );
      }
      if (anchor.time > plan.until) {
        sentences.push(
          `action ${index + 1} is due at ${anchor.time} us, after the run's end at ${plan.until} us`,
        );
      }
      return;
    }
    const seen = end.world.script.watched.get(index) ?? 0;
    if (seen >= anchor.count) return;
    const wanted = Object.entries(anchor.match).map(([field, value]) => `${field} = ${value}`);
    sentences.push(
      `action ${index + 1} waits for "${wanted.join(", ")}" (${anchor.count}x), which was seen ${seen}x`,
    );
  });
  for (const name of unusedChoices(end.world.tape, plan)) {
    sentences.push(`the choice "${name}" was never asked for`);
  }
  return sentences;
}

function isTooLong({ end, observations }: Recording): boolean {
  return end.world.events >= EVENTS_MOST || observations.length >= OBSERVATIONS_MOST;
}

function begin(
  plan: Plan,
  system: System,
  past: Keyframe | null,
  observations: Observation[],
  looks: Look[],
): Recording {
  const fold = past === null ? createFold(plan, system.transport.type) : cloneFold(past.fold);
  const outline = createOutline();
  for (const observation of observations) observeOutline(outline, observation);
  const sink = (observation: Observation): void => {
    observations.push(observation);
    observeFold(fold, observation);
    observeOutline(outline, observation);
  };
  const look = (each: Look): void => {
    looks.push(each);
  };
  const world =
    past === null
      ? createWorld(plan, system, sink, look)
      : cloneWorld(past.world, sink, plan, look);
  const recording: Recording = {
    plan,
    system,
    observations,
    looks,
    steps: world.step,
    ended: false,
    keyframes: [],
    end: { world, fold },
    outline,
    times: [0],
    orders: [0],
    firsts: [0],
    cursor: null,
    lastKeyframe: world.events,
  };
  addKeyframe(recording, past?.step ?? 0);
  return recording;
}

function addKeyframe(recording: Recording, step: number): void {
  const { world, fold } = recording.end;
  recording.keyframes.push({ step, ...copy({ world, fold }) });
  recording.lastKeyframe = world.events;
}

/** A copy that folds what it sees, and records nothing. */
function copy({ world, fold }: View): View {
  const own = cloneFold(fold);
  return { world: cloneWorld(world, (observation) => observeFold(own, observation)), fold: own };
}

/** The world right after a step: from where somebody looked last, or from the keyframe before, whichever is nearer. */
function viewAt(recording: Recording, wanted: number): View {
  const step = Math.max(0, Math.min(wanted, recording.steps));
  const keyframe = keyframeBefore(recording, step);
  const { cursor } = recording;
  let view = cursor;
  if (view === null || view.world.step > step || view.world.step < keyframe.step) {
    view = copy(keyframe);
  }
  // An event that lets nothing be seen belongs to no step: stop before the step after the wanted one.
  while (view.world.step < step) {
    const more = advance(view.world);
    assert(more, "a step that was there is there again");
  }
  recording.cursor = view;
  return view;
}

function keyframeBefore({ keyframes }: Recording, step: number): Keyframe {
  let low = 0;
  let high = keyframes.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((keyframes[middle] as Keyframe).step <= step) low = middle;
    else high = middle - 1;
  }
  return keyframes[low] as Keyframe;
}

function asRecording(timeline: Timeline): Recording {
  return timeline as Recording;
}
