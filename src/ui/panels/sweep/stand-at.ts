import { useRun } from "#ui/run-store.ts";
import type { Session } from "#ui/session.ts";
import { walkOfRun } from "#ui/walking.ts";
import { placeAt, stepBefore } from "#view/walk.ts";
import type { Moment } from "./trials.ts";

/** What is said where the twin's states are made the run. */
export const BOTH_SIDES =
  "It is done to both sides at this moment. What survives is said in numbers of writes, and on the left side the same numbers may name others.";

/** Goes to a moment of a side, so that what is done by hand is done right after that step of that very side. */
export async function standAt(session: Session, { side, step }: Moment): Promise<void> {
  const { main, twin } = useRun.getState().outlines;
  if (side === "main" || main === undefined || twin === undefined) return session.seek(step);
  // What is done is done at the later moment of the two.
  return session.seek(stepBefore(main, twin.times[step] ?? 0), step);
}

/** After something was done right after a step of the twin: shows the step in which it is seen there. */
export async function showWhatWasDone(session: Session, { side, step }: Moment): Promise<void> {
  const walk = walkOfRun(useRun.getState());
  if (side === "main" || walk === null || walk.twin === null) return;
  const place = placeAt(walk, "twin", step);
  await session.seek(walk.main[place] ?? 0, walk.twin[place]);
}
