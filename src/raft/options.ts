import type { Micros } from "./types.ts";

/** The numbers that a user may set, with their defaults. Times in microseconds. */
export const referenceOptions = {
  /** The randomised election timeout is drawn between these two (Raft paper, section 9.3). */
  electionTimeoutMin: 150_000,
  electionTimeoutMax: 300_000,
  heartbeatEvery: 50_000,
  maxEntriesPerAppend: 64,
} as const;

export interface Tuning {
  readonly electionTimeoutMin: Micros;
  readonly electionTimeoutMax: Micros;
  readonly heartbeatEvery: Micros;
  readonly maxEntriesPerAppend: number;
}

/** The defaults under what a run overrides; no number is taken below what makes sense. */
export function tuningFrom(options: Readonly<Record<string, number>>): Tuning {
  const all: Tuning = { ...referenceOptions, ...options };
  const electionTimeoutMin = Math.max(1, all.electionTimeoutMin);
  return {
    electionTimeoutMin,
    electionTimeoutMax: Math.max(electionTimeoutMin, all.electionTimeoutMax),
    heartbeatEvery: Math.max(1, all.heartbeatEvery),
    maxEntriesPerAppend: Math.max(1, all.maxEntriesPerAppend),
  };
}
