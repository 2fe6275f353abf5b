import { ok, type Result, refused } from "#base/result.ts";
import { changeDisk } from "#scenario/disk-patch.ts";
import { LIMITS } from "#scenario/fields.ts";
import { problemText } from "#scenario/problem.ts";
import { parseScenario } from "#scenario/schema.ts";
import type { Scenario } from "#scenario/types.ts";
import type { Edit } from "./edits.ts";
import type { Recording } from "./recording.ts";
import type { StoredCut } from "./store.ts";

// What checks scenarios and changes them: much code, which a first visit does without. It is fetched when it is first needed.

/** What is done by hand is followed for at least so long: a connection may take five seconds to come back, then an election. */
const AFTERMATH = 8_000_000;

/** The scenario after the edit; nothing that was there is taken away but bugs. Not yet checked. */
export function applyEdit(scenario: Scenario, edit: Edit): Scenario {
  switch (edit.type) {
    case "act": {
      const { anchor, action, place } = edit;
      const end = (anchor.type === "at" ? anchor.time : 0) + AFTERMATH;
      return {
        ...scenario,
        script: scenario.script.toSpliced(place, 0, { anchor, action }),
        until: Math.max(scenario.until, Math.min(end, LIMITS.time)),
      };
    }
    case "bugs":
      return edit.side === "twin"
        ? { ...scenario, twin: edit.choice }
        : { ...scenario, ...edit.choice };
    case "twin":
      return { ...scenario, twin: edit.choice };
    case "disk":
      return changeDisk(scenario, edit.machine, edit.settings);
  }
}

/** Checks a scenario whatever its origin, and words what is wrong with it. */
export function checkScenario(scenario: unknown): Result<Scenario> {
  const parsed = parseScenario(scenario);
  return parsed.ok ? ok(parsed.value) : refused(parsed.problem.map(problemText).join("; "));
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
  let recording: Recording = { base: checked.value, edits: [], scenario: checked.value };
  for (const edit of edits) {
    const extended = extend(recording, edit);
    if (!extended.ok) return extended;
    recording = extended.value;
  }
  return ok(recording);
}
