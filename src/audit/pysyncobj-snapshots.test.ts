import { describe, expect, it } from "vitest";
import type { Plan, ScriptAction } from "#sim/faults.ts";
import { judgedServers } from "#sim/looks.ts";
import type { Observation } from "#sim/observation.ts";
import { at, crashAll, only, plan, write } from "#sim/run.testkit.ts";
import { createTimeline, runToEnd } from "#sim/timeline.ts";
import { bugsOfPreset } from "#system/catalogue.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import { catchUp, createAuditor, verdicts } from "./auditor.ts";

// PySyncObj compacts its log, sends what it cannot send as entries, and starts from a dump.

const WRITES = Array.from({ length: 12 }, (_, i) =>
  write(2_000_000 + i * 50_000, `k${i}`, `${i}`, "A"),
);
const away = at(1_500_000, {
  ...{ type: "partition", from: ["C"], to: ["A", "B"], bothWays: true, cut: true },
});
const back = at(4_000_000, { type: "heal" });

describe.each(["0.3.14", "all fixes"])("under %s", (preset) => {
  it("a follower that was away while the log was compacted gets the dump, and the entries behind it", () => {
    const { seen } = play(preset, [...WRITES, away, back]);
    expect(only(seen, "rebase").filter(({ server }) => server === "A")).not.toEqual([]);
    const restored = only(seen, "restored").find(({ server }) => server === "C");
    expect(restored?.values.length).toBeGreaterThan(3);
    expect(stateOf(seen, "C")).toBe(stateOf(seen, "A"));
  });

  it("a cluster that lost its processes goes on from its dumps", () => {
    const killed = crashAll(4_000_000, ["A", "B", "C"], "process");
    const { seen } = play(preset, [...WRITES, killed, write(7_000_000, "k0", "new", "A")]);
    const after = only(seen, "recovered").filter(({ incarnation }) => incarnation === 2);
    expect(after.map(({ baseIndex }) => baseIndex > 0)).toEqual([true, true, true]);
    expect(new Set(["A", "B", "C"].map((server) => stateOf(seen, server))).size).toBe(1);
    expect(only(seen, "return").at(-1)).toMatchObject({ result: { outcome: "ok" } });
  });
});

it("a dump that has no file is gone after a restart, and the journal before it too", () => {
  const killed = crashAll(4_000_000, ["A", "B", "C"], "process");
  const { seen } = play("all fixes", [...WRITES, killed], { fullDumpFile: 0 });
  const after = only(seen, "recovered").filter(({ incarnation }) => incarnation === 2);
  expect(after.every(({ baseIndex, lastApplied }) => baseIndex > 1 && lastApplied === 1)).toBe(
    true,
  );
  expect(only(seen, "restored")).toEqual([]);
  const applied = only(seen, "apply").filter(
    ({ sequence }) => sequence > (after[0]?.sequence ?? 0),
  );
  expect(applied).toEqual([]);
});

describe("with every fix", () => {
  const killed = crashAll(4_500_000, ["A", "B", "C"], "process");
  const cut = crashAll(3_000_000, ["A", "B", "C"], "power");
  const again = write(6_000_000, "k0", "new", "A");

  it("nothing is lost or torn apart, whoever was away and whatever dies", () => {
    const early = ["C9", "C10", "C20"];
    const kept = (broken: readonly string[]) => broken.filter((id) => !early.includes(id));
    expect(kept(play("all fixes", [...WRITES, away, back, killed]).broken)).toEqual([]);
    expect(kept(play("all fixes", [...WRITES, cut, again]).broken)).toEqual([]);
  });

  it("every promise is durable, but while a journal is compacted in place", () => {
    const { broken } = play("all fixes", [...WRITES, cut, again], { logCompactionMinEntries: 99 });
    expect(broken).toEqual([]);
    expect(play("all fixes", [...WRITES, cut, again]).broken).toEqual(["C10", "C20"]);
  });
});

function play(preset: string, script: readonly ScriptAction[], options: Plan["options"] = {}) {
  const timeline = createTimeline(planOf(preset, script, options), pysyncobj);
  runToEnd(timeline);
  const auditor = createAuditor({ servers: judgedServers(timeline.plan) });
  catchUp(auditor, timeline);
  const judged = verdicts(auditor, timeline.observations);
  const broken = judged.filter(({ holds }) => !holds).map(({ id }) => id);
  return { seen: timeline.observations, broken };
}

function planOf(preset: string, script: readonly ScriptAction[], options: Plan["options"]): Plan {
  const choices = {
    "A/1/electionTimeout/1": 400_000,
    "B/1/electionTimeout/1": 1_400_000,
    "C/1/electionTimeout/1": 1_400_000,
    "A/2/electionTimeout/1": 400_000,
    "B/2/electionTimeout/1": 1_400_000,
    "C/2/electionTimeout/1": 1_400_000,
  };
  return plan(3, script, {
    system: "pysyncobj",
    bugs: bugsOfPreset("pysyncobj", preset) ?? [],
    options: { logCompactionMinEntries: 5, logCompactionBatchSize: 64, ...options },
    network: { delayMin: 500, delayMax: 500, lossPerMille: 0, duplicatePerMille: 0 },
    choices,
    until: 12_000_000,
  });
}

/** The digest of a server's map as it was last seen. */
function stateOf(seen: readonly Observation[], server: string): string | undefined {
  const mine = seen.filter((each) => "server" in each && each.server === server);
  const applied = mine.filter((each) => each.type === "apply" || each.type === "restored");
  return applied.at(-1)?.state;
}
