import { allButThese } from "#library/expectations.ts";
import { at, boot, QUIET, read, ring, when, write } from "#library/writing.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

export const LYING_SYNC = {
  format: "blackstart-scenario",
  version: 1,
  title: "Disks that lie",
  about:
    "A correct server on a disk that says “synced” and means “in my own cache”. With one such disk of three nothing happens; with two of them an acknowledged write is lost, and no program could have prevented it.",
  source: [
    {
      title: "Understanding the Robustness of SSDs under Power Fault (FAST 2013)",
      url: "https://www.usenix.org/conference/fast13/technical-sessions/presentation/zheng",
    },
  ],
  system: "reference",
  preset: "correct",
  cluster: {
    machines: [{ id: "A", disk: { flushing: "device" } }, { id: "B" }, { id: "C" }],
  },
  options: QUIET,
  script: [
    { anchor: at(0), action: boot("A", "B", "C") },
    { anchor: at(200_000), action: ring("B") },
    { anchor: at(500_000), action: write("x", "one") },
    {
      anchor: at(1_000_000),
      action: { type: "restart", machines: ["A", "B", "C"], kind: "power", down: 300_000 },
    },
    { anchor: at(1_500_000), action: ring("B") },
    { anchor: at(1_700_000), action: read("x") },
    ...["B", "C"].map((machine) => ({
      anchor: at(1_900_000),
      action: {
        type: "disk-fault" as const,
        machine,
        fault: { type: "flushing" as const, flushing: "device" as const },
      },
    })),
    { anchor: at(2_000_000), action: write("x", "two") },
    {
      anchor: at(2_500_000),
      action: { type: "restart", machines: ["A", "B", "C"], kind: "power", down: 300_000 },
    },
    { anchor: at(3_000_000), action: ring("B") },
    { anchor: at(3_200_000), action: read("x") },
  ],
  until: 3_600_000,
  expect: allButThese("correct", ["C5", "C6", "C7", "C8", "C9", "C10", "C11", "C15", "C20"]),
  narration: [
    {
      anchor: at(0),
      text: "Three correct servers. A's disk answers every sync as soon as the data is in its own volatile cache.",
    },
    {
      anchor: when({ type: "crash", machine: "A" }),
      text: "The power fails everywhere. A loses what its disk had sworn was safe.",
    },
    {
      anchor: at(1_700_000),
      text: "B and C have it, and they are the majority. One liar of three is outvoted.",
    },
    {
      anchor: at(1_900_000),
      text: "Now the disks of B and C begin to lie as well.",
    },
    {
      anchor: when({ type: "crash", machine: "A" }, { count: 2 }),
      text: "The power fails again, and the last write is on no platter at all.",
    },
    {
      anchor: at(3_200_000),
      text: "Nobody broke Raft's rules. What broke is the assumption under them, and the verdict says so.",
    },
  ],
} satisfies ScenarioDocument;
