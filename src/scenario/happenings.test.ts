import { expect, expectTypeOf, it } from "vitest";
import type { Happening } from "#sim/observation.ts";
import { HAPPENINGS } from "./happenings.ts";

it("an anchor may wait for every type of observation, and for no other", () => {
  expectTypeOf<(typeof HAPPENINGS)[number]>().toEqualTypeOf<Happening["type"]>();
  expect(new Set(HAPPENINGS).size).toBe(HAPPENINGS.length);
});
