import type { DiskPatch, Scenario, ScenarioDisk } from "#scenario/types.ts";

// Settings of disks: what a scenario's machines have, how that differs from the usual, and what a form has changed.

/** What a scenario has that says nothing about its disks. */
export const USUAL_DISK: ScenarioDisk = {
  policy: "ordered-journal",
  sectorSize: 512,
  writeBack: null,
  writeTime: 10,
  syncTime: 500,
  admits: ["process", "os", "power"],
  syncScope: "posix",
  tear: "sector",
  powersafeOverwrite: true,
  exposure: "zeros",
  renameAtomic: true,
  storeGrain: null,
  syncFailure: "clean",
  flushing: "honest",
  capacity: null,
  allocation: "at-write",
};

/** The disk of one machine, or (null) of every machine that has no settings of its own. */
export function diskSettingsOf(scenario: Scenario, machine: string | null): ScenarioDisk {
  const own = scenario.cluster.machines.find(({ id }) => id === machine)?.disk;
  return { ...scenario.disk, ...own };
}

/** The settings in which one disk differs from another. */
export function changedSettings(before: ScenarioDisk, after: ScenarioDisk): DiskPatch {
  const names = Object.keys(after) as (keyof ScenarioDisk)[];
  const changed = names.filter((name) => !isSame(before[name], after[name]));
  return Object.fromEntries(changed.map((name) => [name, after[name]]));
}

/** What is unusual about the disks, a few words each: "adversarial", "A: syncs lie". */
export function diskChips(scenario: Scenario): readonly string[] {
  const common = chipsOf(changedSettings(USUAL_DISK, scenario.disk));
  const own = scenario.cluster.machines.flatMap(({ id, disk }) =>
    chipsOf(disk ?? {}).map((words) => `${id}: ${words}`),
  );
  return [...common, ...own];
}

/** What is unusual about the disk of one machine. */
export function machineChips(scenario: Scenario, machine: string): readonly string[] {
  return chipsOf(changedSettings(USUAL_DISK, diskSettingsOf(scenario, machine)));
}

function chipsOf(patch: DiskPatch): readonly string[] {
  const names = Object.keys(patch) as (keyof ScenarioDisk)[];
  return names.map((name) => chipText(name, patch));
}

function chipText(name: keyof ScenarioDisk, patch: DiskPatch): string {
  const value = patch[name];
  switch (name) {
    case "policy":
      return String(value);
    case "sectorSize":
      return `sectors of ${value} B`;
    case "writeBack":
      return value === null ? "no write-back" : "writes back by time";
    case "writeTime":
      return `write ${timeText(Number(value))}`;
    case "syncTime":
      return `sync ${timeText(Number(value))}`;
    case "admits":
      return `admits ${patch.admits?.length === 0 ? "no crash" : patch.admits?.join(" and ")}`;
    case "syncScope":
      return `fsync ${value}`;
    case "tear":
      return TEARS[patch.tear ?? "sector"];
    case "powersafeOverwrite":
      return value === true ? "overwrites are safe" : "sectors may garble";
    case "exposure":
      return `exposes ${value}`;
    case "renameAtomic":
      return value === true ? "atomic renames" : "renames in steps";
    case "storeGrain":
      return value === null ? "whole stores" : `stores of ${value} B`;
    case "syncFailure":
      return `failed sync: ${value}`;
    case "flushing":
      return FLUSHING[patch.flushing ?? "honest"];
    case "capacity":
      return value === null ? "no limit" : `room for ${value} B`;
    case "allocation":
      return `full ${value}`;
  }
}

const TEARS = {
  none: "no tears",
  page: "tears by page",
  sector: "tears by sector",
  "byte-prefix": "tears at a byte",
};

const FLUSHING = {
  honest: "honest syncs",
  device: "syncs lie (device)",
  total: "syncs lie (all)",
};

/** "10 µs", "0.5 ms" */
function timeText(micros: number): string {
  return micros < 100 ? `${micros} µs` : `${micros / 1000} ms`;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
