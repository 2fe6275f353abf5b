import { SIMULTANEOUS_REBOOT } from "./incidents/pysyncobj-201/scenario.ts";
import { DOUBLE_VOTE } from "./incidents/pysyncobj-double-vote/scenario.ts";
import { UPGRADE } from "./incidents/pysyncobj-upgrade/scenario.ts";
import { FIVE_SERVERS } from "./lessons/reference-five/scenario.ts";
import { REBOOT } from "./lessons/reference-reboot/scenario.ts";
import { STEADY } from "./lessons/reference-steady/scenario.ts";

export interface LibraryEntry {
  /** The name on the command line and in links. It never changes. */
  readonly id: string;
  readonly kind: "incident" | "lesson";
  readonly title: string;
  /** One or two sentences. */
  readonly about: string;
  /** A document of the published schema. */
  readonly scenario: unknown;
}

export const LIBRARY: readonly LibraryEntry[] = [
  entry("pysyncobj-201", "incident", SIMULTANEOUS_REBOOT),
  entry("pysyncobj-double-vote", "incident", DOUBLE_VOTE),
  entry("pysyncobj-upgrade", "incident", UPGRADE),
  entry("reference-reboot", "lesson", REBOOT),
  entry("reference-steady", "lesson", STEADY),
  entry("reference-five", "lesson", FIVE_SERVERS),
];

/** Null when the library has no scenario of that id. */
export function libraryScenario(id: string): LibraryEntry | null {
  return LIBRARY.find((each) => each.id === id) ?? null;
}

function entry(
  id: string,
  kind: LibraryEntry["kind"],
  scenario: { readonly title: string; readonly about: string },
): LibraryEntry {
  return { id, kind, title: scenario.title, about: scenario.about, scenario };
}
