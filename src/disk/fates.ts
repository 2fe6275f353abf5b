import type { Fate } from "./ground.ts";

/**
 * Sets of states, as a product: the states that agree with some fate of every factor. The fates of one factor have no state
 * in common; what two factors decide never contradicts.
 */
export type Factors = readonly (readonly Fate[])[];

/** The same states as single fates, in an order that is always the same; at most so many. */
export function fatesIn(factors: Factors, most: number): readonly Fate[] {
  let fates: readonly Fate[] = factors[0] ?? [];
  for (const factor of factors.slice(1)) {
    const joined: Fate[] = [];
    for (const fate of fates) {
      for (const other of factor) {
        if (joined.length < most) joined.push(together(fate, other));
      }
    }
    fates = joined;
  }
  return fates.slice(0, most);
}

/** One fate for which all holds that is asked of each factor's; null: there is none. */
export function fateWith(factors: Factors, isRight: (fate: Fate) => boolean): Fate | null {
  let found: Fate | null = null;
  for (const factor of factors) {
    const right = factor.find(isRight);
    if (right === undefined) return null;
    found = found === null ? right : together(found, right);
  }
  return found;
}

/** What both decide. */
function together(one: Fate, other: Fate): Fate {
  const both = one.slice();
  for (let i = 0; i < both.length; i++) both[i] = (both[i] as number) | (other[i] as number);
  return both;
}

/** The factors that decide these pieces not all alike, as one; and the others. Null: that one has more than so many fates. */
export function gathered(
  factors: Factors,
  pieces: readonly number[],
  undecided: Fate,
  most: number,
): { readonly fates: readonly Fate[]; readonly others: Factors } | null {
  const asked = factors.filter((factor) => !isAlike(factor, pieces));
  const others = factors.filter((factor) => isAlike(factor, pieces));
  const size = asked.reduce((product, { length }) => product * length, 1);
  if (size > most) return null;
  const common = undecided.slice();
  for (const [first] of others) {
    for (const piece of pieces) common[piece] = (common[piece] as number) | at(first, piece);
  }
  return { fates: fatesIn([[common], ...asked], size), others };
}

function isAlike([first, ...rest]: readonly Fate[], pieces: readonly number[]): boolean {
  return rest.every((fate) => pieces.every((piece) => fate[piece] === first?.[piece]));
}

function at(fate: Fate | undefined, piece: number): number {
  return fate?.[piece] ?? 0;
}

/** The states of these fates among those of the others. */
export function narrowed(fates: readonly Fate[], others: Factors): Factors {
  const [only] = fates;
  // One alone says what every other may say as well.
  const first = others[0]?.[0];
  if (only === undefined || fates.length > 1 || first === undefined) return [fates, ...others];
  const joined = (others[0] as readonly Fate[]).map((fate) => together(fate, only));
  return [joined, ...others.slice(1)];
}
