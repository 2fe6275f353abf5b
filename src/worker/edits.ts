import { bugsOf } from "#scenario/plan.ts";
import type { DiskPatch, Scenario } from "#scenario/types.ts";
import type { Action, Anchor, Plan } from "#sim/faults.ts";
import { systemEntry } from "#system/catalogue.ts";
import type { Side } from "./protocol.ts";

/** Which bugs are on: those of a preset, or the list when it is not null. */
export interface Choice {
  readonly preset: string;
  readonly bugs: readonly string[] | null;
}

/** What was done to a scenario by hand. A recording is a scenario and the edits made since. */
export type Edit =
  | {
      readonly type: "act";
      /** Its place in the script: among actions of one anchor the order is the script's. */
      readonly place: number;
      readonly anchor: Anchor;
      readonly action: Action;
    }
  | { readonly type: "bugs"; readonly side: Side; readonly choice: Choice }
  | { readonly type: "twin"; readonly choice: Choice | null }
  /** Other settings for the disk of one machine, or (null) of all that have none of their own. */
  | { readonly type: "disk"; readonly machine: string | null; readonly settings: DiskPatch };

/** What a run is compared with when nobody says: the first preset of its system that has other bugs on; null: none has. */
export function otherChoice(scenario: Scenario): Choice | null {
  const own = bugsOf(scenario.system, scenario)?.toSorted().join();
  const other = systemEntry(scenario.system)?.presets.find(
    ({ bugs }) => bugs.toSorted().join() !== own,
  );
  return other === undefined ? null : { preset: other.id, bugs: null };
}

/** A moment of a run, and how many of the script's actions that are due at this very time have been done by then. */
export interface Moment {
  readonly time: number;
  /** Events of that time so far. */
  readonly order: number;
  readonly done: number;
}

/**
 * An action that is done by hand at a moment: after what has been done by then, before what is still to come. Several actions
 * may be due at one time, so it takes its order from the last one that was done, and its place from the script's rule that of
 * equal anchors the earlier in the script goes first.
 */
export function actAt(scenario: Scenario, plan: Plan, moment: Moment, action: Action): Edit {
  const { time, done } = moment;
  const due = plan.script
    .flatMap(({ anchor }, place) =>
      anchor.type === "at" && anchor.time === time ? [{ place, order: anchor.order }] : [],
    )
    .sort((a, b) => a.order - b.order || a.place - b.place);
  const [last, next] = [due[done - 1], due[done]];
  const order = Math.max(moment.order, last?.order ?? 0);
  // What is told at a moment stands behind all actions of the plan's script, whatever their place.
  const end = scenario.script.length;
  return {
    type: "act",
    place: Math.min(end, next?.order === order ? next.place : end),
    anchor: { type: "at", time, order },
    action,
  };
}
