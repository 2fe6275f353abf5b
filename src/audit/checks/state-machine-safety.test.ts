import { expect, it } from "vitest";
import { explain, trace, verdictOn } from "#audit/trace.testkit.ts";

it("holds when all apply the same, in every life", () => {
  const history = trace(`
    A starts log=0,1 term=1 commit=2
    B starts log=0,1 term=1 commit=2
    A applies 1
    A applies 2
    B applies 1
    A loses process
    A starts commit=2
    A applies 1
    A applies 2
  `);
  expect(verdictOn("C6", history).holds).toBe(true);
});

it("breaks at another entry where one was applied", () => {
  const history = trace(`
    A starts log=0 term=1 commit=1
    B starts log=0 term=2 commit=1
    A applies 1
    B applies 1
    A is leader
    A appends 2@1:x=1
    A commit 2
    A applies 2
    B is leader
    B appends 2@2:x=2
    B commit 2
    B applies 2
  `);
  const verdict = verdictOn("C6", history);
  expect(verdict).toMatchObject({ holds: false, firstStep: 12 });
  expect(explain(verdict)).toEqual([
    "A became leader of term 1; its log ended at (1, term 0).",
    "A, leader of term 1, committed entry 2 (term 1).",
    "A applied set x = 1 (2, term 1).",
    "B became leader of term 2; its log ended at (1, term 0).",
    "B applied entry 2 (term 2), where A had applied one of term 1.",
  ]);
});

it("breaks at another command under the same index and term", () => {
  const history = trace(`
    A starts term=1
    B starts term=1
    A applies 1@1:x=1
    B applies 1@1:x=2
  `);
  expect(verdictOn("C6", history).text).toBe(
    "B applied entry 1 (term 1), where A had applied another one of that term.",
  );
});
