import fc from "fast-check";
import { expect, it } from "vitest";
import { HUES, hueOf, PATTERNS, termStyles } from "./terms.ts";

it("keeps the hue of a term, whatever else is on screen", () => {
  expect(termStyles([2, 3]).get(2)?.hue).toBe(hueOf(2));
  expect(termStyles([2, 8, 9]).get(2)?.hue).toBe(hueOf(2));
});

it("draws terms plain while no two share a hue", () => {
  expect([...termStyles([0, 1, 2, 3, 4, 5]).values()].every(({ pattern }) => pattern === 0)).toBe(
    true,
  );
});

it("tells terms of one hue apart by a pattern", () => {
  const styles = termStyles([2, 8, 3]);
  expect(styles.get(2)?.hue).toBe(styles.get(8)?.hue);
  expect(styles.get(2)?.pattern).not.toBe(styles.get(8)?.pattern);
  expect(styles.get(3)?.pattern).toBe(0);
});

it("gives no two terms the same looks, up to as many as there are patterns", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(1_000_000), { maxLength: PATTERNS }), (terms) => {
      const looks = [...termStyles(terms).values()].map(({ hue, pattern }) => `${hue} ${pattern}`);
      expect(new Set(looks).size).toBe(terms.length);
    }),
  );
});

it("stays within what a theme offers", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100_000)), (terms) => {
      for (const { hue, pattern } of termStyles(terms).values()) {
        expect(hue >= 0 && hue < HUES && pattern >= 0 && pattern < PATTERNS).toBe(true);
      }
    }),
  );
});
