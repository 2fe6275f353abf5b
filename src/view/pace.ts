import type { Mark, Outline } from "#sim/frame.ts";
import type { Position } from "./playback.ts";

/** How long each step is shown before the next one, in milliseconds of wall time, by step. */
export type Pace = Float64Array;

/** How long a step with such a mark is shown, for people to take it in; a step without one is passed by. */
const HOLDS: Readonly<Record<Mark["kind"], number>> = {
  story: 1450,
  violation: 500,
  caution: 350,
  election: 350,
  truncate: 350,
  crash: 350,
  boot: 250,
  commit: 250,
  client: 250,
  action: 250,
};
/** What people take to read a word of the story, milliseconds. */
const PER_WORD = 250;
const PASSED_BY = 16;
const IDLE_MOST = 1500;

/** A run at the pace of its story: what matters is held, the steps between pass quickly. */
export function storyPace({ steps, marks }: Outline): Pace {
  const pace = new Float64Array(steps).fill(PASSED_BY);
  for (const mark of marks) pace[mark.step] = Math.max(pace[mark.step] ?? 0, holdOf(mark));
  return pace;
}

/** A sentence of the story stays as long as it takes to read it. */
function holdOf({ kind, text }: Mark): number {
  if (kind !== "story") return HOLDS[kind];
  return Math.max(HOLDS.story, PER_WORD * text.split(/\s+/).length);
}

/** Every step takes equally long. */
export function evenPace({ steps }: Outline, eventsPerSecond: number): Pace {
  return new Float64Array(steps).fill(1000 / eventsPerSecond);
}

/**
 * Virtual time at a scale: 0.1 is a tenth of its real speed. Steps that follow each other faster than anybody can see
 * get the least time, and an idle stretch is cut to the longest.
 */
export function scaledPace({ times }: Outline, scale: number): Pace {
  return times.map((time, step) => {
    const wait = ((times[step + 1] ?? time) - time) / 1000 / scale;
    return Math.max(PASSED_BY, Math.min(IDLE_MOST, wait));
  });
}

/** Where playback stands after so many milliseconds more. It stays at the last step. */
export function playOn(pace: Pace, position: Position, elapsed: number): Position {
  const last = Math.max(0, pace.length - 1);
  let { step, part } = position;
  let left = elapsed;
  while (step < last) {
    const whole = pace[step] ?? PASSED_BY;
    const rest = (1 - part) * whole;
    // Rounding must not show the next step before its time.
    if (left < rest) return { step, part: Math.min(part + left / whole, 1 - 2 ** -32) };
    left -= rest;
    step += 1;
    part = 0;
  }
  return { step: last, part: 0 };
}

/**
 * Where a run is best entered by somebody who has so many milliseconds until `goal`: the earliest story step from which
 * that is enough, else the last one before it. 0 when there is none.
 */
export function entryStep({ marks }: Outline, pace: Pace, goal: number, most: number): number {
  const stories = marks.filter(({ kind, step }) => kind === "story" && step < goal);
  const inTime = stories.find(({ step }) => playingTime(pace, step, goal) <= most);
  return (inTime ?? stories.at(-1))?.step ?? 0;
}

/** Milliseconds from the moment a step is shown to the moment a later one is. */
export function playingTime(pace: Pace, from: number, to: number): number {
  let sum = 0;
  for (const wait of pace.subarray(from, to)) sum += wait;
  return sum;
}
