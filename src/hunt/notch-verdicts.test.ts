import { describe, expect, it } from "vitest";
import type { ScriptAction } from "#sim/faults.ts";
import { notchesAt } from "#sim/notches.ts";
import { only } from "#sim/run.testkit.ts";
import type { Timeline } from "#sim/timeline.ts";
import {
  advanceNotches,
  createNotchTrial,
  notchProgressOf,
  notchReportsOf,
} from "./notch-verdicts.ts";
import { ended } from "./scene.testkit.ts";
import type { NotchReport } from "./types.ts";

describe.each(["reference", "pysyncobj"])("%s", (system) => {
  const run = ended(system);

  it("has a verdict for each notch of a step", () => {
    for (let step = 1; step <= run.steps; step += 17) {
      expect(tried(run, step).map(({ text, notch }) => [text, notch])).toEqual(
        notchesAt(run, step).map(({ text, notch }) => [text, notch]),
      );
    }
  });
});

it("the reference is safe at every notch", () => {
  const run = ended("reference");
  for (let step = 1; step <= run.steps; step += 5) {
    for (const { verdict, wrongs } of tried(run, step)) {
      expect([step, verdict, wrongs]).toEqual([step, "safe", []]);
    }
  }
});

describe("an unsafe notch", () => {
  const run = ended("pysyncobj");
  const unsafe = Array.from({ length: 12 }, (_, i) => run.steps - 3 * i)
    .flatMap((step) => tried(run, step))
    .filter(
      ({ verdict, wrongs }) => verdict === "unsafe" && wrongs.some(({ check }) => check !== "C17"),
    );

  it("says what is wrong", () => {
    expect(unsafe.length).toBeGreaterThan(0);
    for (const { bad, wrongs } of unsafe) {
      expect(bad).toBeGreaterThan(0);
      expect(wrongs.length).toBeGreaterThan(0);
    }
  });

  it("comes about when the machine crashes right there with its survivors", () => {
    for (const { machine, server, time, order, notch, witness, wrongs } of unsafe.slice(0, 6)) {
      const crash: ScriptAction = {
        anchor: { type: "at", time, order, notch },
        action: {
          type: "restart",
          machines: [machine],
          kind: "power",
          survivors: { type: "chosen", effects: witness },
          down: 10_000,
          stagger: 0,
        },
      };
      const cut = ended("pysyncobj", [crash], { until: run.plan.until + 100_000 });
      const crashed = only(cut.observations, "crash")[0]?.sequence ?? Number.POSITIVE_INFINITY;
      const after = cut.observations.filter(({ sequence }) => sequence > crashed);
      const found = only(after, "recovered").find((each) => each.server === server);
      const isDead = wrongs.some(({ check }) => check === "C16");
      expect(found === undefined).toBe(isDead);
      const last = (found?.baseIndex ?? 0) + (found?.entries.length ?? 0);
      for (const { check, text } of wrongs) {
        if (check === "C12") expect(text).toContain(`none after ${last}.`);
        const forgot = /forgot entr(?:y|ies) (\d+)/.exec(text);
        if (check === "C8" && forgot !== null) expect(forgot[1]).toBe(`${last + 1}`);
      }
    }
  });
});

it("a step that is not there is refused", () => {
  const run = ended("reference");
  expect(createNotchTrial(run, 0, "os").ok).toBe(false);
  expect(createNotchTrial(run, run.steps + 1, "os").ok).toBe(false);
});

function tried(run: Timeline, step: number): readonly NotchReport[] {
  const trial = createNotchTrial(run, step, "power");
  if (!trial.ok) throw new Error(trial.problem);
  while (!advanceNotches(trial.value, 20));
  const { length } = trial.value.notches;
  expect(notchProgressOf(trial.value).text).toBe(`${length} of ${length} moments`);
  return notchReportsOf(trial.value);
}
