import { allButThese } from "#library/expectations.ts";
import { at, boot, QUIET, read, ring, when, write } from "#library/writing.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

export const HIDDEN_BY_THE_JOURNAL = {
  format: "blackstart-scenario",
  version: 2,
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
    ...allButThese("no-directory-sync", [
      "C1",
      "C2",
      "C5",
      "C7",
      "C8",
      "C9",
      "C10",
      "C11",
      "C18",
      "C20",
    ]),
    ...allButThese("correct", []),
  ],
  narration: [
    {
      anchor: at(0),
      text: "A's file system commits its whole journal with every fsync, names included. Those of B and C do what the manual promises and no more.",
    },
    { anchor: when({ type: "return" }), text: "A write is acknowledged: three disks have it." },
    { anchor: when({ type: "crash", machine: "A" }), text: "The power fails everywhere." },
    {
      anchor: when({ type: "recovered", server: "A", incarnation: 2 }),
      text: "A has its log.",
    },
    {
      anchor: when({ type: "recovered", server: "B", incarnation: 2, currentTerm: 0 }),
      text: "B has nothing. The program never syncs its directory; A was saved by its file system, as most developers' machines would be.",
    },
    {
      anchor: when(
        { type: "recovered", server: "B", incarnation: 2, currentTerm: 0 },
        { delay: 400_000 },
      ),
      text: "B and C have forgotten everything, and they are the majority. What A remembers does not count.",
    },
    {
      anchor: when({ type: "recovered", server: "B", incarnation: 2, currentTerm: 1 }),
      text: "So have B and C. They synced their directory when the log was created, and need no kindness of a file system.",
    },
    {
      anchor: when({ type: "return", "result.value": "on three disks" }),
      text: "The write is there, on every kind of disk. Write for what the manual promises, not for the disk that you test on.",
    },
  ],
} satisfies ScenarioDocument;
