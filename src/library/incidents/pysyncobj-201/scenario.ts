import { allButThese } from "#library/expectations.ts";
import type { ScenarioDocument } from "#scenario/document.ts";
import { filesOf } from "./files.ts";
import { simultaneousReboot } from "./schedule.ts";

export const SIMULTANEOUS_REBOOT = {
  format: "blackstart-scenario",
  version: 2,
  title: "PySyncObj #201: three servers reboot at once, and their states differ for ever",
  about:
    "Terms restart from zero, an old log looks newer than a fresh one, acknowledged writes are cut off, and the state machines disagree while Raft reports everything in sync.",
  source: [
    { title: "PySyncObj issue #201", url: "https://github.com/bakwc/PySyncObj/issues/201" },
    { title: "PySyncObj PR #202", url: "https://github.com/bakwc/PySyncObj/pull/202" },
  ],
  system: "pysyncobj",
  preset: "0.3.14",
  twin: { preset: "PR #202" },
  cluster: {
    machines: [
      { id: "A", servers: [{ id: "A", address: "127.0.0.1:7001" }], files: filesOf("A") },
      { id: "B", servers: [{ id: "B", address: "127.0.0.1:7002" }], files: filesOf("B") },
      { id: "C", servers: [{ id: "C", address: "127.0.0.1:7003" }], files: filesOf("C") },
    ],
  },
  options: { appendEntriesUseBatch: 0 },
  ...simultaneousReboot(["A", "B", "C"]),
  expect: [
    ...allButThese("0.3.14", [
      ...["C5", "C6", "C7", "C9", "C10"],
      ...["C11", "C12", "C13", "C14", "C15", "C20"],
    ]),
    // It still syncs nothing: what it promises, commits and answers would not survive a power loss.
    ...allButThese("PR #202", ["C9", "C10", "C20"]),
  ],
  narration: [
    {
      anchor: { type: "at", time: 0 },
      text: "The power comes back. Three servers were stopped with the same 42 committed entries on disk; now they boot half a second apart, B first.",
    },
    {
      anchor: { type: "when", match: { type: "recovered", server: "B", currentTerm: 0 } },
      text: "B reads its files back. The log is all there, up to entry 42 of term 5. But no file says which term B was in or for whom it voted: PySyncObj 0.3.14 keeps that in memory only. B begins again at term 0.",
    },
    {
      anchor: { type: "when", match: { type: "recovered", server: "B", currentTerm: 5 } },
      text: "B reads its files back. With PR #202 it takes at least the term of its last log entry, and saves term and vote from now on: B begins at term 5.",
    },
    {
      anchor: { type: "when", match: { type: "link", a: "C", b: "B", up: true } },
      text: "C is up and connects to both others. A and B have no connection: B dialled before A was listening, and PySyncObj dials again only after five seconds.",
    },
    {
      anchor: { type: "when", match: { type: "role", server: "A", to: "leader" } },
      text: "A is elected with the vote of C. B, which cannot hear A, knows nothing of it.",
    },
    {
      anchor: {
        type: "when",
        match: { type: "return", "operation.key": "members/A", "result.outcome": "ok" },
      },
      text: "Two writes are acknowledged. A and C hold them, a majority of three: by Raft's promise they can never be lost.",
    },
    {
      anchor: {
        type: "when",
        match: { type: "receive", server: "B", "message.kind": "vote-reply", "message.term": 2 },
      },
      text: "B asks for votes. Its last entry is from term 5, C's is from the new term 1, so B's shorter log looks newer. C votes for B, and B leads term 2.",
    },
    {
      anchor: { type: "when", match: { type: "truncate", server: "C", from: 43 } },
      text: "C obeys its new leader and cuts entries 43 to 45. It has applied them, and nothing undoes that.",
    },
    {
      anchor: {
        type: "when",
        match: { type: "receive", server: "C", "message.kind": "vote-reply", "message.term": 8 },
      },
      text: "B asked for votes and was refused: C's entries of term 6 are newer than B's of term 5. C, which holds every acknowledged write, leads instead.",
    },
    {
      anchor: {
        type: "when",
        match: {
          type: "return",
          "operation.client": "app-B",
          "result.outcome": "ok",
          "entry.term": 8,
        },
      },
      text: "A client writes through B, which hands it on to C. The write gets index 47, after the two acknowledged ones, and is acknowledged too.",
    },
    {
      anchor: {
        type: "when",
        match: { type: "return", "operation.key": "members/B", "result.outcome": "ok" },
      },
      text: "Another client writes through C, and is told OK as well. Nothing had to be cut off here, and no handler dies.",
    },
    {
      anchor: { type: "when", match: { type: "handler-error", server: "C" } },
      text: "A client writes through C. The entry gets an index that C has applied long ago, the handler dies of an AssertionError, and the client never gets an answer.",
    },
    {
      anchor: { type: "when", match: { type: "link", a: "B", b: "A", up: true } },
      text: "Five seconds after its first attempt B reaches A.",
    },
    {
      anchor: { type: "when", match: { type: "truncate", server: "A" } },
      text: "A steps down and takes over B's log. What it had applied of its own entries it keeps; B's entries at the same indexes it skips.",
    },
    {
      anchor: {
        type: "when",
        match: { type: "apply", server: "C", "entry.index": 46, "entry.term": 2 }, // The last of the three.
      },
      text: "Now the logs are the same on all three, and so are commit index and last applied: everything looks in sync. Yet A, B and C do not agree on who the leader is, and two acknowledged writes are in no log.",
    },
    {
      anchor: {
        type: "when",
        match: { type: "apply", server: "A", "entry.index": 49, "entry.term": 8 }, // The last of the three.
      },
      text: "All five writes are acknowledged, and logs and state machines are the same on all three. Only another power cut is still to be feared: PR #202 saves term and vote, but it syncs nothing.",
    },
  ],
} satisfies ScenarioDocument;
