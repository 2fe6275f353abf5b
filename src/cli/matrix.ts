import { COLUMNS, countsAll } from "#matrix/columns.ts";
import { FIX_SETS, type FixSet } from "#matrix/fix-sets.ts";
import { advanceMatrix, type Cell, createMatrix } from "#matrix/matrix.ts";
import { type Answer, badInput } from "./answer.ts";
import { table } from "./text.ts";

/** What `matrix --json` prints: a row for each fix set. */
export interface MatrixAnswer {
  readonly rows: readonly {
    readonly fixSet: string;
    readonly title: string;
    readonly cells: readonly Pick<Cell, "scenario" | "outcome" | "failures">[];
  }[];
}

/** `blackstart matrix SYSTEM`: which fixes help in which schedule. Every cell is run. */
export function matrixCommand(
  system: string,
  { json }: { readonly json: boolean },
  fixSets: readonly FixSet[] = FIX_SETS,
): Answer {
  if (system !== "pysyncobj") {
    return badInput(`There is no matrix of ${system}; there is one of pysyncobj.`);
  }
  const rows: MatrixAnswer["rows"][number][] = [];
  for (const fixSet of fixSets) {
    const matrix = createMatrix([fixSet]);
    if (!matrix.ok) return badInput(matrix.problem);
    while (!advanceMatrix(matrix.value));
    const cells = matrix.value.cells.map(({ scenario, outcome, failures }) => {
      return { scenario, outcome, failures };
    });
    rows.push({ fixSet: fixSet.id, title: fixSet.title, cells });
  }
  const answer: MatrixAnswer = { rows };
  return { exit: 0, out: json ? JSON.stringify(answer) : linesOf(answer).join("\n"), err: "" };
}

function linesOf({ rows }: MatrixAnswer): readonly string[] {
  const notes = COLUMNS.filter(({ note }) => note !== "");
  return [
    table(
      ["fix set", ...COLUMNS.map(({ id }) => id)],
      rows.map(({ title, cells }) => [title, ...cells.map(({ outcome }) => outcome)]),
    ),
    "",
    "X: two leaders of a term, state machines that differ, a lost write, an unsafe answer, or a server that is not ready.",
    ...COLUMNS.map(({ id, title, scenario }) => `${id.padEnd(4)} ${title} (${scenario})`),
    ...notes.map((column) => {
      const counted = countsAll(column) ? "every failure" : column.counts.join(", ");
      return `In ${column.id} counts: ${counted}. ${column.note}`;
    }),
  ];
}
