import type { Micros } from "#raft/types.ts";
import type { Plan } from "./faults.ts";
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

/** What was recorded, and the model that was led through the same events: it ends where it first differs. */
export interface RecordedSides {
  readonly record: readonly RecordedStep[];
  readonly model: readonly RecordedStep[];
}

/** The plan of a side that is told: left the record, right the model. */
export function toldBy(plan: Plan, { record, model }: RecordedSides, side: "main" | "twin"): Plan {
  return { ...plan, recorded: side === "main" ? record : model };
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
