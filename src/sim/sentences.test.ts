import { expect, it } from "vitest";
import type { Happening } from "./observation.ts";
import { type Note, sentence } from "./sentences.ts";
import {
  answers,
  appends,
  applies,
  asks,
  becomes,
  commits,
  cuts,
  describe,
  enters,
  loses,
  message,
  receives,
  recovers,
  sends,
  trace,
  votes,
} from "./trace.testkit.ts";

it("tells that a vote left before it was on disk", () => {
  const vote = message("C>B vote-reply", { term: 2, success: true });
  expect(told(sends(1, vote, "not-durable"))).toEqual([
    "C granted B its vote in term 2, not on disk yet",
    "warning",
  ]);
  expect(told(sends(1, vote, "durable"))).toEqual([
    "C granted B its vote in term 2, on disk",
    "plain",
  ]);
});

it("names a refused vote", () => {
  const refusal = message("C>B vote-reply", { term: 2, success: false });
  expect(told(sends(1, refusal))).toEqual(["C refused B its vote in term 2", "plain"]);
});

it("names who voted for a new leader", () => {
  expect(told(becomes("A", "leader", "candidate"), { term: 1, votes: ["A", "C"] })).toEqual([
    "A became leader of term 1 with the votes of A and C",
    "good",
  ]);
});

it("tells how far an acknowledgement reaches, and whether it is on disk", () => {
  const reply = message("B>A append-reply", { owes: { log: { index: 45, term: 2 } } });
  expect(told(sends(1, reply, "not-durable"))).toEqual([
    "B told A that it holds the log up to 45, not on disk yet",
    "warning",
  ]);
});

it("tells what a leader's own word to itself counts", () => {
  const own = message("A>A append-reply", { owes: { log: { index: 45, term: 2 } } });
  expect(told(sends(1, own, "durable"))?.[0]).toBe("A counts its own log up to 45, on disk");
});

it("keeps a heartbeat short", () => {
  expect(told(sends(1, message("A>B append")))?.[0]).toBe("A sent B a heartbeat");
  expect(told(receives(1, message("A>B append")))?.[0]).toBe("B heard A's heartbeat");
});

it("names the entries that an append carries", () => {
  const sent = message("A>B append", { entries: "44@1:x=1 45@2:x=2" });
  expect(told(sends(1, sent))?.[0]).toBe("A sent B entries 44..45 of terms 1 and 2");
});

it("tells that a request for a vote stands on a term that is not on disk", () => {
  const asked = message("B>C vote-request", {
    term: 2,
    owes: { hardState: { term: 2, votedFor: "B" } },
  });
  expect(told(sends(1, asked, "not-durable"))?.[0]).toBe(
    "B asks C for its vote in term 2, its own term and vote not on disk yet",
  );
});

it("calls a cut of applied entries bad", () => {
  expect(told(cuts("C", "43@1:a=1 44@1:a=2 45@1:a=3"), { applied: 45 })).toEqual([
    "C cut entries 43..45 of term 1, already applied",
    "bad",
  ]);
});

it("tells which part of a cut had been applied", () => {
  expect(told(cuts("C", "43@1:a=1 44@1:a=2 45@1:a=3"), { applied: 44 })?.[0]).toBe(
    "C cut entries 43..45 of term 1, of which entries 43..44 had been applied",
  );
});

it("calls a cut of entries that nobody relied on a warning", () => {
  expect(told(cuts("C", "44@1:a=1"), { applied: 43, committed: 43 })).toEqual([
    "C cut entry 44 of term 1",
    "warning",
  ]);
});

it("tells what an entry did to the state machine", () => {
  expect(told(...applies("A", "44@1:leader=A").slice(0, 1))?.[0]).toBe(
    "A applied 44: set leader = A",
  );
});

it("counts what a power loss took and what it left", () => {
  expect(told(loses("B", 3, 2))).toEqual([
    "Power lost on B: 3 unsynced writes gone, 2 had reached the platter",
    "bad",
  ]);
  expect(told(loses("B", 0, 0))?.[0]).toBe("Power lost on B: nothing was unsynced");
  expect(told(loses("B", 0, 4, "process"))?.[0]).toBe(
    "The process of B was killed: what it wrote is still in the page cache",
  );
});

it("tells what a server came back with, and which term it forgot", () => {
  expect(told(recovers("C", "t0 log=1@0,2@3:x=1 commit=1"), { term: 5 })).toEqual([
    "C came back from its disk with term 0 (it had been in term 5), no vote, a log up to 2 (term 3), commit index 1",
    "bad",
  ]);
});

it("tells that a server voted twice", () => {
  expect(told(votes("C", "B", "A"), { term: 2 })).toEqual([
    "C voted for B in term 2, after it had voted for A",
    "warning",
  ]);
});

it("tells a leader's commit from a follower's", () => {
  expect(told(commits("A", 43, 45), { role: "leader" })).toEqual([
    "A committed entries 44..45",
    "good",
  ]);
  expect(told(commits("B", 43, 44), { role: "follower" })?.[0]).toBe(
    "B learned that entry 44 is committed",
  );
});

it("gives an errno and what was meant to be done", () => {
  expect(
    told({
      type: "disk",
      machine: "A",
      server: "A",
      actor: "wal",
      op: { type: "write", file: "A/wal", offset: 40, bytes: new Uint8Array(25) },
      path: "A/wal",
      errno: "ENOSPC",
    }),
  ).toEqual(["A could not write 25 bytes at 40 of wal: ENOSPC", "bad"]);
});

it("passes the system's own words on", () => {
  expect(
    told({ type: "handler-error", server: "A", name: "IndexError", text: "wrong size" }),
  ).toEqual(["A aborted its handler: IndexError: wrong size", "bad"]);
});

it("tells what a client asked and what it was told", () => {
  expect(told(asks("1", "A", "leader=A"))?.[0]).toBe("ann asks A: set leader = A");
  expect(told(answers("1", "A", "leader=A", "44@1"))).toEqual([
    "A told ann OK: set leader = A, entry 44 of term 1",
    "good",
  ]);
  expect(told(answers("1", "A", "leader=A", null, "unknown", "LEADER_CHANGED"))?.[0]).toBe(
    "A left ann in doubt: set leader = A (LEADER_CHANGED)",
  );
});

it("says nothing of a timer that was drawn", () => {
  expect(told({ type: "timer", server: "A", deadline: 5, timeout: 5 })).toBeNull();
});

it("calls a term that goes back bad", () => {
  expect(told(enters("A", 0, 5))).toEqual(["A went back from term 5 to term 0", "bad"]);
});

it("abbreviates a long append", () => {
  expect(told(appends("A", "1@1:a=1 2@1:b=2 3@1:c=3"))?.[0]).toBe(
    "A appended entries 1..3 of term 1: set a = 1; set b = 2; and 1 more",
  );
});

function told(happening?: Happening, note: Partial<Note> = {}): [string, string] | null {
  const [seen] = trace(happening === undefined ? [] : [happening]);
  if (seen === undefined) throw new Error("nothing was seen");
  const full: Note = { term: 0, role: "follower", applied: 0, committed: 0, votes: [], ...note };
  const result = sentence(seen, { describe, recall: () => null, note: () => full });
  return result && [result.text, result.tone];
}

it("tells a long value by its beginning and its length, and a control character as an escape", () => {
  const long = asks("1", "A", `k=${"x".repeat(600)}`);
  expect(told(long)?.[0]).toBe(`ann asks A: set k = ${"x".repeat(24)} … (600 characters)`);
  expect(told(asks("1", "A", "k=a\u0000"))?.[0]).toBe("ann asks A: set k = a\\x00");
});
