import { expect, it } from "vitest";
import { explain, trace, verdictOn } from "#audit/trace.testkit.ts";

it("holds while only unsettled entries are cut", () => {
  const history = trace(`
    A starts term=1 log=1*4 commit=2
    A applies 1
    A applies 2
    A cuts 3
  `);
  expect(verdictOn("C13", history).holds).toBe(true);
});

it("minds no cut that removes nothing", () => {
  const history = trace(`
    A starts term=1 log=1*2 commit=5
    A cuts 3
  `);
  expect(verdictOn("C13", history).holds).toBe(true);
});

it("breaks at a cut of applied entries", () => {
  const history = trace(`
    A starts term=1 log=1*4 commit=3
    B starts term=2 log=1*2
    A applies 1
    A applies 2
    A applies 3
    B is leader
    A takes B
    A cuts 3
  `);
  const verdict = verdictOn("C13", history);
  expect(verdict).toMatchObject({
    holds: false,
    firstStep: 8,
    text: "A cut its entries 3..4 (term 1), which it had already applied up to 3.",
  });
  expect(explain(verdict)).toEqual([
    "B became leader of term 2; its log ended at (2, term 1).",
    "A cut its entries 3..4 (term 1) for an append of B, leader of term 2; it had already applied up to 3.",
  ]);
});

it("breaks at a cut below commitIndex", () => {
  const history = trace(`
    A starts term=1 log=1*4 commit=3
    A cuts 3
  `);
  expect(verdictOn("C13", history).text).toBe(
    "A cut its entries 3..4 (term 1), although its commitIndex is 3.",
  );
});
