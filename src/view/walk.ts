import type { Mark, Outline } from "#sim/frame.ts";

// How two runs of one script are gone through together. A place is a pair of steps, one of each side; from place to place
// one side goes on by a step, or both do. Each side passes every step of its own, and both stay in order of time.

export type WalkSide = "main" | "twin";

/** All places, first to last. Without a twin a place is a step. */
export interface Walk {
  /** Of the places: their number, their times, the marks of both sides. What paces steps paces places by it. */
  readonly outline: Outline;
  /** By place, the step of each side; null: there is no twin. */
  readonly main: Uint32Array;
  readonly twin: Uint32Array | null;
}

/** Merges the steps of both sides by virtual time. */
export function walkOf(main: Outline, twin: Outline | null): Walk {
  if (twin === null) {
    return { outline: main, main: Uint32Array.from(main.times, (_, step) => step), twin: null };
  }
  const places = pairs(main.times, twin.times);
  const walk = {
    main: Uint32Array.from(places, ({ main: step }) => step),
    twin: Uint32Array.from(places, ({ twin: step }) => step),
  };
  const times = Float64Array.from(places, (place) =>
    Math.max(main.times[place.main] ?? 0, twin.times[place.twin] ?? 0),
  );
  const moved = (steps: Uint32Array, mark: Mark) => ({ ...mark, step: firstOf(steps, mark.step) });
  const marks = [
    ...main.marks.map((mark) => moved(walk.main, mark)),
    ...twin.marks.map((mark) => moved(walk.twin, mark)),
  ].sort((one, other) => one.step - other.step);
  const bands = main.bands.map((band) => ({ ...band, step: firstOf(walk.main, band.step) }));
  return { ...walk, outline: { steps: places.length, times, marks, bands } };
}

/** The first place at which a side stands at a step of its own, or at the last it has. */
export function placeAt({ main, twin }: Walk, side: WalkSide, step: number): number {
  const steps = side === "main" ? main : (twin ?? main);
  return Math.min(firstOf(steps, step), steps.length - 1);
}

/** The last step that is earlier than a time, microseconds; 0, before anything happens, when none is. */
export function stepBefore({ times }: Pick<Outline, "times">, time: number): number {
  return Math.max(0, firstWhere(times.length, (step) => (times[step] ?? 0) >= time) - 1);
}

/** The place of a pair. One that is no place: the nearest after as many steps of both sides. */
export function placeOf(walk: Walk, step: number, beside: number | null): number {
  const { main, twin } = walk;
  if (twin === null || beside === null) return placeAt(walk, "main", step);
  // From place to place the sum of the steps grows.
  const sum = (place: number) => (main[place] ?? 0) + (twin[place] ?? 0);
  const found = firstWhere(main.length, (place) => sum(place) >= step + beside);
  return Math.min(found, main.length - 1);
}

/** Where a place stands among the steps of a side: between two of them while the other side alone goes on. */
export function sidePart({ main, twin }: Walk, side: WalkSide, place: number): number {
  const steps = side === "main" ? main : (twin ?? main);
  const step = steps[place] ?? 0;
  const first = firstOf(steps, step);
  const next = firstOf(steps, step + 1);
  return step + (place - first) / Math.max(1, next - first);
}

interface Pair {
  readonly main: number;
  readonly twin: number;
}

/**
 * Steps of one and the same time go side by side in their order, and the last is beside the last: on the side that has
 * fewer the one before the last waits. What only one side has at a time leaves the other where it was. Step 0, before
 * anything happens, is beside step 0.
 */
function pairs(main: Outline["times"], twin: Outline["times"]): readonly Pair[] {
  const places: Pair[] = [{ main: 0, twin: 0 }];
  let [left, right] = [1, 1];
  while (left < main.length || right < twin.length) {
    const time = Math.min(
      main[left] ?? Number.POSITIVE_INFINITY,
      twin[right] ?? Number.POSITIVE_INFINITY,
    );
    const ours = countAt(main, left, time);
    const theirs = countAt(twin, right, time);
    const most = Math.max(ours, theirs);
    for (let at = 1; at <= most; at++) {
      places.push({
        main: left - 1 + done(ours, at, most),
        twin: right - 1 + done(theirs, at, most),
      });
    }
    left += ours;
    right += theirs;
  }
  return places;
}

/** How many of its steps of one time a side has done when the longer side has done `at` of `most`. */
function done(count: number, at: number, most: number): number {
  return at === most ? count : Math.max(0, Math.min(at, count - 1));
}

function countAt(times: Outline["times"], from: number, time: number): number {
  let to = from;
  while (times[to] === time) to++;
  return to - from;
}

/** The first place with this step or a later one; as many as there are places when there is none. */
function firstOf(steps: Uint32Array, step: number): number {
  return firstWhere(steps.length, (place) => (steps[place] ?? 0) >= step);
}

function firstWhere(count: number, is: (place: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (is(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
