import type { Effect } from "#raft/protocol.ts";
import type { Micros } from "#raft/types.ts";
import type { Step } from "#system/contract.ts";
import type { Process, World } from "./world.ts";

// Crashes in the middle of an event. A micro-step is an effect of the protocol as it takes place, or a step of an actor; those
// of one machine are counted from a place on, and when a cut has counted enough of them its action comes before the next.

/** A place between events: this virtual time, and so many events of that time before it. */
export interface Place {
  readonly time: Micros;
  readonly order: number;
}

/** An action of the script that waits for its notch. Replaced, never changed, so that copies of a world share it. */
export interface Cut extends Place {
  /** Of the script. */
  readonly index: number;
  readonly machine: string;
  /** Micro-steps until then. */
  readonly left: number;
  /** Does it, to whichever copy of the world gets there. */
  readonly strike: (world: World) => void;
}

export type MicroStep =
  | { readonly of: "actor"; readonly step: Step }
  | { readonly of: "protocol"; readonly effect: Effect };

/** To be asked before each micro-step. False: the process has died right here. */
export function passNotch(world: World, process: Process, micro: MicroStep): boolean {
  if (world.cuts.length > 0 && isCut(world, process)) return false;
  world.watcher?.(process, micro);
  return true;
}

/** What is to happen next happens here: cuts that wait for another place have missed theirs. */
export function reachPlace(world: World, place: Place): void {
  world.place = place;
  dropCuts(world, ({ time, order }) => time !== place.time || order !== place.order);
}

/** The event at this place has ended: whoever still waits for a notch of it has missed it. */
export function leavePlace(world: World): void {
  dropCuts(world, () => true);
}

function isCut(world: World, process: Process): boolean {
  const { epoch } = process;
  const { cause } = world;
  const due = world.cuts.filter(({ machine, left }) => machine === process.machine && left === 0);
  world.cuts = world.cuts
    .filter((cut) => !due.includes(cut))
    .map((cut) => (cut.machine === process.machine ? { ...cut, left: cut.left - 1 } : cut));
  for (const { strike } of due) strike(world);
  world.cause = cause;
  return process.epoch !== epoch;
}

function dropCuts(world: World, isMissed: (cut: Cut) => boolean): void {
  if (world.cuts.length === 0) return;
  const missed = world.cuts.filter(isMissed);
  if (missed.length === 0) return;
  world.cuts = world.cuts.filter((cut) => !missed.includes(cut));
  for (const { index } of missed) world.script.missed.add(index);
}
