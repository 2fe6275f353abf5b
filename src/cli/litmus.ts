import { type LitmusRow, type LitmusTable, litmusMatrix, voteMatrix } from "#disk/litmus.ts";
import type { Answer } from "./answer.ts";
import { COLUMNS, wrapped } from "./text.ts";

/** `blackstart litmus`: what each policy may leave of short sequences of calls, and of a vote being saved. */
export function litmusCommand({ json }: { readonly json: boolean }): Answer {
  const tables = [litmusMatrix(), voteMatrix()];
  const out = json
    ? JSON.stringify({ tables })
    : [...tables.flatMap((table) => [...litmusLines(table), ""]), ...LEGEND].join("\n");
  return { exit: 0, out, err: "" };
}

/** A column each: its lines. */
type Cells = readonly (readonly string[])[];

const LEGEND = [
  "Each column has all that a crash of the operating system may leave under that policy. What stands after a ! no author",
  "of a journal wants. Policies are sets of rules, not file systems.",
];
const INDENT = 5;
const GAP = 2;

/** A row is a heading and the cells below it, a column a policy, none wider than the screen. */
export function litmusLines({ title, policies, rows }: LitmusTable): readonly string[] {
  const width = Math.floor((COLUMNS - INDENT + GAP) / policies.length) - GAP;
  const cells = (columns: Cells) => beside(columns, width);
  return [
    title,
    "",
    ...cells(policies.map((policy) => [policy])),
    ...rows.flatMap((row) => [
      "",
      ...heading(row),
      ...outcomesOf(row, width).flatMap(cells),
      ...end(row),
    ]),
  ];
}

function heading({ id, title, steps }: LitmusRow): readonly string[] {
  const [first = "", ...more] = wrapped(title, COLUMNS - INDENT);
  const calls = wrapped(steps.join("; "), COLUMNS - INDENT);
  return [`${id.padEnd(INDENT - 1)} ${first}`, ...[...more, ...calls].map(indented)];
}

/** One and the same outcome stands in one line under all policies, so that what a policy adds is seen at once. */
function outcomesOf({ outcomes }: LitmusRow, width: number): readonly Cells[] {
  const texts = new Set(outcomes.flatMap((cell) => cell.map(({ text }) => text)));
  return [...texts].map((text) =>
    outcomes.map((cell) => {
      const outcome = cell.find((each) => each.text === text);
      if (outcome === undefined) return [];
      const lines = wrapped(text, width - 2);
      return lines.map((line, i) => `${i > 0 ? "  " : outcome.harmful ? "! " : "  "}${line}`);
    }),
  );
}

function end({ lesson }: LitmusRow): readonly string[] {
  return lesson === "" ? [] : wrapped(lesson, COLUMNS - INDENT).map(indented);
}

function beside(columns: Cells, width: number): readonly string[] {
  const height = Math.max(0, ...columns.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    indented(columns.map((column) => (column[line] ?? "").padEnd(width)).join(" ".repeat(GAP))),
  ).map((line) => line.trimEnd());
}

function indented(line: string): string {
  return " ".repeat(INDENT) + line;
}
