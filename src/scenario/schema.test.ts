import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { FilledDocument } from "./document.ts";
import { EVERY_ACTION, minimal, scenarioOf } from "./scenario.testkit.ts";
import { parseScenario, readScenario } from "./schema.ts";
import type { Scenario } from "./types.ts";

describe("a document", () => {
  it("needs no more than a format, a version, a title, a system and a cluster", () => {
    expect(scenarioOf(minimal())).toEqual({
      format: "blackstart-scenario",
      version: 2,
      title: "Three servers",
      about: "",
      source: [],
      system: "pysyncobj",
      preset: "0.3.14",
      bugs: null,
      twin: null,
      cluster: {
        machines: ["A", "B", "C"].map((id) => ({
          id,
          clockOffset: 0,
          clockDrift: 0,
          servers: [{ id, address: id }],
          files: [],
        })),
      },
      options: {},
      network: { delay: [1000, 4000], lossPerMille: 0, duplicatePerMille: 0 },
      disk: {
        policy: "ordered-journal",
        sectorSize: 512,
        writeBack: null,
        writeTime: 10,
        syncTime: 500,
        admits: ["process", "os", "power"],
        syncScope: "posix",
        tear: "sector",
        powersafeOverwrite: true,
        exposure: "zeros",
        renameAtomic: true,
        storeGrain: null,
        syncFailure: "clean",
        flushing: "honest",
        capacity: null,
        allocation: "at-write",
      },
      seed: 1,
      choices: {},
      script: [],
      until: 10_000_000,
      expect: [],
      narration: [],
    });
  });

  it.each(EVERY_ACTION)("takes the action $type as it is", (action) => {
    const { script } = scenarioOf({ ...minimal(), script: [{ anchor: at(5), action }] });
    expect(script).toEqual([{ anchor: { type: "at", time: 5, order: 0 }, action }]);
  });

  it("has the fields of the type and no others", () => {
    type Filled = Omit<FilledDocument, "preset" | "cluster" | "twin">;
    expectTypeOf<keyof FilledDocument>().toEqualTypeOf<keyof Scenario>();
    expectTypeOf<Filled>().toExtend<Omit<Scenario, "preset" | "cluster" | "twin">>();
    expectTypeOf<Scenario["script"][number]["action"]["type"]>().toEqualTypeOf<
      FilledDocument["script"][number]["action"]["type"]
    >();
  });
});

describe("a refusal names the path and the reason", () => {
  const machines = minimal().cluster.machines;
  const cases: [string, unknown, string, RegExp][] = [
    ["an unknown field", { ...minimal(), sed: 5 }, "sed", /not a field/],
    [
      "an unknown field deep inside",
      scripted({ type: "boot", machines: ["A"], stager: 5 }),
      "script[0].action.stager",
      /not a field/,
    ],
    [
      "a field of JavaScript's own",
      JSON.parse('{"format":"blackstart-scenario","__proto__":{}}'),
      "__proto__",
      /not a field/,
    ],
    ["a missing field", { ...minimal(), title: undefined }, "title", /missing/],
    ["a wrong type", { ...minimal(), seed: "5" }, "seed", /must be a number, not "5"/],
    ["a fraction", { ...minimal(), seed: 0.5 }, "seed", /whole number/],
    ["no document", 7, "", /must be an object/],
    ["a list", [], "", /must be an object/],
    ["another format", { title: "x" }, "format", /blackstart-scenario/],
    ["version 0", { ...minimal(), version: 0 }, "version", /1 or more/],
    ["a later version", { ...minimal(), version: 3 }, "version", /newer Blackstart/],
    ["an unknown system", { ...minimal(), system: "paxos" }, "system", /not known/],
    ["an unknown preset", { ...minimal(), preset: "9" }, "preset", /"0.3.14", "PR #202"/],
    ["an unknown bug", { ...minimal(), bugs: ["b"] }, "bugs[0]", /term-not-saved/],
    ["an unknown twin", { ...minimal(), twin: { preset: "9" } }, "twin.preset", /0.3.14/],
    [
      "an unknown check",
      { ...minimal(), expect: [{ check: "C99", holds: true }] },
      "expect[0].check",
      /"C1" or "C2".* not "C99"/,
    ],
    [
      "a preset nobody has",
      { ...minimal(), expect: [{ check: "C1", holds: true, preset: "x" }] },
      "expect[0].preset",
      /does not have/,
    ],
    [
      "an expectation twice",
      { ...minimal(), expect: [1, 2].map(() => ({ check: "C1", holds: true })) },
      "expect[1]",
      /twice/,
    ],
    ["a machine twice", clustered([{ id: "A" }, { id: "A" }]), "cluster.machines[1].id", /twice/],
    [
      "a server twice",
      clustered([{ id: "A" }, { id: "B", servers: [{ id: "A", address: "b" }] }]),
      "cluster.machines[1].servers[0].id",
      /twice/,
    ],
    [
      "an address twice",
      clustered([{ id: "A" }, { id: "B", servers: [{ id: "B", address: "A" }] }]),
      "cluster.machines[1].servers[0].address",
      /twice/,
    ],
    ["no machine", clustered([]), "cluster.machines", /must not be empty/],
    [
      "ten machines",
      clustered([..."ABCDEFGHIJ"].map((id) => ({ id }))),
      "cluster.machines",
      /more than 9/,
    ],
    [
      "ten servers",
      clustered([{ id: "M", servers: [..."ABCDE"].map((id) => ({ id })) }, ...fiveMore()]),
      "cluster",
      /10 servers/,
    ],
    ["an empty name", clustered([{ id: "" }]), "cluster.machines[0].id", /must be a name/],
    ["a path as a name", clustered([{ id: "../x" }]), "cluster.machines[0].id", /must be a name/],
    [
      "a file outside of its machine",
      filed("A/../../x"),
      "cluster.machines[0].files[0].path",
      /below the machine's root/,
    ],
    ["a file of nobody", filed("Z/x"), "cluster.machines[0].files[0].path", /begin with A\//],
    [
      "a file that is no base64",
      filed("A/x", "??"),
      "cluster.machines[0].files[0].base64",
      /base64/,
    ],
    ["5 MB of files", filed("A/x", "AAAA".repeat(1_700_000)), "cluster", /5100000 bytes of files/],
    [
      "an unknown machine",
      scripted({ type: "boot", machines: ["A", "Z"] }),
      "script[0].action.machines",
      /"Z", which is no machine/,
    ],
    [
      "an unknown server",
      scripted({ type: "hold", from: "A", to: "Z" }),
      "script[0].action.to",
      /"Z", which is no server/,
    ],
    [
      "an unknown server of a client",
      scripted({ type: "client", server: "Z", key: "k" }),
      "script[0].action.server",
      /"Z", which is no server/,
    ],
    [
      "a negative time",
      { ...minimal(), script: [{ anchor: at(-1), action: { type: "heal" } }] },
      "script[0].anchor.time",
      /0 or more/,
    ],
    [
      "an anchor that waits for nothing",
      { ...minimal(), narration: [{ anchor: { type: "when", match: {} }, text: "x" }] },
      "narration[0].anchor.match",
      /must say the type/,
    ],
    [
      "an anchor that waits for what never happens",
      {
        ...minimal(),
        narration: [{ anchor: { type: "when", match: { type: "rol" } }, text: "x" }],
      },
      "narration[0].anchor.match.type",
      /"rol", which never happens/,
    ],
    [
      "an unknown action",
      scripted({ type: "explode" }),
      "script[0].action.type",
      /"boot" or "stop".* not "explode"/,
    ],
    [
      "too long a script",
      { ...minimal(), script: Array(5001).fill({ anchor: at(0), action: { type: "heal" } }) },
      "script",
      /more than 5000/,
    ],
    ["more than an hour", { ...minimal(), until: 3_600_000_001 }, "until", /3600000000 or less/],
    [
      "a delay that ends before it begins",
      { ...minimal(), network: { delay: [9, 1] } },
      "network.delay",
      /begins at 9/,
    ],
    [
      "an address that is code",
      { ...minimal(), source: [{ title: "x", url: "javascript:alert(1)" }] },
      "source[0].url",
      /web address/,
    ],
    ["options as a list", { ...minimal(), options: [1] }, "options", /not a list/],
    [
      "a setting that the system does not have",
      { ...minimal(), options: { raftMinTimeut: 1 } },
      "options.raftMinTimeut",
      /raftMinTimeout/,
    ],
    [
      "a setting below what it may be",
      { ...minimal(), options: { logCompactionBatchSize: -1 } },
      "options.logCompactionBatchSize",
      /is -1; it may be at least 1$/,
    ],
    [
      "a switch that is neither on nor off",
      { ...minimal(), options: { pwrite: 2 } },
      "options.pwrite",
      /is 2; it may be 0 to 1$/,
    ],
    [
      "a timer that takes no time",
      { ...minimal(), options: { metaPeriod: 0 } },
      "options.metaPeriod",
      /is 0; it may be at least 1000/,
    ],
    [
      "an election timeout that heartbeats cannot keep up with",
      { ...minimal(), options: { raftMinTimeout: 300_000 } },
      "options.raftMinTimeout",
      /more than 3 times appendEntriesPeriod \(300000\); raise raftMinTimeout or lower/,
    ],
    [
      "settings of the twin that do not go with the main side's",
      {
        ...minimal(),
        options: { raftMinTimeout: 500_000 },
        twin: { preset: "PR #202", options: { appendEntriesPeriod: 200_000 } },
      },
      "twin.options.appendEntriesPeriod",
      /makes raftMinTimeout 500000.*600000/,
    ],
    ["endless nesting", { ...minimal(), about: nested(5000) }, pathOf("about", 11), /too deeply/],
    [
      "half a million values",
      { ...minimal(), script: Array(500_000).fill(0) },
      "",
      /400000 values/,
    ],
  ];

  it.each(cases)("%s", (_name, document, path, reason) => {
    const parsed = parseScenario(document);
    expect(parsed.ok ? [] : parsed.problem).toContainEqual({
      path,
      reason: expect.stringMatching(reason),
    });
  });

  it("lists every problem up to twenty, and counts the rest", () => {
    const script = Array(100).fill({ anchor: at(0), action: { type: "timeout", server: "Z" } });
    const parsed = parseScenario({ ...minimal(), script });
    expect(parsed.ok ? [] : parsed.problem).toHaveLength(21);
    expect(!parsed.ok && parsed.problem[20]?.reason).toBe("has 80 more problems");
  });

  it("throws at no JSON at all", () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => parseScenario(json).ok === false));
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(minimal())), fc.jsonValue(), (key, json) => {
        parseScenario({ ...minimal(), [key]: json });
      }),
    );
  });

  function clustered(some: unknown): unknown {
    return { ...minimal(), cluster: { machines: some } };
  }
  function filed(path: string, base64 = "AAAA"): unknown {
    return clustered([{ ...machines[0], files: [{ path, base64 }] }]);
  }
});

describe("a text", () => {
  it("that is no JSON is refused as such", () => {
    const read = readScenario("{");
    expect(!read.ok && read.problem[0]?.reason).toMatch(/is not JSON/);
  });

  it("of absurd length is not even parsed", () => {
    const read = readScenario(" ".repeat(8_000_001));
    expect(!read.ok && read.problem[0]?.reason).toMatch(/longer than/);
  });

  it("of a document gives the scenario", () => {
    const read = readScenario(JSON.stringify(minimal()));
    expect(read).toEqual({ ok: true, value: scenarioOf(minimal()) });
  });
});

function at(time: number) {
  return { type: "at", time };
}

function scripted(action: unknown): unknown {
  return { ...minimal(), script: [{ anchor: at(0), action }] };
}

function fiveMore() {
  return [..."FGHIJ"].map((id) => ({ id }));
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = { a: value };
  return value;
}

function pathOf(first: string, more: number): string {
  return first + ".a".repeat(more);
}
