import { allButThese } from "#library/expectations.ts";
import { at, boot, join, part, QUIET, read, ring, THREE, when, write } from "#library/writing.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

const B_ANSWERS_C = {
  type: "send",
  server: "B",
  "message.kind": "vote-reply",
  "message.to": "C",
  "message.term": 2,
};

export const LAZY_SYNC = {
  format: "blackstart-scenario",
  version: 2,
  title: "One crash is enough",
  about:
    "A majority that answers from memory is a majority until one of it loses its memory. A single crash of one machine, and a committed write is gone.",
  source: [
    { title: "Jepsen: NATS 2.12.1", url: "https://jepsen.io/analyses/nats-2.12.1" },
    { title: "NATS issue #7564", url: "https://github.com/nats-io/nats-server/issues/7564" },
    {
      title: "NATS issue #7567: one power failure is enough",
      url: "https://github.com/nats-io/nats-server/issues/7567",
    },
  ],
  system: "reference",
  preset: "lazy-sync",
  twin: { preset: "correct" },
  cluster: THREE,
  options: QUIET,
  script: [
    { anchor: at(0), action: boot("A", "B", "C") },
    { anchor: at(200_000), action: ring("A") },
    { anchor: at(500_000), action: part("C", "A", "B") },
    { anchor: at(600_000), action: write("x", "kept by A and B") },
    { anchor: at(1_100_000), action: part("A", "B") },
    {
      anchor: at(1_200_000),
      action: { type: "restart", machines: ["B"], kind: "os", down: 300_000 },
    },
    { anchor: at(1_600_000), action: join("C", "B") },
    { anchor: at(1_700_000), action: ring("C") },
    { anchor: at(1_900_000), action: ring("B") },
    { anchor: at(2_200_000), action: read("x", "B") },
    { anchor: at(2_300_000), action: read("x", "C") },
    { anchor: at(2_500_000), action: join("A", "B", "C") },
  ],
  until: 3_100_000,
  expect: [
    ...allButThese("lazy-sync", ["C5", "C6", "C7", "C8", "C9", "C10", "C11", "C15", "C18", "C20"]),
    ...allButThese("correct", []),
  ],
  narration: [
    {
      anchor: at(500_000),
      text: "C is cut off for a while. A and B are a majority of three and go on without it.",
    },
    {
      anchor: when({ type: "return" }),
      text: "The write is on A and on B: committed, and acknowledged.",
    },
    {
      anchor: at(1_100_000),
      text: "Now A loses its connection, and nothing else.",
    },
    {
      anchor: when({ type: "crash", machine: "B" }),
      text: "B's machine crashes. One crash, of one machine of three: exactly what Raft is there for.",
    },
    {
      anchor: when({ type: "recovered", server: "B", incarnation: 2, currentTerm: 0 }),
      text: "B is back with what its disk holds: nothing. It had answered from memory.",
    },
    {
      anchor: when({ type: "recovered", server: "B", incarnation: 2, currentTerm: 1 }),
      text: "B is back with what its disk holds: term, vote, and the write.",
    },
    {
      anchor: at(1_700_000),
      text: "C, which never had the write, asks B for its vote.",
    },
    {
      anchor: when({ ...B_ANSWERS_C, "message.success": true }),
      text: "B no longer knows better, and votes for C. This is where the write is lost: a majority without it.",
    },
    {
      anchor: when({ ...B_ANSWERS_C, "message.success": false }),
      text: "B still knows better: its log is longer than that of C, and it refuses.",
    },
    {
      anchor: when({ type: "return", "result.value": "kept by A and B" }),
      text: "B leads, and the client reads its write. One crash of one machine has cost nothing.",
    },
    {
      anchor: when({ type: "handler-error", server: "A" }),
      text: "A had the write all the time. It is told to give it up, and refuses: to A it is committed.",
    },
    {
      anchor: at(2_700_000),
      text: "A majority must mean a majority of disks. Copies in memory do not count.",
    },
  ],
} satisfies ScenarioDocument;
