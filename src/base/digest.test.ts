import fc from "fast-check";
import { expect, it } from "vitest";
import { digestOfPlain } from "./digest.ts";

const plain = fc.anything({
  withNullPrototype: false,
  withTypedArray: false,
  values: [fc.integer(), fc.string(), fc.boolean(), fc.constant(null), fc.uint8Array()],
});

it("is the same for a copy", () => {
  fc.assert(
    fc.property(plain, (value) => {
      expect(digestOfPlain(structuredClone(value))).toBe(digestOfPlain(value));
    }),
  );
});

it.each<[unknown, unknown]>([
  [1, 2],
  [1, "1"],
  [null, "null"],
  [[], {}],
  [[[1], 2], [[1, 2]]],
  [{ a: 1 }, { b: 1 }],
  [new Uint8Array([1]), [1]],
  [new Uint8Array(2), new Uint8Array(3)],
  [{ list: [{ a: 0 }] }, { list: [{ a: 1 }] }],
])("tells %o from %o", (one, other) => {
  expect(digestOfPlain(one)).not.toBe(digestOfPlain(other));
});
