import type { Bound } from "./disk-choice.ts";

/** Pending effects as a picture: what is needed stands left of what needs it. */
export interface EffectGraph {
  readonly nodes: readonly GraphNode[];
  /** From the effect that needs to the one that is needed. Those that follow from others are left out. */
  readonly edges: readonly { readonly from: number; readonly to: number }[];
  readonly columns: number;
  readonly rows: number;
}

export interface GraphNode {
  readonly sequence: number;
  readonly column: number;
  readonly row: number;
  /** How many of its direct needs lie outside of what is drawn. */
  readonly outside: number;
}

/**
 * Lays out these effects, which come in program order: a column further right than everything that an effect needs, and
 * never more than `rowsMost` of them above each other.
 */
export function effectGraph(effects: readonly Bound[], rowsMost: number): EffectGraph {
  const shown = new Map(effects.map((effect, at) => [effect.sequence, at]));
  const levels: number[] = [];
  for (const { needs } of effects) {
    const below = needs.map((need) => levels[shown.get(need) ?? -1] ?? -1);
    levels.push(1 + Math.max(-1, ...below));
  }
  const firstColumns = columnsOfLevels(levels, rowsMost);
  const filled: number[] = [];
  const nodes = effects.map(({ sequence, needs }, at): GraphNode => {
    const level = levels[at] ?? 0;
    const place = filled[level] ?? 0;
    filled[level] = place + 1;
    return {
      sequence,
      column: (firstColumns[level] ?? 0) + Math.floor(place / rowsMost),
      row: place % rowsMost,
      outside: needs.filter((need) => !shown.has(need)).length,
    };
  });
  return {
    nodes,
    edges: plainEdges(effects, shown),
    columns: 1 + Math.max(-1, ...nodes.map(({ column }) => column)),
    rows: 1 + Math.max(-1, ...nodes.map(({ row }) => row)),
  };
}

/** A level with many effects takes several columns. */
function columnsOfLevels(levels: readonly number[], rowsMost: number): readonly number[] {
  const counts: number[] = [];
  for (const level of levels) counts[level] = (counts[level] ?? 0) + 1;
  let column = 0;
  return counts.map((count) => {
    const first = column;
    column += Math.ceil(count / rowsMost);
    return first;
  });
}

/** Direct needs that no other need of the same effect leads to anyway. */
function plainEdges(
  effects: readonly Bound[],
  shown: ReadonlyMap<number, number>,
): EffectGraph["edges"] {
  const reached: ReadonlySet<number>[] = [];
  return effects.flatMap(({ sequence, needs }) => {
    const inside = needs.filter((need) => shown.has(need));
    const beyond = inside.map((need) => reached[shown.get(need) ?? -1] ?? new Set<number>());
    reached.push(new Set([...inside, ...beyond.flatMap((set) => [...set])]));
    return inside
      .filter((need) => !beyond.some((set) => set.has(need)))
      .map((need) => ({ from: sequence, to: need }));
  });
}
