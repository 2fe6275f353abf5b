import type { Outline } from "#sim/frame.ts";
import { placeOf, type Walk, walkOf } from "#view/walk.ts";
import type { RunState } from "./run-store.ts";

const walks = new WeakMap<Outline, { readonly twin: Outline | null; readonly walk: Walk }>();

/** The places of the run shown, both sides merged by time; null: none is shown. */
export function walkOfRun({ outlines }: Pick<RunState, "outlines">): Walk | null {
  const { main } = outlines;
  if (main === undefined) return null;
  const twin = outlines.twin ?? null;
  const known = walks.get(main);
  if (known?.twin === twin) return known.walk;
  const walk = walkOf(main, twin);
  walks.set(main, { twin, walk });
  return walk;
}

/** The place that is shown; 0 when nothing is. */
export function shownPlace(state: Pick<RunState, "outlines" | "views" | "step">): number {
  const walk = walkOfRun(state);
  return walk === null ? 0 : placeOf(walk, state.step, state.views.twin?.frame.step ?? null);
}

/** The moment that is shown: the later one of both sides. Microseconds of virtual time. */
export function timeShown({ views: { main, twin } }: Pick<RunState, "views">): number {
  return Math.max(main?.frame.time ?? 0, twin?.frame.time ?? 0);
}
