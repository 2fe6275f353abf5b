import { describe, expect, it } from "vitest";
import { fileSize, pendingCount, readFile } from "#disk/disk.ts";
import { injectFault } from "#disk/faults.ts";
import { perform } from "#disk/perform.ts";
import type { DiskFault } from "#disk/types.ts";
import { bugsOfPreset } from "#system/catalogue.ts";
import type { System } from "#system/contract.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import { reference } from "#system/reference/index.ts";
import { diskPlanOf } from "./disk-plan.ts";
import type { DiskPlan, Plan, ScriptAction } from "./faults.ts";
import { durabilityOf } from "./inspection.ts";
import type { Observation } from "./observation.ts";
import { at, crashAll, only, plan, write } from "./run.testkit.ts";
import { advance } from "./scheduler.ts";
import { sentence } from "./sentences.ts";
import { createTimeline, diskAt, frameAt, outlineOf, runToEnd } from "./timeline.ts";
import { createWorld, machineOf, processOf } from "./world.ts";

/** It saves term and vote, and syncs nothing. */
const UNSYNCED = { system: "pysyncobj", bugs: bugsOfPreset("pysyncobj", "PR #202") ?? [] };

describe("the disk of a machine", () => {
  it("is the plan's where the machine says nothing else, with garbage of its own", () => {
    const given = withDisk(plan(2, []), "B", { policy: "adversarial", syncTime: 5 });
    expect(diskPlanOf(given, "A")).toMatchObject({ policy: "ordered-journal", syncTime: 800 });
    expect(diskPlanOf(given, "B")).toMatchObject({
      policy: "adversarial",
      syncTime: 5,
      writeTime: 20,
    });
    expect(diskPlanOf(given, "A").seed).not.toBe(diskPlanOf(given, "B").seed);
    expect(diskPlanOf({ ...given, seed: 2 }, "A").seed).not.toBe(diskPlanOf(given, "A").seed);
    expect(diskPlanOf({ ...given }, "A").seed).toBe(diskPlanOf(given, "A").seed);
  });

  it("takes its own time", () => {
    const given = withDisk(plan(2, []), "B", { syncTime: 50_000 });
    const { seen } = play(given);
    const firstSync = (machine: string) =>
      only(seen, "disk").find((each) => each.machine === machine && each.op.type === "sync")?.time;
    expect(firstSync("A")).toBeLessThan(2_000);
    expect(firstSync("B")).toBeGreaterThan(49_999);
  });

  it("writes back by its own timers", () => {
    const writeBack = { dataAge: 100_000, wakeEvery: 100_000, metadataEvery: 100_000 };
    const given = withDisk({ ...plan(2, []), ...UNSYNCED }, "B", { writeBack });
    const machines = only(play(given, pysyncobj).seen, "write-back").map(({ machine }) => machine);
    expect(new Set(machines)).toEqual(new Set(["B"]));
  });

  it("is an empty one of the same kind after a swap", () => {
    const given = withDisk(plan(2, [at(1_000_000, { type: "swap-disk", machine: "B" })]), "B", {
      policy: "strict",
      capacity: 5_000,
    });
    const { disk } = machineOf(play(given).world, "B");
    expect([disk.options.policy, disk.capacity, disk.names.size]).toEqual(["strict", 5_000, 0]);
  });
});

describe("a crash of several machines", () => {
  it("lets each keep what was chosen for it, and nothing where nothing was", () => {
    const script: ScriptAction[] = [
      at(1_000_000, {
        type: "crash",
        machines: ["A", "B", "C"],
        kind: "os",
        survivors: { type: "by-machine", of: { A: { type: "all" }, B: { type: "none" } } },
      }),
    ];
    const { seen } = play({ ...plan(3, script), ...UNSYNCED }, pysyncobj);
    const tolls = only(seen, "crash").map(({ machine, kept, lost }) => [
      machine,
      kept > 0,
      lost > 0,
    ]);
    expect(tolls).toEqual([
      ["A", true, false],
      ["B", false, true],
      ["C", false, true],
    ]);
  });
});

describe("a fault of a disk", () => {
  it("is seen, in words, by whose disk it is", () => {
    const fault: DiskFault = { type: "sync-fails", file: "A/wal", count: 2 };
    const { seen } = play(plan(2, [broken(1_000_000, "A", fault)]));
    const text = "A: the next 2 syncs of A/wal will fail with EIO";
    expect(only(seen, "disk-fault")).toMatchObject([
      { machine: "A", servers: ["A"], fault, refused: null, text },
    ]);
    expect(only(seen, "action").at(-1)?.text).toBe(text);
  });

  it("is told once", () => {
    const fault: DiskFault = { type: "capacity", bytes: 4096 };
    const timeline = createTimeline(plan(1, [broken(1_000_000, "A", fault)]), reference);
    runToEnd(timeline);
    const step = only(timeline.observations, "disk-fault")[0]?.step ?? 0;
    expect(frameAt(timeline, step).feed.map(({ text, tone }) => [text, tone])).toEqual([
      ["A's disk has room for 4096 bytes in all", "warning"],
    ]);
  });

  it("that cannot be says why, and changes nothing", () => {
    const fault: DiskFault = { type: "evict", file: "A/nothing" };
    const { seen } = play(plan(1, [broken(1_000_000, "A", fault)]));
    const [refused] = only(seen, "disk-fault");
    expect(refused?.refused).toBe("there is no file A/nothing");
    expect(told(refused)).toBe(
      "A: the kernel drops what its cache holds of A/nothing and need not write: that cannot be, there is no file A/nothing",
    );
  });

  it("reaches the server as the error of its call", () => {
    const script = [
      broken(1_000_000, "A", { type: "sync-fails", file: null, count: 1 }),
      write(1_100_000, "x", "1", "A"),
    ];
    const { seen } = play(plan(1, script));
    const failed = only(seen, "disk").filter(({ errno }) => errno !== null);
    expect(failed).toMatchObject([
      { op: { type: expect.stringMatching(/sync$/) }, path: "A/wal", errno: "EIO" },
    ]);
  });

  it("fails the reads of a boot", () => {
    const script = [
      write(1_000_000, "x", "1"),
      broken(1_500_000, "A", { type: "unreadable", file: "A/wal", offset: 0 }),
      crashAll(1_600_000, ["A"], "power"),
    ];
    const { seen } = play(plan(1, script));
    const [error] = only(seen, "read-error");
    expect(error).toMatchObject({ machine: "A", server: "A", path: "A/wal", errno: "EIO" });
    expect(told(error)).toContain("A could not read wal from byte 0 on: EIO");
  });

  it("waits in the disk's picture until it strikes", () => {
    const script = [
      broken(1_000_000, "A", { type: "sync-fails", file: "A/other", count: 1 }),
      broken(1_000_000, "A", { type: "capacity", bytes: 100_000 }),
      broken(1_000_000, "A", { type: "flushing", flushing: "device" }),
      write(1_100_000, "x", "1"),
    ];
    const timeline = createTimeline(plan(1, script, { until: 2_000_000 }), reference);
    runToEnd(timeline);
    const frame = diskAt(timeline, timeline.steps, "A", "power");
    expect(frame).toMatchObject({ power: "on", kind: "power" });
    expect(frame.options.policy).toBe("ordered-journal");
    expect(frame.faults).toEqual([
      "A: the next sync of A/other will fail with EIO",
      "A: syncs lie from now on: they leave the data in the device's own cache",
      "A's disk has room for 100000 bytes in all",
      expect.stringMatching(
        /^A: a sync said of \d+ unsynced writes that they were durable, and lied$/,
      ),
    ]);
  });
});

describe("what is wrong with a disk for good", () => {
  it("stays among its faults: flipped bits and sectors that cannot be read, by file", () => {
    const script = [
      write(1_000_000, "x", "1"),
      broken(1_500_000, "A", { type: "rot", file: "A/wal", offset: 3, bit: 0 }),
      broken(1_500_000, "A", { type: "unreadable", file: "A/wal", offset: 5 }),
    ];
    const timeline = createTimeline(plan(1, script, { until: 2_000_000 }), reference);
    runToEnd(timeline);
    expect(diskAt(timeline, timeline.steps, "A", "power").faults).toEqual([
      "A: a bit has flipped in sector 0 of A/wal",
      "A: reading sector 0 of A/wal fails with EIO",
    ]);
  });
});

describe("a disk that lies about syncs", () => {
  const script = [
    write(1_000_000, "x", "1"),
    at(2_000_000, {
      type: "crash",
      machines: ["A"],
      kind: "power",
      survivors: { type: "none" },
    }),
  ];
  const lying = { ...plan(1, script), disk: { ...plan(1, []).disk, flushing: "device" as const } };

  it("is found out when power fails: what it had called durable is gone", () => {
    const { seen } = play(lying);
    const [crash] = only(seen, "crash");
    const [forsworn] = only(seen, "forsworn");
    expect(forsworn).toMatchObject({ machine: "A", servers: ["A"] });
    expect(forsworn?.sequence).toBe((crash?.sequence ?? 0) + 1);
    expect(forsworn?.cause).toBe(crash?.sequence);
    expect(forsworn?.effects).toBe(crash?.lost);
    expect(told(forsworn)).toMatch(/^The disk of A had lied: of what a sync called durable, \d+/);
    const timeline = createTimeline(lying, reference);
    runToEnd(timeline);
    const marks = outlineOf(timeline).marks.filter(({ kind }) => kind === "crash");
    expect(marks.map(({ text }) => text)).toContain(told(forsworn));
  });

  it("makes no promise of a server durable", () => {
    const sends = only(play(lying).seen, "send").filter(({ promise }) => promise !== "nothing");
    expect(sends.length).toBeGreaterThan(0);
    expect(new Set(sends.map(({ promise }) => promise))).toEqual(new Set(["not-durable"]));
  });

  it("is never found out by an honest one, nor by the death of a process", () => {
    expect(only(play({ ...lying, disk: plan(1, []).disk }).seen, "forsworn")).toEqual([]);
    const killed = {
      ...lying,
      script: [...script.slice(0, 1), crashAll(2_000_000, ["A"], "process")],
    };
    expect(only(play(killed).seen, "forsworn")).toEqual([]);
  });
});

describe("what is durable", () => {
  it("hangs on the crashes that the scenario admits", () => {
    const promises = (admits: DiskPlan["admits"]) => {
      const base = plan(3, [write(1_000_000, "x", "1")]);
      const given: Plan = { ...base, ...UNSYNCED, disk: { ...base.disk, admits } };
      const sends = only(play(given, pysyncobj).seen, "send");
      return new Set(sends.map(({ promise }) => promise).filter((each) => each !== "nothing"));
    };
    expect(promises(["process"])).toEqual(new Set(["durable"]));
    expect(promises(["process", "os"])).toEqual(new Set(["not-durable"]));
    expect(promises(["power"])).toEqual(new Set(["not-durable"]));
  });

  it("is not what has rotted, though nothing is pending", () => {
    const { world } = play(plan(1, [write(1_000_000, "x", "1")]));
    const process = processOf(world, "A");
    const { disk } = machineOf(world, "A");
    const { log, currentTerm: term } = process.server ?? { log: { length: 0 }, currentTerm: 0 };
    const owed = { hardState: null, log: { index: log.length, term } };
    expect(pendingCount(disk)).toBe(0);
    expect(durabilityOf(world, process, owed, true)).toBe("durable");
    const offset = (fileSize(disk, "A/wal") ?? 0) - 1;
    expect(injectFault(disk, { type: "rot", file: "A/wal", offset, bit: 0 }, world.now)).toBeNull();
    expect(durabilityOf(world, process, owed, true)).toBe("not-durable");
  });

  it("is not what a failed sync has forgotten, whatever the next sync said", () => {
    const { world } = play(plan(1, [write(1_000_000, "x", "1")]));
    const process = processOf(world, "A");
    const { disk } = machineOf(world, "A");
    const { log, currentTerm: term } = process.server ?? { log: { length: 0 }, currentTerm: 0 };
    const owed = { hardState: null, log: { index: log.length, term } };
    const bytes = readFile(disk, "A/wal") ?? new Uint8Array();
    perform(disk, { type: "truncate", file: "A/wal", size: 0 }, world.now);
    perform(disk, { type: "write", file: "A/wal", offset: 0, bytes }, world.now);
    injectFault(disk, { type: "sync-fails", file: null, count: 1 }, world.now);
    expect(perform(disk, { type: "sync", file: "A/wal" }, world.now).ok).toBe(false);
    expect(perform(disk, { type: "sync", file: "A/wal" }, world.now).ok).toBe(true);
    expect(pendingCount(disk)).toBe(0);
    expect(readFile(disk, "A/wal")).toEqual(bytes);
    expect(durabilityOf(world, process, owed, true)).toBe("not-durable");
  });
});

function withDisk(given: Plan, machine: string, disk: Partial<DiskPlan>): Plan {
  const machines = given.machines.map((each) => (each.id === machine ? { ...each, disk } : each));
  return { ...given, machines };
}

function broken(time: number, machine: string, fault: DiskFault): ScriptAction {
  return at(time, { type: "disk-fault", machine, fault });
}

function play(given: Plan, system: System = reference) {
  const seen: Observation[] = [];
  const world = createWorld(given, system, (observation) => seen.push(observation));
  while (advance(world));
  return { world, seen };
}

function told(seen: Observation | undefined): string | null {
  if (seen === undefined) throw new Error("it was observed");
  const context = { describe: () => "", note: () => null, recall: () => null };
  return sentence(seen, context)?.text ?? null;
}
