import { expect, it } from "vitest";
import { explain, trace, verdictOn } from "#audit/trace.testkit.ts";

it("holds while a quorum would keep what a client is told OK for", () => {
  const history = trace(`${COMMITTED}
    A answers 2@1 held=A,C
  `);
  expect(verdictOn("C20", history)).toMatchObject({ holds: true, text: "" });
});

it("breaks at an answer that only memory vouches for", () => {
  const verdict = verdictOn(
    "C20",
    trace(`${COMMITTED}
    A answers 2@1 held=
  `),
  );
  expect(verdict).toMatchObject({ holds: false, firstStep: 10, family: "broken-promise" });
  expect(explain(verdict)).toEqual([
    "A wrote to A/wal and did not sync it.",
    "B appended entry 2 in memory, and wrote nothing of it to its disk.",
    "B acknowledged its log up to (2, term 1) to A before all of it was durable.",
    "A answered OK to c1 for entry 2 (term 1), which nobody would still hold after the worst crash; a quorum is 2 of 3.",
  ]);
});

it("does not count a server whose entry has other bytes", () => {
  const history = trace(`
    A starts log=1@0+2@1:x=1 term=1
    B starts log=1@0+2@1:x=9 term=1
    C starts log=1@0+2@1:x=1 term=1
    A is leader
    A answers 2@1 held=A,B,C
    A answers 2@1 held=A,B
  `);
  expect(verdictOn("C20", history)).toMatchObject({ holds: false, firstStep: 6 });
});

it("rests on a broken assumption when a quorum had synced it, on disks that lied", () => {
  const history = trace(`${COMMITTED}
    B has a liar
    A answers 2@1 held=A sworn=A,B
  `);
  const verdict = verdictOn("C20", history);
  expect(verdict.family).toBe("assumption-broken");
  expect(explain(verdict)).toContain("B: its syncs lie.");
});

it("is not judged when nobody looked at the disks", () => {
  const history = trace(`${COMMITTED}
    A answers 2@1
  `);
  expect(verdictOn("C20", history).text).toContain("Not judged");
});

const COMMITTED = `
  A starts log=0 term=1
  B starts log=0 term=1
  C starts log=0 term=1
  A is leader
  A appends 2@1:x=1
  A writes wal
  B appends 2@1:x=1
  B accepts A hastily
  A commit 2
`;
