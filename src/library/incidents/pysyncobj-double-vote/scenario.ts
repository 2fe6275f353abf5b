import { allButThese } from "#library/expectations.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

export const DOUBLE_VOTE = {
  format: "blackstart-scenario",
  version: 2,
  title: "PySyncObj: a voter restarts and votes again in the same term",
  about:
    "One process crash is enough: the restarted server has forgotten whom it voted for, votes a second time, and two leaders of one term both acknowledge writes.",
  source: [
    { title: "PySyncObj issue #201", url: "https://github.com/bakwc/PySyncObj/issues/201" },
    { title: "PySyncObj PR #202", url: "https://github.com/bakwc/PySyncObj/pull/202" },
  ],
  system: "pysyncobj",
  preset: "0.3.14",
  twin: { preset: "PR #202" },
  cluster: {
    machines: [
      { id: "A", servers: [{ id: "A", address: "127.0.0.1:7001" }] },
      { id: "B", servers: [{ id: "B", address: "127.0.0.1:7002" }] },
      { id: "C", servers: [{ id: "C", address: "127.0.0.1:7003" }] },
    ],
  },
  options: { appendEntriesUseBatch: 0 },
  choices: {
    "A/1/electionTimeout/1": 400_000,
    "B/1/electionTimeout/1": 1_400_000,
    "B/2/electionTimeout/1": 1_400_000,
    "C/1/electionTimeout/1": 400_000,
    "C/1/electionTimeout/2": 400_000,
  },
  script: [
    {
      anchor: { type: "at", time: 0 },
      action: { type: "partition", from: ["A"], to: ["C"] },
    },
    {
      anchor: { type: "at", time: 0 },
      action: { type: "boot", machines: ["A", "B"], stagger: 100_000 },
    },
    {
      anchor: { type: "when", match: { type: "role", server: "A", to: "leader" } },
      action: { type: "restart", machines: ["B"], kind: "process", down: 300_000 },
    },
    {
      anchor: { type: "when", match: { type: "role", server: "A", to: "leader" } },
      action: { type: "partition", from: ["A"], to: ["B"] },
    },
    { anchor: { type: "at", time: 1_000_000 }, action: { type: "boot", machines: ["C"] } },
    {
      anchor: { type: "when", match: { type: "role", server: "C", to: "leader" }, delay: 300_000 },
      action: { type: "client", client: "app-C", server: "C", key: "x", value: "from-C" },
    },
    {
      anchor: { type: "at", time: 3_500_000 },
      action: { type: "partition", from: ["B"], to: ["A"], cut: false },
    },
    { anchor: { type: "at", time: 3_500_000 }, action: { type: "connect", a: "A", b: "B" } },
    {
      anchor: { type: "at", time: 3_600_000 },
      action: { type: "client", client: "app-A", server: "A", key: "x", value: "from-A" },
    },
    { anchor: { type: "at", time: 4_500_000 }, action: { type: "heal" } },
    { anchor: { type: "at", time: 4_500_000 }, action: { type: "connect", a: "A", b: "C" } },
  ],
  until: 6_000_000,
  expect: [
    ...allButThese("0.3.14", [
      ...["C1", "C2", "C4", "C5", "C6", "C7", "C8", "C9", "C10"],
      ...["C11", "C12", "C13", "C14", "C15", "C20"],
    ]),
    // It still syncs nothing: what it promises and recovers would not survive a power loss.
    ...allButThese("PR #202", ["C9", "C10", "C17", "C20"]),
  ],
  narration: [
    {
      anchor: { type: "at", time: 0 },
      text: "A fresh cluster. A and B are up, C is still booting, and A and C cannot reach each other.",
    },
    {
      anchor: {
        type: "when",
        match: { type: "receive", server: "A", "message.kind": "vote-reply", "message.term": 1 },
      },
      text: "B votes for A, and A leads term 1. B's process is about to crash, before A has told it anything; the machine and its disk are well.",
    },
    {
      anchor: {
        type: "when",
        match: { type: "recovered", server: "B", incarnation: 2, votedFor: null },
      },
      text: "B is back, and has no memory of its vote in term 1.",
    },
    {
      anchor: {
        type: "when",
        match: { type: "recovered", server: "B", incarnation: 2, votedFor: "A" },
      },
      text: "B is back, and reads from its disk that it voted for A in term 1.",
    },
    {
      anchor: {
        type: "when",
        match: { type: "send", "message.kind": "vote-reply", "message.to": "C", "message.term": 1 },
      },
      text: "B votes for C, in the same term 1 in which it has voted for A. Now two servers lead term 1.",
    },
    {
      anchor: {
        type: "when",
        match: { type: "send", "message.kind": "vote-reply", "message.to": "C", "message.term": 2 },
      },
      text: "C asked in term 1 and was refused. It asks again in term 2, in which B has not voted yet, and is elected.",
    },
    {
      anchor: { type: "at", time: 3_500_000 },
      text: "A and B reach each other again. A still leads term 1 and has not heard of C.",
    },
    {
      anchor: {
        type: "when",
        match: { type: "return", "operation.client": "app-A", "result.outcome": "ok" },
      },
      text: "Both clients have been told OK, for different values at the same index in the same term. B obeys whoever spoke last.",
    },
    {
      anchor: {
        type: "when",
        match: { type: "return", "operation.client": "app-A", "result.outcome": "failed" },
      },
      text: "A hears of term 2 and steps down. Its write was never committed, and its client is told so; on all three, x is what C's client wrote.",
    },
    {
      anchor: { type: "when", match: { type: "truncate", server: "C" } },
      text: "Entries of one index and one term are taken for the same entry. From here on nothing in Raft can tell that the state machines differ.",
    },
  ],
} satisfies ScenarioDocument;
