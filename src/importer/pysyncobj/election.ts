import type { Entry } from "#raft/types.ts";
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

/** The place of the first entry that the other log does not have; what came before its first one counts as equal. */
function firstDifferent(own: readonly Entry[], other: readonly Entry[]): number | null {
  const start = other[0]?.index ?? 1;
  const base = own[0]?.index ?? 1;
  for (let place = Math.max(0, start - base); place < own.length; place++) {
    const mine = own[place];
    const theirs = other[base + place - start];
    if (mine === undefined) return null;
    if (theirs === undefined || theirs.term !== mine.term) return place;
  }
  return null;
}
