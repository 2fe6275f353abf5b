import { ok, type Result, refused } from "#base/result.ts";
import { FIX_SETS } from "#matrix/fix-sets.ts";
import { advanceMatrix, type Cell, createMatrix } from "#matrix/matrix.ts";
import type { Trial } from "./trials.ts";

/** Events of a run, for each recovery that a trial of crash states would take meanwhile. */
const EVENTS = 16;

/** A row of the table of fixes, cell by cell. Refused: there is no such set of fixes, or a schedule cannot be run. */
export function matrixTrial(fixSet: string): Result<Trial<readonly Cell[]>> {
  const row = FIX_SETS.find(({ id }) => id === fixSet);
  if (row === undefined) return refused(`There is no set of fixes ${fixSet}.`);
  const begun = createMatrix([row]);
  if (!begun.ok) return begun;
  const matrix = begun.value;
  return ok({
    advance: (recoveries) => advanceMatrix(matrix, recoveries * EVENTS),
    done: () => matrix.cells.length,
    of: () => matrix.places.length,
    text: () => matrix.places[matrix.cells.length]?.column.title ?? "",
    answer: () => matrix.cells,
  });
}
