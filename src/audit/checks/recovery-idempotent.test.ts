import { expect, it } from "vitest";
import { explain, trace, verdictOn } from "#audit/trace.testkit.ts";

it("holds while a second recovery would give the same", () => {
  expect(verdictOn("C17", trace("A starts again=same"))).toMatchObject({ holds: true, text: "" });
});

it("breaks when it would not, and names what recovery left unsynced", () => {
  const history = trace(`
    A starts term=1
    A loses process
    A writes wal
    A starts again=term_0_and_not_1
  `);
  const verdict = verdictOn("C17", history);
  expect(verdict).toMatchObject({ holds: false, firstStep: 4, family: "broken-promise" });
  expect(explain(verdict)).toEqual([
    "Process crash on machine A.",
    "A wrote to A/wal and did not sync it.",
    "When A restarted at step 4, a second crash right then would have brought back something else: term 0 and not 1.",
  ]);
});

it("does not ask it of a damaged disk", () => {
  const history = trace(`
    A starts
    A has rot wal 0
    A loses power
    A starts again=term_0_and_not_1
  `);
  expect(verdictOn("C17", history).holds).toBe(true);
});

it("is not judged when no recovery was run again", () => {
  expect(verdictOn("C17", trace("A starts")).text).toContain("Not judged");
});
