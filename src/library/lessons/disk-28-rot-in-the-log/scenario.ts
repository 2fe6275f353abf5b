import { allButThese } from "#library/expectations.ts";
import { at, boot, join, part, QUIET, read, ring, THREE, when, write } from "#library/writing.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

export const ROT_IN_THE_LOG = {
  format: "blackstart-scenario",
  version: 2,
  title: "One bit in the middle of the log",
  about:
    "A bit flips in an old entry. A server that cuts its log at the first bad record throws away every good one after it, and votes as if it had never had them.",
  source: [
    {
      title: "Protocol-Aware Recovery for Consensus-Based Storage (FAST 2018)",
      url: "https://www.usenix.org/conference/fast18/presentation/alagappan",
    },
    {
      title: "NATS issue #7549: single-bit errors",
      url: "https://github.com/nats-io/nats-server/issues/7549",
    },
  ],
  system: "reference",
  preset: "cut-at-bad-record",
  twin: { preset: "correct" },
  cluster: THREE,
  options: QUIET,
  script: [
    { anchor: at(0), action: boot("A", "B", "C") },
    { anchor: at(200_000), action: ring("B") },
    { anchor: at(500_000), action: part("C", "A", "B") },
    ...["one", "two", "three"].map((value, i) => ({
      anchor: at(600_000 + 50_000 * i),
      action: write("x", value),
    })),
    { anchor: at(1_100_000), action: { type: "stop", machines: ["A"] } },
    {
      anchor: at(1_200_000),
      action: {
        type: "disk-fault",
        machine: "A",
        fault: { type: "rot", file: "A/wal", offset: 110, bit: 3 },
      },
    },
    { anchor: at(1_300_000), action: part("B", "A", "C") },
    { anchor: at(1_300_000), action: join("C", "A") },
    { anchor: at(1_400_000), action: boot("A") },
    { anchor: at(1_700_000), action: ring("C") },
    { anchor: at(1_900_000), action: ring("C") },
    { anchor: at(2_100_000), action: read("x", "C") },
    { anchor: at(2_300_000), action: join("B", "A", "C") },
    { anchor: at(2_900_000), action: ring("B") },
    { anchor: at(3_200_000), action: read("x") },
  ],
  until: 3_500_000,
  expect: [
    ...allButThese("cut-at-bad-record", ["C5", "C6", "C11", "C15", "C16", "C18"]),
    ...allButThese("correct", []),
  ],
  narration: [
    {
      anchor: when({ type: "return" }, { count: 3 }),
      text: "C is cut off. Three writes are on A and B, synced and acknowledged.",
    },
    {
      anchor: at(1_200_000),
      text: "A is stopped for maintenance. On its disk one bit flips, in the first of the three entries.",
    },
    {
      anchor: when({ type: "recovered", server: "A", incarnation: 2 }),
      text: "A's checksums find the bad record. It takes it for a write that the power cut short, and cuts the log there. The two good records after it go as well.",
    },
    {
      anchor: when({ type: "failed", server: "A" }),
      text: "A sees that good records of later flushes follow. So the bad one was synced once and is no torn tail: this is damage, and A does not start.",
    },
    {
      anchor: when({ type: "role", server: "C", to: "leader" }),
      text: "B happens to be away. A and C elect a leader, and neither knows of the writes.",
    },
    {
      anchor: at(2_300_000),
      text: "B comes back. It has all three writes.",
    },
    {
      anchor: when({ type: "handler-error", server: "B" }),
      text: "The new leader tells B to give them up, and B refuses: it knows that they were committed. From here on the servers disagree.",
    },
    {
      anchor: at(3_100_000),
      text: "A server that does not start costs availability. One that starts without what it promised costs data.",
    },
  ],
} satisfies ScenarioDocument;
