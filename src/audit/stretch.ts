import { assert } from "#base/assert.ts";
import type { Entry, Index, Term } from "#raft/types.ts";
import type { Prefix } from "./prefix.ts";

/** Neighbouring log entries, first and last. */
export interface Stretch {
  readonly from: Index;
  readonly to: Index;
  readonly fromTerm: Term;
  readonly term: Term;
  /** The last of them, which tells it from others of the same index and term; null: not known. */
  readonly last: Entry | null;
}

/** Of entries in order; at least one. */
export function stretchOf(entries: readonly Entry[]): Stretch {
  const first = entries[0];
  const last = entries.at(-1);
  assert(first !== undefined && last !== undefined, "a stretch has an entry");
  return { from: first.index, to: last.index, fromTerm: first.term, term: last.term, last };
}

/** The end of `whole`, down to the last prefix that is `kept`. */
export function stretchBeyond(whole: Prefix, kept: (prefix: Prefix) => boolean): Stretch {
  let first = whole;
  while (first.parent !== null && first.parent.index > 0 && !kept(first.parent)) {
    first = first.parent;
  }
  const { entry: last, index: to, term } = whole;
  return { from: first.index, to, fromTerm: first.term, term, last };
}

/** "entry 43 (term 1)", "entries 43..45 (term 1)", "entries 43..45 (terms 1 to 2)". */
export function inWords({ from, to, fromTerm, term }: Omit<Stretch, "last">): string {
  if (from === to) return `entry ${to} (term ${term})`;
  const terms = fromTerm === term ? `term ${term}` : `terms ${fromTerm} to ${term}`;
  return `entries ${from}..${to} (${terms})`;
}
