import { type Component, componentsOf } from "./components.ts";
import type { Implications } from "./pieces.ts";

/** `exact` false: at least so many. */
export interface StateCount {
  readonly count: bigint;
  readonly exact: boolean;
}

/** Steps before a count becomes a lower bound. */
const WORK_MOST = 5_000_000;
/** A component that is neither a chain nor a tree is not counted when it has more pieces. */
const PIECES_MOST = 1_500;
/** Of more pieces than this the middle one is decided first, without a look at all of them. */
const WEIGHED_MOST = 150;

/**
 * How many sets of pieces a crash may keep: the closed ones. Parts that no rule ties together multiply; a chain of n has
 * n + 1, a tree is counted from its leaves, anything else by keeping or dropping one piece at a time, with a memory.
 */
export function countStates(implications: Implications): StateCount {
  let count = 1n;
  let exact = true;
  const budget = { work: WORK_MOST };
  for (const component of componentsOf(implications)) {
    const counter = new Counter(component, budget);
    count *= counter.countAll();
    exact &&= counter.exact;
  }
  return { count, exact };
}

interface Budget {
  work: number;
}

/** Counts the closed sets of one component, and of what is left of it once some pieces are decided. */
export class Counter {
  exact = true;
  readonly #component: Component;
  readonly #budget: Budget;
  readonly #memory = new Map<string, bigint>();
  readonly #below = new Map<number, readonly number[]>();
  readonly #above = new Map<number, readonly number[]>();

  constructor(component: Component, budget: Budget = { work: WORK_MOST }) {
    this.#component = component;
    this.#budget = budget;
  }

  countAll(): bigint {
    const { pieces } = this.#component;
    const all = pieces.map((_, place) => place);
    const simple = this.isChain(all) ? BigInt(all.length) + 1n : this.#countTree(all);
    if (simple !== null) return simple;
    if (all.length > PIECES_MOST) return this.#atLeast(all);
    return this.count(all);
  }

  /** Of these places, ascending: needs that lie outside are taken to be kept, what lies outside and needs them to be lost. */
  count(places: readonly number[]): bigint {
    let product = 1n;
    for (const part of this.parts(places)) product *= this.#countPart(part);
    return product;
  }

  /** Taken apart into places that no need among them ties together. */
  parts(places: readonly number[]): readonly (readonly number[])[] {
    if (places.length <= 1) return places.length === 0 ? [] : [places];
    const { needs, neededBy } = this.#component;
    const left = new Set(places);
    const parts: number[][] = [];
    for (const start of places) {
      if (!left.delete(start)) continue;
      const part = [start];
      for (let at = 0; at < part.length; at++) {
        const place = part[at] as number;
        for (const next of needs[place] ?? []) if (left.delete(next)) part.push(next);
        for (const next of neededBy[place] ?? []) if (left.delete(next)) part.push(next);
      }
      parts.push(part.sort((a, b) => a - b));
    }
    return parts;
  }

  /** The place whose fate decides most of the others'. */
  pivot(places: readonly number[]): number {
    if (places.length > WEIGHED_MOST) return places[places.length >> 1] as number;
    const inside = new Set(places);
    let best = places[0] as number;
    let most = -1;
    for (const place of places) {
      let below = 0;
      let above = 0;
      for (const other of this.below(place)) if (inside.has(other)) below++;
      for (const other of this.above(place)) if (inside.has(other)) above++;
      this.#budget.work -= this.below(place).length + this.above(place).length;
      const decided = Math.min(below, above) * places.length + below + above;
      if (decided <= most) continue;
      best = place;
      most = decided;
    }
    return best;
  }

  /** What is left undecided when `place` is kept, or lost. */
  without(places: readonly number[], decided: readonly number[]): readonly number[] {
    const gone = new Set(decided);
    return places.filter((place) => !gone.has(place));
  }

  /** A place and all that it needs, however indirectly. */
  below(place: number): readonly number[] {
    return reach(this.#below, this.#component.needs, place);
  }

  /** A place and all that needs it. */
  above(place: number): readonly number[] {
    return reach(this.#above, this.#component.neededBy, place);
  }

  #countPart(part: readonly number[]): bigint {
    if (part.length === 1) return 2n;
    if (this.isChain(part)) return BigInt(part.length) + 1n;
    const key = part.join(",");
    const known = this.#memory.get(key);
    if (known !== undefined) return known;
    this.#budget.work -= 8 * part.length;
    if (this.#budget.work < 0) return this.#atLeast(part);
    const pivot = this.pivot(part);
    const kept = this.count(this.without(part, this.below(pivot)));
    const lost = this.count(this.without(part, this.above(pivot)));
    this.#memory.set(key, kept + lost);
    return kept + lost;
  }

  /** Does each need the one before? */
  isChain(part: readonly number[]): boolean {
    for (let i = 1; i < part.length; i++) {
      const needs = this.#component.needs[part[i] as number];
      if (needs?.includes(part[i - 1] as number) !== true) return false;
    }
    return true;
  }

  /** Null when some piece needs two that do not need each other. */
  #countTree(all: readonly number[]): bigint | null {
    const { needs } = this.#component;
    const sets = all.map(() => 1n);
    const parents: number[] = [];
    let steps = 0;
    for (const place of all) {
      const own = needs[place] ?? [];
      const parent = Math.max(-1, ...own);
      let at = parent;
      for (const needed of [...own].sort((a, b) => b - a)) {
        while (at > needed && steps++ < WORK_MOST) at = parents[at] as number;
        if (at !== needed) return null;
      }
      parents.push(parent);
    }
    let product = 1n;
    for (let place = all.length - 1; place >= 0; place--) {
      const parent = parents[place] as number;
      const own = (sets[place] as bigint) + 1n;
      if (parent < 0) product *= own;
      else sets[parent] = (sets[parent] as bigint) * own;
    }
    return product;
  }

  /** The prefixes of program order, the sets of pieces that need none, those of pieces that none needs. */
  #atLeast(part: readonly number[]): bigint {
    this.exact = false;
    const inside = new Set(part);
    const { needs, neededBy } = this.#component;
    const isFree = (links: readonly (readonly number[])[]) => (place: number) =>
      !(links[place] ?? []).some((other) => inside.has(other));
    const first = BigInt(part.filter(isFree(needs)).length);
    const last = BigInt(part.filter(isFree(neededBy)).length);
    const prefixes = BigInt(part.length) + 1n;
    return [2n ** first, 2n ** last].reduce((a, b) => (a > b ? a : b), prefixes);
  }
}

function reach(
  known: Map<number, readonly number[]>,
  links: readonly (readonly number[])[],
  start: number,
): readonly number[] {
  const before = known.get(start);
  if (before !== undefined) return before;
  const seen = new Set([start]);
  for (const place of seen) for (const next of links[place] ?? []) seen.add(next);
  const reached = [...seen];
  known.set(start, reached);
  return reached;
}
