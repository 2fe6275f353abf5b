import { type Component, componentsOf } from "#disk/components.ts";
import { Counter } from "#disk/counting.ts";
import { type Factors, fatesIn } from "#disk/fates.ts";
import { type Fate, UNDECIDED } from "#disk/ground.ts";
import type { Implications } from "#disk/pieces.ts";

/** Single fates that one set of states is taken apart into, at most; and pieces looked at for one sweep. */
const FATES_MOST = 512;
const WORK_MOST = 20_000_000;

/** Counts the states that a set of fates stands for, of one disk. */
export interface StateTally {
  readonly parts: readonly Part[];
  /** What is left to be spent; below 0 nothing is counted any more. */
  work: number;
}

interface Part {
  readonly component: Component;
  readonly counter: Counter;
  /** All of its states; null: not counted yet. */
  all: bigint | null;
}

export function createTally(implications: Implications): StateTally {
  const parts = componentsOf(implications).map((component) => {
    return { component, counter: new Counter(component), all: null };
  });
  return { parts, work: WORK_MOST };
}

/** How many states agree with these; null: too much work to say exactly. */
export function statesIn(tally: StateTally, factors: Factors): bigint | null {
  const size = factors.reduce((product, { length }) => product * length, 1);
  if (size > FATES_MOST) return null;
  let count = 0n;
  for (const fate of fatesIn(factors, size)) {
    const completions = completionsOf(tally, fate);
    if (completions === null) return null;
    count += completions;
  }
  return count;
}

/** A fate is closed: what is kept keeps its needs, what is lost takes with it what needs it. So the rest is free. */
function completionsOf(tally: StateTally, fate: Fate): bigint | null {
  let product = 1n;
  for (const part of tally.parts) {
    const { component, counter } = part;
    const { pieces } = component;
    tally.work -= pieces.length;
    if (tally.work < 0) return null;
    const open: number[] = [];
    for (const [place, piece] of pieces.entries()) {
      if ((fate[piece] ?? UNDECIDED) === UNDECIDED) open.push(place);
    }
    if (open.length === 0) continue;
    if (open.length === pieces.length) {
      part.all ??= counter.countAll();
      product *= part.all;
    } else product *= counter.count(open);
    if (!counter.exact) return null;
  }
  return product;
}
