import { describe, expect, it } from "vitest";
import { ended, swept } from "./scene.testkit.ts";
import { sceneAt } from "./scene.ts";

describe.each(["pysyncobj", "reference"])("the fates of %s", (system) => {
  const run = ended(system);
  const reports = [1, 2, 3, 4].map((part) => {
    return swept(sceneAt(run, Math.floor((run.steps * part) / 4)), { most: 10_000 });
  });
  const sweeps = reports.flatMap(({ machines }) => machines);

  it("have all states between them, each once", () => {
    for (const { fates, states } of sweeps) {
      const sum = fates.reduce((total, { states: own }) => total + BigInt(own ?? -1), 0n);
      expect(states).toEqual({ count: `${sum}`, exact: true });
    }
  });

  it("have all outcomes and recoveries between them", () => {
    for (const { fates, outcomes, recoveries } of sweeps) {
      for (const { fate, outcomes: many } of fates) {
        expect(outcomes.filter((each) => each.fate === fate)).toHaveLength(many);
      }
      expect(fates.reduce((sum, each) => sum + each.outcomes, 0)).toBe(outcomes.length);
      expect(fates.reduce((sum, each) => sum + each.recoveries, 0)).toBe(recoveries);
    }
  });

  it("name as the smallest difference one of their own outcomes", () => {
    for (const { fates, outcomes } of sweeps) {
      for (const { fate, smallest } of fates) {
        if (smallest === null) continue;
        const outcome = outcomes.find(({ id }) => id === smallest.outcome);
        expect(outcome).toMatchObject({ fate, difference: smallest.text });
      }
    }
  });
});

it("how many states have a fate is not known where not every state was tried", () => {
  const run = ended("pysyncobj");
  const [sweep] = swept(sceneAt(run, run.steps), { machines: ["B"], most: 8 }).machines;
  expect(sweep?.cap).not.toBeNull();
  expect(sweep?.fates.map(({ states }) => states)).toEqual(sweep?.fates.map(() => null));
});
