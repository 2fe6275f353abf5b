import fc from "fast-check";
import { expect, it } from "vitest";
import { outline } from "./frames.testkit.ts";
import {
  flightProgress,
  nextStepAt,
  otherSpeed,
  type Pace,
  type Position,
  playingTime,
  playOn,
  SPEEDS,
  steadyPace,
  stepDuration,
  virtualTimeAt,
} from "./playback.ts";

const START: Position = { step: 0, part: 0 };

it("shows so many events a second at a steady pace, however far apart they are", () => {
  const { times } = outline([0, 1, 1, 5000]);
  expect([0, 1, 2].map((step) => stepDuration(times, step, steadyPace(4)))).toEqual([
    250, 250, 250,
  ]);
});

it("follows virtual time by its scale, between the pace and the longest idle stretch", () => {
  const pace: Pace = { eventsPerSecond: 10, timeScale: 0.1, idleMost: 800 };
  const { times } = outline([0, 1, 31, 5000]);
  expect([0, 1, 2].map((step) => stepDuration(times, step, pace))).toEqual([100, 300, 800]);
});

it("knows when the next step comes, and that none comes after the last", () => {
  const { times } = outline([0, 1, 2]);
  expect(nextStepAt(times, { step: 0, part: 0.25 }, steadyPace(1))).toBe(750);
  expect(nextStepAt(times, { step: 2, part: 0 }, steadyPace(1))).toBeNull();
});

it("stops at the last step", () => {
  const { times } = outline([0, 1, 2]);
  expect(playOn(times, START, 1e9, steadyPace(2))).toEqual({ step: 2, part: 0 });
  expect(playOn(new Float64Array(0), START, 10, steadyPace(2))).toEqual(START);
});

it("passes several steps at once when much time has gone by", () => {
  const { times } = outline([0, 1, 2, 3, 4, 5]);
  expect(playOn(times, START, 2500, steadyPace(1))).toEqual({ step: 2, part: 0.5 });
});

it("never goes back, and virtual time never does", () => {
  fc.assert(
    fc.property(
      someTimes(),
      somePace(),
      fc.array(fc.nat(3000), { maxLength: 30 }),
      (run, pace, waits) => {
        let position = START;
        let time = virtualTimeAt(run, position);
        for (const wait of waits) {
          const next = playOn(run, position, wait, pace);
          const isLater =
            next.step > position.step ||
            (next.step === position.step && next.part >= position.part);
          expect(isLater || next.step === run.length - 1).toBe(true);
          expect(next.part).toBeGreaterThanOrEqual(0);
          expect(next.part).toBeLessThan(1);
          expect(virtualTimeAt(run, next)).toBeGreaterThanOrEqual(time);
          position = next;
          time = virtualTimeAt(run, next);
        }
      },
    ),
  );
});

it("comes to the same place in many small waits as in one", () => {
  fc.assert(
    fc.property(
      someTimes(),
      somePace(),
      fc.array(fc.nat(300), { maxLength: 20 }),
      (run, pace, waits) => {
        const many = waits.reduce((position, wait) => playOn(run, position, wait, pace), START);
        const one = playOn(
          run,
          START,
          waits.reduce((sum, wait) => sum + wait, 0),
          pace,
        );
        expect(many.step + many.part).toBeCloseTo(one.step + one.part, 4);
      },
    ),
  );
});

it("is at the next step when the time until it is over", () => {
  fc.assert(
    fc.property(someTimes(), somePace(), fc.nat(5), (run, pace, step) => {
      const position = { step: Math.min(step, run.length - 1), part: 0 };
      const wait = nextStepAt(run, position, pace);
      if (wait === null) return;
      expect(playOn(run, position, wait, pace)).toEqual({ step: position.step + 1, part: 0 });
    }),
  );
});

it("adds up how long a stretch takes", () => {
  const { times } = outline([0, 1, 2, 3]);
  expect(playingTime(times, 0, 2, steadyPace(4))).toBe(500);
  expect(playingTime(times, 0, 99, steadyPace(4))).toBe(750);
});

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

function someTimes(): fc.Arbitrary<Float64Array> {
  return fc.array(fc.nat(2_000_000), { minLength: 1, maxLength: 30 }).map((gaps) => {
    let time = 0;
    return Float64Array.from(gaps, (gap) => {
      time += gap;
      return time;
    });
  });
}

function somePace(): fc.Arbitrary<Pace> {
  return fc.record({
    eventsPerSecond: fc.constantFrom(...SPEEDS),
    timeScale: fc.option(fc.constantFrom(0.001, 0.05, 1)),
    idleMost: fc.constantFrom(1, 400, 3000),
  });
}
