import { describe, expect, expectTypeOf, it } from "vitest";
import type { Action } from "#sim/faults.ts";
import { canonicalJson, documentOf } from "./canonical.ts";
import { DISK_PATCH, DISK_SETTINGS } from "./disk-document.ts";
import { doubtsOf } from "./disk-rules.ts";
import type { ScenarioDocument } from "./document.ts";
import { planOf } from "./plan.ts";
import { EVERY_FAULT, EVERY_SETTING, minimal, scenarioOf } from "./scenario.testkit.ts";
import { parseScenario } from "./schema.ts";
import type { DiskPatch } from "./types.ts";

describe("the disk of a document", () => {
  it("takes every setting, for all machines and for one", () => {
    expect(scenarioOf(disk(EVERY_SETTING)).disk).toEqual(EVERY_SETTING);
    const own = scenarioOf(withDisks({}, EVERY_SETTING)).cluster.machines[0];
    expect(own?.disk).toEqual(EVERY_SETTING);
    expect(Object.keys(DISK_PATCH.entries)).toEqual(Object.keys(EVERY_SETTING));
    expect(Object.keys(DISK_SETTINGS)).toEqual(Object.keys(EVERY_SETTING));
  });

  it("is written without what is as it would be anyway", () => {
    expect(canonicalJson(scenarioOf(minimal({ disk: { tear: "sector" } })))).toBe(
      canonicalJson(scenarioOf(minimal())),
    );
    expect(documentOf(scenarioOf(minimal({ disk: { tear: "page" } }))).disk).toEqual({
      tear: "page",
    });
  });

  it("keeps what one machine says, also where it says the usual", () => {
    const scenario = scenarioOf(withDisks({ tear: "page" }, { tear: "sector" }));
    expect(documentOf(scenario).cluster).toMatchObject({
      machines: [{ disk: { tear: "sector" } }, {}, {}],
    });
    expect(scenario.cluster.machines[1]).not.toHaveProperty("disk");
  });

  it("of a machine that says nothing is the scenario's: an empty patch is none", () => {
    expect(scenarioOf(withDisks({}, {}))).toEqual(scenarioOf(minimal()));
  });

  it("is planned for all machines, and where one differs", () => {
    const planned = planOf(scenarioOf(withDisks(EVERY_SETTING, { policy: "strict" })), "main");
    if (!planned.ok) throw new Error(planned.problem);
    expect(planned.value.disk).toEqual(EVERY_SETTING);
    expect(planned.value.machines.map(({ disk }) => disk)).toEqual([
      { policy: "strict" },
      undefined,
      undefined,
    ]);
  });
});

describe("what goes wrong with a disk", () => {
  it("is there in every kind", () => {
    type Fault = Extract<Action, { type: "disk-fault" }>["fault"];
    const kinds = EVERY_FAULT.map(({ type }) => type);
    expectTypeOf<(typeof kinds)[number]>().toEqualTypeOf<Fault["type"]>();
    expect(new Set(kinds).size).toBe(9);
  });

  it.each(EVERY_FAULT)("is taken as it is: $type", (fault) => {
    const { script } = scenarioOf(scripted({ type: "disk-fault", machine: "A", fault }));
    expect(script[0]?.action).toEqual({ type: "disk-fault", machine: "A", fault });
  });

  it.each([
    [{ type: "sync-fails" }, { type: "sync-fails", file: null, count: 1 }],
    [{ type: "write-fails" }, { type: "write-fails", file: null, errno: "EIO", count: 1 }],
    [{ type: "create-fails" }, { type: "create-fails", count: 1 }],
  ])("happens once, to any file, when nothing more is said: %o", (short, fault) => {
    const document = scripted({ type: "disk-fault", machine: "A", fault: short });
    expect(scenarioOf(document).script[0]?.action).toMatchObject({ fault });
  });
});

describe("what makes no sense is refused, with the place and the remedy", () => {
  const cases: [string, unknown, string, RegExp][] = [
    ["an unknown policy", disk({ policy: "ext4" }), "disk.policy", /"adversarial".* not "ext4"/],
    ["an unknown setting", disk({ tears: "page" }), "disk.tears", /not a field/],
    [
      "an unknown setting of a machine",
      withDisks({}, { speed: 1 }),
      "cluster.machines[0].disk.speed",
      /not a field/,
    ],
    ["a grain of nothing", disk({ storeGrain: 0 }), "disk.storeGrain", /1 or more/],
    ["a grain of 24", disk({ storeGrain: 24 }), "disk.storeGrain", /does not divide.*power of two/],
    [
      "garbage in sectors, but nothing half done",
      disk({ powersafeOverwrite: false, tear: "none" }),
      "disk.powersafeOverwrite",
      /set tear to "page", "sector" or "byte-prefix"/,
    ],
    [
      "garbage in sectors on one machine, where all have nothing half done",
      withDisks({ tear: "none" }, { powersafeOverwrite: false }),
      "cluster.machines[0].disk.powersafeOverwrite",
      /is ever left half done/,
    ],
    [
      "nothing half done on one machine, where all have garbage in sectors",
      withDisks({ powersafeOverwrite: false }, { tear: "none" }),
      "cluster.machines[0].disk.tear",
      /is ever left half done/,
    ],
    [
      "garbage behind a size that brings its data",
      disk({ exposure: "garbage" }),
      "disk.exposure",
      /"ordered-journal" no size survives.*use "metadata-first" or "adversarial"/,
    ],
    [
      "the same on one machine, by its policy",
      withDisks({ exposure: "garbage", policy: "adversarial" }, { policy: "strict" }),
      "cluster.machines[0].disk.policy",
      /"strict" no size survives/,
    ],
    [
      "a full disk that says so late, and is never full",
      disk({ allocation: "at-sync" }),
      "disk.allocation",
      /without a capacity.*set capacity/,
    ],
    [
      "less room than the files take",
      filed({}, { capacity: 5 }),
      "cluster.machines[0].disk.capacity",
      /is 5, but the files of machine A have 6 bytes/,
    ],
    [
      "less room on all machines than the files of one take",
      filed({ capacity: 5 }, {}),
      "disk.capacity",
      /is 5, but the files of machine A have 6 bytes/,
    ],
    [
      "a kind of crash twice",
      withDisks({}, { admits: ["os", "os"] }),
      "cluster.machines[0].disk.admits[1]",
      /twice: os/,
    ],
    [
      "an unknown fault",
      faulty({ type: "burns" }),
      "script[0].action.fault.type",
      /"sync-fails".* not "burns"/,
    ],
    [
      "a fault of no machine",
      scripted({ type: "disk-fault", machine: "Z", fault: { type: "create-fails" } }),
      "script[0].action.machine",
      /"Z", which is no machine/,
    ],
    [
      "a fault of a file of nobody",
      faulty({ type: "lost-write", file: "wal" }),
      "script[0].action.fault.file",
      /"wal", but must begin with A\//,
    ],
    [
      "a fault of a file of another machine",
      faulty({ type: "sync-fails", file: "B/wal" }),
      "script[0].action.fault.file",
      /must begin with A\//,
    ],
    [
      "a fault outside of the machine",
      faulty({ type: "evict", file: "A/../B/wal" }),
      "script[0].action.fault.file",
      /below the machine's root/,
    ],
    [
      "a ninth bit",
      faulty({ type: "rot", file: "A/wal", offset: 0, bit: 8 }),
      "script[0].action.fault.bit",
      /7 or less/,
    ],
    [
      "an offset before the file",
      faulty({ type: "unreadable", file: "A/wal", offset: -1 }),
      "script[0].action.fault.offset",
      /0 or more/,
    ],
    [
      "a fault that never happens",
      faulty({ type: "sync-fails", count: 0 }),
      "script[0].action.fault.count",
      /1 or more/,
    ],
    [
      "an error that a write does not give",
      faulty({ type: "write-fails", errno: "ENOENT" }),
      "script[0].action.fault.errno",
      /"EIO" or "ENOSPC"/,
    ],
    [
      "chosen effects of two machines",
      crash({ machines: ["A", "B"], survivors: { type: "chosen", effects: [1] } }),
      "script[0].action.survivors",
      /use "by-machine"/,
    ],
    [
      "survivors of a machine that does not crash",
      crash({ machines: ["A"], survivors: { type: "by-machine", of: { B: { type: "all" } } } }),
      "script[0].action.survivors.of.B",
      /no machine of this action, which has A/,
    ],
    [
      "survivors within survivors",
      crash({ survivors: { type: "by-machine", of: { A: { type: "by-machine", of: {} } } } }),
      "script[0].action.survivors.of.A.type",
      /not "by-machine"/,
    ],
    [
      "survivors as a list",
      crash({ survivors: { type: "by-machine", of: [{ type: "all" }] } }),
      "script[0].action.survivors.of",
      /not a list/,
    ],
    [
      "survivors of a process crash",
      crash({ kind: "process", survivors: { type: "seeded", draw: 1 } }),
      "script[0].action.survivors",
      /a process crash loses nothing.*kind "os" or "power"/,
    ],
    [
      "survivors of a stop",
      scripted({
        type: "restart",
        machines: ["A"],
        kind: null,
        survivors: { type: "chosen", effects: [] },
      }),
      "script[0].action.survivors",
      /an orderly way loses nothing/,
    ],
    [
      "a notch of something else than a crash",
      notched({ type: "boot", machines: ["A"] }),
      "script[0].anchor.notch",
      /for a crash alone/,
    ],
    [
      "a notch of a stop",
      notched({ type: "restart", machines: ["A"], kind: null }),
      "script[0].anchor.notch",
      /for a crash alone/,
    ],
    [
      "a notch of two machines",
      notched({ type: "crash", machines: ["A", "B"] }),
      "script[0].anchor.notch",
      /this crashes A, B: name one/,
    ],
    [
      "a notch of words",
      {
        ...minimal(),
        narration: [{ anchor: { type: "at", time: 0, notch: 1 }, text: "Now." }],
      },
      "narration[0].anchor.notch",
      /for a crash alone/,
    ],
    [
      "a notch of what is waited for",
      {
        ...minimal(),
        script: [
          {
            anchor: { type: "when", match: { type: "boot" }, notch: 1 },
            action: { type: "crash", machines: ["A"] },
          },
        ],
      },
      "script[0].anchor.notch",
      /not a field/,
    ],
  ];

  it.each(cases)("%s", (_name, document, path, reason) => {
    const parsed = parseScenario(document);
    expect(parsed.ok ? [] : parsed.problem).toContainEqual({
      path,
      reason: expect.stringMatching(reason),
    });
  });

  it("once for all machines that have it from the scenario", () => {
    const parsed = parseScenario(disk({ exposure: "garbage" }));
    expect(parsed.ok ? [] : parsed.problem).toHaveLength(1);
  });

  it("not where every machine has something better of its own", () => {
    const machines = ["A", "B"].map((id) => ({ id, disk: { policy: "adversarial" as const } }));
    const document = minimal({ cluster: { machines }, disk: { exposure: "garbage" } });
    expect(parseScenario(document)).toMatchObject({ ok: true });
  });

  it("not where a fault of the script gives it a sense", () => {
    const lost = { type: "lost-write", file: "A/wal" } as const;
    const full = { type: "capacity", bytes: 4096 } as const;
    const on = (settings: DiskPatch, fault: typeof lost | typeof full) => ({
      ...minimal(),
      cluster: { machines: [{ id: "A", disk: settings }, { id: "B" }] },
      ...scriptOf({ type: "disk-fault", machine: "A", fault }),
    });
    const ofLost = on({ exposure: "garbage" }, lost);
    expect(parseScenario(ofLost)).toMatchObject({ ok: true });
    expect(parseScenario(on({ allocation: "at-sync" }, full))).toMatchObject({ ok: true });
  });
});

describe("a crash", () => {
  it("keeps what is said for each machine", () => {
    const survivors = { type: "by-machine", of: { B: { type: "all" } } } as const;
    const { script } = scenarioOf(crash({ machines: ["A", "B"], survivors }));
    expect(script[0]?.action).toMatchObject({ survivors });
  });

  it("of a process may say that all survives, which is so anyway", () => {
    const document = crash({ kind: "process", survivors: { type: "all" } });
    expect(parseScenario(document)).toMatchObject({ ok: true });
  });

  it("of one machine may stand in the middle of an event", () => {
    const { script } = scenarioOf(notched({ type: "crash", machines: ["A"] }));
    expect(script[0]?.anchor).toEqual({ type: "at", time: 0, order: 0, notch: 4 });
  });

  it("that the scenario does not admit is run, with a word about it", () => {
    const admits = ["process" as const];
    const document = { ...crash({ kind: "os" }), disk: { admits } };
    expect(doubtsOf(scenarioOf(document))).toEqual([
      "The script has a crash of kind os, but disk.admits of A has process: durability is not judged under it.",
    ]);
    expect(doubtsOf(scenarioOf(crash({ kind: "os" })))).toEqual([]);
  });
});

function disk(settings: object) {
  return { ...minimal(), disk: settings };
}

/** The disks of all, and of A. */
function withDisks(all: object, own: object) {
  return {
    ...minimal(),
    disk: all,
    cluster: { machines: [{ id: "A", disk: own }, { id: "B" }, { id: "C" }] },
  };
}

/** The same, with six bytes on A. */
function filed(all: object, own: object) {
  const files = [
    { path: "A/x", base64: "AAAA" },
    { path: "A/y", base64: "AAAA" },
  ];
  return { ...minimal(), disk: all, cluster: { machines: [{ id: "A", disk: own, files }] } };
}

function scriptOf(action: unknown, anchor: object = { type: "at", time: 0 }) {
  return { script: [{ anchor, action }] } as unknown as Pick<ScenarioDocument, "script">;
}

function scripted(action: unknown) {
  return { ...minimal(), ...scriptOf(action) };
}

function faulty(fault: unknown) {
  return scripted({ type: "disk-fault", machine: "A", fault });
}

function crash(more: object) {
  return scripted({ type: "crash", machines: ["A"], ...more });
}

function notched(action: unknown) {
  return { ...minimal(), ...scriptOf(action, { type: "at", time: 0, notch: 4 }) };
}
