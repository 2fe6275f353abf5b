import { expect, it } from "vitest";
import {
  cutSeries,
  type LeadOfMeta,
  leadOf,
  outside,
  POWER_CUTS,
  type PowerCuts,
} from "./power-cuts.ts";
import { syncedFiles } from "./synced-files.ts";

it.each(POWER_CUTS)(
  "$id: lead, onset and torn window are within the stated tolerances",
  (series) => {
    const { model, real } = compare(series);
    expect(outside(model, real)).toEqual([]);
  },
);

it("what is further off is named", () => {
  const [first] = POWER_CUTS;
  const real = first?.real ?? { cuts: 0, ahead: 0, onset: null, most: 0, unloadable: 0 };
  const off = { cuts: 77, ahead: 40, onset: 9_000_000, most: 60, unloadable: 9 };
  expect(outside(off, real)).toEqual(["ahead", "onset", "most", "unloadable"]);
});

it("a torn journal is what lies between the pages' write-back and the next commit", () => {
  const [first] = POWER_CUTS;
  const cuts = first === undefined ? [] : cutSeries(first, syncedFiles("A"));
  const torn = cuts.filter(({ lastIndex }) => lastIndex === null).map(({ time }) => time);
  expect(torn.length).toBeGreaterThan(0);
  for (const time of torn) {
    expect(time).toBeGreaterThan(30_000_000);
    expect(time).toBeLessThan(31_200_000);
  }
});

function compare(series: PowerCuts | undefined): { model: LeadOfMeta; real: LeadOfMeta } {
  if (series === undefined) throw new Error("there are series");
  return { model: leadOf(cutSeries(series, syncedFiles("A"))), real: series.real };
}
