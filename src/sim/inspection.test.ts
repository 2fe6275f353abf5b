import { expect, it } from "vitest";
import { installFile } from "#disk/disk.ts";
import { inspect } from "./inspection.ts";
import { swapDisk } from "./machine.ts";
import { plan, play, write } from "./run.testkit.ts";
import { cloneWorld, machineOf, processOf } from "./world.ts";

it("another disk is read anew, however its versions are counted", () => {
  const { world } = play(plan(3, [write(1_000_000, "x", "1")]));
  const machine = machineOf(world, "A");
  const { durableVersion } = machine.disk;
  expect(inspect(world, processOf(world, "A")).durable.entries).not.toEqual([]);
  swapDisk(world, "A");
  while (machine.disk.durableVersion < durableVersion) {
    installFile(machine.disk, "A/other", Uint8Array.of(1));
  }
  const fresh = cloneWorld(world, () => undefined);
  const { durable } = inspect(world, processOf(world, "A"));
  expect(durable).toEqual(inspect(fresh, processOf(fresh, "A")).durable);
  expect(durable.entries).toEqual([]);
});
