import { expect, it } from "vitest";
import { cutSeries, type LeadOfMeta, leadOf, POWER_CUTS, type PowerCuts } from "./power-cuts.ts";
import { syncedFiles } from "./synced-files.ts";

// Stated tolerances: an onset within one cut's distance (0.6 s), a share of cuts within 15 of 100, a lead within 10 %.

it.each(POWER_CUTS)(
  "$id: the meta is ahead of the journal as often and as far as on a real disk",
  (series) => {
    const { model, real } = compare(series);
    expect(model.cuts).toBe(real.cuts);
    expect(Math.abs(model.ahead - real.ahead) / real.cuts).toBeLessThanOrEqual(0.15);
    expect(Math.abs(model.most - real.most)).toBeLessThanOrEqual(real.most / 10);
  },
);

it("it is from the first commit of the meta on", () => {
  const { model, real } = compare(POWER_CUTS[0]);
  expect(Math.abs((model.onset ?? 0) - (real.onset ?? 0))).toBeLessThanOrEqual(600_000);
});

it.each(POWER_CUTS)("$id: about as many cuts fall where the journal is torn", (series) => {
  const { model, real } = compare(series);
  expect(Math.abs(model.unloadable - real.unloadable)).toBeLessThanOrEqual(1);
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
