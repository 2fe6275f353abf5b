import { expect, it } from "vitest";
import { SYSTEMS } from "#system/registry.ts";
import { fetchSystem } from "./systems.ts";

it.each(SYSTEMS)("has $id", async (system) => {
  expect(await fetchSystem(system.id)).toBe(system);
});

it("has no system of another name", async () => {
  expect(await fetchSystem("paxos")).toBeNull();
});
