import { expect, it } from "vitest";
import { explain, trace, verdictOn } from "#audit/trace.testkit.ts";

it("holds while every term has one leader", () => {
  const history = trace(`
    A starts
    B starts
    A term 1
    A is candidate
    A is leader
    A term 2
    A is follower
    B term 2
    B is leader
  `);
  expect(verdictOn("C1", history)).toMatchObject({ holds: true, firstStep: null, explanation: [] });
});

it("breaks at a second leader of a term, and tells which restart let a voter vote twice", () => {
  const verdict = verdictOn("C1", trace(TWO_LEADERS));
  expect(verdict).toMatchObject({ holds: false, firstStep: 17, family: "violation" });
  expect(verdict.text).toBe("C became leader of term 1, of which A already was the leader.");
  expect(explain(verdict)).toEqual([
    "B granted A its vote in term 1: both logs end at (1, term 0).",
    "A became leader of term 1; its log ended at (1, term 0).",
    "Process crash on machine B.",
    "B restarted at term 0 and with no vote.",
    "B granted C its vote in term 1: both logs end at (1, term 0).",
    "C became leader of term 1, of which A already was the leader.",
  ]);
});

it("breaks when a leader restarts and leads its term again", () => {
  const history = trace(`
    A starts term=3
    A is leader
    A loses process
    A starts
    A is leader
  `);
  const { firstStep, text } = verdictOn("C1", history);
  expect({ firstStep, text }).toEqual({
    firstStep: 5,
    text: "A became leader of term 3, which it had led in an earlier life.",
  });
});

const TWO_LEADERS = `
  A starts log=0
  B starts log=0
  C starts log=0
  A term 1
  A is candidate
  A asks B
  B term 1
  B grants A
  A is leader
  B loses process
  B starts term=0 vote=-
  C term 1
  C is candidate
  C asks B
  B term 1
  B grants C
  C is leader
`;
