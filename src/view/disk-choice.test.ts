import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pending } from "./disk.testkit.ts";
import {
  type Bound,
  choiceLeft,
  closureOf,
  dependentsOf,
  dropEffects,
  isClosed,
  keepEffects,
} from "./disk-choice.ts";

describe("keeping an effect", () => {
  it("keeps what it needs, and what that needs", () => {
    const effects = pending("1 2<1 3<2 4");
    expect([...closureOf(effects, [3])].sort()).toEqual([1, 2, 3]);
  });

  it("says which effect needed each that followed, and by which rule", () => {
    const effects = pending("9 12<9 14<12", "truncate-first");
    expect(keepEffects(effects, new Set(), [14]).followed).toEqual([
      { sequence: 12, because: 14, rule: "truncate-first" },
      { sequence: 9, because: 12, rule: "truncate-first" },
    ]);
  });

  it("does not follow to what is on the platter already", () => {
    expect([...closureOf(pending("5<2"), [5])]).toEqual([5]);
  });

  it("knows no effect that is not pending", () => {
    expect(closureOf(pending("1"), [7]).size).toBe(0);
  });

  it("names the rule as unknown where the disk gives none", () => {
    const [one, two] = pending("1 2<1");
    const effects = [one!, { ...two!, why: [] }];
    expect(keepEffects(effects, new Set(), [2]).followed).toMatchObject([{ rule: null }]);
  });
});

describe("dropping an effect", () => {
  it("drops what needs it, and says why", () => {
    const effects = pending("9 14<9 15<14 20", "truncate-first");
    const { kept, followed } = dropEffects(effects, new Set([9, 14, 15, 20]), [9]);
    expect([...kept]).toEqual([20]);
    expect(followed).toEqual([
      { sequence: 14, because: 9, rule: "truncate-first" },
      { sequence: 15, because: 14, rule: "truncate-first" },
    ]);
  });

  it("does not tell of dependents that were not kept anyway", () => {
    expect(dropEffects(pending("1 2<1"), new Set([1]), [1]).followed).toEqual([]);
  });
});

describe("laws", () => {
  it("any sequence of keeping and dropping leaves a closed choice", () => {
    fc.assert(
      fc.property(history, moves, (effects, steps) => {
        let kept: ReadonlySet<number> = new Set();
        for (const { keep, at } of steps) {
          const move = keep ? keepEffects : dropEffects;
          kept = move(effects, kept, [at]).kept;
          expect(isClosed(effects, kept)).toBe(true);
        }
      }),
    );
  });

  it("a closure is the smallest closed set that holds what was chosen", () => {
    fc.assert(
      fc.property(history, numbers, (effects, chosen) => {
        const wanted = chosen.filter((each) => each < effects.length);
        const smallest = closedSets(effects)
          .filter((set) => wanted.every((each) => set.has(each)))
          .reduce((least, set) => (set.size < least.size ? set : least));
        expect(closureOf(effects, wanted)).toEqual(smallest);
      }),
    );
  });

  it("what is left after a drop is the largest closed set without what was dropped", () => {
    fc.assert(
      fc.property(history, numbers, (effects, unwanted) => {
        const all = new Set(effects.map(({ sequence }) => sequence));
        const largest = closedSets(effects)
          .filter((set) => unwanted.every((each) => !set.has(each)))
          .reduce((most, set) => (set.size > most.size ? set : most));
        expect(dropEffects(effects, all, unwanted).kept).toEqual(largest);
      }),
    );
  });

  it("one effect is in the closure of another exactly if that one depends on it", () => {
    fc.assert(
      fc.property(history, (effects) => {
        for (const { sequence: one } of effects) {
          for (const { sequence: other } of effects) {
            expect(closureOf(effects, [one]).has(other)).toBe(
              dependentsOf(effects, [other]).has(one),
            );
          }
        }
      }),
    );
  });

  it("every effect that followed is tied to one that changed before it", () => {
    fc.assert(
      fc.property(history, numbers, (effects, chosen) => {
        const known = new Set(chosen);
        for (const { sequence, because } of keepEffects(effects, new Set(), chosen).followed) {
          expect(known.has(because)).toBe(true);
          known.add(sequence);
        }
      }),
    );
  });

  it("a choice that the disk went past is the largest closed part of what is still pending", () => {
    fc.assert(
      fc.property(history, numbers, (effects, chosen) => {
        const kept = new Set(chosen);
        const left = choiceLeft(effects, kept);
        const largest = closedSets(effects)
          .filter((set) => [...set].every((each) => kept.has(each)))
          .reduce((most, set) => (set.size > most.size ? set : most));
        expect(left).toEqual(largest);
      }),
    );
  });
});

const numbers = fc.array(fc.nat(9), { maxLength: 5 });
const moves = fc.array(fc.record({ keep: fc.boolean(), at: fc.nat(9) }), { maxLength: 12 });

/** Up to eight effects, each with needs among the earlier ones. */
const history = fc
  .array(fc.array(fc.nat(7), { maxLength: 3 }), { minLength: 1, maxLength: 8 })
  .map((rows) =>
    rows.map((row, sequence): Bound => {
      const needs = [...new Set(row.filter((need) => need < sequence))];
      return {
        sequence,
        needs,
        why: needs.map((need) => ({ sequence: need, rule: "same-cell" as const })),
      };
    }),
  );

/** By brute force. */
function closedSets(effects: readonly Bound[]): ReadonlySet<number>[] {
  const sets: ReadonlySet<number>[] = [];
  for (let mask = 0; mask < 1 << effects.length; mask++) {
    const set = new Set(
      effects.filter((_, at) => (mask >> at) & 1).map(({ sequence }) => sequence),
    );
    const closed = effects.every(
      ({ sequence, needs }) => !set.has(sequence) || needs.every((need) => set.has(need)),
    );
    if (closed) sets.push(set);
  }
  return sets;
}
