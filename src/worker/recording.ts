import { ok, type Result } from "#base/result.ts";
import type { Scenario } from "#scenario/types.ts";
import { applyEdit, type Choice, checkScenario, type Edit } from "./edits.ts";
import type { SideCut, StoredCut } from "./store.ts";

/** What a run is made from: the scenario it began with and what has been done to it by hand since. */
export interface Recording {
  readonly base: Scenario;
  readonly edits: readonly Edit[];
  /** The one with the other. */
  readonly scenario: Scenario;
}

function recordingOf(base: Scenario): Recording {
  return { base, edits: [], scenario: base };
}

/** One edit more. Refused, in words: it makes the scenario one that is none. */
export function extend({ base, edits, scenario }: Recording, edit: Edit): Result<Recording> {
  const edited = checkScenario(applyEdit(scenario, edit));
  return edited.ok ? ok({ base, edits: [...edits, edit], scenario: edited.value }) : edited;
}

/** As it comes from storage, checked like any other input. */
export function restore({ base, edits }: Pick<StoredCut, "base" | "edits">): Result<Recording> {
  const checked = checkScenario(base);
  if (!checked.ok) return checked;
  let recording = recordingOf(checked.value);
  for (const edit of edits) {
    const extended = extend(recording, edit);
    if (!extended.ok) return extended;
    recording = extended.value;
  }
  return ok(recording);
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
