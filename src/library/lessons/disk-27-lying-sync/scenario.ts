import { allButThese } from "#library/expectations.ts";
import { at, boot, QUIET, read, ring, when, write } from "#library/writing.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

export const LYING_SYNC = {
  format: "blackstart-scenario",
  version: 2,
  title: "Disks that lie",
  about:
    "Three correct servers. The disks of A and B say “synced” and mean “in my own cache”. When one of the two loses its power the others make up for it; when both do, acknowledged writes are lost, and no program could have prevented it.",
  source: [
    {
      title: "Understanding the Robustness of SSDs under Power Fault (FAST 2013)",
      url: "https://www.usenix.org/conference/fast13/technical-sessions/presentation/zheng",
    },
  ],
  system: "reference",
  preset: "correct",
  cluster: {
    machines: [
      { id: "A", disk: { flushing: "device" } },
      { id: "B", disk: { flushing: "device" } },
      { id: "C" },
    ],
  },
  options: QUIET,
  script: [
    { anchor: at(0), action: boot("A", "B", "C") },
    { anchor: at(200_000), action: ring("B") },
    { anchor: at(500_000), action: write("x", "one") },
    {
      anchor: at(1_000_000),
      action: { type: "restart", machines: ["A"], kind: "power", down: 300_000 },
    },
    { anchor: at(1_700_000), action: read("x") },
    { anchor: at(2_000_000), action: write("x", "two") },
    {
      anchor: at(2_500_000),
      action: { type: "restart", machines: ["A", "B", "C"], kind: "power", down: 300_000 },
    },
    { anchor: at(3_000_000), action: ring("B") },
    { anchor: at(3_200_000), action: read("x") },
  ],
  until: 3_600_000,
  expect: allButThese("correct", ["C1", "C5", "C7", "C8", "C9", "C10", "C11", "C18", "C20"]),
  narration: [
    {
      anchor: at(0),
      text: "Three correct servers. The disks of A and B answer every sync as soon as the data is in their own volatile cache; that of C is honest.",
    },
    {
      anchor: when({ type: "crash", machine: "A" }),
      text: "The power fails at A. It loses what its disk had sworn was safe.",
    },
    {
      anchor: when({ type: "return", "result.value": "one" }),
      text: "B and C have the write, and they are the majority. One server that loses its memory is outvoted.",
    },
    {
      anchor: when({ type: "return", "operation.value": "two" }),
      text: "Another write is acknowledged. All three say that they have it, and two of the disks lie.",
    },
    {
      anchor: when({ type: "crash", machine: "A" }, { count: 2 }),
      text: "The power fails everywhere. Of all that was written only C's copy is left.",
    },
    {
      anchor: when({ type: "role", server: "B", to: "leader" }, { count: 2 }),
      text: "A and B remember nothing and are a majority. B leads, without either write.",
    },
    {
      anchor: at(3_300_000),
      text: "Nobody broke Raft's rules. What broke is the assumption under them, and the verdict says so.",
    },
  ],
} satisfies ScenarioDocument;
