import { describe, expect, it } from "vitest";
import { POLICIES } from "#disk/types.ts";
import { advanceMeter, createMeter, meterProgressOf, meterRowsOf } from "./meter.ts";
import { ended, swept } from "./scene.testkit.ts";
import { sceneAt } from "./scene.ts";
import type { MeterRow } from "./types.ts";

describe("the meter of a journal that syncs nothing", () => {
  const run = ended("pysyncobj");
  const rows = measured("pysyncobj", "B");

  it("has a row for every policy and both kinds of crash", () => {
    expect(rows.map(({ policy, kind }) => [policy, kind])).toEqual(
      POLICIES.flatMap((policy) => [
        [policy, "os"],
        [policy, "power"],
      ]),
    );
  });

  it("says of each what a sweep under that policy says", () => {
    for (const row of rows) {
      const { policy, kind } = row;
      const [sweep] = swept(sceneAt(run, run.steps), { machines: ["B"], kind, policy }).machines;
      expect(row).toMatchObject({
        pieces: sweep?.pieces,
        states: sweep?.states,
        recoveries: sweep?.recoveries,
        outcomes: sweep?.outcomes.length,
        bad: sweep?.outcomes.filter(({ good }) => !good).length,
        capped: false,
      });
    }
  });

  it("gives reasons, most first, for bad rows and no others", () => {
    for (const { bad, reasons } of rows) {
      expect(reasons.length > 0).toBe(bad > 0);
      const counts = reasons.map(({ outcomes }) => outcomes);
      expect(counts).toEqual([...counts].sort((a, b) => b - a));
    }
  });

  it("has as many states under strict as there are pieces, and one", () => {
    const strict = rows.find(({ policy, kind }) => policy === "strict" && kind === "os");
    expect(strict?.states).toEqual({ count: `${(strict?.pieces ?? 0) + 1}`, exact: true });
  });
});

it("the meter of the reference has no bad outcome in any row", () => {
  expect(measured("reference", "A").map(({ bad }) => bad)).toEqual(new Array(12).fill(0));
});

it("an unknown machine is refused", () => {
  expect(createMeter(ended("reference"), 1, "Z", 100).ok).toBe(false);
});

function measured(system: string, machine: string): readonly MeterRow[] {
  const run = ended(system);
  const meter = createMeter(run, run.steps, machine, 1000);
  if (!meter.ok) throw new Error(meter.problem);
  while (!advanceMeter(meter.value, 50));
  expect(meterProgressOf(meter.value).text).toBe(`${machine}: 12 of 12 rows`);
  return meterRowsOf(meter.value);
}
