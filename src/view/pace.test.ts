import fc from "fast-check";
import { expect, it } from "vitest";
import type { Mark, Outline } from "#sim/frame.ts";
import { entryStep, evenPace, playingTime, playOn, storyPace } from "./pace.ts";

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

it("shows so many events in a second", () => {
  expect(playingTime(evenPace(outline(100), 8), 0, 8)).toBe(1000);
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

it("enters at the earliest story that leaves time for the goal", () => {
  const run = outline(300, [mark(2, "story"), mark(30, "story"), mark(80, "story")]);
  const pace = storyPace(run);
  expect(entryStep(run, pace, 136, playingTime(pace, 30, 136))).toBe(30);
  expect(entryStep(run, pace, 136, 1)).toBe(80);
  expect(entryStep(outline(10), evenPace(outline(10), 1), 5, 1)).toBe(0);
});
