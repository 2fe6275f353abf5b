import { allButThese } from "#library/expectations.ts";
import { at, boot, QUIET, read, ring, when, write } from "#library/writing.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

export const HIDDEN_BY_THE_JOURNAL = {
  format: "blackstart-scenario",
  version: 1,
  title: "The file system that forgives",
  about:
    "The same missing directory sync on two kinds of disk. Where an fsync happens to commit the whole journal, nothing is ever lost; where it keeps to its contract, everything is. Tests on the first kind find nothing.",
  source: [
    {
      title: "All File Systems Are Not Created Equal (OSDI 2014)",
      url: "https://www.usenix.org/conference/osdi14/technical-sessions/presentation/pillai",
    },
  ],
  system: "reference",
  preset: "no-directory-sync",
  twin: { preset: "correct" },
  cluster: {
    machines: [{ id: "A", disk: { syncScope: "whole-journal" } }, { id: "B" }, { id: "C" }],
  },
  options: QUIET,
  script: [
    { anchor: at(0), action: boot("A", "B", "C") },
    { anchor: at(200_000), action: ring("A") },
    { anchor: at(500_000), action: write("x", "on three disks") },
    {
      anchor: at(1_000_000),
      action: { type: "restart", machines: ["A", "B", "C"], kind: "power", down: 400_000 },
    },
    { anchor: at(1_700_000), action: ring("B") },
    { anchor: at(2_000_000), action: read("x") },
  ],
  until: 2_600_000,
  expect: [
    ...allButThese("no-directory-sync", ["C1", "C2", "C5", "C7", "C8", "C9", "C10", "C11", "C20"]),
    ...allButThese("correct", []),
  ],
  narration: [
    {
      anchor: at(0),
      text: "No server here syncs its directory. A's file system commits its whole journal with every fsync, names included; those of B and C do what the manual promises.",
    },
    { anchor: when({ type: "return" }), text: "A write is acknowledged: three disks have it." },
    { anchor: when({ type: "crash", machine: "A" }), text: "The power fails everywhere." },
    {
      anchor: when({ type: "recovered", server: "A", incarnation: 2 }),
      text: "A has its log. The missing sync was made good by accident, as it would be on the machine of most developers.",
    },
    {
      anchor: when({ type: "recovered", server: "B", incarnation: 2, currentTerm: 0 }),
      text: "B has nothing: the same program, another file system.",
    },
    {
      anchor: when({ type: "role", server: "B", to: "leader" }),
      text: "B and C are a majority, and A, the only one that remembers, has to follow.",
    },
  ],
} satisfies ScenarioDocument;
