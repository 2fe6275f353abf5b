import { expect, it } from "vitest";
import { matrixTrial } from "./matrix-trial.ts";

const ROW_MS = 60_000;

it("knows of no other set of fixes", () => {
  expect(matrixTrial("nope")).toMatchObject({ ok: false });
});

it(
  "runs a row in small pieces, and says how far it is",
  () => {
    const begun = matrixTrial("all");
    if (!begun.ok) throw new Error(begun.problem);
    const trial = begun.value;
    expect([trial.done(), trial.of(), trial.text()]).toEqual([
      0,
      15,
      "restart divergence, disks of 0.3.14",
    ]);
    let pieces = 1;
    while (!trial.advance(16)) pieces += 1;
    expect(pieces).toBeGreaterThan(15);
    expect(trial.done()).toBe(15);
    expect(trial.answer().map(({ outcome }) => outcome)).toEqual(Array(15).fill("ok"));
  },
  ROW_MS,
);
