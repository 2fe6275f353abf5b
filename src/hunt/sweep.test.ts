import { describe, expect, it } from "vitest";
import { cloneDisk } from "#disk/disk.ts";
import { perform } from "#disk/perform.ts";
import { POLICIES } from "#disk/types.ts";
import { createLog } from "#raft/log.ts";
import { at, plan } from "#sim/run.testkit.ts";
import type { Actor, System } from "#system/contract.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import { reference } from "#system/reference/index.ts";
import { recoverAfter } from "./again.ts";
import { sweepAll, walBurst, wideRecord } from "./bench.ts";
import { appends, type Burst, burstOf, patientOf } from "./bursts.ts";
import { resultText } from "./outcomes.ts";
import { emptyDisk, ended, sceneOf, swept } from "./scene.testkit.ts";
import { patientsOn, type Scene, sceneAt, withDisk } from "./scene.ts";
import { advanceSweep, createSweep, progressOf, reportOf, sweepScene } from "./sweep.ts";
import type { MachineSweep, SweepAsk } from "./types.ts";

const SETTINGS = { policy: "adversarial", sectorSize: 512, writeBack: null } as const;
const ALL: SweepAsk = { machines: ["A", "B", "C"], kind: "power", policy: null, most: 10_000 };

describe("the reference, with no bug on", () => {
  const run = ended("reference");

  it.each(POLICIES)("has no bad outcome at any step under %s", (policy) => {
    for (let step = 1; step <= run.steps; step += 9) {
      const report = swept(sceneAt(run, step), { ...ALL, policy });
      const bad = report.machines.flatMap(({ outcomes }) => outcomes.filter(({ good }) => !good));
      expect(bad.map(({ text, wrongs }) => [step, text, wrongs])).toEqual([]);
      expect(report.cluster?.bad).toBe("0");
    }
  });

  it("recovers a burst of 32 records in one of 33 ways, none of them bad", () => {
    const [sweep] = swept(
      sceneOf(burstOf(reference, "A", SETTINGS, appends(32, 600), 633)),
    ).machines;
    expect(sweep?.states.exact).toBe(true);
    expect(Number(sweep?.states.count)).toBeGreaterThan(1e19);
    expect(sweep?.outcomes).toHaveLength(33);
    expect(sweep?.outcomes.every(({ good }) => good)).toBe(true);
    expect(sweep?.cap).toBeNull();
  });
});

it("is tried in every state where an overwrite may garble its sector, though the search behind a bad record forks at each", () => {
  const settings = { ...SETTINGS, powersafeOverwrite: false };
  const [sweep] = swept(sceneOf(burstOf(reference, "A", settings, appends(32, 600)))).machines;
  expect(sweep?.cap).toBeNull();
  expect(sweep?.recoveries).toBeLessThan(2000);
  expect(sweep?.outcomes.length).toBeGreaterThan(33);
});

it("never goes on for long before its caller may stop it, however wide a record is", () => {
  const command = Uint8Array.from({ length: 32_768 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24);
  const entries = [{ index: 1, term: 1, command }];
  const settings = { ...SETTINGS, tear: "byte-prefix" } as const;
  const scene = sceneOf(burstOf(reference, "A", settings, [{ type: "append", entries }]));
  const sweep = sweepScene(scene, { machines: ["A"], kind: "power", policy: null, most: 50 });
  const effort = sweep.jobs[0]?.exploration.ground.effort ?? { spent: 0 };
  for (let isDone = false; !isDone; ) {
    const before = effort.spent;
    isDone = advanceSweep(sweep, 1);
    expect(effort.spent - before).toBeLessThan(200_000_000);
  }
  expect(effort.spent).toBeGreaterThan(10_000_000);
});

describe("one record of 32 KiB under a checksum", () => {
  it("is there or is not: every state of its sectors is told apart by that alone", () => {
    const [machine] = sweepAll(wideRecord()).machines;
    expect(machine).toMatchObject({ cap: null, states: { count: `${2n ** 66n}`, exact: true } });
    expect(machine?.outcomes.map(({ text }) => text).sort()).toEqual([
      "A: term 1, vote for A, entry 1",
      "A: term 1, vote for A, no entries",
    ]);
    expect(machine?.outcomes.every(({ good }) => good)).toBe(true);
  });

  it("says that a checksum of 32 bits is believed over more sectors than that", () => {
    expect(sweepAll(wideRecord()).machines[0]?.trusts).toContain("by accident");
    expect(sweepAll(walBurst()).machines[0]).not.toHaveProperty("trusts");
  });
});

describe("a journal that syncs nothing", () => {
  const run = ended("pysyncobj");
  const step = run.steps;
  const scene = sceneAt(run, step);
  const report = swept(scene, ALL);

  it("has bad outcomes, each with what is wrong in it", () => {
    for (const { outcomes } of report.machines) {
      const bad = outcomes.filter(({ good }) => !good);
      expect(bad.length).toBeGreaterThan(0);
      for (const { wrongs } of bad) expect(wrongs.length).toBeGreaterThan(0);
      for (const { wrongs } of outcomes.filter(({ good }) => good)) expect(wrongs).toEqual([]);
    }
  });

  it("names bad ones first", () => {
    for (const { outcomes } of report.machines) {
      const goods = outcomes.map(({ good }) => good);
      expect(goods).toEqual([...goods].sort((a, b) => Number(a) - Number(b)));
    }
  });

  it("has a witness for each outcome that leads there when it is what survives", () => {
    for (const { machine, outcomes } of report.machines) {
      const disk = scene.disks.get(machine)!;
      for (const { witness, text } of outcomes) {
        const patients = patientsOn(scene, machine);
        const real = recoverAfter(scene.system, disk, "power", witness, patients);
        expect(resultText(scene, machine, real)).toBe(text);
      }
    }
  });

  it("is told the same however it is cut into slices", () => {
    const asked = createSweep(run, step, ALL);
    if (!asked.ok) throw new Error(asked.problem);
    while (!advanceSweep(asked.value, 1));
    expect(reportOf(asked.value)).toEqual(report);
  });

  it("leaves the run as it was", () => {
    expect(swept(sceneAt(run, step), ALL)).toEqual(report);
  });

  it("with too few recoveries is sampled, says so, and finds nothing that is not there", () => {
    const capped = swept(scene, { ...ALL, most: 8 });
    for (const [i, { cap, outcomes }] of capped.machines.entries()) {
      expect(cap?.most).toBe(8);
      expect(cap?.samples.map(({ drawn }) => drawn)).toEqual([4, 2, 2]);
      const all = new Set(report.machines[i]?.outcomes.map(({ id }) => id));
      for (const { id } of outcomes) expect(all).toContain(id);
    }
  });

  it("counts its recoveries as it goes", () => {
    const asked = createSweep(run, step, ALL);
    if (!asked.ok) throw new Error(asked.problem);
    advanceSweep(asked.value, 5);
    const { done, of, text } = progressOf(asked.value);
    expect(done).toBe(4); // One unit went into counting the states.
    expect(of).toBe(30_000);
    expect(text).toMatch(/^A: \d+ outcomes? so far$/);
  });
});

describe("a bad outcome", () => {
  it("differs from a good one in as little as possible, in words", () => {
    const burst = burstOf(pysyncobj, "A", SETTINGS, appends(8, 300, 1));
    const [sweep] = swept(sceneOf(burst)).machines;
    const bad = sweep?.outcomes.filter(({ good }) => !good) ?? [];
    expect(bad.length).toBeGreaterThan(0);
    for (const { difference } of bad) {
      expect(difference).toMatch(
        /^identical to a good state, except that .* (was|were) (kept|lost)/,
      );
    }
  });

  it("has no difference to tell where none is good", () => {
    const report = swept(scratch(fails()));
    expect(report.machines[0]?.outcomes.map(({ difference }) => difference)).toEqual([null]);
  });
});

describe("what counts as wrong", () => {
  it("C16: recovery that fails", () => {
    expect(wrongsOf(swept(scratch(fails())).machines[0])).toEqual(["C16"]);
  });

  it("not the design's fault, where it refuses a damaged medium", () => {
    const scene = scratch(fails());
    const disk = cloneDisk(scene.disks.get("A")!);
    disk.unreadable = new Map([[1, new Set([0])]]);
    const [sweep] = swept(withDisk(scene, "A", disk)).machines;
    expect(sweep?.outcomes.map(({ family }) => family)).toEqual(["unavailable-by-design"]);
  });

  it("C17: recovery that adds to what it reads each time it is cut off", () => {
    expect(wrongsOf(swept(scratch(counts())).machines[0])).toEqual(["C17"]);
  });

  it("C8: a vote that is not there any more", () => {
    const scene = scratch(counts());
    const promises = new Map([
      ["A", { term: 9, votedFor: "B", log: null, memory: { stretches: [], last: 0 } }],
    ]);
    expect(wrongsOf(swept({ ...scene, promises }).machines[0])).toContain("C8");
  });

  it("C8: a promised entry with other bytes; C4: one that nobody was told of", () => {
    const run = ended("reference");
    const scene = sceneAt(run, run.steps);
    const own = scene.written.get("A")!;
    const others = new Map(
      [...own].map(([index, entries]) => [
        index,
        entries.map((entry) => ({ ...entry, command: Uint8Array.of(1, 2, 3) })),
      ]),
    );
    const written = new Map(scene.written).set("A", others);
    const told = swept({ ...scene, written }, { machines: ["A"] }).machines[0];
    expect(wrongsOf(told)).toEqual(["C8"]);
    expect(told?.outcomes[0]?.wrongs[0]?.text).toMatch(/^A holds entry 1.* with other bytes than/);
    expect(told?.outcomes[0]?.servers[0]?.garbled).toContain(2);
    const promises = new Map();
    const untold = swept({ ...scene, written, promises }, { machines: ["A"] }).machines[0];
    expect(wrongsOf(untold)).toEqual(["C4"]);
  });

  it("C12: entries taken for committed that are not there", () => {
    const recovered = {
      currentTerm: 1,
      votedFor: null,
      log: createLog(),
      commitIndex: 4,
      extra: {},
    };
    const system = withRecovery((step) => (step === 0 ? { type: "recovered", recovered } : null));
    const create: typeof reference.protocol.create = (config, found) => {
      return { ...reference.protocol.create(config, found), commitIndex: found.commitIndex };
    };
    const trusting = { ...system, protocol: { ...system.protocol, create } };
    expect(wrongsOf(swept(scratch(trusting)).machines[0])).toEqual(["C12"]);
  });
});

describe("a state machine on the disk", () => {
  const adds = [1, 2, 3].map((i) =>
    at(2_200_000 + i * 20_000, {
      ...{ type: "client", client: "c", server: null, operation: "increment" },
      ...{ key: "x", value: "1", expected: null },
    }),
  );

  /** What is wrong with what any crash of B leads to, at each step at which it writes its state machine down. */
  const wrongsWith = (bugs: readonly string[]) => {
    const run = ended("reference", adds, { bugs, options: { keepState: 1 } });
    const steps = run.observations.flatMap((seen) =>
      seen.type === "disk" && /state|applied/.test(seen.path) && seen.time > 2_200_000
        ? [seen.step]
        : [],
    );
    return [...new Set(steps)].flatMap((step) =>
      swept(sceneAt(run, step), { machines: ["B"] }).machines.flatMap(({ outcomes }) =>
        outcomes.flatMap(({ wrongs, text }) =>
          wrongs.map(({ check, text: why }) => [check, why, text]),
        ),
      ),
    );
  };

  it("C15: is ahead of its index after some crashes, where that is in a file of its own", () => {
    const wrongs = wrongsWith(["applied-index-apart"]);
    expect(new Set(wrongs.map(([check]) => check))).toEqual(new Set(["C15"]));
    expect(wrongs).toContainEqual([
      "C15",
      "B takes its state machine for that of entry 6, and it is another one: x is 3 and should be 2.",
      expect.stringMatching(/commit index 6, k = v3 and 1 more after entry 6$/),
    ]);
  });

  it("is that of its index after every crash, where both are one file", () => {
    expect(wrongsWith([])).toEqual([]);
  });
});

describe("who answers for what is forgotten", () => {
  const settings = plan(3, []).disk;
  const lying = ended("reference", [], { disk: { ...settings, flushing: "total" } });

  it("the disk, where a sync had lied and nothing is wrong without that", () => {
    const [sweep] = swept(sceneAt(lying, lying.steps), ALL).machines;
    const families = new Set(sweep?.outcomes.map(({ family }) => family));
    expect(families).toEqual(new Set(["assumption-broken", null]));
  });

  it("the disk, in all machines together too", () => {
    const { cluster } = swept(sceneAt(lying, lying.steps), ALL);
    expect(cluster?.bad).toBe("0");
    expect(Number(cluster?.excused)).toBeGreaterThan(0);
    expect(cluster?.rows[0]?.family).toBe("assumption-broken");
  });

  it("the disk, where the medium lost a write", () => {
    const fault = { type: "lost-write", file: "A/wal" } as const;
    const losing = ended("reference", [at(2_030_000, { type: "disk-fault", machine: "A", fault })]);
    const wrongs = Array.from({ length: losing.steps }, (_, step) => {
      const [sweep] = swept(sceneAt(losing, step), { machines: ["A"] }).machines;
      return sweep?.outcomes.flatMap((outcome) => outcome.wrongs) ?? [];
    }).flat();
    expect(new Set(wrongs.map(({ family }) => family))).toEqual(new Set(["assumption-broken"]));
    expect(wrongs[0]?.text).toMatch(/; but the disk had lost a write that it had accepted\.$/);
  });

  it("the design, where it syncs nothing, whatever its disk does", () => {
    const disk = { ...settings, flushing: "total" } as const;
    const run = ended("pysyncobj", [], { disk });
    const [sweep] = swept(sceneAt(run, run.steps), ALL).machines;
    const families = sweep?.outcomes.map(({ family }) => family) ?? [];
    expect(families).toContain("violation");
    expect(families).not.toContain("assumption-broken");
  });
});

describe("what is refused", () => {
  const run = ended("reference");

  it.each<[string, Partial<SweepAsk>]>([
    ["an unknown machine", { machines: ["A", "Z"] }],
    ["no machine", { machines: [] }],
    ["a machine twice", { machines: ["A", "A"] }],
    ["no recovery", { most: 0 }],
  ])("%s", (_, ask) => {
    expect(createSweep(run, 1, { ...ALL, ...ask }).ok).toBe(false);
  });
});

function wrongsOf(sweep: MachineSweep | undefined): readonly string[] {
  const checks = sweep?.outcomes.flatMap(({ wrongs }) => wrongs.map(({ check }) => check)) ?? [];
  return [...new Set(checks)];
}

/** A server of this system alone with a disk on which it left one byte. */
function scratch(system: System): Scene {
  const disk = emptyDisk();
  perform(disk, { type: "open", file: "A/n", create: true, truncate: false }, 0);
  perform(disk, { type: "write", file: "A/n", offset: 0, bytes: new Uint8Array(1) }, 0);
  perform(disk, { type: "sync", file: "A/n" }, 0);
  perform(disk, { type: "sync-directory", directory: "A" }, 0);
  const burst: Burst = { system, disk, patients: [patientOf(system, "A")] };
  return sceneOf(burst);
}

type Turn = ReturnType<Actor["next"]>;

/** The reference with another recovery: its step by number, which may look at how long the file A/n was. */
function withRecovery(turn: (step: number, size: number) => Turn): System {
  const recovery: Actor<{ step: number; size: number }> = {
    id: "recovery",
    process: "server",
    start: () => ({ step: -1, size: 0 }),
    clone: (state) => ({ ...state }),
    receive: (state) => {
      state.step = 0;
    },
    next: (state, { last }) => {
      if (state.step < 0) return null;
      if (last.type === "read") state.size = last.bytes?.length ?? 0;
      return turn(state.step++, state.size);
    },
  };
  return { ...reference, actors: [recovery], recovery: "recovery" };
}

function fails(): System {
  return withRecovery((step) => (step === 0 ? { type: "fail", name: "NO", text: "never" } : null));
}

/** Its term is how long the file was, which it makes longer by a byte. */
function counts(): System {
  return withRecovery((step, size) => {
    if (step === 0) return { type: "read", file: "A/n" };
    if (step === 1) {
      const op = { type: "write", file: "A/n", offset: size, bytes: new Uint8Array(1) } as const;
      return { type: "disk", op, onError: "exit" };
    }
    if (step > 2) return null;
    const recovered = {
      currentTerm: size,
      votedFor: null,
      log: createLog(),
      commitIndex: 0,
      extra: {},
    };
    return { type: "recovered", recovered };
  });
}
