import { describe, expect, it } from "vitest";
import { explain, trace, verdictOn } from "#audit/trace.testkit.ts";

it("holds while a vote is kept, repeated and given anew in another term", () => {
  const history = trace(`
    B starts term=1
    B grants A
    B loses power
    B starts term=1 vote=A
    B grants A
    B refuses C
    B term 2
    B grants C
  `);
  expect(verdictOn("C2", history).holds).toBe(true);
});

it("breaks when a vote is forgotten across a restart", () => {
  const verdict = verdictOn("C2", trace(FORGOTTEN_VOTE));
  expect(verdict).toMatchObject({ holds: false, firstStep: 7, family: "violation" });
  expect(verdict.text).toBe("B voted for C in term 1, in which it had voted for A.");
  expect(explain(verdict)).toEqual([
    "B granted A its vote in term 1: both logs end at (nothing).",
    "Power loss on machine B: 2 unsynced writes lost.",
    "B restarted at term 0 and with no vote.",
    "B voted for C in term 1, in which it had voted for A.",
  ]);
});

it("counts a candidate's vote for itself", () => {
  const history = trace(`
    B starts term=1
    B grants A
    B is candidate
    B asks C
  `);
  expect(verdictOn("C2", history)).toMatchObject({
    firstStep: 4,
    text: "B voted for itself in term 1, in which it had voted for A.",
  });
});

describe("a pre-vote", () => {
  it("is no vote when it asks", () => {
    const history = trace(`
      B starts term=1
      B grants A
      B is pre-candidate
      B asks C
    `);
    expect(verdictOn("C2", history).holds).toBe(true);
  });
});

it("rests on a broken assumption when the disk with the first vote was swapped", () => {
  const history = trace(`
    B starts term=1
    B grants A
    B gets a new disk
    B starts
    B term 1
    B grants C
  `);
  expect(verdictOn("C2", history)).toMatchObject({ holds: false, family: "assumption-broken" });
});

const FORGOTTEN_VOTE = `
  A starts
  B starts term=1
  B grants A
  B loses power
  B starts term=0 vote=-
  B term 1
  B grants C
`;
