import { expect, it } from "vitest";
import { systemEntry } from "./catalogue.ts";
import { SYSTEMS } from "./registry.ts";

it.each(SYSTEMS)("$id has the settings that it says a scenario may change", ({ id, options }) => {
  // The period of the loop itself is part of its shape.
  const settable = Object.keys(options).filter((name) => name !== "autoTickPeriod");
  expect(systemEntry(id)?.options.toSorted()).toEqual(settable.sort());
});

it.each(SYSTEMS)("$id says of each setting what it may be, and keeps to that itself", (system) => {
  const entry = systemEntry(system.id);
  expect(Object.keys(entry?.limits ?? {}).sort()).toEqual(entry?.options.toSorted());
  for (const [option, { least, most = Number.POSITIVE_INFINITY }] of Object.entries(
    entry?.limits ?? {},
  )) {
    const usual = system.options[option] ?? Number.NaN;
    expect(usual >= least && usual <= most, option).toBe(true);
  }
  for (const { option, usually, above, aboveUsually, times } of entry?.orders ?? []) {
    expect([usually, aboveUsually]).toEqual([system.options[option], system.options[above]]);
    expect(usually).toBeGreaterThan(aboveUsually * times);
  }
});
