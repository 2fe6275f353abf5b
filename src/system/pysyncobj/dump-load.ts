import { equalBytes } from "#base/bytes.ts";
import type { Entry, Index, Term } from "#raft/types.ts";
import type { DiskContents } from "#system/contract.ts";
import type { Dump } from "./dump.ts";

/** Entries by their places: an array, or whatever finds them when they are asked for. */
export interface Places {
  readonly length: number;
  at(place: number): Entry | undefined;
}

/**
 * What loading a dump makes of the journal (syncobj.py:1401-1407): one that does not begin with the dump's two entries is
 * replaced by them, and whatever it held after them is lost (`dump-load-drops-journal`). Else one that has the two anywhere, or
 * begins after the first of them, is left as it is.
 */
export function journalAfterLoad<Log extends Places>(
  entries: Log,
  { previous, last }: Pick<Dump, "previous" | "last">,
  bugs: ReadonlySet<string>,
): Log | readonly Entry[] {
  const first = entries.at(0);
  if (first === undefined) return [previous, last];
  const isDropped = bugs.has("dump-load-drops-journal");
  const at = isDropped ? 0 : previous.index - first.index;
  // A journal's entries are found by their places: the index that one carries is not compared.
  const isThere = at >= 0 && isSame(entries.at(at), previous) && isSame(entries.at(at + 1), last);
  if (isThere) return entries;
  if (isDropped || at >= 0) return [previous, last];
  const overlap = at === -1 ? first : undefined;
  return overlap === undefined || isSame(overlap, last) ? entries : [previous, last];
}

function isSame(one: Entry | undefined, other: Entry): boolean {
  if (one === undefined || one.index !== other.index || one.term !== other.term) return false;
  return equalBytes(one.command, other.command);
}

/** The index that the last entry carries; 0: there is none. */
export function endOf(entries: Places): Index {
  return entries.at(-1)?.index ?? 0;
}

export interface Loaded<Log = readonly Entry[]> {
  readonly commitIndex: Index;
  readonly entries: Log;
  /** The commit index as it was, and the log's end then, where a repair made it smaller. */
  readonly clamps: readonly {
    readonly at: "start" | "dump";
    readonly from: Index;
    readonly to: Index;
  }[];
}

/** What a start makes of a journal, of the saved commit index and of a dump (null: there is none, or it cannot be loaded). */
export function startOn<Log extends Places>(
  journal: Log,
  saved: Index,
  dump: Pick<Dump, "previous" | "last"> | null,
  bugs: ReadonlySet<string>,
): Loaded<Log | readonly Entry[]> {
  const clamps: Loaded["clamps"][number][] = [];
  let commitIndex = saved;
  const clamp = (at: "start" | "dump", to: Index): void => {
    if (commitIndex <= to) return;
    clamps.push({ at, from: commitIndex, to });
    commitIndex = to;
  };
  if (!bugs.has("start-leaves-commit-index")) clamp("start", endOf(journal));
  if (dump === null) return { commitIndex, entries: journal, clamps };
  const entries = journalAfterLoad(journal, dump, bugs);
  if (!bugs.has("dump-load-leaves-commit-index")) clamp("dump", endOf(entries));
  return { commitIndex, entries, clamps };
}

/** What is made of the hard state on the disk at a start; a term of null: none, which counts as 0. */
export function restored(
  { currentTerm, votedFor }: Pick<DiskContents, "currentTerm" | "votedFor">,
  lastTerm: Term,
  bugs: ReadonlySet<string>,
): Pick<DiskContents, "currentTerm" | "votedFor"> {
  const saved = bugs.has("term-not-saved") ? null : currentTerm;
  const seen = bugs.has("term-not-restored-from-log") ? 0 : lastTerm;
  return {
    currentTerm: seen > (saved ?? 0) ? seen : saved,
    votedFor: bugs.has("vote-not-saved") ? null : votedFor,
  };
}
