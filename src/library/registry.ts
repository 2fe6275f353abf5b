import { SIMULTANEOUS_REBOOT } from "./incidents/pysyncobj-201/scenario.ts";
import { DOUBLE_VOTE } from "./incidents/pysyncobj-double-vote/scenario.ts";
import { UPGRADE } from "./incidents/pysyncobj-upgrade/scenario.ts";
import { KILL_IS_NOT_A_CRASH } from "./lessons/disk-01-kill-is-not-a-crash/scenario.ts";
import { FORGOTTEN_VOTE } from "./lessons/disk-02-forgotten-vote/scenario.ts";
import { VOTE_WITHOUT_DIRECTORY_SYNC } from "./lessons/disk-03-vote-without-directory-sync/scenario.ts";
import { ZERO_LENGTH_VOTE } from "./lessons/disk-04-zero-length-vote/scenario.ts";
import { POINTER_BEFORE_RECORD } from "./lessons/disk-09-pointer-before-record/scenario.ts";
import { TORN_RECORD } from "./lessons/disk-12-torn-record/scenario.ts";
import { HIDDEN_BY_THE_JOURNAL } from "./lessons/disk-15-hidden-by-the-journal/scenario.ts";
import { NAME_NEVER_SYNCED } from "./lessons/disk-15-name-never-synced/scenario.ts";
import { COMPACTION_IN_PLACE } from "./lessons/disk-18-compaction-in-place/scenario.ts";
import { COMPACTION_UNSYNCED } from "./lessons/disk-18-compaction-unsynced/scenario.ts";
import { SYNC_RETRIED } from "./lessons/disk-24-sync-retried/scenario.ts";
import { LYING_SYNC } from "./lessons/disk-27-lying-sync/scenario.ts";
import { ROT_IN_THE_LOG } from "./lessons/disk-28-rot-in-the-log/scenario.ts";
import { UNREADABLE_IS_EMPTY } from "./lessons/disk-31-unreadable-is-empty/scenario.ts";
import { SWAPPED_DISK } from "./lessons/disk-33-swapped-disk/scenario.ts";
import { ANSWER_BEFORE_PERSIST } from "./lessons/disk-34-answer-before-persist/scenario.ts";
import { LAZY_SYNC } from "./lessons/disk-36-lazy-sync/scenario.ts";
import { DOUBLE_APPLY } from "./lessons/disk-38-double-apply/scenario.ts";
import { FIVE_SERVERS } from "./lessons/reference-five/scenario.ts";
import { REBOOT } from "./lessons/reference-reboot/scenario.ts";
import { STEADY } from "./lessons/reference-steady/scenario.ts";

export interface LibraryEntry {
  /** The name on the command line and in links. It never changes. */
  readonly id: string;
  /** `disk`: what disks may do, one lesson each. */
  readonly kind: "incident" | "lesson" | "disk";
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
  entry("disk-01-kill-is-not-a-crash", "disk", KILL_IS_NOT_A_CRASH),
  entry("disk-02-forgotten-vote", "disk", FORGOTTEN_VOTE),
  entry("disk-03-vote-without-directory-sync", "disk", VOTE_WITHOUT_DIRECTORY_SYNC),
  entry("disk-04-zero-length-vote", "disk", ZERO_LENGTH_VOTE),
  entry("disk-09-pointer-before-record", "disk", POINTER_BEFORE_RECORD),
  entry("disk-12-torn-record", "disk", TORN_RECORD),
  entry("disk-15-name-never-synced", "disk", NAME_NEVER_SYNCED),
  entry("disk-15-hidden-by-the-journal", "disk", HIDDEN_BY_THE_JOURNAL),
  entry("disk-18-compaction-unsynced", "disk", COMPACTION_UNSYNCED),
  entry("disk-18-compaction-in-place", "disk", COMPACTION_IN_PLACE),
  entry("disk-24-sync-retried", "disk", SYNC_RETRIED),
  entry("disk-27-lying-sync", "disk", LYING_SYNC),
  entry("disk-28-rot-in-the-log", "disk", ROT_IN_THE_LOG),
  entry("disk-31-unreadable-is-empty", "disk", UNREADABLE_IS_EMPTY),
  entry("disk-33-swapped-disk", "disk", SWAPPED_DISK),
  entry("disk-34-answer-before-persist", "disk", ANSWER_BEFORE_PERSIST),
  entry("disk-36-lazy-sync", "disk", LAZY_SYNC),
  entry("disk-38-double-apply", "disk", DOUBLE_APPLY),
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
