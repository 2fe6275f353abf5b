import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, documentOf, sameScenario } from "./canonical.ts";
import { anyScenario, minimal, scenarioOf } from "./scenario.testkit.ts";
import { parseScenario } from "./schema.ts";

describe("the canonical document", () => {
  it("gives the scenario back", () => {
    fc.assert(
      fc.property(anyScenario, (scenario) => {
        expect(parseScenario(JSON.parse(canonicalJson(scenario)))).toEqual({
          ok: true,
          value: scenario,
        });
      }),
    );
  });

  it("leaves out what equals its default", () => {
    expect(documentOf(scenarioOf(minimal()))).toEqual({
      ...minimal(),
      preset: "0.3.14",
      cluster: {
        machines: ["A", "B", "C"].map((id) => ({ id, servers: [{ id, address: id }] })),
      },
    });
  });

  it("does not depend on the order in which fields were written", () => {
    const options = { metaPeriod: 1_000, firstTickDelay: 2 };
    const one = scenarioOf({
      ...minimal(),
      options,
      seed: 3,
      bugs: ["vote-not-saved", "term-not-saved"],
    });
    const two = scenarioOf({
      bugs: ["term-not-saved", "vote-not-saved"],
      seed: 3,
      options: { firstTickDelay: 2, metaPeriod: 1_000 },
      ...minimal(),
    });
    expect(canonicalJson(one)).toBe(canonicalJson(two));
    expect(sameScenario(one, two)).toBe(true);
  });

  it("tells apart what differs in one choice", () => {
    const one = scenarioOf({ ...minimal(), choices: { x: 1 } });
    const two = scenarioOf({ ...minimal(), choices: { x: 2 } });
    expect(sameScenario(one, two)).toBe(false);
  });
});
