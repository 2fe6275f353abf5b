import { expect, expectTypeOf, it } from "vitest";
import {
  type CrashKind,
  DISK_DEFAULTS,
  type DiskFault,
  type DiskOptions,
  EXT4_LIKE_WRITE_BACK,
  POLICIES,
  type Survivors,
} from "#disk/types.ts";
import { DISK_SETTINGS } from "#scenario/disk-document.ts";
import type { ScenarioDocument } from "#scenario/document.ts";
import { parseScenario } from "#scenario/schema.ts";
import type { Scenario, ScenarioDisk } from "#scenario/types.ts";
import type { Action, Plan } from "#sim/faults.ts";
import { onDisks, settingText } from "./disk-option.ts";

it("a scenario's disk is the modelled disk, with its defaults", () => {
  const { seed: _, ...defaults } = DISK_DEFAULTS;
  expect(scenario.disk).toMatchObject(defaults);
  expect(DISK_SETTINGS.policy.options).toEqual(POLICIES);
  expectTypeOf<Omit<DiskOptions, "seed">>().toEqualTypeOf<
    Omit<ScenarioDisk, "writeTime" | "syncTime" | "admits">
  >();
  expectTypeOf<ScenarioDisk["admits"][number]>().toEqualTypeOf<CrashKind>();
  expectTypeOf<ScenarioDisk>().toExtend<Plan["disk"]>();
});

it("a document's faults and survivors are those of the modelled disk", () => {
  type Acted = NonNullable<ScenarioDocument["script"]>[number]["action"];
  type Written = Extract<Acted, { type: "disk-fault" }>["fault"]["type"];
  expectTypeOf<Written>().toEqualTypeOf<DiskFault["type"]>();
  type Crash = Extract<Action, { type: "crash" }>;
  type Kept = NonNullable<Extract<Acted, { type: "crash" }>["survivors"]>["type"];
  expectTypeOf<Kept>().toEqualTypeOf<Crash["survivors"]["type"]>();
  expectTypeOf<Survivors["type"]>().toExtend<Kept>();
});

const { value: scenario } = parseScenario({
  ...{ format: "blackstart-scenario", version: 2, title: "Disks", system: "reference" },
  cluster: { machines: [{ id: "A" }, { id: "rack:1" }] },
}) as { value: Scenario };

it.each([
  ["policy=strict", { policy: "strict" }],
  ["tear=none,renameAtomic=false", { tear: "none", renameAtomic: false }],
  ["storeGrain=8", { storeGrain: 8 }],
  ["storeGrain=null", { storeGrain: null }],
  ["admits=os+power", { admits: ["os", "power"] }],
  ["admits=", { admits: [] }],
  ["writeBack=ext4-like", { writeBack: EXT4_LIKE_WRITE_BACK }],
  ["writeBack=3/2/1", { writeBack: { dataAge: 3, wakeEvery: 2, metadataEvery: 1 } }],
])("%s is what it says", (text, settings) => {
  expect(onDisks(scenario, [text])).toEqual({
    ok: true,
    value: { ...scenario, disk: { ...scenario.disk, ...settings } },
  });
  for (const [name, value] of Object.entries(settings)) {
    if (text !== "writeBack=ext4-like") expect(text).toContain(settingText([name, value]));
  }
});

it("settings of one machine leave the others alone, whatever is in its name", () => {
  const done = onDisks(scenario, ["rack:1:flushing=total", "policy=strict"]);
  expect(done.ok && done.value.cluster.machines.map(({ disk }) => disk)).toEqual([
    undefined,
    { flushing: "total" },
  ]);
  expect(done.ok && done.value.disk.policy).toBe("strict");
});

it.each([
  ["", /there is no setting ""/],
  ["A:", /there is no setting ""/],
  ["policy=strict,", /there is no setting ""/],
  ["toString=1", /there is no setting "toString"/],
  ["writeBack=soon", /writeBack is null, ext4-like, or dataAge.*not "soon"/],
  ["writeBack=0/1/1", /writeBack.dataAge must be 1 or more/],
  ["admits=os+fire", /admits\[1\] must be "process" or "os" or "power", not "fire"/],
  ["tear=", /tear must be .*, not ""/],
  ["syncTime=1.5", /syncTime must be a whole number/],
  ["allocation=at-sync", /disk.allocation does not fit/],
])("%j is refused with what there is", (text, problem) => {
  const done = onDisks(scenario, [text]);
  expect(done.ok ? "" : done.problem.join("\n")).toMatch(problem);
});
