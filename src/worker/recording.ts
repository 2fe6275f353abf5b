import type { Scenario } from "#scenario/types.ts";
import type { Choice, Edit } from "./edits.ts";
import type { SideCut } from "./store.ts";

/** What a run is made from: the scenario it began with and what has been done to it by hand since. */
export interface Recording {
  readonly base: Scenario;
  readonly edits: readonly Edit[];
  /** The one with the other. */
  readonly scenario: Scenario;
}

/** What the run was compared with last; null: with nothing ever. */
export function lastTwin({ base, edits }: Recording): Choice | null {
  let last: Choice | null = base.twin;
  for (const edit of edits) {
    if (edit.type === "twin" || (edit.type === "bugs" && edit.side === "twin")) {
      last = edit.choice ?? last;
    }
  }
  return last;
}

/** What a stored cut and the same cut of a replay do not agree on, in words; empty: nothing. */
export function differences(
  stored: { readonly sides: readonly SideCut[] },
  replayed: { readonly sides: readonly SideCut[] },
): string[] {
  return stored.sides.flatMap((was) => {
    const is = replayed.sides.find(({ side }) => side === was.side);
    const run = was.side === "main" ? "the run" : "the twin";
    if (is === undefined) return [`${run} is missing`];
    const found = is.trace === was.trace ? [] : [`the trace of ${run}`];
    for (const { machine, digest } of was.platters) {
      const disk = is.platters.find((each) => each.machine === machine);
      if (disk?.digest !== digest) found.push(`the disk of ${machine} in ${run}`);
    }
    return found;
  });
}
