import { expect, it } from "vitest";
import { CHECK_IDS } from "#scenario/checks.ts";
import { createAuditor, observe, verdicts, violations } from "./auditor.ts";
import { INCIDENT } from "./incident.testkit.ts";
import { CHECKS } from "./registry.ts";
import { auditorOf, judge, trace } from "./trace.testkit.ts";

it("has every check that an expectation may name", () => {
  expect(CHECKS.map(({ id }) => id)).toEqual(CHECK_IDS);
});

it("finds nothing wrong with nothing", () => {
  expect(judge([]).every(({ holds }) => holds)).toBe(true);
});

it("gives one verdict a check, in order", () => {
  const given = judge(trace(INCIDENT));
  expect(given.map(({ id }) => id)).toEqual(CHECK_IDS);
});

it("keeps the first breaking step, whatever follows", () => {
  const history = trace(INCIDENT);
  const auditor = createAuditor({ servers: [] });
  const first = new Map<string, number>();
  for (const observation of history) {
    observe(auditor, observation);
    for (const { id, step } of violations(auditor)) if (!first.has(id)) first.set(id, step);
  }
  for (const { firstStep, holds, id } of verdicts(auditor, history)) {
    if (!holds) expect(firstStep, id).toBe(first.get(id));
  }
});

it("judges a run the same whether it stops to look or not", () => {
  const history = trace(INCIDENT);
  expect(verdicts(auditorOf(history), history)).toEqual(judge(history));
});
