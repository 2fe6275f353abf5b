import { type Fate, UNDECIDED } from "./ground.ts";

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
  const asked: (readonly Fate[])[] = [];
  const others: (readonly Fate[])[] = [];
  for (const factor of factors) (isAlike(factor, pieces) ? others : asked).push(factor);
  const size = asked.reduce((product, { length }) => product * length, 1);
  if (size > most) return null;
  const common = undecided.slice();
  for (const [first] of others) {
    for (const piece of pieces) common[piece] = (common[piece] as number) | at(first, piece);
  }
  return { fates: fatesIn([[common], ...asked], size), others };
}

function isAlike(factor: readonly Fate[], pieces: readonly number[]): boolean {
  if (factor.length <= 1) return true;
  const differs = differencesIn(factor);
  for (const piece of pieces) if (differs[piece] === 1) return false;
  return true;
}

const DIFFERENCES = new WeakMap<readonly Fate[], Uint8Array>();

/** By piece, 1: not all fates decide it alike. Factors are asked again and again. */
function differencesIn(factor: readonly Fate[]): Uint8Array {
  const known = DIFFERENCES.get(factor);
  if (known !== undefined) return known;
  const first = factor[0] as Fate;
  const differs = new Uint8Array(first.length);
  for (const fate of factor) {
    for (let i = 0; i < fate.length; i++) if (fate[i] !== first[i]) differs[i] = 1;
  }
  DIFFERENCES.set(factor, differs);
  return differs;
}

const DECISIONS = new WeakMap<readonly Fate[], Uint8Array>();

/** By piece, 1: some fate decides it. */
function decisionsIn(factor: readonly Fate[]): Uint8Array {
  const known = DECISIONS.get(factor);
  if (known !== undefined) return known;
  const decides = new Uint8Array(factor[0]?.length ?? 0);
  for (const fate of factor) {
    for (let i = 0; i < fate.length; i++) if (fate[i] !== UNDECIDED) decides[i] = 1;
  }
  DECISIONS.set(factor, decides);
  return decides;
}

/**
 * Of these pieces: may each state of the first set be mistaken for one of the second, which has the same of them? False: not
 * known. What agrees with a closed fate wherever that decides one of these pieces, has a state that goes on like it there.
 */
export function isWithin(
  factors: Factors,
  others: Factors,
  pieces: readonly number[],
  undecided: Fate,
): boolean {
  return others.every((other) => {
    if (factors.includes(other)) return true;
    const decides = decisionsIn(other);
    const where = pieces.filter((piece) => decides[piece] === 1);
    const asked = gathered(factors, where, undecided, COMPARED_MOST);
    if (asked === null || asked.fates.length * other.length > COMPARED_MOST) return false;
    return asked.fates.every((fate) => {
      return other.some((wider) => {
        return where.every((piece) => {
          return at(wider, piece) === UNDECIDED || wider[piece] === fate[piece];
        });
      });
    });
  });
}

/** Pairs of fates that are compared for one factor, at most. */
const COMPARED_MOST = 10_000;

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
