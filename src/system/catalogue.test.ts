import { expect, it } from "vitest";
import { systemEntry } from "./catalogue.ts";
import { SYSTEMS } from "./registry.ts";

it.each(SYSTEMS)("$id has the settings that it says a scenario may change", ({ id, options }) => {
  // The period of the loop itself is part of its shape.
  const settable = Object.keys(options).filter((name) => name !== "autoTickPeriod");
  expect(systemEntry(id)?.options.toSorted()).toEqual(settable.sort());
});
