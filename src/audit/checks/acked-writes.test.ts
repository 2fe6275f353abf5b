import { expect, it } from "vitest";
import { explain, trace, verdictOn } from "#audit/trace.testkit.ts";

it("holds while every leader has what clients were told OK for", () => {
  const history = trace(`${ANSWERED}
    B appends 2@1:x=1
    B term 2
    B is leader
  `);
  expect(verdictOn("C11", history).holds).toBe(true);
});

it("breaks when a leader is elected without an acknowledged write", () => {
  const history = trace(`${ANSWERED}
    B term 2
    B is leader
  `);
  const verdict = verdictOn("C11", history);
  expect(verdict).toMatchObject({ holds: false, firstStep: 9, family: "violation" });
  expect(explain(verdict)).toEqual([
    "A became leader of term 1; its log ended at (1, term 0).",
    "A, leader of term 1, committed entry 2 (term 1).",
    "A answered OK to set x = 1 (2, term 1).",
    "B became leader of term 2 without entry 2 (term 1); a client had been told OK for entry 2 (term 1).",
  ]);
});

it("calls a change of the members what it is", () => {
  const history = trace(`${ANSWERED}
    A appends 3@1:+Q
    A appends 4@1:-R
    A commit 4
    A answers 3@1
    A answers 4@1
    B term 2
    B is leader
  `);
  expect(explain(verdictOn("C11", history))).toContain(
    "A answered OK to set x = 1 (2, term 1), add server Q (3, term 1) and remove server R (4, term 1).",
  );
});

it("tells which logs came back shorter", () => {
  const history = trace(`${ANSWERED}
    A loses power
    A starts log=0 term=1
    B asks A
    B term 2
    B asks A
    A term 2
    A grants B
    B is leader
  `);
  expect(explain(verdictOn("C11", history)).slice(-4)).toEqual([
    "Power loss on machine A: 2 unsynced writes lost.",
    "A restarted, and its log ends at (1, term 0) and no more at (2, term 1).",
    "A granted B its vote in term 2: both logs end at (1, term 0).",
    "B became leader of term 2 without entry 2 (term 1); a client had been told OK for entry 2 (term 1).",
  ]);
});

it("breaks at an answer for what no leader has committed", () => {
  const history = trace(`
    A starts log=0 commit=9
    A term 1
    A is leader
    A appends 2@1:x=1
    A answers 2@1
  `);
  expect(verdictOn("C11", history)).toMatchObject({
    firstStep: 5,
    text: "A answered OK to c1 for entry 2 (term 1), which no leader had committed.",
  });
});

it("breaks when another leader of the same term commits other entries in their place", () => {
  const history = trace(`
    C starts log=0
    C term 1
    C is leader
    ${ANSWERED}
    C appends 2@1:x=2
    C commit 2
  `);
  expect(verdictOn("C11", history)).toMatchObject({
    firstStep: 12,
    text: "C, leader of term 1, committed other entries in place of entry 2 (term 1); a client had been told OK for entry 2 (term 1).",
  });
});

it("sees at the end that the leader has lost one", () => {
  const history = trace(`${ANSWERED}
    A cuts 2
  `);
  expect(verdictOn("C11", history)).toMatchObject({
    holds: false,
    firstStep: 8,
    text: "At the end the log of A, leader of term 1, lacks entry 2 (term 1); a client had been told OK for entry 2 (term 1).",
  });
});

it("does not take a leader left behind for the last word", () => {
  const history = trace(`
    C starts log=0
    C term 1
    C is leader
    A starts log=0
    A term 2
    A is leader
    A appends 2@2:x=1
    A commit 2
    A answers 2@2
    A loses power
  `);
  expect(verdictOn("C11", history).holds).toBe(true);
});

const ANSWERED = `
  A starts log=0
  B starts log=0
  A term 1
  A is leader
  A appends 2@1:x=1
  A commit 2
  A answers 2@1
`;
