import { expect, it } from "vitest";
import { intervalOf } from "./interval.ts";

it.each([
  [9, 20, 231, 685],
  [4, 40, 28, 237],
  [10, 40, 127, 412],
  [0, 20, 0, 169],
  [20, 20, 832, 1000],
])("%i of %i is %i to %i per mille", (count, of, low, high) => {
  const [least, most] = intervalOf(count, of);
  expect(Math.abs(least - low)).toBeLessThanOrEqual(1);
  expect(Math.abs(most - high)).toBeLessThanOrEqual(1);
});
