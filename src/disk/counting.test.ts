import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countStates } from "./counting.ts";
import { histories, play, testDisk } from "./history.testkit.ts";
import { perform } from "./perform.ts";
import type { Implications } from "./pieces.ts";
import { implicationsOf } from "./rules.ts";
import { closedMasks, implied } from "./states.testkit.ts";
import { POLICIES } from "./types.ts";

describe("the number of crash states", () => {
  it("is n + 1 for a chain of n", () => {
    expect(count(implied([[], [0], [1], [2]]))).toBe(5n);
  });

  it("is the product over parts that nothing ties together", () => {
    expect(count(implied([[], [0], [], [2], []]))).toBe(3n * 3n * 2n);
  });

  it("is that of its branches for a tree", () => {
    expect(count(implied([[], [0], [0], [1], [1]]))).toBe(1n + (1n + 4n) * 2n);
  });

  it("does not count pieces that survive every crash, nor what they need", () => {
    const rules = implied([[], [0], [1], []], [1]);
    expect(count(rules)).toBe(4n);
  });

  it("is exact for 103 sectors that nothing ties together", () => {
    expect(count(implied(Array.from({ length: 103 }, () => [])))).toBe(2n ** 103n);
  });

  it("is exact for a chain of metadata, each link with data of its own", () => {
    const needs: number[][] = [];
    for (let link = 0; link < 40; link++) {
      needs.push([], [3 * link], link === 0 ? [1] : [3 * link - 1, 3 * link + 1]);
    }
    const { count: states, exact } = countStates(implied(needs));
    expect(exact).toBe(true);
    // Links 0..k survived with their two data pieces; those behind have 3 states each.
    let expected = 3n ** 40n;
    for (let kept = 1; kept <= 40; kept++) expected += 3n ** BigInt(40 - kept);
    expect(states).toBe(expected);
  });

  it("is a lower bound, and says so, where too much hangs together", () => {
    const side = 35;
    const needs = Array.from({ length: side * side }, (_, i) => [
      ...(i % side === 0 ? [] : [i - 1]),
      ...(i < side ? [] : [i - side]),
    ]);
    const { count: states, exact } = countStates(implied(needs));
    expect(exact).toBe(false);
    expect(states).toBeGreaterThan(1000n);
  });

  it("is that of brute force for any rules among few pieces", () => {
    fc.assert(
      fc.property(rules(), (given) => {
        expect(countStates(given)).toEqual({
          count: BigInt(closedMasks(given).length),
          exact: true,
        });
      }),
      { numRuns: 500 },
    );
  });

  it.each(POLICIES)("is that of brute force for short histories: %s", (policy) => {
    fc.assert(
      fc.property(histories(), fc.constantFrom("os" as const, "power" as const), (ops, kind) => {
        const disk = testDisk(policy);
        play(disk, ops);
        const given = implicationsOf(disk, kind);
        if (given.pieces.length > 12) return;
        expect(countStates(given)).toEqual({
          count: BigInt(closedMasks(given).length),
          exact: true,
        });
      }),
      { numRuns: 150 },
    );
  });

  it("of a burst of 32 entries of 600 bytes is 4e18 and more under adversarial", () => {
    const disk = testDisk("adversarial");
    perform(disk, { type: "open", file: "d/wal", create: true, truncate: false }, 0);
    perform(disk, { type: "sync-directory", directory: "d" }, 0);
    for (let i = 0; i < 32; i++) {
      const bytes = new Uint8Array(600).fill(i + 1);
      perform(disk, { type: "write", file: "d/wal", offset: i * 600, bytes }, i);
    }
    const { count: states, exact } = countStates(implicationsOf(disk, "power"));
    expect(exact).toBe(true);
    expect(states).toBeGreaterThan(10n ** 18n);
  });
});

function count(given: Implications): bigint {
  return countStates(given).count;
}

function rules(): fc.Arbitrary<Implications> {
  return fc
    .integer({ min: 0, max: 12 })
    .chain((size) =>
      fc.tuple(
        fc.tuple(
          ...Array.from({ length: size }, (_, i) => fc.uniqueArray(fc.nat(i), { maxLength: 3 })),
        ),
        fc.uniqueArray(fc.nat(Math.max(0, size - 1)), { maxLength: 2 }),
      ),
    )
    .map(([needs, forced]) =>
      implied(
        needs.map((each, i) => each.filter((needed) => needed < i)),
        forced.filter((piece) => piece < needs.length),
      ),
    );
}
