import type { Implications } from "./pieces.ts";

/** A set of pieces that no rule ties to any other: its closed sets combine freely with those of the others. */
export interface Component {
  /** Pieces, ascending. */
  readonly pieces: readonly number[];
  /** By place in `pieces`: the places that it needs directly, and those that need it. */
  readonly needs: readonly (readonly number[])[];
  readonly neededBy: readonly (readonly number[])[];
}

/** The pieces that survive every crash: the forced ones and all that they need. */
export function alwaysKept({ starts, needs, forced }: Implications): Uint8Array {
  const kept = forced.slice();
  for (let i = kept.length - 1; i >= 0; i--) {
    if (kept[i] !== 1) continue;
    for (let k = starts[i] as number; k < (starts[i + 1] as number); k++) {
      kept[needs[k] as number] = 1;
    }
  }
  return kept;
}

/** What a crash decides, taken apart into what is decided independently. */
export function componentsOf(implications: Implications): readonly Component[] {
  const { starts, needs, pieces } = implications;
  const kept = alwaysKept(implications);
  const parent = Array.from(pieces, (_, i) => i);
  const find = (piece: number): number => {
    let root = piece;
    while (parent[root] !== root) root = parent[root] as number;
    for (let at = piece; at !== root; ) {
      const next = parent[at] as number;
      parent[at] = root;
      at = next;
    }
    return root;
  };
  for (let i = 0; i < pieces.length; i++) {
    if (kept[i] === 1) continue;
    for (let k = starts[i] as number; k < (starts[i + 1] as number); k++) {
      const needed = needs[k] as number;
      if (kept[needed] !== 1) parent[find(i)] = find(needed);
    }
  }
  const members = new Map<number, number[]>();
  for (let i = 0; i < pieces.length; i++) {
    if (kept[i] === 1) continue;
    const root = find(i);
    const known = members.get(root);
    if (known === undefined) members.set(root, [i]);
    else known.push(i);
  }
  return [...members.values()].map((own) => componentOf(implications, own, kept));
}

function componentOf(
  { starts, needs }: Implications,
  pieces: readonly number[],
  kept: Uint8Array,
): Component {
  const places = new Map(pieces.map((piece, place) => [piece, place]));
  const own: number[][] = [];
  const neededBy: number[][] = pieces.map(() => []);
  for (const [place, piece] of pieces.entries()) {
    const list: number[] = [];
    for (let k = starts[piece] as number; k < (starts[piece + 1] as number); k++) {
      const needed = needs[k] as number;
      if (kept[needed] === 1) continue;
      const other = places.get(needed) as number;
      list.push(other);
      neededBy[other]?.push(place);
    }
    own.push(list);
  }
  return { pieces, needs: own, neededBy };
}
