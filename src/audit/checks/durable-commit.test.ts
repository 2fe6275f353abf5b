import { expect, it } from "vitest";
import { explain, trace, verdictOn } from "#audit/trace.testkit.ts";

it("holds while a quorum would keep what a leader commits", () => {
  const history = trace(`${REPLICATED}
    A commit 2 held=A,B
  `);
  expect(verdictOn("C10", history)).toMatchObject({ holds: true, text: "" });
});

it("breaks when fewer would, and tells who acknowledged too early and what was not synced", () => {
  const history = trace(`${REPLICATED}
    A commit 2 held=A
  `);
  const verdict = verdictOn("C10", history);
  expect(verdict).toMatchObject({ holds: false, firstStep: 10, family: "broken-promise" });
  expect(explain(verdict)).toEqual([
    "B wrote to B/wal and did not sync it.",
    "B acknowledged its log up to (2, term 1) to A before all of it was durable.",
    "A, leader of term 1, committed entry 2 (term 1), which only A would still hold after the worst crash; a quorum is 2 of 3.",
  ]);
});

it("does not count a server that came back with other bytes, whatever its files say of index and term", () => {
  const history = trace(`
    A starts log=1@0+2@1:x=1 term=1
    B starts log=1@0+2@1:x=9 term=1
    C starts log=1@0 term=1
    A is leader
    A commit 2 held=A,B
  `);
  expect(verdictOn("C10", history)).toMatchObject({
    family: "broken-promise",
    text: "A, leader of term 1, committed entry 2 (term 1), which only A would still hold after the worst crash; B came back with other bytes there; a quorum is 2 of 3.",
  });
});

it("counts one that holds what another leader of that term appended: no disk answers for that", () => {
  const history = trace(`
    A starts log=0 term=1
    B starts log=0 term=1
    C starts log=0 term=1
    A is leader
    A appends 2@1:x=1
    B appends 2@1:x=9
    A commit 2 held=A,B
  `);
  expect(verdictOn("C10", history).holds).toBe(true);
});

it("names what a leader had not synced itself", () => {
  const history = trace(`
    A starts log=0 term=1
    B starts log=0 term=1
    C starts log=0 term=1
    A is leader
    A appends 2@1
    A writes wal
    A writes wal 8
    A commit 2 held=
  `);
  expect(explain(verdictOn("C10", history))).toEqual([
    "A wrote to A/wal 2 times and did not sync it.",
    "A, leader of term 1, committed entry 2 (term 1), which nobody would still hold after the worst crash; a quorum is 2 of 3.",
  ]);
});

it("does not ask what a follower, or a leader of an entry of another term, commits", () => {
  const history = trace(`${REPLICATED}
    B commit 2 held=
    A term 2
    A commit 2 held=
  `);
  expect(verdictOn("C10", history).holds).toBe(true);
});

it("rests on a broken assumption when a quorum had synced it, on disks that lied", () => {
  const history = trace(`${REPLICATED}
    A commit 2 held=A sworn=A,B
  `);
  expect(verdictOn("C10", history)).toMatchObject({
    family: "assumption-broken",
    text: "A, leader of term 1, committed entry 2 (term 1), which only A would still hold after the worst crash, although A and B had synced it; a quorum is 2 of 3.",
  });
});

it("does not hold a damaged medium against a server that had promised the entry", () => {
  const history = trace(`${REPLICATED}
    B has rot wal 0
    A commit 2 held=A
  `);
  expect(verdictOn("C10", history).holds).toBe(true);
});

it("is not judged when nobody looked at the disks", () => {
  const history = trace(`${REPLICATED}
    A commit 2
  `);
  expect(verdictOn("C10", history)).toMatchObject({
    holds: true,
    text: expect.stringContaining("Not judged"),
  });
});

const REPLICATED = `
  A starts log=0 term=1
  B starts log=0 term=1
  C starts log=0 term=1
  A is leader
  A appends 2@1
  A counts its log durably
  B appends 2@1
  B writes wal
  B accepts A hastily
`;

it("rests on a broken assumption when a medium had lost what was written and synced", () => {
  const history = trace(`
    A starts log=0 term=1
    B starts log=0 term=1
    C starts log=0 term=1
    A is leader
    A appends 2@1
    A counts its log durably
    B appends 2@1
    B has lost-write wal
    B writes wal
    B syncs wal
    B accepts A hastily
    A commit 2 held=A
  `);
  expect(verdictOn("C10", history)).toMatchObject({
    family: "assumption-broken",
    text: "A, leader of term 1, committed entry 2 (term 1), which only A would still hold after the worst crash, although A and B had synced it; a quorum is 2 of 3.",
  });
});
