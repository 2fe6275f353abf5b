import type { MessageFrame, Outline } from "#sim/frame.ts";

type Times = Outline["times"];

/** How fast a run is shown. Wall time is in milliseconds throughout. */
export interface Pace {
  /** No more steps than this are shown in a second. */
  readonly eventsPerSecond: number;
  /** Virtual seconds that pass in a second of wall time; null: every step takes equally long. */
  readonly timeScale: number | null;
  /** An idle stretch between two steps is cut to this length. */
  readonly idleMost: number;
}

/** A place between two steps: `part` 0..1 (1 left out) of the way from `step` to the next. */
export interface Position {
  readonly step: number;
  readonly part: number;
}

/** What `[` and `]` go through, slowest first: events per second. */
export const SPEEDS: readonly number[] = [0.5, 1, 2, 4, 8, 16, 32, 64, 125, 250, 500];

/** Every step takes equally long. */
export function steadyPace(eventsPerSecond: number): Pace {
  return { eventsPerSecond, timeScale: null, idleMost: 1000 / eventsPerSecond };
}

/** The next faster (`by` 1) or slower (`by` -1) of the speeds. */
export function otherSpeed(eventsPerSecond: number, by: 1 | -1): number {
  const beyond =
    by > 0
      ? SPEEDS.find((speed) => speed > eventsPerSecond)
      : SPEEDS.findLast((speed) => speed < eventsPerSecond);
  return beyond ?? eventsPerSecond;
}

/** Milliseconds that showing the way from this step to the next takes; always more than 0. */
export function stepDuration(times: Times, step: number, pace: Pace): number {
  const least = 1000 / pace.eventsPerSecond;
  if (pace.timeScale === null) return least;
  const idle = ((times[step + 1] ?? 0) - (times[step] ?? 0)) / 1000 / pace.timeScale;
  return Math.max(least, Math.min(idle, pace.idleMost));
}

/** Milliseconds from this position until the next step is shown; null at the last step. */
export function nextStepAt(times: Times, position: Position, pace: Pace): number | null {
  if (position.step >= times.length - 1) return null;
  return (1 - position.part) * stepDuration(times, position.step, pace);
}

/** Where playback stands after so many milliseconds more. It stays at the last step. */
export function playOn(times: Times, position: Position, elapsed: number, pace: Pace): Position {
  let { step, part } = position;
  let left = elapsed;
  for (;;) {
    const until = nextStepAt(times, { step, part }, pace);
    if (until === null) return { step: Math.max(0, times.length - 1), part: 0 };
    if (left < until) break;
    left -= until;
    step += 1;
    part = 0;
  }
  // Rounding must not show the next step before its time.
  return { step, part: Math.min(part + left / stepDuration(times, step, pace), 1 - 2 ** -32) };
}

/** Milliseconds that it takes to play from one step to a later one. */
export function playingTime(times: Times, from: number, to: number, pace: Pace): number {
  let sum = 0;
  for (let step = from; step < Math.min(to, times.length - 1); step++) {
    sum += stepDuration(times, step, pace);
  }
  return sum;
}

/** Virtual time at a position, microseconds: it runs evenly from step to step. */
export function virtualTimeAt(times: Times, position: Position): number {
  const here = times[position.step] ?? 0;
  const next = times[position.step + 1] ?? here;
  return here + (next - here) * position.part;
}

/** How much of its way a message has behind it, 0..1; 1 while it waits to be received. */
export function flightProgress(
  message: Pick<MessageFrame, "sent" | "arrives">,
  virtualTime: number,
): number {
  if (message.arrives <= message.sent) return virtualTime < message.arrives ? 0 : 1;
  const part = (virtualTime - message.sent) / (message.arrives - message.sent);
  return Math.max(0, Math.min(1, part));
}
