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

/** Where a log begins that was compacted or came from a snapshot. */
export interface Base {
  readonly index: Index;
  /** 0: not known, unless it is the term of a known entry there. */
  readonly term: Term;
  /** The first entry after it; null: none is. */
  readonly next: Entry | null;
  /** What the same server's log had there before; null: nothing, or it does not count. */
  readonly own: Prefix | null;
}

/**
 * The prefix of a log that starts after this base; its own entries may be unknown. Of several known ones that fit, that which
 * its own server had, one that is continued in the same way, one that is committed, the first.
 */
export function prefixOfBase(tree: PrefixTree, base: Base, sequence: number): Prefix {
  const { index, next, own, term } = base;
  if (index === 0) return tree.empty;
  if (own !== null && (own.term === term || term === 0)) return own;
  let best: Prefix | null = null;
  let rank = 0;
  for (let each = tree.at.get(index) ?? null; each !== null; each = each.beside) {
    const now = fitOf(each, term, next);
    if (now === 0 || now < rank) continue;
    best = each;
    rank = now;
  }
  if (best !== null) return best;
  const unknown = bud(index, term, null, null, sequence, null, tree.at.get(index) ?? null);
  tree.at.set(index, unknown);
  return unknown;
}

/** How well a prefix fits a base; 0: not at all. */
function fitOf(prefix: Prefix, term: Term, next: Entry | null): number {
  const isTerm = prefix.term === term;
  if (!isTerm && term !== 0) return 0;
  const follows = next === null ? 0 : followedBy(prefix, next);
  // Without a term only what comes after it tells that this is it.
  if (!isTerm && follows === 0) return next === null && prefix.committed !== null ? 1 : 0;
  return 1 + (isTerm ? 1 : 0) + (prefix.committed === null ? 0 : 2) + 4 * follows;
}

/** 2: by this entry, 1: by another one of its index and term, 0: by none. */
function followedBy(prefix: Prefix, next: Entry): number {
  let follows = 0;
  for (let child = prefix.child; child !== null; child = child.next) {
    if (child.entry !== null && sameEntry(child.entry, next)) return 2;
    if (child.term === next.term) follows = 1;
  }
  return follows;
}

/** Is all that is known of it where it ends? */
export function isUnknown({ entry, index, parent }: Prefix): boolean {
  return index > 0 && entry === null && parent === null;
}

/** Is `prefix` the beginning of `whole`? Null: nobody knows. Work for each entry between their ends. */
export function isBeginning(prefix: Prefix, whole: Prefix): boolean | null {
  let each: Prefix | null = whole;
  while (each !== null && each.index > prefix.index) each = each.parent;
  if (each === null) return null;
  if (each === prefix) return true;
  const fits = each.term === prefix.term || each.term === 0 || prefix.term === 0;
  return fits && (isUnknown(each) || isUnknown(prefix)) ? null : false;
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
  if (seen !== null && isUnknown(seen)) {
    // A base of which only index and term were known: this is it.
    seen.entry = entry;
    adopt(parent, seen);
    return seen;
  }
  const orphan = orphanAt(tree, parent, entry);
  if (orphan !== null) {
    disown(orphan);
    adopt(parent, orphan);
    return orphan;
  }
  const beside = tree.at.get(index) ?? null;
  const prefix = bud(index, entry.term, entry, parent, sequence, seen, beside);
  tree.at.set(index, prefix);
  adopt(parent, prefix);
  return prefix;
}

/** The same entry, seen in a log of whose base nothing was known that speaks against this parent. */
function orphanAt(tree: PrefixTree, parent: Prefix, entry: Entry): Prefix | null {
  if (isUnknown(parent)) return null;
  for (let each = tree.at.get(entry.index) ?? null; each !== null; each = each.beside) {
    const base = each.parent;
    if (base === null || !isUnknown(base) || each.entry === null) continue;
    const fits = base.term === 0 || base.term === parent.term;
    if (fits && base.index === parent.index && sameEntry(each.entry, entry)) return each;
  }
  return null;
}

function disown(child: Prefix): void {
  const { parent } = child;
  if (parent === null) return;
  if (parent.child === child) parent.child = child.next;
  for (let each = parent.child; each !== null; each = each.next) {
    if (each.next === child) each.next = child.next;
  }
  child.next = null;
}

function adopt(parent: Prefix, child: Prefix): void {
  child.parent = parent;
  child.next = parent.child;
  parent.child = child;
  if (child.committed !== null) commitTo(parent, child.committed);
}

/** A leader has claimed that the log up to here is committed. */
export function commitTo(prefix: Prefix, sequence: number): void {
  let each: Prefix | null = prefix;
  for (; each !== null && each.committed === null; each = each.parent) each.committed = sequence;
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
