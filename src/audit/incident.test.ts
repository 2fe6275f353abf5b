import { expect, it } from "vitest";
import { violations } from "./auditor.ts";
import { INCIDENT } from "./incident.testkit.ts";
import { auditorOf, brokenBy, explain, trace, verdictOn } from "./trace.testkit.ts";

const history = trace(INCIDENT);

it("breaks leader completeness, state machine safety, the terms and what rests on them", () => {
  expect(brokenBy(history)).toEqual(["C5", "C6", "C7", "C11", "C12", "C13", "C14", "C15"]);
});

it("tells the divergence from the lost terms to the two state machines", () => {
  expect(explain(verdictOn("C15", history))).toEqual([
    "A, B and C restarted at term 0, although the last entry of each of their logs is of term 5.",
    "C granted A its vote in term 1: both logs end at (42, term 5).",
    "A became leader of term 1; its log ended at (42, term 5).",
    "A, leader of term 1, committed entries 43..45 (term 1), one after another.",
    "A applied set leader = A (44, term 1).",
    "A answered OK to set leader = A (44, term 1) and set members/A = a (45, term 1).",
    "C granted B its vote in term 2: B's last entry (42, term 5) looks newer than C's (45, term 1).",
    "B became leader of term 2; its log ended at (42, term 5).",
    "C cut its entries 43..45 (term 1) for an append of B, leader of term 2; it had already applied up to 45.",
    'A and B have both applied their logs up to 44, but their state machines differ: leader is "A" on A and "B" on B.',
  ]);
});

it("gives every sentence the step it speaks of", () => {
  const { explanation } = verdictOn("C15", history);
  const steps = explanation.map(({ step }) => step);
  expect(steps).toEqual([...steps].sort((a, b) => a - b));
  const cut = explanation.find(({ text }) => text.startsWith("C cut"));
  const seen = history.find(({ type }) => type === "truncate");
  expect(cut?.step).toBe(seen?.step);
});

it("counts on after the first break", () => {
  const skipped = violations(auditorOf(history)).find(({ id }) => id === "C14");
  expect(skipped).toMatchObject({
    count: 2,
    text: expect.stringContaining("A applied entry 46 (term 2)"),
  });
});
