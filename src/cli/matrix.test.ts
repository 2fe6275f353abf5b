import { expect, it } from "vitest";
import { FIX_SETS } from "#matrix/fix-sets.ts";
import { type MatrixAnswer, matrixCommand } from "./matrix.ts";

const ROW_MS = 60_000;
const BOTH = FIX_SETS.filter(({ id }) => id === "none" || id === "all");

it(
  "prints a row for each fix set, with the fifteen schedules in their order",
  () => {
    const { exit, out } = matrixCommand("pysyncobj", { json: true }, BOTH);
    expect(exit).toBe(0);
    const { rows } = JSON.parse(out) as MatrixAnswer;
    expect(rows.map(({ fixSet, cells }) => [fixSet, cells.map((cell) => cell.outcome)])).toEqual([
      ["none", Array(15).fill("X")],
      ["all", Array(15).fill("ok")],
    ]);
    const schedules = Array.from({ length: 15 }, (_, i) => `S${i + 1}`);
    expect(rows[0]?.cells.map(({ scenario }) => scenario)).toEqual(schedules);
  },
  ROW_MS,
);

it(
  "prints a table, and below it what the columns are",
  () => {
    const lines = matrixCommand("pysyncobj", { json: false }, BOTH.slice(0, 1)).out.split("\n");
    expect(lines[1]).toMatch(/^none \(0\.3\.14\)( +X){15}$/);
    expect(lines).toContain("S4   double vote, power loss of the meta rename (pysyncobj-202-vote)");
    expect(lines).toContain(
      "In S8 counts: unsafe answer. The reboot before has done its harm; asked is what the saved commit index adds to it.",
    );
    expect(lines.find((line) => line.startsWith("In S10 counts: every failure. "))).toContain(
      "two leaders of one term",
    );
  },
  ROW_MS,
);

it("knows of no other system", () => {
  expect(matrixCommand("reference", { json: true })).toMatchObject({ exit: 2, out: "" });
});
