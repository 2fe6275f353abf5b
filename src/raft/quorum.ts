import type { Index } from "./types.ts";

/** The smallest number of voters that is a majority of `voters` (Raft paper, section 5.1). */
export function majority(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/**
 * The highest number that a majority of the voters have reached; `reached` has one number per voter. Of indexes it is
 * the highest that is stored on a majority (Raft paper, Figure 2, last rule for leaders). Without sorting or copying.
 */
export function agreed(reached: readonly Index[]): Index {
  const needed = majority(reached.length);
  let best = 0;
  for (const candidate of reached) {
    if (candidate <= best) continue;
    let count = 0;
    for (const each of reached) if (each >= candidate) count += 1;
    if (count >= needed) best = candidate;
  }
  return best;
}
