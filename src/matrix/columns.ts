import type { Failure } from "./failures.ts";

/** A column: a schedule, and which failures it is about. */
export interface Column {
  /** "S1" to "S15". */
  readonly id: string;
  /** In the library. */
  readonly scenario: string;
  readonly title: string;
  /** Any other failure is another column's matter. */
  readonly counts: readonly Failure[];
  /** Why these count, where columns differ in it; empty: all count, and nothing needs a reason. */
  readonly note: string;
}

const EVERY: readonly Failure[] = [
  "two leaders",
  "divergence",
  "lost write",
  "unsafe answer",
  "not ready",
];

const LOST_BY_THE_DISK =
  "What the disk has lost stays lost whatever the start does, and that a term is used twice after it is S5's matter; asked is whether the cluster goes on, and without unsafe answers.";
const ALREADY_DIVERGED =
  "The reboot before has done its harm; asked is what the saved commit index adds to it.";
const MEETS_ANOTHER_LEADER =
  "The others elect a leader while the old one runs on unreachable, and the two meet: two leaders of one term are this schedule's own matter. With a sync at every write alone nothing is lost here, and that is what fails.";
const TERM_REUSED =
  "That a term is used twice after a restart is S5's matter; asked is what becomes of the entries behind the dump.";

export const COLUMNS: readonly Column[] = [
  column(1, "pysyncobj-201", "restart divergence, disks of 0.3.14"),
  column(2, "pysyncobj-s2", "the same, disks of the fixed version"),
  column(3, "pysyncobj-double-vote", "double vote, process restart"),
  column(4, "pysyncobj-202-vote", "double vote, power loss of the meta rename"),
  column(5, "pysyncobj-silent", "silent term reuse"),
  column(6, "pysyncobj-s6", "commit past the journal, no dump", {
    counts: ["unsafe answer", "not ready"],
    note: LOST_BY_THE_DISK,
  }),
  column(7, "pysyncobj-197", "the same, with a dump", {
    counts: ["unsafe answer", "not ready"],
    note: LOST_BY_THE_DISK,
  }),
  column(8, "pysyncobj-s8", "meta of a truncated epoch, kill at once", {
    counts: ["unsafe answer"],
    note: ALREADY_DIVERGED,
  }),
  column(9, "pysyncobj-s9", "the same, kill after the timer", {
    counts: ["unsafe answer"],
    note: ALREADY_DIVERGED,
  }),
  column(10, "pysyncobj-s10", "a majority loses its tail", {
    counts: EVERY,
    note: MEETS_ANOTHER_LEADER,
  }),
  column(11, "pysyncobj-197-kill", "dump and journal race on all", {
    counts: ["divergence", "lost write", "unsafe answer", "not ready"],
    note: TERM_REUSED,
  }),
  column(12, "pysyncobj-s12", "a batch sent again"),
  column(13, "pysyncobj-s13", "an unverified commit"),
  column(14, "pysyncobj-s14", "a big record"),
  column(15, "pysyncobj-s15", "repair livelock"),
];

/** No failure is left to another column. */
export function countsAll({ counts }: Column): boolean {
  return EVERY.every((failure) => counts.includes(failure));
}

/** Columns that count the same for the same reason, together; those without a reason are left out. */
export function notedTogether(): readonly (Column & { readonly ids: readonly string[] })[] {
  const noted = COLUMNS.filter(({ note }) => note !== "");
  return [...new Set(noted.map(({ note }) => note))].flatMap((note) => {
    const columns = noted.filter((each) => each.note === note);
    const [first] = columns;
    return first === undefined ? [] : [{ ...first, ids: columns.map(({ id }) => id) }];
  });
}

function column(
  number: number,
  scenario: string,
  title: string,
  { counts, note }: Pick<Column, "counts" | "note"> = { counts: EVERY, note: "" },
): Column {
  return { id: `S${number}`, scenario, title, counts, note };
}
