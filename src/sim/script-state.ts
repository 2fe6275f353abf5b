import type { Action, Anchor, Plan } from "./faults.ts";
import type { Observation } from "./observation.ts";
import { push } from "./queue.ts";
import type { World } from "./world.ts";

/** How far a run is in its script. */
export interface ScriptState {
  /** Actions at given times, by index in the script, in the order in which they are due. */
  readonly timed: readonly number[];
  /** How many of those are done. */
  done: number;
  /** Of those: by index, the ones whose notch never came. */
  readonly missed: Set<number>;
  /** Actions that wait for an observation: how many of the kind were seen. */
  readonly watched: Map<number, number>;
  /** Indexes of `watched`, by the type of observation they wait for. */
  readonly byType: ReadonlyMap<string, readonly number[]>;
}

export function createScript(plan: Plan): ScriptState {
  const watched = new Map<number, number>();
  const byType = new Map<string, number[]>();
  plan.script.forEach(({ anchor }, index) => {
    if (anchor.type !== "when") return;
    watched.set(index, 0);
    const type = String(anchor.match.type);
    byType.set(type, [...(byType.get(type) ?? []), index]);
  });
  return { timed: timedActions(plan), done: 0, missed: new Set(), watched, byType };
}

/** For a run that goes on under a plan (its own, or one whose script differs only in what is still to come). */
export function cloneScript(script: ScriptState, before: Plan, plan: Plan): ScriptState {
  const missed = new Set(script.missed);
  if (plan === before) return { ...script, missed, watched: new Map(script.watched) };
  const fresh = createScript(plan);
  for (const [index, count] of script.watched) {
    if (fresh.watched.has(index)) fresh.watched.set(index, count);
  }
  return { ...fresh, done: script.done, missed };
}

/** A timed action whose time has come, with its index in the script. */
export interface DueAction {
  readonly index: number;
  readonly anchor: Extract<Anchor, { type: "at" }>;
  readonly action: Action;
}

/** The next timed action, if it comes before an event at `time` with `order` events of that time before it. */
export function dueAction(world: World, time: number): DueAction | null {
  const { script, plan } = world;
  const index = script.timed[script.done];
  if (index === undefined) return null;
  const action = plan.script[index];
  if (action === undefined || action.anchor.type !== "at") return null;
  const { anchor } = action;
  if (anchor.time > plan.until || anchor.time > time) return null;
  const order = anchor.time === world.now ? world.eventsNow : 0;
  if (anchor.time === time && anchor.order > order) return null;
  return { index, anchor, action: action.action };
}

/** Counts an observation towards the anchors that wait for its kind, and schedules those that are reached. */
export function watch(world: World, observation: Observation): void {
  const waiting = world.script.byType.get(observation.type);
  if (waiting === undefined) return;
  for (const index of waiting) {
    const anchor = world.plan.script[index]?.anchor;
    if (anchor?.type !== "when" || !matches(observation, anchor.match)) continue;
    const seen = (world.script.watched.get(index) ?? 0) + 1;
    world.script.watched.set(index, seen);
    if (seen === anchor.count) {
      push(world.queue, world.now + anchor.delay, observation.sequence, { type: "script", index });
    }
  }
}

export function matches(
  observation: Observation,
  match: Readonly<Record<string, string | number | boolean | null>>,
): boolean {
  for (const [path, wanted] of Object.entries(match)) {
    let value: unknown = observation;
    for (const field of path.split(".")) {
      if (typeof value !== "object" || value === null) return false;
      value = (value as Record<string, unknown>)[field];
    }
    if (value !== wanted) return false;
  }
  return true;
}

function timedActions(plan: Plan): number[] {
  const indexes = plan.script.flatMap(({ anchor }, index) => (anchor.type === "at" ? [index] : []));
  const key = (index: number): readonly [number, number, number] => {
    const anchor = plan.script[index]?.anchor;
    if (anchor?.type !== "at") return [0, 0, 0];
    // What waits for a notch waits before all that happens at its place, other actions included.
    return [anchor.time, anchor.order, anchor.notch === undefined ? 1 : 0];
  };
  return indexes.sort((a, b) => {
    const [timeA, orderA, kindA] = key(a);
    const [timeB, orderB, kindB] = key(b);
    return timeA - timeB || orderA - orderB || kindA - kindB || a - b;
  });
}
