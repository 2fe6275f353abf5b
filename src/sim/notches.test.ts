import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bugsOfPreset } from "#system/catalogue.ts";
import type { System } from "#system/contract.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import { reference } from "#system/reference/index.ts";
import type { Plan, ScriptAction } from "./faults.ts";
import { type Notch, notchesAt } from "./notches.ts";
import type { Observation } from "./observation.ts";
import { at, only, plan, write } from "./run.testkit.ts";
import {
  createTimeline,
  forkTimeline,
  observationsOf,
  runToEnd,
  type Timeline,
  traceHash,
  unmet,
} from "./timeline.ts";

const SYSTEMS = { reference, pysyncobj };
type Name = keyof typeof SYSTEMS;

describe("the notches of a step", () => {
  it("are those of an append by the reference leader, in program order", () => {
    const run = ended("reference", false);
    const step = stepOf(run, (seen) => seen.type === "append" && seen.time >= 2_000_000);
    expect(listed(run, step)).toEqual([
      "mutate: append entry 2 of term 1 in memory",
      "send: hand out its own acknowledgement",
      "send: hand out its entries for A",
      "send: hand out its entries for C",
      "write: write 44 bytes at 60 of wal",
      "sync: sync wal",
      "release: let the messages go that were held until now",
    ]);
    expect(notchesAt(run, step).map(({ notch }) => notch)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it("are those of a vote of PySyncObj, in program order: twice its .meta, then the reply", () => {
    const run = ended("pysyncobj", false);
    const step = stepOf(
      run,
      (seen) => seen.type === "send" && seen.message.kind === "vote-reply" && seen.server === "C",
    );
    expect(listed(run, step)).toEqual([
      "mutate: term 1, no vote in memory",
      "write: create raft.journal.meta.tmp",
      "write: write 50 bytes at 0 of raft.journal.meta.tmp",
      "other: close raft.journal.meta.tmp",
      "write: rename raft.journal.meta.tmp to raft.journal.meta",
      "mutate: term 1, vote for A in memory",
      "write: create raft.journal.meta.tmp",
      "write: write 57 bytes at 0 of raft.journal.meta.tmp",
      "other: close raft.journal.meta.tmp",
      "write: rename raft.journal.meta.tmp to raft.journal.meta",
      "send: hand out its vote for A",
    ]);
  });

  it("are each in the event that does it, where calls take time", () => {
    const run = ended("reference", true);
    const step = stepOf(run, (seen) => seen.type === "release" && seen.time >= 2_000_000);
    expect(listed(run, step)).toEqual([
      "sync: sync wal",
      "release: let the messages go that were held until now",
    ]);
  });

  it("are none before anything happened, and none after the end", () => {
    const run = ended("reference", true);
    expect([notchesAt(run, 0), notchesAt(run, run.steps + 1)]).toEqual([[], []]);
  });

  it("leave the timeline as it was", () => {
    const run = ended("reference", true);
    const before = traceHash(run);
    for (let step = 1; step < 20; step++) notchesAt(run, step);
    expect(traceHash(run)).toBe(before);
    expect(observationsOf(run, 5)).toEqual(observationsOf(ended("reference", true), 5));
  });
});

describe.each<[Name, boolean]>([
  ["reference", false],
  ["reference", true],
  ["pysyncobj", false],
  ["pysyncobj", true],
])("a crash at a notch (%s, calls take time: %s)", (name, takesTime) => {
  const run = ended(name, takesTime);

  it("has the same past as the run without it, and comes right there", () => {
    const law = (drawn: number, kind: "process" | "os" | "power") => {
      const [step, notch] = pick(run, drawn);
      const cut = played(name, takesTime, [crashAt(notch, kind)]);
      expect(unmet(cut)).toEqual([]);
      const crashed = only(cut.observations, "crash")[0];
      expect(crashed).toMatchObject({ step, machine: notch.machine, kind });
      const until = (crashed?.sequence ?? 0) - 1; // What it is asked to do is said before it.
      expect(cut.observations[until]).toMatchObject({ type: "action", step });
      expect(cut.observations.slice(0, until)).toEqual(run.observations.slice(0, until));
      const seenBefore = observationsOf(run, step).length;
      expect(observationsOf(cut, step).indexOf(crashed as Observation)).toBeLessThanOrEqual(
        seenBefore + 1,
      );
    };
    const kinds = fc.constantFrom("process" as const, "os" as const, "power" as const);
    fc.assert(fc.property(fc.nat(), kinds, law), { numRuns: 40 });
  });

  it("is the same in a fork of that run", () => {
    const law = (drawn: number) => {
      const [step, notch] = pick(run, drawn);
      const actions = [crashAt(notch, "power")];
      const fork = forkTimeline(run, planOf(name, takesTime, actions), step - 1);
      runToEnd(fork);
      expect(traceHash(fork)).toBe(traceHash(played(name, takesTime, actions)));
    };
    fc.assert(fc.property(fc.nat(), law), { numRuns: 10 });
  });

  it("has done what comes before the notch, and nothing of what comes after", () => {
    const law = (drawn: number) => {
      const [step, notch] = pick(run, drawn);
      const cut = played(name, takesTime, [crashAt(notch, "process")]);
      const callsIn = (timeline: Timeline) =>
        only(observationsOf(timeline, step), "disk").filter(
          ({ machine }) => machine === notch.machine,
        ).length;
      const mine = notchesAt(run, step).filter(({ machine }) => machine === notch.machine);
      const isCall = ({ kind, text }: Notch) =>
        kind === "write" || kind === "sync" || /^(open|close) /.test(text);
      expect(callsIn(cut)).toBe(
        mine.filter((each) => each.notch < notch.notch && isCall(each)).length,
      );
      expect(callsIn(run)).toBe(mine.filter(isCall).length);
    };
    fc.assert(fc.property(fc.nat(), law), { numRuns: 30 });
  });

  it("can be followed by a boot at once, in the middle of the event", () => {
    const law = (drawn: number) => {
      const [, notch] = pick(run, drawn);
      const { anchor } = crashAt(notch, "os");
      const restart: ScriptAction = {
        anchor,
        action: {
          type: "restart",
          machines: [notch.machine],
          kind: "os",
          survivors: { type: "none" },
          down: 0,
          stagger: 0,
        },
      };
      const cut = played(name, takesTime, [restart]);
      expect(unmet(cut)).toEqual([]);
      const crashed = only(cut.observations, "crash")[0]?.sequence ?? 0;
      const booted = only(cut.observations, "boot").find(({ sequence }) => sequence > crashed);
      expect(booted?.machine).toBe(notch.machine);
    };
    fc.assert(fc.property(fc.nat(), law), { numRuns: 20 });
  });
});

it("an event that ends before its notch leaves the crash undone, and says so", () => {
  const run = ended("reference", false);
  const step = stepOf(run, (seen) => seen.type === "append" && seen.time >= 2_000_000);
  const [first] = notchesAt(run, step);
  const late = crashAt({ ...(first as Notch), notch: 7 }, "power");
  const cut = played("reference", false, [late]);
  expect(only(cut.observations, "crash")).toEqual([]);
  expect(traceHash(cut)).toBe(traceHash(run));
  expect(unmet(cut)).toEqual([
    "action 3 waits for notch 7 of what happens at 2000000 us after 0 events of that time, and it does not go that far",
  ]);
});

it("a place where nothing happens leaves the crash undone, and says so", () => {
  const nowhere: ScriptAction = {
    ...at(1_999_999, crashOf("B", "power")),
    anchor: { type: "at", time: 1_999_999, order: 3, notch: 0 },
  };
  const cut = played("reference", false, [nowhere]);
  expect(only(cut.observations, "crash")).toEqual([]);
  expect(unmet(cut)).toHaveLength(1);
});

function planOf(name: Name, takesTime: boolean, more: readonly ScriptAction[] = []): Plan {
  const base = plan(3, [write(2_000_000, "k", "v"), ...more], { until: 2_300_000 });
  const times = takesTime ? {} : { writeTime: 0, syncTime: 0 };
  const bugs = name === "pysyncobj" ? (bugsOfPreset(name, "PR #202") ?? []) : [];
  return { ...base, system: name, bugs, disk: { ...base.disk, ...times } };
}

function played(name: Name, takesTime: boolean, more: readonly ScriptAction[]): Timeline {
  const system: System = SYSTEMS[name];
  const run = createTimeline(planOf(name, takesTime, more), system);
  runToEnd(run);
  return run;
}

function ended(name: Name, takesTime: boolean): Timeline {
  return played(name, takesTime, []);
}

function stepOf(run: Timeline, isIt: (seen: Observation) => boolean): number {
  const step = run.observations.find(isIt)?.step;
  if (step === undefined) throw new Error("the run has such a step");
  return step;
}

function listed(run: Timeline, step: number): readonly string[] {
  return notchesAt(run, step).map(({ kind, text }) => `${kind}: ${text}`);
}

/** Some notch of some step that has one. */
function pick(run: Timeline, drawn: number): readonly [number, Notch] {
  for (let tried = 0; tried < run.steps; tried++) {
    const step = 1 + ((drawn + tried) % run.steps);
    const notches = notchesAt(run, step);
    const notch = notches[Math.floor(drawn / run.steps) % Math.max(1, notches.length)];
    if (notch !== undefined) return [step, notch];
  }
  throw new Error("the run has a notch");
}

function crashAt({ machine, time, order, notch }: Notch, kind: "process" | "os" | "power") {
  return { anchor: { type: "at", time, order, notch }, action: crashOf(machine, kind) } as const;
}

function crashOf(machine: string, kind: "process" | "os" | "power") {
  return { type: "crash", machines: [machine], kind, survivors: { type: "none" } } as const;
}
