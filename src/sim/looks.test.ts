import { describe, expect, it } from "vitest";
import { bugsOfPreset } from "#system/catalogue.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import { reference } from "#system/reference/index.ts";
import type { Plan } from "./faults.ts";
import type { Look, Observation } from "./observation.ts";
import { at, crashAll, only, plan, write } from "./run.testkit.ts";
import { advance } from "./scheduler.ts";
import { createTimeline, forkTimeline, runToEnd, traceHash } from "./timeline.ts";
import { createWorld, type World } from "./world.ts";

const WRITES = [write(1_000_000, "x", "1"), write(1_200_000, "x", "2"), write(1_400_000, "y", "3")];
const REBOOT = plan(3, [...WRITES, crashAll(2_000_000, ["A", "B", "C"], "power")]);

describe("of servers that sync", () => {
  const { looks, seen } = looked(REBOOT);

  it("are made at each of a leader's own commits, each answer and each recovery, and at nothing else", () => {
    const asked = looks.map(({ sequence }) => seen[sequence]);
    expect(new Set(asked.map((each) => each?.type))).toEqual(
      new Set(["commit", "return", "recovered"]),
    );
    const answers = only(seen, "return").filter(({ result }) => result.outcome === "ok");
    expect(asked.filter((each) => each?.type === "return")).toEqual(answers);
    expect(asked.filter((each) => each?.type === "recovered")).toEqual(only(seen, "recovered"));
  });

  it("come in the order of their observations", () => {
    const sequences = looks.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
  });

  it("find what is committed on a quorum", () => {
    const holders = looks.flatMap((look) => (look.type === "holders" ? [look.holders.length] : []));
    expect(holders.length).toBeGreaterThan(3);
    expect(Math.min(...holders)).toBeGreaterThanOrEqual(2);
  });

  it("find that recovery repeats itself", () => {
    const again = looks.flatMap((look) => (look.type === "recovered-again" ? [look.differs] : []));
    expect(again).toEqual([null, null, null, null, null, null]);
  });
});

describe("of servers that do not", () => {
  const given = pySyncObjPlan();
  const { looks } = looked(given, pysyncobj);

  it("find nobody who would still hold what is committed", () => {
    const holders = looks.flatMap((look) => (look.type === "holders" ? look.holders : []));
    expect(looks.some(({ type }) => type === "holders")).toBe(true);
    expect(holders).toEqual([]);
  });

  it("find everybody where the scenario admits no more than the death of a process", () => {
    const mild = { ...given, disk: { ...given.disk, admits: ["process"] as const } };
    const counts = looked(mild, pysyncobj).looks.flatMap((look) =>
      look.type === "holders" ? [look.holders.length] : [],
    );
    expect(counts.length).toBeGreaterThan(0);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(2);
  });
});

describe("of disks that lie", () => {
  const lying: Plan = { ...plan(3, WRITES), disk: { ...plan(3, []).disk, flushing: "total" } };
  const { looks, seen } = looked(lying);

  it("tell who would hold it had the syncs been honest", () => {
    for (const look of looks) {
      if (look.type !== "holders") continue;
      expect(look.holders).toEqual([]);
      expect(look.sworn.length).toBeGreaterThanOrEqual(2);
    }
  });

  it("tell of each message that left on the word of a lie", () => {
    const told = looks.filter(({ type }) => type === "lied-to").map(({ sequence }) => sequence);
    const hasty = only(seen, "send").filter(({ promise }) => promise === "not-durable");
    expect(told.length).toBeGreaterThan(10);
    expect(told).toEqual(hasty.map(({ sequence }) => sequence));
  });
});

it("change nothing of the run", () => {
  const seen: Observation[] = [];
  const blind = createWorld(REBOOT, reference, (each) => seen.push(each));
  while (advance(blind));
  expect(seen).toEqual(looked(REBOOT).seen);
});

it("are kept beside a timeline's observations, and repeated by a fork that changes nothing", () => {
  const timeline = createTimeline(REBOOT, reference);
  runToEnd(timeline);
  expect(timeline.looks).toEqual(looked(REBOOT).looks);
  const fork = forkTimeline(timeline, REBOOT, Math.floor(timeline.steps / 2));
  runToEnd(fork);
  expect(traceHash(fork)).toBe(traceHash(timeline));
  expect(fork.looks).toEqual(timeline.looks);
});

function looked(
  given: Plan,
  system: World["system"] = reference,
): { readonly looks: Look[]; readonly seen: Observation[] } {
  const seen: Observation[] = [];
  const looks: Look[] = [];
  const world = createWorld(
    given,
    system,
    (each) => seen.push(each),
    (each) => looks.push(each),
  );
  while (advance(world));
  return { looks, seen };
}

function pySyncObjPlan(): Plan {
  const bugs = bugsOfPreset("pysyncobj", "0.3.14") ?? [];
  const given = plan(3, [], { system: "pysyncobj", bugs, until: 12_000_000 });
  const machines = given.machines.map((machine, number) => ({
    ...machine,
    servers: [{ id: machine.id, address: `127.0.0.1:700${number + 1}` }],
  }));
  const ask = at(9_000_000, {
    ...{ type: "client", client: "c", server: null, operation: "write" },
    ...{ key: "x", value: "1", expected: null },
  });
  return { ...given, machines, script: [...given.script, ask] };
}
