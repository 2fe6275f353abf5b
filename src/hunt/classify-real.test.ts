import { describe, expect, it } from "vitest";
import { createDisk, installFile } from "#disk/disk.ts";
import type { Path } from "#disk/types.ts";
import { bugsOfPreset } from "#system/catalogue.ts";
import { filesIn, readFixtureText } from "#system/pysyncobj/fixtures.testkit.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import { patientOf } from "./bursts.ts";
import { swept } from "./scene.testkit.ts";
import type { BootFate, Outcome } from "./types.ts";

/** What the real PySyncObj 0.3.14 did with a directory, as was measured. */
interface Measured {
  /** Of power cuts: "ok", or the error. */
  readonly start?: string;
  /** Of damaged files likewise. */
  readonly constructor?: string;
  /** When each member was ready, of three that were given the image. */
  readonly readyAt?: Readonly<Record<string, number>>;
  readonly first?: readonly [number, number];
  readonly last?: readonly [number, number];
  readonly commitIndex?: number;
  readonly tickException?: string;
  readonly afterTick?: { readonly lastApplied: number };
}

const POWER_CUTS = measuredIn("10-real-ext4-power-cut");
const DAMAGED = measuredIn("07-torn");
/** In none of the files that are not damaged there is a later term. */
const HIGHEST_TERM = 5;

describe("real images of an ext4 file system whose power was cut", () => {
  it.each(Object.entries(POWER_CUTS))("%s", (name, { start, readyAt = {} }) => {
    const isReady = Object.keys(readyAt).length > 0;
    const expected = start !== "ok" ? "refuses" : isReady ? "boots" : "stuck";
    expect(fateIn(`10-real-ext4-power-cut/${name}`).fate).toBe(expected);
  });
});

describe("damaged files that the real loader was given", () => {
  it.each(Object.entries(DAMAGED))("%s", (name, measured) => {
    expect(fateIn(`07-torn/${name}`).fate).toBe(fateMeasured(measured));
  });

  it("are of every fate that needs no past", () => {
    const fates = new Set(Object.values(DAMAGED).map(fateMeasured));
    expect([...fates].sort()).toEqual(["boots", "poisons-term", "refuses", "stuck"]);
  });
});

it("a start that clamps the commit index is not stuck on what a power cut left", () => {
  const folder = "10-real-ext4-power-cut/meta-ahead-of-journal";
  expect(fateIn(folder, "PR #197").fate).toBe("boots");
});

/** What the measured numbers say: the loader's error, a term from nowhere, entries that cannot be applied or are not there. */
function fateMeasured(measured: Measured): BootFate {
  const { first = [1, 0], last = [1, 0], commitIndex = 1, tickException, afterTick } = measured;
  if (measured.constructor !== "ok") return "refuses";
  if (last[1] > HIGHEST_TERM) return "poisons-term";
  const isGap = (afterTick?.lastApplied ?? 1) < first[0] - 1;
  return tickException !== undefined || commitIndex > last[0] || isGap ? "stuck" : "boots";
}

function fateIn(folder: Path, preset = "0.3.14"): Outcome {
  const disk = createDisk({ policy: "ordered-journal", sectorSize: 512, writeBack: null });
  for (const { path, bytes } of filesIn(folder)) installFile(disk, `A/${path}`, bytes);
  const bugs = new Set(bugsOfPreset("pysyncobj", preset));
  const patient = { ...patientOf(pysyncobj, "A", ["B", "C"]), bugs };
  const { machines } = swept({
    ...{ step: 0, system: pysyncobj, servers: [{ machine: "A", patient, memory: null }] },
    ...{ disks: new Map([["A", disk]]), promises: new Map(), troubles: new Map() },
    ...{ written: new Map(), settled: [], highestTerm: HIGHEST_TERM },
  });
  const [outcome, ...others] = machines[0]?.outcomes ?? [];
  if (outcome === undefined || others.length > 0) throw new Error("one state has one outcome");
  return outcome;
}

function measuredIn(folder: string): Readonly<Record<string, Measured>> {
  return JSON.parse(readFixtureText(`${folder}/outcomes.json`)) as Record<string, Measured>;
}
