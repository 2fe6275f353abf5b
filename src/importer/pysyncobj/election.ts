import type { Places } from "#system/pysyncobj/dump-load.ts";
import type { Place, Start, Started } from "./boots.ts";

/** All starts with one version: who comes up, who can be elected, and how long the longest of their logs is. */
export interface Cast {
  readonly count: number;
  /** Those that start and answer messages. */
  readonly up: readonly Up[];
  /** Those of them whom a majority would vote for (Raft paper, section 5.4.1); empty: no majority is up. */
  readonly leaders: readonly Up[];
  /** Up to here a log reaches that may become everybody's. */
  readonly reach: bigint;
}

export interface Up {
  readonly id: string;
  readonly end: Started;
}

export function castOf(starts: readonly Start[]): Cast {
  const up = starts.flatMap(({ id, end }) =>
    end.started && end.raises === null ? [{ id, end }] : [],
  );
  const count = starts.length;
  const leaders = up.filter((candidate) => {
    const votes = up.filter((voter) => isUpToDate(candidate.end.last, voter.end.last));
    return votes.length * 2 > count;
  });
  let reach = 0n;
  for (const { end } of leaders) if (endOf(end) > reach) reach = endOf(end);
  return { count, up, leaders, reach };
}

/** The last term decides, then the last index (syncobj.py:866-873). */
function isUpToDate(mine: Place | null, voters: Place | null): boolean {
  if (voters === null) return true;
  if (mine === null) return false;
  return mine.term === voters.term ? mine.index >= voters.index : mine.term > voters.term;
}

/** The index of the last entry; 0: there is none. */
export function endOf({ last }: Started): bigint {
  return last?.index ?? 0n;
}

/** Of a log that no leader can have: its first entry that is cut off by every one of them; null: none is. */
export function cutFrom(own: Started, leaders: readonly Up[]): number | null {
  let from: number | null = null;
  for (const { end } of leaders) {
    const place = firstDifferent(own.named, end.named);
    if (place === null) return null;
    if (from === null || place > from) from = place;
  }
  return from;
}

/**
 * The place behind the last entry that both logs have, as a leader finds it: from the end on, one back at a time
 * (syncobj.py:911-922). Null: all of it is there.
 */
function firstDifferent(own: Places, other: Places): number | null {
  const [start = 1, base = 1] = [other.at(0)?.index, own.at(0)?.index];
  const end = Math.min(own.length, start + other.length - base);
  const least = Math.max(0, start - base);
  let place = Math.max(end, least);
  while (place > least && own.at(place - 1)?.term !== other.at(base + place - 1 - start)?.term) {
    place--;
  }
  return place < own.length ? place : null;
}
