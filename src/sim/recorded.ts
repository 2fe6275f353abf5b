import type { Micros } from "#raft/types.ts";
import type { Happening } from "./observation.ts";
import { machineOf, observe, type World } from "./world.ts";

/** What was seen at one moment of a run that is told, not made: of a real system, or of a model that was led by the hand. */
export interface RecordedStep {
  readonly time: Micros;
  /** Not empty. */
  readonly happenings: readonly RecordedHappening[];
}

export interface RecordedHappening {
  readonly happening: Happening;
  /** The sequence of the observation that caused it, counted over the whole record from 0; null: from outside. */
  readonly cause: number | null;
}

/** Tells the next step of a record. False: there is none. Nothing of the engine runs. */
export function advanceRecorded(world: World, steps: readonly RecordedStep[]): boolean {
  const next = steps[world.events];
  if (next === undefined || next.time > world.plan.until) return false;
  if (next.time !== world.now) world.eventsNow = 0;
  world.now = next.time;
  world.events += 1;
  world.eventsNow += 1;
  world.step += 1;
  for (const { happening, cause } of next.happenings) {
    world.cause = cause;
    if (happening.type === "boot") machineOf(world, happening.machine).power = "on";
    if (happening.type === "crash" && happening.kind !== "process") {
      machineOf(world, happening.machine).power = "off";
    }
    observe(world, { ...happening });
  }
  return true;
}
