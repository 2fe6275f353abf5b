import { expect, it } from "vitest";
import { explain, trace, verdictOn } from "#audit/trace.testkit.ts";

it("holds while base, lastApplied, commitIndex and the log's end follow one another", () => {
  const history = trace(`
    A starts term=2 base=3@1 log=2,2 commit=4 applied=3
    A applies 4
    A commit 5
    A applies 5
    A appends 6@2
    A cuts 6
  `);
  expect(verdictOn("C12", history).holds).toBe(true);
});

it("breaks right after a recovery with a commitIndex past the log", () => {
  const history = trace(`
    A starts term=1 log=1*25 commit=20
    A commit 25
    A loses power
    A starts log=1*20 commit=25
  `);
  const verdict = verdictOn("C12", history);
  expect(verdict).toMatchObject({ holds: false, firstStep: 4, family: "violation" });
  expect(explain(verdict)).toEqual([
    "A had reached commitIndex 25.",
    "Power loss on machine A: 2 unsynced writes lost.",
    "A restarted with commitIndex 25, although its log ends at 20.",
  ]);
});

it("breaks when a cut leaves commitIndex behind", () => {
  const history = trace(`
    A starts term=1 log=1*3 commit=3
    A cuts 3
  `);
  expect(verdictOn("C12", history).text).toBe("A has commitIndex 3, although its log ends at 2.");
});

it("breaks when lastApplied overtakes commitIndex", () => {
  const history = trace(`
    A starts term=1 log=1*3 commit=1
    A applied 2
  `);
  expect(verdictOn("C12", history).text).toBe(
    "A has lastApplied 2, although its commitIndex is 1.",
  );
});

it("breaks when a log starts after what was applied", () => {
  expect(verdictOn("C12", trace("A starts base=18@1 log=1*2 commit=20 applied=1")).text).toBe(
    "A restarted with lastApplied 1, although its log starts after 18.",
  );
});
