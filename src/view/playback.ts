import type { MessageFrame, Outline } from "#sim/frame.ts";

type Times = Outline["times"];

/** A place between two steps: `part` 0..1 (1 left out) of the way from `step` to the next. */
export interface Position {
  readonly step: number;
  readonly part: number;
}

/** What `[` and `]` go through, slowest first: events per second. */
export const SPEEDS: readonly number[] = [0.5, 1, 2, 4, 8, 16, 32, 64, 125, 250, 500];

/** The next faster (`by` 1) or slower (`by` -1) of the speeds. */
export function otherSpeed(eventsPerSecond: number, by: 1 | -1): number {
  const beyond =
    by > 0
      ? SPEEDS.find((speed) => speed > eventsPerSecond)
      : SPEEDS.findLast((speed) => speed < eventsPerSecond);
  return beyond ?? eventsPerSecond;
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
