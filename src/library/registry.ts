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
import { S2 } from "./pysyncobj/s02.ts";
import { S4 } from "./pysyncobj/s04.ts";
import { S5 } from "./pysyncobj/s05.ts";
import { S6 } from "./pysyncobj/s06.ts";
import { CLAMP, S7 } from "./pysyncobj/s07.ts";
import { S8, S9 } from "./pysyncobj/s08.ts";
import { S10 } from "./pysyncobj/s10.ts";
import { S11 } from "./pysyncobj/s11.ts";
import { S12 } from "./pysyncobj/s12.ts";
import { S13 } from "./pysyncobj/s13.ts";
import { S14 } from "./pysyncobj/s14.ts";
import { S15 } from "./pysyncobj/s15.ts";
import { RECORDED_RUNS } from "./recorded/registry.ts";

export interface LibraryEntry {
  /** The name on the command line and in links. It never changes. */
  readonly id: string;
  /** `disk`: what disks may do, one lesson each; `recorded`: what a real system did; `hazard`: of the table of fixes. */
  readonly kind: "incident" | "lesson" | "disk" | "hazard" | "recorded";
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
  entry("pysyncobj-202-vote", "incident", S4),
  entry("pysyncobj-197", "incident", S7),
  entry("pysyncobj-197-clamp", "incident", CLAMP),
  entry("pysyncobj-197-kill", "incident", S11),
  entry("pysyncobj-silent", "incident", S5),
  entry("pysyncobj-s2", "hazard", S2),
  entry("pysyncobj-s6", "hazard", S6),
  entry("pysyncobj-s8", "hazard", S8),
  entry("pysyncobj-s9", "hazard", S9),
  entry("pysyncobj-s10", "hazard", S10),
  entry("pysyncobj-s12", "hazard", S12),
  entry("pysyncobj-s13", "hazard", S13),
  entry("pysyncobj-s14", "hazard", S14),
  entry("pysyncobj-s15", "hazard", S15),
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
  ...RECORDED_RUNS.map(({ id, scenario }) => entry(id, "recorded", scenario)),
];

/** Schedules of the table of fixes that are incidents under a name of their own. */
const BY_NUMBER: ReadonlyMap<string, string> = new Map([
  ["pysyncobj-s1", "pysyncobj-201"],
  ["pysyncobj-s3", "pysyncobj-double-vote"],
  ["pysyncobj-s4", "pysyncobj-202-vote"],
  ["pysyncobj-s5", "pysyncobj-silent"],
  ["pysyncobj-s7", "pysyncobj-197"],
  ["pysyncobj-s11", "pysyncobj-197-kill"],
]);

/** Null when the library has no scenario of that id. */
export function libraryScenario(id: string): LibraryEntry | null {
  const name = BY_NUMBER.get(id) ?? id;
  return LIBRARY.find((each) => each.id === name) ?? null;
}

function entry(
  id: string,
  kind: LibraryEntry["kind"],
  scenario: { readonly title: string; readonly about: string },
): LibraryEntry {
  return { id, kind, title: scenario.title, about: scenario.about, scenario };
}
