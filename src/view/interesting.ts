import type { Mark, Outline } from "#sim/frame.ts";

/** What "next interesting" stops at. What a user or a client did is on the scrubber too, but only its effects stop. */
const INTERESTING: ReadonlySet<Mark["kind"]> = new Set([
  "boot",
  "crash",
  "election",
  "commit",
  "truncate",
  "violation",
  "caution",
  "story",
]);

/** The nearest later step with an interesting mark; null: there is none. */
export function nextInteresting({ marks }: Outline, step: number): number | null {
  for (let at = firstAfter(marks, step); at < marks.length; at++) {
    const mark = marks[at];
    if (mark !== undefined && INTERESTING.has(mark.kind)) return mark.step;
  }
  return null;
}

/** The nearest earlier step with an interesting mark; null: there is none. */
export function previousInteresting({ marks }: Outline, step: number): number | null {
  for (let at = firstAfter(marks, step - 1) - 1; at >= 0; at--) {
    const mark = marks[at];
    if (mark !== undefined && INTERESTING.has(mark.kind)) return mark.step;
  }
  return null;
}

/** The marks from one step to another, both included. */
export function marksBetween({ marks }: Outline, from: number, to: number): readonly Mark[] {
  return marks.slice(firstAfter(marks, from - 1), firstAfter(marks, to));
}

/** The last step that is not later than a virtual time; 0 when all are. */
export function stepAtTime({ times }: Outline, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** The highest term any server is in at a step. */
export function termAt({ bands }: Outline, step: number): number {
  return bands.findLast((band) => band.step <= step)?.term ?? 0;
}

/** Bands with their ends, for painting: from `step` up to `end`, which is left out. */
export function bandsOf({
  bands,
  steps,
}: Outline): readonly { readonly step: number; readonly end: number; readonly term: number }[] {
  return bands.map((band, at) => ({ ...band, end: bands[at + 1]?.step ?? steps }));
}

/** Where in the marks, which are in order of steps, the first one after a step is. */
function firstAfter(marks: readonly Mark[], step: number): number {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((marks[middle]?.step ?? 0) <= step) low = middle + 1;
    else high = middle;
  }
  return low;
}
