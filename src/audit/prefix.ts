import { equalBytes } from "#base/bytes.ts";
import type { Entry, Index, Term } from "#raft/types.ts";

/**
 * A log up to and including one entry. All logs ever seen share one tree of these, so two servers hold the same prefix
 * exactly when they hold the same object: what a chain hash would say with high probability is certain here, and an
 * entry that ten servers hold costs its memory once.
 */
export interface Prefix {
  /** The entry's position in the log, which is its index unless a damaged log has a hole. */
  readonly index: Index;
  readonly term: Term;
  /** Null for the empty log, and for a compacted base whose entry nobody has shown. */
  entry: Entry | null;
  /** Null for the empty log, and below such a base. */
  parent: Prefix | null;
  /** Sequence of the observation that showed it first. */
  readonly since: number;
  /** A prefix seen earlier with the same index and term, and yet another content: Log Matching is broken. */
  readonly rival: Prefix | null;
  /** Sequence of the first commit claim that covers it; null: no leader has claimed it. */
  committed: number | null;
  /** First of those that extend it by one entry, then along `next`. */
  child: Prefix | null;
  next: Prefix | null;
  /** Another one at the same index, seen before. */
  readonly beside: Prefix | null;
}

export interface PrefixTree {
  readonly empty: Prefix;
  /** The prefix seen last at an index; the others are `beside` it. Nothing is ever taken out. */
  readonly at: Map<Index, Prefix>;
}

export function createPrefixTree(): PrefixTree {
  return { empty: bud(0, 0, null, null, -1, null, null), at: new Map() };
}

/** The prefix one entry longer than `parent`. */
export function extend(tree: PrefixTree, parent: Prefix, entry: Entry, sequence: number): Prefix {
  for (let child = parent.child; child !== null; child = child.next) {
    if (child.entry !== null && sameEntry(child.entry, entry)) return child;
  }
  return grow(tree, parent, entry, sequence);
}

/** The prefix of a log that starts after this base; its own entries may be unknown. */
export function prefixOfBase(tree: PrefixTree, index: Index, term: Term, sequence: number): Prefix {
  if (index === 0) return tree.empty;
  const known = prefixAt(tree, index, term);
  if (known !== null) return known;
  const base = bud(index, term, null, null, sequence, null, tree.at.get(index) ?? null);
  tree.at.set(index, base);
  return base;
}

/** The first prefix seen that ends with an entry of this term at this index; null: none was. */
export function prefixAt(tree: PrefixTree, index: Index, term: Term): Prefix | null {
  let first: Prefix | null = null;
  for (let each = tree.at.get(index) ?? null; each !== null; each = each.beside) {
    if (each.term === term) first = each;
  }
  return first;
}

/** The first prefix seen that ends with this very entry; null: none was. */
export function prefixOfEntry(tree: PrefixTree, entry: Entry): Prefix | null {
  let first: Prefix | null = null;
  for (let each = tree.at.get(entry.index) ?? null; each !== null; each = each.beside) {
    if (each.entry !== null && sameEntry(each.entry, entry)) first = each;
  }
  return first;
}

/** A prefix that no log holds: what a server applied, where its log says otherwise. */
export function detachedPrefix(parent: Prefix | null, entry: Entry, sequence: number): Prefix {
  return bud(entry.index, entry.term, entry, parent, sequence, null, null);
}

export function sameEntry(a: Entry, b: Entry): boolean {
  if (a === b) return true;
  return a.index === b.index && a.term === b.term && equalBytes(a.command, b.command);
}

function grow(tree: PrefixTree, parent: Prefix, entry: Entry, sequence: number): Prefix {
  const index = parent.index + 1;
  const seen = prefixAt(tree, index, entry.term);
  if (seen !== null && seen.entry === null && seen.parent === null) {
    // A base of which only index and term were known: this is it.
    seen.entry = entry;
    adopt(parent, seen);
    return seen;
  }
  const beside = tree.at.get(index) ?? null;
  const prefix = bud(index, entry.term, entry, parent, sequence, seen, beside);
  tree.at.set(index, prefix);
  adopt(parent, prefix);
  return prefix;
}

function adopt(parent: Prefix, child: Prefix): void {
  child.parent = parent;
  child.next = parent.child;
  parent.child = child;
}

function bud(
  index: Index,
  term: Term,
  entry: Entry | null,
  parent: Prefix | null,
  since: number,
  rival: Prefix | null,
  beside: Prefix | null,
): Prefix {
  return {
    index,
    term,
    entry,
    parent,
    since,
    rival,
    committed: null,
    child: null,
    next: null,
    beside,
  };
}
