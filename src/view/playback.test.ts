import { expect, it } from "vitest";
import { flightProgress, otherSpeed, SPEEDS, virtualTimeAt } from "./playback.ts";

it("has a message at its sender as it leaves and at its receiver as it arrives", () => {
  const message = { sent: 1000, arrives: 3000 };
  expect([0, 1000, 1500, 3000, 9000].map((time) => flightProgress(message, time))).toEqual([
    0, 0, 0.25, 1, 1,
  ]);
});

it("lets a message that takes no time be there at once", () => {
  expect(flightProgress({ sent: 1000, arrives: 1000 }, 1000)).toBe(1);
});

it("goes through the speeds one by one and stops at their ends", () => {
  expect(otherSpeed(4, 1)).toBe(8);
  expect(otherSpeed(4, -1)).toBe(2);
  expect(otherSpeed(5, -1)).toBe(4);
  expect(otherSpeed(SPEEDS[0] ?? 0, -1)).toBe(SPEEDS[0]);
  expect(otherSpeed(SPEEDS.at(-1) ?? 0, 1)).toBe(SPEEDS.at(-1));
});

it("lets virtual time run evenly from step to step", () => {
  const times = Float64Array.of(0, 1000, 5000);
  const moments = [0, 0.5].map((part) => virtualTimeAt(times, { step: 1, part }));
  expect(moments).toEqual([1000, 3000]);
  expect(virtualTimeAt(times, { step: 2, part: 0 })).toBe(5000);
});
