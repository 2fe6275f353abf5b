import { expect, it } from "vitest";
import { explain, trace, verdictOn } from "#audit/trace.testkit.ts";

it("holds when the new leader has all that was committed", () => {
  const history = trace(`${COMMITTED}
    B appends 2@1:x=1
    B term 2
    B is leader
  `);
  expect(verdictOn("C5", history).holds).toBe(true);
});

it("breaks when the new leader lacks a committed entry", () => {
  const verdict = verdictOn("C5", trace(`${COMMITTED} ${B_ELECTED}`));
  expect(verdict).toMatchObject({ holds: false, firstStep: 13, family: "violation" });
  expect(explain(verdict)).toEqual([
    "A became leader of term 1; its log ended at (1, term 0).",
    "A, leader of term 1, committed entry 2 (term 1).",
    "C granted B its vote in term 2, although B's last entry (1, term 0) is older than C's (2, term 1).",
    "B became leader of term 2 without entry 2 (term 1), which was committed.",
  ]);
});

it("takes no restored commitIndex for a commit", () => {
  const history = trace(`
    A starts log=0,1 term=1 commit=2
    B starts log=0 term=1
    B term 2
    B is leader
  `);
  expect(verdictOn("C5", history).holds).toBe(true);
});

it("takes no commit of another term's entry for a commit", () => {
  const history = trace(`
    A starts log=0,1 term=2
    B starts log=0 term=2
    A is leader
    A commit 2
    B term 3
    B is leader
  `);
  expect(verdictOn("C5", history).holds).toBe(true);
});

it("takes what lies before a committed entry for committed too", () => {
  const history = trace(`
    A starts log=0,1 term=2
    B starts log=0 term=2
    A is leader
    A appends 3@2
    A commit 3
    B term 3
    B is leader
  `);
  expect(verdictOn("C5", history).text).toBe(
    "B became leader of term 3 without entries 2..3 (terms 1 to 2), which were committed.",
  );
});

it("lets a leader of an earlier term be elected late without what a later one committed", () => {
  const history = trace(`
    A starts log=0
    B starts log=0
    B term 1
    A term 2
    A is leader
    A appends 2@2
    A commit 2
    B is leader
  `);
  expect(verdictOn("C5", history).holds).toBe(true);
});

it("does not let a server off that comes back in a lower term than it had lived in", () => {
  const history = trace(`
    A starts log=0 term=4
    B starts log=0 term=4
    A term 5
    B term 5
    A is leader
    A appends 2@5
    A commit 2
    B loses power
    B starts term=0
    B term 1
    B is leader
  `);
  expect(verdictOn("C5", history)).toMatchObject({ holds: false, firstStep: 11 });
});

it("rests on a broken assumption when a swapped disk's voter made the election possible", () => {
  const history = trace(`${COMMITTED}
    C gets a new disk
    C starts
    ${B_ELECTED}
  `);
  expect(verdictOn("C5", history)).toMatchObject({ holds: false, family: "assumption-broken" });
});

const COMMITTED = `
  A starts log=0
  B starts log=0
  C starts log=0
  A term 1
  A is leader
  A appends 2@1:x=1
  C appends 2@1:x=1
  A commit 2
`;

const B_ELECTED = `
  B term 2
  B asks C
  C term 2
  C grants B
  B is leader
`;
