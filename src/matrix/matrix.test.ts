import { describe, expect, it } from "vitest";
import { systemEntry } from "#system/catalogue.ts";
import { COLUMNS, countsAll } from "./columns.ts";
import { bugsLeft, FIX_SETS } from "./fix-sets.ts";
import { advanceMatrix, createMatrix } from "./matrix.ts";
import { MEASURED } from "./measured.testkit.ts";
import { scenarioOf } from "./scenarios.ts";

const ROW_MS = 120_000;

it("has the fix sets that were measured, in that order", () => {
  expect(FIX_SETS.map(({ id }) => id)).toEqual(Object.keys(MEASURED));
});

describe.each(FIX_SETS)("$title", (fixSet) => {
  it(
    "does in all fifteen schedules what the real code did",
    () => {
      const measured = [...(MEASURED[fixSet.id] ?? "").replaceAll(" ", "")];
      const cells = cellsOf(fixSet);
      expect(cells.map(({ scenario, outcome }) => `${scenario} ${outcome}`)).toEqual(
        COLUMNS.map(({ id }, i) => `${id} ${measured[i] === "X" ? "X" : "ok"}`),
      );
    },
    ROW_MS,
  );

  it("takes away only bugs that there are", () => {
    const known = systemEntry("pysyncobj")?.bugs.map(({ id }) => id) ?? [];
    expect(known).toEqual(expect.arrayContaining([...(fixSet.fixes ?? [])]));
    expect(bugsLeft(fixSet)).toHaveLength(known.length - (fixSet.fixes ?? known).length);
  });
});

it("gives a reason wherever a column judges restarts otherwise than another", () => {
  const noted = COLUMNS.filter(({ note }) => note !== "").map(({ id }) => id);
  expect(noted).toEqual(["S6", "S7", "S8", "S9", "S10", "S11"]);
  const narrowed = COLUMNS.filter((column) => !countsAll(column)).map(({ id }) => id);
  expect(noted).toEqual(expect.arrayContaining(narrowed));
  const reusing = COLUMNS.filter(({ note }) => /term/.test(note)).map(({ id }) => id);
  expect(reusing).toEqual(["S6", "S7", "S10", "S11"]);
});

it("plays a cell beside the released version, in the schedule of its column", () => {
  const [fixSet, column] = [FIX_SETS.find(({ id }) => id === "pwrite"), COLUMNS[5]];
  if (fixSet === undefined || column === undefined) throw new Error("there is such a cell");
  const scenario = scenarioOf(fixSet, column);
  expect(scenario).toMatchObject({
    ok: true,
    value: {
      title: "PySyncObj: the commit index is past the journal, and there is no dump to load",
      preset: "0.3.14",
      bugs: null,
      twin: { bugs: bugsLeft(fixSet), options: { pwrite: 1 } },
    },
  });
});

it("comes to the same cell however it is cut into slices", () => {
  const [fixSet] = FIX_SETS;
  if (fixSet === undefined) throw new Error("there is a first fix set");
  const begun = createMatrix([fixSet]);
  if (!begun.ok) throw new Error(begun.problem);
  while (begun.value.cells.length < 2) advanceMatrix(begun.value, 100);
  expect(begun.value.cells).toEqual(cellsOf(fixSet).slice(0, 2));
});

function cellsOf(fixSet: (typeof FIX_SETS)[number]) {
  const begun = createMatrix([fixSet]);
  if (!begun.ok) throw new Error(begun.problem);
  while (!advanceMatrix(begun.value));
  return begun.value.cells;
}
