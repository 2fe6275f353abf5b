import { expect, it } from "vitest";
import { parseScenario } from "#scenario/schema.ts";
import type { DiskPatch, Scenario } from "#scenario/types.ts";
import {
  changedSettings,
  diskChips,
  diskSettingsOf,
  machineChips,
  USUAL_DISK,
} from "./disk-settings.ts";

it("knows what a scenario has that says nothing about its disks", () => {
  expect(scenario({}, {}).disk).toEqual(USUAL_DISK);
  expect(diskChips(scenario({}, {}))).toEqual([]);
});

it("gives a machine's own settings in place of the common ones", () => {
  const mixed = scenario({ policy: "adversarial" }, { flushing: "device" });
  expect(diskSettingsOf(mixed, "A")).toMatchObject({ policy: "adversarial", flushing: "device" });
  expect(diskSettingsOf(mixed, "B")).toMatchObject({ policy: "adversarial", flushing: "honest" });
  expect(diskSettingsOf(mixed, null)).toMatchObject({ flushing: "honest" });
});

it("says what is unusual: of all machines first, then of each", () => {
  const mixed = scenario({ policy: "adversarial" }, { flushing: "device" });
  expect(diskChips(mixed)).toEqual(["adversarial", "A: syncs lie (device)"]);
  expect(machineChips(mixed, "A")).toEqual(["adversarial", "syncs lie (device)"]);
  expect(machineChips(mixed, "B")).toEqual(["adversarial"]);
});

it("says it when a machine is as usual and the others are not", () => {
  expect(diskChips(scenario({ flushing: "total" }, { flushing: "honest" }))).toEqual([
    "syncs lie (all)",
    "A: honest syncs",
  ]);
});

it("has words for every setting", () => {
  const unusual: Required<DiskPatch> = {
    policy: "adversarial",
    sectorSize: 4096,
    writeBack: { dataAge: 30_000_000, wakeEvery: 5_000_000, metadataEvery: 5_000_000 },
    writeTime: 20,
    syncTime: 5_000,
    admits: ["process", "power"],
    syncScope: "new-dent",
    tear: "byte-prefix",
    powersafeOverwrite: false,
    exposure: "garbage",
    renameAtomic: false,
    storeGrain: 8,
    syncFailure: "revert",
    flushing: "total",
    capacity: 65_536,
    allocation: "at-sync",
  };
  const chips = diskChips(scenario(unusual, {}));
  expect(chips).toHaveLength(Object.keys(USUAL_DISK).length);
  expect(chips).toContain("sync 5 ms");
  expect(chips).toContain("admits process and power");
  expect(chips.join()).not.toMatch(/undefined|null|object/);
});

it("finds what a form has changed, lists and times included", () => {
  const after = { ...USUAL_DISK, admits: ["power" as const], capacity: 10 };
  expect(changedSettings(USUAL_DISK, after)).toEqual({ admits: ["power"], capacity: 10 });
  expect(changedSettings(USUAL_DISK, { ...USUAL_DISK })).toEqual({});
});

/** Machine A has settings of its own, B has none. */
function scenario(disk: DiskPatch, own: DiskPatch): Scenario {
  const parsed = parseScenario({
    format: "blackstart-scenario",
    version: 2,
    title: "disks",
    system: "reference",
    disk,
    cluster: { machines: [{ id: "A", ...(isEmpty(own) ? {} : { disk: own }) }, { id: "B" }] },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problem));
  return parsed.value;
}

function isEmpty(patch: DiskPatch): boolean {
  return Object.keys(patch).length === 0;
}
