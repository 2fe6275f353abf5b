import { draw, scale } from "#base/rng.ts";
import { alwaysKept, componentsOf } from "./components.ts";
import { Counter } from "./counting.ts";
import type { Implications, Piece } from "./pieces.ts";
import { closeDown, closeUp } from "./rules.ts";

/** Larger components are not drawn from evenly. */
const EVEN_MOST = 40;

/**
 * The states at the edge, each once: nothing, everything, everything but one piece and what needs it, one piece and what it
 * needs. Most mistakes of ordering show in one of them.
 */
export function* edgesFirst(implications: Implications): Generator<Uint8Array> {
  const { pieces } = implications;
  const always = alwaysKept(implications);
  const seen = new Set<string>();
  const isNew = (kept: Uint8Array): boolean => {
    const key = kept.join("");
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  };
  const edges = function* (): Generator<Uint8Array> {
    yield always;
    yield new Uint8Array(pieces.length).fill(1);
    for (let i = pieces.length - 1; i >= 0; i--)
      if (always[i] !== 1) yield dropped(implications, i);
    for (let i = 0; i < pieces.length; i++) if (always[i] !== 1) yield keptAlone(implications, i);
  };
  for (const kept of edges()) if (isNew(kept)) yield kept;
}

function dropped(implications: Implications, piece: number): Uint8Array {
  const lost = new Uint8Array(implications.pieces.length);
  lost[piece] = 1;
  closeDown(implications, lost);
  return lost.map((each) => 1 - each);
}

function keptAlone(implications: Implications, piece: number): Uint8Array {
  const kept = alwaysKept(implications);
  kept[piece] = 1;
  closeUp(implications, kept);
  return kept;
}

/** A coin for each piece, then all that the kept ones need: any state can come of it, fuller ones more often. */
export function closureCoin(implications: Implications, drawn: number): Uint8Array {
  const kept = alwaysKept(implications);
  for (let i = 0; i < kept.length; i++) {
    const { sequence } = implications.pieces[i] as Piece;
    if (scale(draw(drawn, `coin/${sequence}`), 0, 1) === 1) kept[i] = 1;
  }
  closeUp(implications, kept);
  return kept;
}

/**
 * Draws states that are all equally likely, as far as the parts that no rule ties together have at most 40 pieces or are
 * chains; within larger parts by the closure coin. One sampler serves many draws.
 */
export function createUniformSampler(implications: Implications): (drawn: number) => Uint8Array {
  const parts = componentsOf(implications).map((component) => {
    const counter = new Counter(component);
    const all = component.pieces.map((_, place) => place);
    const isEven = component.pieces.length <= EVEN_MOST;
    const isChain = counter.isChain(all);
    return { component, counter, all, isEven, isChain };
  });
  return (drawn) => {
    const kept = alwaysKept(implications);
    for (const { component, counter, all, isEven, isChain } of parts) {
      const { pieces } = component;
      const name = `part/${pieces[0]}`;
      if (isChain) {
        const count = Number(drawBelow(drawn, name, BigInt(pieces.length) + 1n));
        for (const piece of pieces.slice(0, count)) kept[piece] = 1;
      } else if (isEven) {
        const places = drawEvenly(counter, all, drawn, name);
        for (const place of places) kept[pieces[place] as number] = 1;
      } else {
        for (const piece of pieces) {
          if (scale(draw(drawn, `${name}/${piece}`), 0, 1) === 1) kept[piece] = 1;
        }
      }
    }
    closeUp(implications, kept);
    return kept;
  };
}

export function uniformState(implications: Implications, drawn: number): Uint8Array {
  return createUniformSampler(implications)(drawn);
}

/** Keeps or loses one place after the other, each as often as the states behind it are many. */
function drawEvenly(
  counter: Counter,
  places: readonly number[],
  drawn: number,
  name: string,
): readonly number[] {
  const kept: number[] = [];
  const todo = [...counter.parts(places)];
  for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
    const pivot = counter.pivot(part);
    const below = counter.below(pivot).filter((place) => part?.includes(place));
    const ifKept = counter.without(part, below);
    const ifLost = counter.without(part, counter.above(pivot));
    const keeping = counter.count(ifKept);
    const total = keeping + counter.count(ifLost);
    const isKept = drawBelow(drawn, `${name}/${part.join(",")}`, total) < keeping;
    if (isKept) kept.push(...below);
    todo.push(...counter.parts(isKept ? ifKept : ifLost));
  }
  return kept;
}

/** A number below `bound`, all equally likely. */
function drawBelow(drawn: number, name: string, bound: bigint): bigint {
  const bits = bound.toString(2).length;
  const words = Math.ceil(bits / 32);
  const mask = (1n << BigInt(bits)) - 1n;
  for (let attempt = 0; ; attempt++) {
    let value = 0n;
    for (let word = 0; word < words; word++) {
      value = (value << 32n) | BigInt(draw(drawn, `${name}/${attempt}/${word}`));
    }
    value &= mask;
    if (value < bound) return value;
  }
}
