import * as v from "valibot";
import { CHECK_IDS } from "./checks.ts";
import { DISK, DISK_FAULT, DISK_PATCH, effects, survivors } from "./disk-document.ts";
import {
  crashKind,
  filled,
  integer,
  LIMITS,
  list,
  micros,
  name,
  some,
  text,
  told,
  whole,
} from "./fields.ts";

const perMille = integer(0, 1000);
const drift = integer(-100_000, 100_000);
const offset = integer(-LIMITS.time, LIMITS.time);
const machines = some(name, LIMITS.machines);
const servers = some(name, LIMITS.servers);
const bugs = v.optional(
  told(
    v.nullable(list(name, 100)),
    "Exactly these bugs instead of the preset's; null: the preset's.",
  ),
  null,
);
const lines = filled(1000);

const numbers = v.record(filled(200), integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER));

const anchor = v.variant("type", [
  v.strictObject({
    type: v.literal("at"),
    time: micros,
    order: v.optional(
      told(integer(0, 1_000_000), "After so many events of that same time; 0: before them."),
      0,
    ),
    notch: v.exactOptional(
      told(
        integer(0, 1_000_000),
        "Of a crash of one machine: in the middle of the next event, after so many micro-steps of that machine.",
      ),
    ),
  }),
  v.strictObject({
    type: v.literal("when"),
    match: told(
      v.record(filled(100), v.union([v.string(), v.number(), v.boolean(), v.null()])),
      'Fields of an observation, with dots for fields of fields: { "type": "role", "server": "A", "to": "leader" }.',
    ),
    count: v.optional(told(integer(1, 1_000_000), "Which of those that match, from 1."), 1),
    delay: v.optional(told(micros, "So long after it, in microseconds."), 0),
  }),
]);

const action = v.variant("type", [
  v.strictObject({ type: v.literal("boot"), machines, stagger: v.optional(micros, 0) }),
  v.strictObject({ type: v.literal("stop"), machines }),
  v.strictObject({
    type: v.literal("crash"),
    machines,
    kind: v.optional(crashKind, "power"),
    survivors,
  }),
  v.strictObject({
    type: v.literal("restart"),
    machines,
    kind: v.optional(v.nullable(crashKind), "power"),
    survivors,
    down: v.optional(micros, 1_000_000),
    stagger: v.optional(micros, 0),
  }),
  v.strictObject({ type: v.literal("swap-disk"), machine: name }),
  v.strictObject({ type: v.literal("disk-fault"), machine: name, fault: DISK_FAULT }),
  v.strictObject({
    type: v.literal("partition"),
    from: servers,
    to: servers,
    bothWays: v.optional(v.boolean(), true),
    cut: v.optional(v.boolean(), true),
  }),
  v.strictObject({ type: v.literal("heal") }),
  v.strictObject({
    type: v.literal("hold"),
    from: name,
    to: name,
    on: v.optional(v.boolean(), true),
  }),
  v.strictObject({ type: v.literal("slow"), from: name, to: name, by: micros }),
  v.strictObject({ type: v.literal("drop"), message: whole }),
  v.strictObject({ type: v.literal("deliver"), message: whole }),
  v.strictObject({
    type: v.literal("connect"),
    a: name,
    b: name,
    up: v.optional(v.boolean(), true),
  }),
  v.strictObject({
    type: v.literal("client"),
    client: v.optional(name, "client"),
    server: v.optional(v.nullable(name), null),
    operation: v.optional(
      v.picklist(["write", "read", "compare-and-set", "increment", "add-server", "remove-server"]),
      "write",
    ),
    key: filled(1000),
    value: v.optional(text(10_000), ""),
    expected: v.optional(v.nullable(text(10_000)), null),
  }),
  v.strictObject({ type: v.literal("timeout"), server: name }),
  v.strictObject({
    type: v.literal("clock"),
    machine: name,
    offset: v.optional(offset, 0),
    drift: v.optional(drift, 0),
  }),
  v.strictObject({
    type: v.literal("write-back"),
    machine: name,
    effects: v.optional(v.nullable(effects), null),
  }),
  v.strictObject({ type: v.literal("narrate"), text: lines }),
]);

const machine = v.strictObject({
  id: name,
  disk: v.exactOptional(
    told(DISK_PATCH, "Where this machine's disk differs from that of every machine."),
  ),
  clockOffset: v.optional(offset, 0),
  clockDrift: v.optional(told(drift, "Parts per million that the clock is fast."), 0),
  /** Left out: one server of the machine's own name. */
  servers: v.optional(
    some(v.strictObject({ id: name, address: v.optional(filled(200)) }), LIMITS.servers),
  ),
  files: v.optional(
    told(
      list(v.strictObject({ path: filled(300), base64: v.string() }), LIMITS.filesPerMachine),
      "On the disk before the first boot. A path begins with its server: A/raft.journal.",
    ),
    [],
  ),
});

/** How long, at most, the other fields may be; see `LIMITS` for what the document as a whole may hold. */
export const DOCUMENT = v.strictObject({
  format: v.literal("blackstart-scenario"),
  version: v.literal(2),
  title: filled(200),
  about: v.optional(told(text(2000), "One or two sentences."), ""),
  source: v.optional(
    list(
      v.strictObject({
        title: filled(200),
        url: v.pipe(v.string(), v.regex(/^https?:\/\/[^\s]{1,2000}$/, "must be a web address")),
      }),
      20,
    ),
    [],
  ),
  system: told(name, "A modelled system by its id: pysyncobj, reference."),
  preset: v.optional(told(filled(100), "A released version of it, which has certain bugs on.")),
  bugs,
  twin: v.optional(
    told(
      v.nullable(
        v.strictObject({
          preset: v.optional(filled(100)),
          bugs,
          options: v.exactOptional(told(numbers, "Where its settings differ.")),
        }),
      ),
      "The same script under other bugs, side by side.",
    ),
    null,
  ),
  cluster: v.strictObject({
    machines: some(machine, LIMITS.machines),
    members: v.exactOptional(
      told(servers, "The members that servers with empty files are told of; left out: all."),
    ),
  }),
  options: v.optional(told(numbers, "The system's own settings, by name."), {}),
  network: v.optional(
    v.strictObject({
      delay: v.optional(
        told(
          v.strictTuple([micros, micros]),
          "Of a message, one way, from and to, in microseconds.",
        ),
        [1000, 4000],
      ),
      lossPerMille: v.optional(perMille, 0),
      duplicatePerMille: v.optional(perMille, 0),
    }),
    {},
  ),
  disk: v.optional(told(DISK, "The disk of every machine that says nothing else."), {}),
  seed: v.optional(integer(0, 0xffffffff), 1),
  choices: v.optional(
    told(
      numbers,
      "Chance by the name of its cause: A/1/electionTimeout/1. The rest is drawn from the seed.",
    ),
    {},
  ),
  script: v.optional(list(v.strictObject({ anchor, action }), LIMITS.actions), []),
  until: v.optional(told(integer(1, LIMITS.time), "The end, in microseconds."), 10_000_000),
  recording: v.exactOptional(
    told(
      v.strictObject({
        format: v.picklist(["pysyncobj-trace/1"]),
        name: v.exactOptional(told(filled(200), "One that comes with the page.")),
        text: v.exactOptional(told(filled(LIMITS.fileBytes), "The trace itself.")),
      }),
      "A recorded run in the place of the script; the twin is the model, led through the same events.",
    ),
  ),
  expect: v.optional(
    list(
      v.strictObject({
        check: v.picklist(CHECK_IDS),
        holds: v.boolean(),
        preset: v.optional(told(v.nullable(filled(100)), "Null: under every preset."), null),
      }),
      200,
    ),
    [],
  ),
  narration: v.optional(list(v.strictObject({ anchor, text: lines }), LIMITS.actions), []),
});

/** A document as people write it: defaults left out where they like. */
export type ScenarioDocument = v.InferInput<typeof DOCUMENT>;
/** A document with every default filled in that depends on nothing else. */
export type FilledDocument = v.InferOutput<typeof DOCUMENT>;
