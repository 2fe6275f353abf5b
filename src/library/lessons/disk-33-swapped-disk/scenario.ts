import { allButThese } from "#library/expectations.ts";
import { at, boot, join, part, QUIET, read, ring, THREE, when, write } from "#library/writing.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

export const SWAPPED_DISK = {
  format: "blackstart-scenario",
  version: 2,
  title: "A new disk in an old server",
  about:
    "A server's disk is replaced, and it comes back under its old name with nothing on it. It votes as a member that has promised nothing, though it has, and an acknowledged write is lost.",
  source: [
    {
      title: "Raft, section 6: cluster membership changes",
      url: "https://raft.github.io/raft.pdf",
    },
  ],
  system: "reference",
  preset: "correct",
  cluster: THREE,
  options: QUIET,
  script: [
    { anchor: at(0), action: boot("A", "B", "C") },
    { anchor: at(200_000), action: ring("B") },
    { anchor: at(500_000), action: part("C", "A", "B") },
    { anchor: at(600_000), action: write("x", "on A and B") },
    { anchor: at(1_000_000), action: { type: "swap-disk", machine: "A" } },
    { anchor: at(1_000_000), action: part("B", "A", "C") },
    { anchor: at(1_000_000), action: join("C", "A") },
    { anchor: at(1_300_000), action: boot("A") },
    { anchor: at(1_700_000), action: ring("C") },
    { anchor: at(2_000_000), action: read("x", "C") },
    { anchor: at(2_200_000), action: join("B", "A", "C") },
  ],
  until: 2_900_000,
  expect: allButThese("correct", ["C5", "C6", "C7", "C8", "C11", "C15", "C18"]),
  narration: [
    {
      anchor: when({ type: "return" }),
      text: "C is cut off. A and B have a write on their disks, and it is acknowledged.",
    },
    {
      anchor: when({ type: "disk-swap", machine: "A" }),
      text: "A's disk dies. Somebody puts in a new one and starts A again, under its old name.",
    },
    {
      anchor: when({ type: "recovered", server: "A", incarnation: 2 }),
      text: "Nothing tells A that it is not new.",
    },
    {
      anchor: when({ type: "role", server: "C", to: "leader" }),
      text: "C, which never had the write, asks for A's vote and gets it. Two of three: a majority, of which one member is not who it says.",
    },
    {
      anchor: when({ type: "handler-error", server: "B" }),
      text: "B, the only one that still has the write, is told to give it up. It refuses, since it knows that it was committed: nothing can bring these servers together again.",
    },
    {
      anchor: at(2_700_000),
      text: "A server's identity is its disk. With another disk it is another server, and has to join as one.",
    },
  ],
} satisfies ScenarioDocument;
