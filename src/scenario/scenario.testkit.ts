import fc from "fast-check";
import type { Action, Anchor } from "#sim/faults.ts";
import { CHECK_IDS } from "./checks.ts";
import type { ScenarioDocument } from "./document.ts";
import { HAPPENINGS } from "./happenings.ts";
import { parseScenario } from "./schema.ts";
import type { DiskPatch, Scenario, ScenarioDisk } from "./types.ts";

type DiskFault = Extract<Action, { type: "disk-fault" }>["fault"];

/** The shortest document: three machines of a known system. */
export function minimal(changes: Partial<ScenarioDocument> = {}): ScenarioDocument {
  return {
    format: "blackstart-scenario",
    version: 2,
    title: "Three servers",
    system: "pysyncobj",
    cluster: { machines: [{ id: "A" }, { id: "B" }, { id: "C" }] },
    ...changes,
  };
}

/** The scenario of a document that must be right. */
export function scenarioOf(document: unknown): Scenario {
  const parsed = parseScenario(document);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problem));
  return parsed.value;
}

/** One of each kind, all defaults overridden. */
export const EVERY_ACTION: readonly Action[] = [
  { type: "boot", machines: ["A", "B"], stagger: 5 },
  { type: "stop", machines: ["A"] },
  { type: "crash", machines: ["A"], kind: "os", survivors: { type: "seeded", draw: 7 } },
  {
    type: "restart",
    machines: ["B"],
    kind: "os",
    survivors: { type: "chosen", effects: [1, 2] },
    down: 5,
    stagger: 6,
  },
  {
    type: "crash",
    machines: ["A", "C"],
    kind: "power",
    survivors: {
      type: "by-machine",
      of: { A: { type: "chosen", effects: [3] }, C: { type: "seeded", draw: 1 } },
    },
  },
  { type: "swap-disk", machine: "C" },
  { type: "partition", from: ["A"], to: ["B", "C"], bothWays: false, cut: false },
  { type: "heal" },
  { type: "hold", from: "A", to: "B", on: false },
  { type: "slow", from: "A", to: "B", by: 9 },
  { type: "drop", message: 3 },
  { type: "deliver", message: 4 },
  { type: "connect", a: "A", b: "B", up: false },
  {
    type: "client",
    client: "alice",
    server: "B",
    operation: "compare-and-set",
    key: "k",
    value: "v",
    expected: "u",
  },
  { type: "timeout", server: "A" },
  { type: "clock", machine: "A", offset: -5, drift: 10 },
  { type: "write-back", machine: "A", effects: [4] },
  { type: "narrate", text: "Power returns." },
];

/** Everything that can go wrong with the disk of A. */
export const EVERY_FAULT: readonly DiskFault[] = [
  { type: "sync-fails", file: "A/wal", count: 2 },
  { type: "write-fails", file: "A/wal", errno: "ENOSPC", count: 3 },
  { type: "create-fails", count: 4 },
  { type: "capacity", bytes: 4096 },
  { type: "unreadable", file: "A/wal", offset: 512 },
  { type: "rot", file: "A/wal", offset: 7, bit: 7 },
  { type: "lost-write", file: "A/wal" },
  { type: "flushing", flushing: "total" },
  { type: "evict", file: "A/raft/journal" },
];

/** No field as it would be without it. */
export const EVERY_SETTING: ScenarioDisk = {
  policy: "metadata-first",
  sectorSize: 4096,
  writeBack: { dataAge: 30_000_000, wakeEvery: 5_000_000, metadataEvery: 5_000_001 },
  writeTime: 1,
  syncTime: 2,
  admits: ["power"],
  syncScope: "new-dent",
  tear: "byte-prefix",
  powersafeOverwrite: false,
  exposure: "garbage",
  renameAtomic: false,
  storeGrain: 8,
  syncFailure: "stay-dirty",
  flushing: "device",
  capacity: 1_000_000,
  allocation: "at-sync",
};

const time = fc.integer({ min: 0, max: 3_600_000_000 });
const word = fc.string({ minLength: 1, maxLength: 12 });
const key = fc.stringMatching(/^[a-z./]{1,12}$/).filter((text) => !(text in Object.prototype));
const numbers = fc.dictionary(key, fc.maxSafeInteger(), {
  maxKeys: 4,
});

const anchor: fc.Arbitrary<Anchor> = fc.oneof(
  fc.record({
    type: fc.constant("at" as const),
    time,
    order: fc.oneof(fc.constant(0), fc.nat(1000)),
  }),
  fc.record({
    type: fc.constant("when" as const),
    match: fc
      .tuple(
        fc.constantFrom(...HAPPENINGS),
        fc.dictionary(key, fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null)), {
          maxKeys: 3,
        }),
      )
      .map(([type, more]) => ({ ...more, type })),
    count: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 1000 })),
    delay: fc.oneof(fc.constant(0), time),
  }),
);

const anyAction: fc.Arbitrary<Action> = fc.constantFrom(
  ...EVERY_ACTION,
  ...EVERY_FAULT.map((fault): Action => ({ type: "disk-fault", machine: "A", fault })),
);
const notched = fc.record({
  anchor: fc.record({
    type: fc.constant("at" as const),
    time,
    order: fc.nat(9),
    notch: fc.nat(30),
  }),
  action: fc.constant<Action>({
    type: "crash",
    machines: ["B"],
    kind: "power",
    survivors: { type: "all" },
  }),
});

const bugs = fc.option(
  fc.shuffledSubarray(["term-not-saved", "vote-not-saved", "term-not-restored-from-log"]),
);
const preset = fc.constantFrom("0.3.14", "PR #202");

const SETTING_NAMES = Object.keys(EVERY_SETTING) as (keyof ScenarioDisk)[];

/** Any of the settings that make sense together. */
const patch: fc.Arbitrary<DiskPatch> = fc.subarray(SETTING_NAMES).map((names): DiskPatch => {
  const some = Object.fromEntries(names.map((name) => [name, EVERY_SETTING[name]]));
  if ("exposure" in some) some.policy = EVERY_SETTING.policy;
  if ("allocation" in some) some.capacity = EVERY_SETTING.capacity;
  return some;
});

/** Any scenario that the rules allow, with most of the variety a document can have. */
export const anyScenario: fc.Arbitrary<Scenario> = fc
  .record({
    title: word,
    about: fc.string({ maxLength: 30 }),
    source: fc.array(fc.record({ title: word, url: fc.constant("https://example.org/a?b=c") }), {
      maxLength: 2,
    }),
    preset,
    bugs,
    twin: fc.option(fc.record({ preset, bugs })),
    more: patch,
    own: patch,
    clockOffset: fc.integer({ min: -1000, max: 1000 }),
    file: fc.option(fc.uint8Array({ maxLength: 60 })),
    options: fc.dictionary(
      fc.constantFrom("metaPeriod", "firstTickDelay"),
      fc.integer({ min: 1_000, max: Number.MAX_SAFE_INTEGER }),
    ),
    delay: fc.tuple(fc.nat(1000), fc.integer({ min: 1000, max: 5000 })),
    lossPerMille: fc.integer({ min: 0, max: 1000 }),
    admits: fc.shuffledSubarray(["process", "os", "power"]),
    seed: fc.integer({ min: 0, max: 0xffffffff }),
    choices: numbers,
    script: fc.array(fc.oneof(fc.record({ anchor, action: anyAction }), notched), {
      maxLength: 6,
    }),
    until: fc.integer({ min: 1, max: 3_600_000_000 }),
    expect: fc.uniqueArray(
      fc.record({
        check: fc.constantFrom(...CHECK_IDS),
        holds: fc.boolean(),
        preset: fc.option(preset),
      }),
      { selector: ({ check, preset }) => `${check} ${preset}`, maxLength: 4 },
    ),
    narration: fc.array(fc.record({ anchor, text: word }), { maxLength: 3 }),
  })
  .map(({ clockOffset, file, delay, lossPerMille, admits, more, own, ...rest }) => {
    const files =
      file === null
        ? []
        : [{ path: "A/raft.journal", base64: Buffer.from(file).toString("base64") }];
    const machines = [{ id: "A", clockOffset, files }, { id: "B", disk: own }, { id: "C" }];
    return scenarioOf({
      ...minimal(),
      ...rest,
      cluster: { machines },
      network: { delay, lossPerMille },
      disk: { admits, ...more },
    });
  });
