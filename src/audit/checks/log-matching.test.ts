import { expect, it } from "vitest";
import { explain, trace, verdictOn } from "#audit/trace.testkit.ts";

it("holds while logs branch into different terms", () => {
  const history = trace(`
    A starts log=0,1 term=1
    B starts log=0 term=1
    A appends 3@1:x=1
    B appends 2@2:x=2 3@2:x=3
    A cuts 2
    A appends 2@2:x=2 3@2:x=3
  `);
  expect(verdictOn("C4", history).holds).toBe(true);
});

it("breaks at another command under the same index and term", () => {
  const verdict = verdictOn("C4", trace(TERM_USED_TWICE));
  expect(verdict).toMatchObject({ holds: false, firstStep: 8, family: "violation" });
  expect(verdict.text).toBe(
    "B's log has another entry 2 (term 1) than A's log has: the same index and term, but other bytes.",
  );
  expect(explain(verdict)).toEqual([
    "A became leader of term 1; its log ended at (1, term 0).",
    "A had appended another entry at (2, term 1), or the same after other ones.",
    "B became leader of term 1; its log ended at (1, term 0).",
    "B's log has another entry 2 (term 1) than A's log has: the same index and term, but other bytes.",
  ]);
});

it("breaks at the same entry after other ones", () => {
  const history = trace(`
    A starts log=0 term=2
    B starts log=0 term=2
    A appends 2@1 3@2
    B appends 2@2 3@2
  `);
  expect(verdictOn("C4", history).text).toBe(
    "B's log and A's log both have entry 3 (term 2), but they differ before it, from entry 2 on.",
  );
});

it("never forgets an entry that was cut off", () => {
  const history = trace(`
    A starts log=0 term=1
    A appends 2@1:x=1
    A cuts 2
    A loses process
    A starts
    A appends 2@1:x=2
  `);
  expect(verdictOn("C4", history)).toMatchObject({
    ...{ holds: false, firstStep: 6 },
    text: "A's log has another entry 2 (term 1) than an earlier log had: the same index and term, but other bytes.",
  });
});

it("breaks at disks that come back with logs in conflict", () => {
  const history = trace(`
    A starts log=0 term=1
    A appends 2@1:x=1
    B starts log=0,1 term=1
  `);
  expect(verdictOn("C4", history)).toMatchObject({ holds: false, firstStep: 3 });
});

it("takes a compacted log's base for the entry that another log has there", () => {
  const history = trace(`
    A starts term=2 base=2@1 log=2
    B starts term=2 log=0,1,2
  `);
  expect(verdictOn("C4", history).holds).toBe(true);
});

const TERM_USED_TWICE = `
  A starts log=0
  B starts log=0
  A term 1
  A is leader
  A appends 2@1:x=1
  B term 1
  B is leader
  B appends 2@1:x=2
`;
