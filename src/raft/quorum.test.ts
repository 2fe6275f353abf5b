import fc from "fast-check";
import { expect, it } from "vitest";
import { agreed, majority } from "./quorum.ts";

it("needs more than half of the voters", () => {
  expect([1, 2, 3, 4, 5, 6, 7].map(majority)).toEqual([1, 2, 2, 3, 3, 4, 4]);
});

it("lets any two majorities share a voter", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 99 }), (n) => 2 * majority(n) > n));
});

it("agrees on what the middle voter of three has reached", () => {
  expect(agreed([7, 4, 9])).toBe(7);
});

it("agrees on the lower middle of an even number", () => {
  expect(agreed([1, 2, 3, 4])).toBe(2);
});

it("agrees on nothing when a majority has nothing", () => {
  expect(agreed([0, 0, 8])).toBe(0);
});

it("agrees on exactly what the sorted numbers say", () => {
  const reached = fc.array(fc.nat(20), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(reached, (numbers) => {
      const descending = [...numbers].sort((a, b) => b - a);
      expect(agreed(numbers)).toBe(descending[majority(numbers.length) - 1]);
    }),
  );
});
