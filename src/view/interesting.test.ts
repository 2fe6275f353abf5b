import fc from "fast-check";
import { expect, it } from "vitest";
import { outline } from "./frames.testkit.ts";
import {
  bandsOf,
  marksBetween,
  nextInteresting,
  previousInteresting,
  stepAtTime,
  termAt,
} from "./interesting.ts";

const RUN = outline(
  [0, 0, 10, 20, 20, 20, 50, 60],
  ["1 boot", "3 client", "4 election", "4 commit", "6 crash"],
  ["0 t0", "4 t2", "6 t0"],
);

it("goes to the next interesting step, past what a client or a user did", () => {
  expect([0, 1, 3, 4, 6].map((step) => nextInteresting(RUN, step))).toEqual([1, 4, 4, 6, null]);
});

it("goes back to the previous interesting step", () => {
  expect([7, 6, 4, 2, 1].map((step) => previousInteresting(RUN, step))).toEqual([6, 4, 1, 1, null]);
});

it("comes back from wherever it went on to", () => {
  fc.assert(
    fc.property(fc.nat(7), (step) => {
      const next = nextInteresting(RUN, step);
      if (next !== null) expect(previousInteresting(RUN, next + 1)).toBe(next);
    }),
  );
});

it("finds the last step that is not later than a time", () => {
  expect([-1, 0, 9, 20, 49, 1000].map((time) => stepAtTime(RUN, 1000 * time))).toEqual([
    0, 1, 1, 5, 5, 7,
  ]);
});

it("finds every step's time again", () => {
  fc.assert(
    fc.property(fc.nat(7), (step) => {
      const found = stepAtTime(RUN, RUN.times[step] ?? 0);
      expect(RUN.times[found]).toBe(RUN.times[step]);
      expect(found).toBeGreaterThanOrEqual(step);
    }),
  );
});

it("lists the marks of a stretch, both ends included", () => {
  expect(marksBetween(RUN, 3, 4).map(({ kind }) => kind)).toEqual(["client", "election", "commit"]);
  expect(marksBetween(RUN, 5, 5)).toEqual([]);
});

it("knows the highest term at a step", () => {
  expect([0, 3, 4, 5, 7].map((step) => termAt(RUN, step))).toEqual([0, 0, 2, 2, 0]);
});

it("lets bands follow each other to the end of the run", () => {
  expect(bandsOf(RUN).map(({ step, end }) => [step, end])).toEqual([
    [0, 4],
    [4, 6],
    [6, 8],
  ]);
});
