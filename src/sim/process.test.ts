import { expect, it } from "vitest";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import type { Observation } from "./observation.ts";
import { only, plan, write } from "./run.testkit.ts";
import { advance } from "./scheduler.ts";
import { createWorld } from "./world.ts";

it("a call that fails ends its handler: what came before stays, what would have come after does not", () => {
  // The record does not fit into the journal after one doubling: the store through the mapping fails.
  const { seen, server } = single([write(2_000_000, "big", "x".repeat(3_000))]);
  const [error] = only(seen, "handler-error");
  expect(error).toMatchObject({ name: "EINVAL", text: "store failed" });
  const handler = seen.filter(({ step }) => step === error?.step);
  expect(only(handler, "append")).toHaveLength(1);
  expect(only(handler, "send")).toEqual([]);
  expect(server.log.length).toBe(3); // In memory it is there, as in the real library's list.
});

it("a server whose handler was ended goes on with the next input", () => {
  const { seen } = single([
    write(2_000_000, "big", "x".repeat(3_000)),
    { ...write(3_000_000, "small", "1") },
  ]);
  expect(only(seen, "handler-error").length).toBeGreaterThan(0);
  expect(only(seen, "invoke")).toHaveLength(2);
  expect(seen.at(-1)?.time).toBeGreaterThan(3_000_000);
});

function single(script: Parameters<typeof plan>[1]) {
  const seen: Observation[] = [];
  const given = { ...plan(1, script), system: "pysyncobj" };
  const world = createWorld(given, pysyncobj, (observation) => seen.push(observation));
  while (advance(world));
  const server = world.servers.get("A")?.server;
  if (server === null || server === undefined) throw new Error("A is down");
  return { seen, server };
}
