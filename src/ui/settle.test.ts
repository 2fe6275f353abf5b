import fc from "fast-check";
import { expect, it } from "vitest";
import { settle } from "./settle.ts";

it("keeps the old identity of whatever did not change", () => {
  const old = {
    servers: [
      { id: "A", term: 1 },
      { id: "B", term: 1 },
    ],
    step: 1,
  };
  const next = settle(old, {
    servers: [
      { id: "A", term: 1 },
      { id: "B", term: 2 },
    ],
    step: 2,
  });
  expect(next.servers[0]).toBe(old.servers[0]);
  expect(next.servers[1]).not.toBe(old.servers[1]);
});

it("returns the old value itself when all of it is equal", () => {
  const old = { a: [1, { b: null }] };
  expect(settle(old, structuredClone(old))).toBe(old);
});

it("leaves bytes alone", () => {
  const bytes = new Uint8Array([1, 2]);
  expect(settle({ bytes: new Uint8Array([1, 2]) }, { bytes }).bytes).toBe(bytes);
});

it("never changes what the new value says", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (old, next) => {
      expect(settle(old, next)).toEqual(next);
    }),
  );
});
