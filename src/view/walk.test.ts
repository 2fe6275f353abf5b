import fc from "fast-check";
import { expect, it } from "vitest";
import { outline } from "./frames.testkit.ts";
import { nextInteresting } from "./interesting.ts";
import { placeAt, placeOf, sidePart, stepBefore, type Walk, walkOf } from "./walk.ts";

/** Step 0 at the beginning, then steps in order of time, many of them at one and the same. */
const run = fc
  .array(fc.nat(6), { maxLength: 12 })
  .map((times) => outline([0, ...times.sort((a, b) => a - b)]));
const walks = fc.tuple(run, run).map(([main, twin]) => ({ main, twin, walk: walkOf(main, twin) }));

function placesOf({ main, twin }: Walk): [number, number][] {
  return Array.from(main, (step, place) => [step, twin?.[place] ?? 0]);
}

it("passes every step of both sides once, from the beginning to the end", () => {
  fc.assert(
    fc.property(walks, ({ main, twin, walk }) => {
      const places = placesOf(walk);
      expect(places[0]).toEqual([0, 0]);
      expect(places.at(-1)).toEqual([main.steps - 1, twin.steps - 1]);
      for (const [at, [step, beside]] of places.entries()) {
        const [before, besideBefore] = places[at - 1] ?? [step - 1, beside];
        const by = [step - before, beside - besideBefore];
        expect(by).toSatisfy(([one, other]) => one + other > 0);
        expect(Math.max(...by)).toBe(1);
        expect(Math.min(...by)).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});

it("keeps both sides in order of time: neither has passed anything that the other has not come to", () => {
  fc.assert(
    fc.property(walks, ({ main, twin, walk }) => {
      const { times } = walk.outline;
      for (const [place, [step, beside]] of placesOf(walk).entries()) {
        expect(times[place]).toBeGreaterThanOrEqual(times[place - 1] ?? 0);
        const [ours, theirs] = [main.times[step] ?? 0, twin.times[beside] ?? 0];
        expect(times[place]).toBe(Math.max(ours, theirs));
        for (const next of [main.times[step + 1], twin.times[beside + 1]]) {
          expect(next ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(Math.max(ours, theirs));
        }
      }
    }),
  );
});

it("finds every place again by its pair, so that back undoes forward", () => {
  fc.assert(
    fc.property(walks, ({ walk }) => {
      for (const [place, [step, beside]] of placesOf(walk).entries()) {
        expect(placeOf(walk, step, beside)).toBe(place);
      }
    }),
  );
});

it("reaches a step of a side at the first place where that side stands at it", () => {
  fc.assert(
    fc.property(walks, ({ walk }) => {
      for (const side of ["main", "twin"] as const) {
        for (const step of walk[side] ?? []) {
          expect(placeAt(walk, side, step)).toBe(walk[side]?.indexOf(step));
        }
      }
    }),
  );
});

it("goes along identical runs step by step on both sides", () => {
  fc.assert(
    fc.property(run, (one) => {
      expect(placesOf(walkOf(one, one))).toEqual(Array.from(one.times, (_, step) => [step, step]));
    }),
  );
});

it("changes nothing without a twin", () => {
  const one = outline([0, 0, 10, 20], ["2 election"]);
  const walk = walkOf(one, null);
  expect(walk.outline).toBe(one);
  expect([0, 2, 3].map((step) => placeOf(walk, step, null))).toEqual([0, 2, 3]);
});

it("passes what only the right side does one by one, while the left side waits", () => {
  const main = outline([0, 10, 60], ["2 crash"]);
  const twin = outline([0, 10, 30, 40, 60], ["2 story", "3 election"]);
  const walk = walkOf(main, twin);
  expect(placesOf(walk)).toEqual([
    [0, 0],
    [1, 1],
    [1, 2],
    [1, 3],
    [2, 4],
  ]);
  expect([0, 2, 3].map((place) => nextInteresting(walk.outline, place))).toEqual([2, 3, 4]);
  expect([0, 1, 2, 3, 4].map((place) => sidePart(walk, "main", place))).toEqual([
    0,
    1,
    1 + 1 / 3,
    1 + 2 / 3,
    2,
  ]);
});

it("puts the last of one time beside the last", () => {
  const walk = walkOf(outline([0, 10, 10]), outline([0, 10, 10, 10, 10]));
  expect(placesOf(walk)).toEqual([
    [0, 0],
    [1, 1],
    [1, 2],
    [1, 3],
    [2, 4],
  ]);
});

it("knows the last step before a time, however many there are at that time", () => {
  const run = outline([0, 3, 3, 5]);
  expect([0, 3, 4, 5, 9].map((time) => stepBefore(run, 1000 * time))).toEqual([0, 0, 2, 2, 3]);
});
