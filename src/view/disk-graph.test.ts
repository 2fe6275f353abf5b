import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pending } from "./disk.testkit.ts";
import { type Bound, closureOf } from "./disk-choice.ts";
import { effectGraph } from "./disk-graph.ts";

describe("the graph of pending effects", () => {
  it("is empty when nothing is pending", () => {
    expect(effectGraph([], 6)).toEqual({ nodes: [], edges: [], columns: 0, rows: 0 });
  });

  it("puts an effect right of what it needs", () => {
    const { nodes, edges } = effectGraph(pending("1 2<1 3<2 4"), 6);
    expect(nodes.map(({ column, row }) => [column, row])).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [0, 1],
    ]);
    expect(edges).toEqual([
      { from: 2, to: 1 },
      { from: 3, to: 2 },
    ]);
  });

  it("leaves out a need that another need brings along", () => {
    expect(effectGraph(pending("1 2<1 3<1,2"), 6).edges).toEqual([
      { from: 2, to: 1 },
      { from: 3, to: 2 },
    ]);
  });

  it("breaks a tall level into columns, and the next level comes after all of them", () => {
    const { nodes, columns, rows } = effectGraph(pending("1 2 3 4 5 6<1"), 2);
    expect(nodes.map(({ column }) => column)).toEqual([0, 0, 1, 1, 2, 3]);
    expect([columns, rows]).toEqual([4, 2]);
  });

  it("counts the needs that lie outside of what is drawn", () => {
    const effects = pending("1 2 3<1,2").slice(1);
    expect(effectGraph(effects, 6).nodes.map(({ outside }) => outside)).toEqual([0, 1]);
  });
});

describe("laws", () => {
  it("every arrow goes to the left", () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 1, max: 4 }), (effects, rows) => {
        const { nodes, edges } = effectGraph(effects, rows);
        const column = new Map(nodes.map((node) => [node.sequence, node.column]));
        for (const { from, to } of edges) expect(column.get(from)).toBeGreaterThan(column.get(to)!);
      }),
    );
  });

  it("no two effects stand at one place", () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 1, max: 4 }), (effects, rows) => {
        const places = effectGraph(effects, rows).nodes.map(
          ({ column, row }) => `${column} ${row}`,
        );
        expect(new Set(places).size).toBe(effects.length);
      }),
    );
  });

  it("the arrows that are drawn mean the same as all of them", () => {
    fc.assert(
      fc.property(history, (effects) => {
        const { edges } = effectGraph(effects, 3);
        const drawn = effects.map(({ sequence }): Bound => {
          const needs = edges.filter(({ from }) => from === sequence).map(({ to }) => to);
          return { sequence, needs, why: [] };
        });
        for (const { sequence } of effects) {
          expect(closureOf(drawn, [sequence])).toEqual(closureOf(effects, [sequence]));
        }
      }),
    );
  });
});

const history = fc
  .array(fc.array(fc.nat(9), { maxLength: 4 }), { minLength: 1, maxLength: 10 })
  .map((rows) =>
    rows.map(
      (row, sequence): Bound => ({
        sequence,
        needs: [...new Set(row.filter((need) => need < sequence))],
        why: [],
      }),
    ),
  );
