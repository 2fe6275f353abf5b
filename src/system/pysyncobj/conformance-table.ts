import type { Conformance } from "./conformance.ts";

/** A recorded run that was compared. */
export interface Compared
  extends Pick<Conformance, "compared" | "firstDifference" | "gaps" | "folders"> {
  /** Of the file, or of the folder that it lies in. */
  readonly name: string;
}

/** One row a run, as lines of Markdown. */
export function conformanceTable(runs: readonly Compared[]): readonly string[] {
  return [
    "| recorded run | events compared | first difference | left out by the record | files met |",
    "|---|---|---|---|---|",
    ...runs.map((run) => {
      const { name, compared, firstDifference: found } = run;
      const difference =
        found === null ? "none" : `${found.field} of ${found.node}, seq ${found.seq}`;
      return `| ${name} | ${compared} | ${difference} | ${leftOut(run)} | ${filesMet(run)} |`;
    }),
  ];
}

/** Each sentence once, with how often it is said. */
function leftOut({ gaps }: Compared): string {
  const counts = new Map<string, number>();
  for (const { text } of gaps) counts.set(text, (counts.get(text) ?? 0) + 1);
  const parts = [...counts].map(([text, count]) =>
    count === 1 ? text : `${text} (${count} times)`,
  );
  return parts.length === 0 ? "nothing" : parts.join("; ");
}

/** Folders whose disks the model's were at some moment. Those that the model's disks were taken from prove nothing. */
function filesMet({ folders }: Compared): string {
  const parts = folders
    .filter(({ isTaken }) => !isTaken)
    .map(({ name, files, seq, isLater }) => {
      const where = name === "" ? "beside it" : `\`${name}\``;
      if (seq !== null) return `${files} ${where}`;
      return isLater ? `${where} is from after the record` : `never ${where}`;
    });
  return parts.length === 0 ? "none are there" : parts.join(", ");
}
