import { expect, it } from "vitest";
import { SIMULTANEOUS_REBOOT } from "#library/incidents/pysyncobj-201/scenario.ts";
import { parseScenario } from "#scenario/schema.ts";
import { FIRST_SCENARIO } from "./first-scenario.ts";

it("is what the main incident's document is read as", () => {
  expect(parseScenario(SIMULTANEOUS_REBOOT)).toStrictEqual({ ok: true, value: FIRST_SCENARIO });
});
