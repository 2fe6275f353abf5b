import { expect, it } from "vitest";
import type { CrashKind } from "#disk/types.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import type { Plan, ScriptAction } from "./faults.ts";
import type { Observation } from "./observation.ts";
import { at, crashAll, only, plan } from "./run.testkit.ts";
import { advance } from "./scheduler.ts";
import { createWorld } from "./world.ts";

// C dials A and B, B dials A: the larger address dials, each pair once per five seconds.
const ALL = ["A", "B", "C"];

it("machines that lost power together know nothing of their old connections, and dial as at their first boot", () => {
  const dialled = (kind: CrashKind) =>
    linksOf([crashAll(3_000_000, ALL, kind)])
      .filter(({ up, time }) => up && time > 3_000_000 && time < 3_300_000)
      .map(({ a, b }) => `${a}-${b}`);
  expect(dialled("process")).toHaveLength(3);
  expect(dialled("power")).toEqual(dialled("process"));
});

it("a machine that comes back after a power loss dials although its peer still believes in the old connection", () => {
  const [first] = linksOf([crashAll(3_000_000, ["C"], "power")]).filter(
    ({ time, up, b }) => up && time > 3_000_000 && b === "B",
  );
  expect(first).toMatchObject({ a: "C", reason: "C dialled" });
  expect(first?.time).toBeLessThan(3_300_000);
});

it("what is sent on a connection that the other end forgot reaches nobody, and tells the sender that it is gone", () => {
  const seen = run([crashAll(3_000_000, ["B", "C"], "power")]);
  const reset = only(seen, "link").find(({ reason }) => reason.includes("does not know"));
  expect(reset).toMatchObject({ up: false });
  const before = only(seen, "receive").filter(
    ({ time, message }) =>
      time > 3_100_000 && time <= (reset?.time ?? 0) && message.from !== message.to,
  );
  expect(before).toEqual([]);
  const cause = seen[reset?.cause ?? -1];
  expect(cause).toMatchObject({ type: "send", message: { from: reset?.a, to: reset?.b } });
});

it("what left before the power was lost arrives", () => {
  const quiet = run([]);
  const sent = only(quiet, "send").find(({ time }) => time > 2_000_000);
  const seen = run([
    at((sent?.time ?? 0) + 1, {
      type: "crash",
      machines: [sent?.server ?? ""],
      kind: "power",
      survivors: { type: "none" },
    }),
  ]);
  expect(only(seen, "receive").some(({ id }) => id === sent?.id)).toBe(true);
});

it("keeps its order when what was held is let go in the moment in which more arrives", () => {
  const network = { delayMin: 500, delayMax: 500, lossPerMille: 0, duplicatePerMille: 0 };
  const leader = only(run([], { network }), "role").find(({ to }) => to === "leader")?.server ?? "";
  const peer = ALL.find((each) => each !== leader) ?? "";
  const held = { type: "hold", from: leader, to: peer } as const;
  const match = { type: "send", "message.from": leader, "message.to": peer };
  const anchor = { type: "when", match, count: 30, delay: 500 } as const;
  const seen = run(
    [at(2_000_000, { ...held, on: true }), { anchor, action: { ...held, on: false } }],
    { network },
  );
  const received = only(seen, "receive").filter(
    ({ server, message }) => server === peer && message.from === leader,
  );
  const ids = received.map(({ id }) => id);
  expect(received.filter(({ time }) => time > 2_000_000).length).toBeGreaterThan(10);
  expect(ids).toEqual(ids.toSorted((a, b) => a - b));
});

it("is one for each pair, whatever the names", () => {
  const names = ["A", "A-B", "B-C", "C"];
  const given = plan(4, [at(0, { type: "boot", machines: names, stagger: 0 })]);
  const machines = given.machines.map((machine, i) => {
    const id = names[i] ?? "";
    return { ...machine, id, servers: [{ id, address: id }] };
  });
  const links = only(run([], { machines, script: given.script.slice(1) }), "link");
  const early = links.filter(({ up, time }) => up && time < 1_000_000);
  expect(early.map(({ a, b }) => `${a} ${b}`).sort()).toEqual([
    "A-B A",
    "B-C A",
    "B-C A-B",
    "C A",
    "C A-B",
    "C B-C",
  ]);
});

function linksOf(script: readonly ScriptAction[]) {
  return only(run(script), "link");
}

function run(script: readonly ScriptAction[], more: Partial<Plan> = {}): Observation[] {
  const seen: Observation[] = [];
  const given = { ...plan(3, script, { until: 9_000_000, ...more }), system: "pysyncobj" };
  const world = createWorld(given, pysyncobj, (observation) => seen.push(observation));
  while (advance(world));
  return seen;
}
