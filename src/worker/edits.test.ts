import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DiskPatch, Scenario } from "#scenario/types.ts";
import type { Action, Anchor, Plan } from "#sim/faults.ts";
import { actAt, otherChoice } from "./edits.ts";
import { applyEdit, checkScenario } from "./recorder.ts";

describe("an action done by hand", () => {
  it("comes last in a script that has nothing more for that time", () => {
    expect(acted("a@1 b@2", "now=1:3 done=1")).toBe("a@1 b@2 x@1:3");
  });

  it("goes before what is due at the same moment and has not been done", () => {
    expect(acted("a@0 b@0", "now=0 done=0")).toBe("x@0 a@0 b@0");
  });

  it("goes between what has been done and what has not", () => {
    expect(acted("a@0 b@0 c@0", "now=0 done=2")).toBe("a@0 b@0 x@0 c@0");
  });

  it("goes after what was done last, though less has happened than that was to wait for", () => {
    expect(acted("a@5:9 b@5:9", "now=5:2 done=1")).toBe("a@5:9 x@5:9 b@5:9");
  });

  it("takes no notice of what waits for something", () => {
    expect(acted("w@when a@0", "now=0 done=0")).toBe("w@when x@0 a@0");
  });

  it("stands among the actions even when the next thing due is only told", () => {
    expect(acted("a@0 | t@0", "now=0 done=1")).toBe("a@0 x@0");
  });

  it("falls due right after what has been done, whatever the script", () => {
    const orders = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 6 });
    fc.assert(
      fc.property(orders, fc.nat(6), fc.integer({ min: 0, max: 3 }), (script, done, order) => {
        const before = script.map((each, i) => named(`${i}`, { type: "at", time: 5, order: each }));
        const due = inTurn(before);
        // Whatever was to wait for fewer events has been done.
        fc.pre(due.slice(done).every(([, each]) => each >= order));
        const moment = { time: 5, order, done: Math.min(done, due.length) };
        const [scenario, plan] = [{ script: before } as unknown as Scenario, { script: before }];
        const edit = actAt(scenario, plan as unknown as Plan, moment, X);
        const names = due.map(([name]) => name);
        expect(inTurn(applyEdit(scenario, edit).script).map(([name]) => name)).toEqual(
          names.toSpliced(moment.done, 0, "x"),
        );
      }),
    );
  });
});

it("is followed for long enough to see what comes of it", () => {
  const late = (time: number, until: number) =>
    applyEdit({ script: [], until } as unknown as Scenario, {
      type: "act",
      place: 0,
      anchor: { type: "at", time, order: 0 },
      action: X,
    }).until;
  expect(late(7_900_000, 8_000_000)).toBe(15_900_000);
  expect(late(1_000_000, 60_000_000)).toBe(60_000_000);
});

it("changes only what it is about", () => {
  const scenario = { preset: "p", bugs: null, twin: null, script: [] } as unknown as Scenario;
  const choice = { preset: "q", bugs: ["b"] };
  expect(applyEdit(scenario, { type: "bugs", side: "main", choice })).toEqual({
    ...scenario,
    ...choice,
  });
  expect(applyEdit(scenario, { type: "bugs", side: "twin", choice })).toEqual({
    ...scenario,
    twin: choice,
  });
  expect(applyEdit(scenario, { type: "twin", choice: null })).toEqual(scenario);
});

describe("other settings of disks", () => {
  const before = checked({ disk: { policy: "strict", syncTime: 7 } });

  it("change those and no others, on every machine that has none of its own", () => {
    const { disk, cluster } = edited(before, null, { policy: "adversarial", tear: "page" });
    expect(disk).toEqual({ ...before.disk, policy: "adversarial", tear: "page" });
    expect(cluster).toEqual(before.cluster);
  });

  it("change one machine alone, time after time", () => {
    const once = edited(before, "B", { flushing: "device" });
    const twice = edited(once, "B", { policy: "adversarial" });
    expect(disksOf(twice)).toEqual([
      undefined,
      { flushing: "device", policy: "adversarial" },
      undefined,
    ]);
    expect(twice.disk).toEqual(before.disk);
  });

  it("that are those of the others make the machine follow them again", () => {
    const timed = { dataAge: 30, wakeEvery: 5, metadataEvery: 5 };
    const own = edited(before, "B", { policy: "adversarial", writeBack: timed });
    expect(disksOf(edited(own, "B", { policy: "strict" }))[1]).toEqual({ writeBack: timed });
    expect(edited(edited(own, "B", { policy: "strict" }), "B", { writeBack: null })).toEqual(
      before,
    );
  });

  it("that make no sense together are refused by the check that follows", () => {
    const settings = { powersafeOverwrite: false, tear: "none" } as const;
    const odd = applyEdit(before, { type: "disk", machine: null, settings });
    expect(checkScenario(odd)).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/^disk.powersafeOverwrite does not fit/),
    });
  });

  function checked(more: object): Scenario {
    const machines = ["A", "B", "C"].map((id) => ({ id }));
    const scenario = checkScenario({
      ...{ format: "blackstart-scenario", version: 2, title: "Disks", system: "reference" },
      cluster: { machines },
      ...more,
    });
    if (!scenario.ok) throw new Error(scenario.problem);
    return scenario.value;
  }
  function edited(scenario: Scenario, machine: string | null, settings: DiskPatch): Scenario {
    return checked(applyEdit(scenario, { type: "disk", machine, settings }));
  }
  function disksOf({ cluster }: Scenario) {
    return cluster.machines.map(({ disk }) => disk);
  }
});

describe("the version to compare with", () => {
  const on = (system: string, preset: string, bugs: string[] | null) =>
    otherChoice({ system, preset, bugs } as unknown as Scenario);

  it("is the first preset that has other bugs on", () => {
    expect(on("pysyncobj", "0.3.14", null)).toEqual({ preset: "PR #202", bugs: null });
    expect(on("pysyncobj", "PR #202", null)).toEqual({ preset: "0.3.14", bugs: null });
    expect(on("pysyncobj", "0.3.14", [])).toEqual({ preset: "0.3.14", bugs: null });
  });

  it("is none where nothing else is known", () => {
    expect(on("unheard-of", "correct", null)).toBe(null);
  });
});

const X: Action = { type: "narrate", text: "x" };

/** Adds `x` by hand: "a@time[:order]" are actions by name, after "|" come words; "w@when" waits for something. */
function acted(script: string, moment: string): string {
  const [actions = "", words = ""] = script.split("|");
  const read = (text: string) =>
    text
      .split(" ")
      .filter((each) => each !== "")
      .map(readAction);
  const scenario = { script: read(actions) } as unknown as Scenario;
  const plan = { script: [...read(actions), ...read(words)] } as unknown as Plan;
  const [, time, order, done] = /now=(\d+)(?::(\d+))? done=(\d+)/.exec(moment) ?? [];
  const edit = actAt(
    scenario,
    plan,
    { time: Number(time), order: Number(order ?? 0), done: Number(done) },
    X,
  );
  return applyEdit(scenario, edit).script.map(writeAction).join(" ");
}

function readAction(text: string) {
  const [name = "", when = ""] = text.split("@");
  if (when === "when") return named(name, { type: "when", match: {}, count: 1, delay: 0 });
  const [time, order] = when.split(":");
  return named(name, { type: "at", time: Number(time), order: Number(order ?? 0) });
}

function writeAction({ anchor, action }: { anchor: Anchor; action: Action }): string {
  const name = action.type === "narrate" ? action.text : "?";
  if (anchor.type === "when") return `${name}@when`;
  return `${name}@${anchor.time}${anchor.order === 0 ? "" : `:${anchor.order}`}`;
}

function named(name: string, anchor: Anchor): { anchor: Anchor; action: Action } {
  return { anchor, action: { type: "narrate", text: name } };
}

/** Names and orders, as they fall due. */
function inTurn(script: readonly { anchor: Anchor; action: Action }[]): [string, number][] {
  return script
    .map(({ anchor, action }): [string, number] => [
      action.type === "narrate" ? action.text : "?",
      anchor.type === "at" ? anchor.order : 0,
    ])
    .sort(([, a], [, b]) => a - b);
}
