import { describe, expect, it } from "vitest";
import { crashAll, plan } from "#sim/run.testkit.ts";
import type { Timeline } from "#sim/timeline.ts";
import { bugsOfPreset, CATALOGUE } from "#system/catalogue.ts";
import {
  advanceComparison,
  comparisonProgressOf,
  comparisonRowsOf,
  createComparison,
} from "./compare.ts";
import { ended, swept } from "./scene.testkit.ts";
import { sceneAt } from "./scene.ts";
import type { BootFate, Compared, SweepAsk } from "./types.ts";

const ASK: SweepAsk = { machines: ["A", "B", "C"], kind: "power", policy: null, most: 2_000 };
const RELEASED = bugsOfPreset("pysyncobj", "0.3.14") ?? [];
/** Data stays in the cache for half a minute, names for five seconds. */
const DISK = {
  ...plan(1, []).disk,
  policy: "ordered-journal" as const,
  sectorSize: 512 as const,
  writeBack: { dataAge: 30_000_000, wakeEvery: 5_000_000, metadataEvery: 5_000_000 },
};

describe("every preset of PySyncObj after some writes and six seconds, on an ext4-like disk", () => {
  const run = ended("pysyncobj", [], { bugs: RELEASED, disk: DISK, until: 6_400_000 });
  const rows = compared(run, run.steps);

  it("has a row, in the order of the catalogue", () => {
    const presets = CATALOGUE.find(({ id }) => id === "pysyncobj")?.presets ?? [];
    expect(rows.map(({ preset }) => preset)).toEqual(presets.map(({ id }) => id));
  });

  it("is looked at at one and the same time", () => {
    expect(new Set(rows.map(({ time }) => time)).size).toBe(1);
  });

  it("may be stuck as released: the commit index is ahead of the journal", () => {
    expect(fatesIn(rows, "0.3.14")).toContain("stuck");
    expect(fatesIn(rows, "PR #202")).toContain("stuck");
  });

  it("is not stuck with a sync of the journal before each meta", () => {
    expect(fatesIn(rows, "msync with meta")).not.toContain("stuck");
  });

  it("loses acknowledged entries in the seconds before that, but for a sync at each write", () => {
    const early = compared(run, stepAt(run, 2_250_000));
    expect(fatesIn(early, "0.3.14")).toContain("boots-having-lost");
    expect(fatesIn(early, "msync with meta")).toContain("boots-having-lost");
    for (const each of [early, rows]) {
      expect(fatesIn(each, "msync every write")).not.toContain("boots-having-lost");
      expect(fatesIn(each, "msync every write")).not.toContain("stuck");
    }
  });

  it("boots whatever survives with all fixes", () => {
    expect(fatesIn(rows, "all fixes")).toEqual(["boots"]);
  });

  it("says of the run itself what a sweep says", () => {
    const own = rows.filter(({ isOwn }) => isOwn);
    expect(own.map(({ preset, step }) => [preset, step])).toEqual([["0.3.14", run.steps]]);
    const { machines } = swept(sceneAt(run, run.steps), ASK);
    expect(own[0]?.machines.map(({ fates }) => fates)).toEqual(machines.map(({ fates }) => fates));
  });

  it("leaves the run as it was, and comes out the same again in other slices", () => {
    expect(compared(run, run.steps, 1_000)).toEqual(rows);
  });
});

describe("a run with bugs that are no preset's", () => {
  const run = ended("pysyncobj");

  it("has a row of its own, before all presets", () => {
    const [first, ...others] = compared(run, 100);
    expect(first).toMatchObject({ preset: null, isOwn: true, step: 100 });
    expect(others.every(({ isOwn }) => !isOwn)).toBe(true);
  });
});

it("where the machines crash at that very time, the others too are looked at before that", () => {
  const cut = crashAll(2_200_000, ["B"], "power");
  const run = ended("pysyncobj", [cut], { bugs: RELEASED, disk: DISK });
  const step = run.observations.find(({ type }) => type === "crash")?.step ?? 0;
  const at = run.observations.findLast((each) => each.step === step - 1)?.time ?? 0;
  for (const row of compared(run, step - 1)) {
    expect(row.time).toBe(at);
    expect(row.machines.find(({ machine }) => machine === "B")?.states.count).not.toBe("0");
  }
});

it("tells how far it is, and what is being run", () => {
  const begun = createComparison(ended("reference"), 50, ASK);
  if (!begun.ok) throw new Error(begun.problem);
  expect(comparisonProgressOf(begun.value)).toMatchObject({ done: 0 });
  while (comparisonRowsOf(begun.value).length < 2) advanceComparison(begun.value, 16);
  const presets = CATALOGUE.find(({ id }) => id === "reference")?.presets ?? [];
  expect(comparisonProgressOf(begun.value)).toEqual({
    ...{ done: 2, of: presets.length, text: presets[2]?.title },
  });
  advanceComparison(begun.value, 1);
  expect(comparisonProgressOf(begun.value).text).toBe(`${presets[2]?.title}, being run`);
});

it("an unknown machine is refused", () => {
  expect(createComparison(ended("reference"), 1, { ...ASK, machines: ["Z"] }).ok).toBe(false);
});

function stepAt({ observations }: Timeline, time: number): number {
  return observations.findLast((each) => each.time <= time)?.step ?? 0;
}

function compared(run: Timeline, step: number, recoveries = 16): readonly Compared[] {
  const begun = createComparison(run, step, ASK);
  if (!begun.ok) throw new Error(begun.problem);
  while (!advanceComparison(begun.value, recoveries));
  return comparisonRowsOf(begun.value);
}

function fatesIn(rows: readonly Compared[], preset: string): readonly BootFate[] {
  const row = rows.find((each) => each.preset === preset);
  const fates = row?.machines.flatMap((machine) => machine.fates.map(({ fate }) => fate)) ?? [];
  return [...new Set(fates)];
}
