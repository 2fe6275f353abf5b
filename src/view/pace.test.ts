import fc from "fast-check";
import { expect, it } from "vitest";
import type { Mark, Outline } from "#sim/frame.ts";
import { entryStep, evenPace, playingTime, playOn, scaledPace, storyPace } from "./pace.ts";

const mark = (step: number, kind: Mark["kind"]): Mark => ({
  step,
  time: step,
  kind,
  server: null,
  text: kind,
});
const outline = (steps: number, marks: readonly Mark[] = []): Outline => ({
  steps,
  times: new Float64Array(steps),
  marks,
  bands: [],
});

it("holds a step for the longest of its marks", () => {
  const pace = storyPace(outline(3, [mark(1, "commit"), mark(1, "story")]));
  expect([...pace].map((wait) => wait >= 1000)).toEqual([false, true, false]);
});

it("holds a sentence of the story as long as it takes to read it", () => {
  const told = { ...mark(1, "story"), text: "word ".repeat(30).trim() };
  expect(storyPace(outline(3, [told]))[1]).toBe(7500);
  expect(storyPace(outline(3, [mark(1, "story")]))[1]).toBe(1450);
});

it("shows so many events in a second", () => {
  expect(playingTime(evenPace(outline(100), 8), 0, 8)).toBe(1000);
});

it("follows virtual time at a scale, between the least and the longest wait", () => {
  const run = { ...outline(4), times: Float64Array.of(0, 1, 100_000, 90_000_000) };
  const [next, tenth, idle] = scaledPace(run, 0.1);
  expect(next).toBeLessThan(50);
  expect(tenth).toBeCloseTo(1000, 0);
  expect(idle).toBeLessThan(5000);
});

it("stays at the last step", () => {
  expect(playOn(evenPace(outline(3), 1), { step: 0, part: 0 }, 60_000)).toEqual({
    step: 2,
    part: 0,
  });
});

it("comes as far in many small moves as in a big one", () => {
  const anyRun = fc.record({
    steps: fc.integer({ min: 1, max: 40 }),
    stories: fc.array(fc.integer({ min: 0, max: 39 }), { maxLength: 5 }),
    moves: fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 30 }),
  });
  fc.assert(
    fc.property(anyRun, ({ steps, stories, moves }) => {
      const marks = stories.filter((step) => step < steps).map((step) => mark(step, "story"));
      const pace = storyPace(outline(steps, marks));
      const start = { step: 0, part: 0 };
      const bySmall = moves.reduce((position, move) => playOn(pace, position, move), start);
      const atOnce = playOn(
        pace,
        start,
        moves.reduce((sum, move) => sum + move, 0),
      );
      expect(bySmall.step + bySmall.part).toBeCloseTo(atOnce.step + atOnce.part, 6);
    }),
  );
});

it("never goes back, and is never quite at the step that it has not reached", () => {
  const anyWaits = fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 30 });
  const anyTimes = fc.array(fc.nat(2_000_000), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(anyTimes, anyWaits, (gaps, waits) => {
      let time = 0;
      const times = Float64Array.from(gaps, (gap) => {
        time += gap;
        return time;
      });
      const pace = scaledPace({ ...outline(times.length), times }, 0.5);
      let position = { step: 0, part: 0 };
      for (const wait of waits) {
        const next = playOn(pace, position, wait);
        expect(next.step + next.part).toBeGreaterThanOrEqual(position.step + position.part);
        expect(next.part).toBeLessThan(1);
        position = next;
      }
    }),
  );
});

it("enters at the earliest story that leaves time for the goal", () => {
  const run = outline(300, [mark(2, "story"), mark(30, "story"), mark(80, "story")]);
  const pace = storyPace(run);
  expect(entryStep(run, pace, 136, playingTime(pace, 30, 136))).toBe(30);
  expect(entryStep(run, pace, 136, 1)).toBe(80);
  expect(entryStep(outline(10), evenPace(outline(10), 1), 5, 1)).toBe(0);
});
