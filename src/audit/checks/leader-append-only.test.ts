import { expect, it } from "vitest";
import { explain, trace, verdictOn } from "#audit/trace.testkit.ts";

it("holds when a leader appends, and when it steps down before it cuts", () => {
  const history = trace(`
    A starts term=1 log=1
    A is leader
    A appends 2@1 3@1
    A term 2
    A is follower
    A cuts 2
  `);
  expect(verdictOn("C3", history).holds).toBe(true);
});

it("breaks when a leader cuts its own log", () => {
  const history = trace(`
    A starts term=1 log=1
    A is leader
    A appends 2@1 3@1
    A cuts 2
  `);
  const verdict = verdictOn("C3", history);
  expect(verdict).toMatchObject({ holds: false, firstStep: 4, family: "violation" });
  expect(explain(verdict)).toEqual([
    "A became leader of term 1; its log ended at (1, term 1).",
    "A cut its entries 2..3 (term 1) while it was leader of term 1.",
  ]);
});
