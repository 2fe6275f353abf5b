import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changeOf, choicesOf, mismatchOf, type Seal, weightsOf } from "./seal.ts";

const SEAL: Seal = {
  at: 4,
  covers: [
    [0, 4],
    [8, 40],
  ],
};

describe("a change of the bytes", () => {
  it("changes the mismatch by what its bits weigh", () => {
    const bytes = fc.uint8Array({ minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(
        bytes,
        fc.nat(39),
        fc.uint8Array({ maxLength: 40 }),
        (before, offset, written) => {
          const own = written.subarray(0, 40 - offset);
          const after = before.slice();
          after.set(own, offset);
          const change = changeOf(weightsOf(SEAL, 40), before.subarray(offset), own, offset);
          expect(mismatchOf(SEAL, after)).toBe((mismatchOf(SEAL, before) ^ change) >>> 0);
        },
      ),
    );
  });
});

describe("choices that come to a number under XOR", () => {
  it("are those that trying all of them finds", () => {
    const list = fc.array(fc.nat(31), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(list, { maxLength: 6 }), fc.nat(31), (lists, target) => {
        const all = everyChoice(lists).filter((choice) => sumOf(lists, choice) === target);
        expect(new Set(choicesOf(lists, target, 5000)?.map(String))).toEqual(
          new Set(all.map(String)),
        );
      }),
      { numRuns: 300 },
    );
  });

  it("use all 32 bits", () => {
    const lists = Array.from({ length: 32 }, (_, bit) => [0, (1 << bit) >>> 0]);
    expect(choicesOf(lists, 0xffff_ffff, 1)).toEqual([lists.map(() => 1)]);
  });

  it("are not listed when there are more than asked for", () => {
    const lists = Array.from({ length: 64 }, (_, i) => [0, Math.imul(i + 1, 0x9e3779b1) >>> 0]);
    expect(choicesOf(lists, 0, 1000)).toBeNull();
  });

  it("are given up before anybody waits for long", () => {
    const lists = Array.from({ length: 64 }, (_, i) => [0, Math.imul(i + 1, 0x9e3779b1) >>> 0]);
    const effort = { spent: 0 };
    expect(choicesOf(lists, 0, Number.POSITIVE_INFINITY, effort)).toBeNull();
    expect(effort.spent).toBeLessThan(20_000_000);
  });

  it("of independent numbers are found at once, however many there are", () => {
    const lists = Array.from({ length: 30 }, (_, i) => [0, ((1 << i) | 1) >>> 0]);
    const target = lists.reduce((sum, [, own]) => (sum ^ (own as number)) >>> 0, 0);
    expect(choicesOf(lists, target, 10)).toHaveLength(1);
  });
});

function everyChoice(lists: readonly (readonly number[])[]): readonly (readonly number[])[] {
  return lists.reduce<readonly (readonly number[])[]>(
    (choices, list) => choices.flatMap((choice) => list.map((_, place) => [...choice, place])),
    [[]],
  );
}

function sumOf(lists: readonly (readonly number[])[], choice: readonly number[]): number {
  return choice.reduce((sum, place, i) => sum ^ (lists[i]?.[place] as number), 0);
}
