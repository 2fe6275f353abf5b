import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { numbersOf } from "./numbers.ts";

describe("numbers beyond 2^53 under names that a run can hold", () => {
  const anyNumber = fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** 70n }),
    fc.bigInt({ min: 2n ** 52n - 5n, max: 2n ** 52n + 5n }),
    fc.bigInt({ min: 2n ** 53n - 5n, max: 2n ** 53n + 5n }),
  );

  it("are found again, each by its name, and keep their order", () => {
    fc.assert(
      fc.property(fc.array(anyNumber, { minLength: 1 }), (values) => {
        const hasWide = values.some((value) => value >= 2n ** 53n);
        const numbers = numbersOf(values);
        const sorted = [...new Set(values)].sort((a, b) => (a < b ? -1 : 1));
        const names = sorted.map((value) => numbers.nameOf(value));
        for (const [i, name] of names.entries()) {
          expect(Number.isSafeInteger(name)).toBe(true);
          expect(numbers.trueOf(name)).toBe(sorted[i]);
          if (i > 0) expect(name).toBeGreaterThan(names[i - 1] ?? 0);
        }
        if (!hasWide) expect(numbers.renamed).toEqual([]);
      }),
    );
  });

  it("follow each other when they do in truth, across 2^53 too", () => {
    const numbers = numbersOf([2 ** 53 - 1, 2n ** 53n, 2n ** 53n + 1n, 2n ** 53n + 5n]);
    const [first = 0] = numbers.renamed.map(({ name }) => name);
    expect(numbers.renamed.map(({ name }) => name - first)).toEqual([0, 1, 2, 6]);
    expect(numbers.trueOf(first + 4)).toBe(2n ** 53n + 3n);
  });
});
