import { allButThese } from "#library/expectations.ts";
import {
  ASKED_IN_TERM_2,
  COMPACTING,
  compactedMeanwhile,
  OFTEN,
} from "#library/lessons/compaction.ts";
import { at, THREE, when } from "#library/writing.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

export const COMPACTION_IN_PLACE = {
  format: "blackstart-scenario",
  version: 2,
  title: "Sawing off the branch",
  about:
    "A server compacts its log by emptying the file and writing it anew. In between there is no copy, and a crash falls right there.",
  source: [
    {
      title: "PySyncObj moves records inside its journal",
      url: "https://github.com/bakwc/PySyncObj/blob/master/pysyncobj/journal.py",
    },
  ],
  system: "reference",
  preset: "compaction-in-place",
  twin: { preset: "correct" },
  cluster: THREE,
  options: OFTEN,
  disk: { syncTime: 20_000 },
  script: compactedMeanwhile({
    anchor: when(COMPACTING, { delay: 15_000 }),
    action: {
      type: "restart",
      machines: ["A"],
      kind: "power",
      survivors: { type: "chosen", effects: [10] },
      down: 300_000,
    },
  }),
  until: 3_400_000,
  expect: [
    ...allButThese("compaction-in-place", [
      "C1",
      "C2",
      "C5",
      "C6",
      "C7",
      "C8",
      "C11",
      "C15",
      "C18",
    ]),
    ...allButThese("correct", []),
  ],
  narration: [
    {
      anchor: when({ type: "return" }),
      text: "C is cut off. A and B have committed a write, and it is acknowledged.",
    },
    {
      anchor: when(COMPACTING),
      text: "A second election has left stale terms and votes in A's log. One side rewrites a copy and swaps it in; the other empties the file and fills it again.",
    },
    {
      anchor: when({ type: "crash", machine: "A" }),
      text: "Power fails before the sync of the new bytes.",
    },
    {
      anchor: when({ type: "recovered", server: "A", incarnation: 2, currentTerm: 0 }),
      text: "The emptying had reached the platter, and the filling had not. Everything that A ever promised was in those bytes.",
    },
    {
      anchor: when({ type: "recovered", server: "A", incarnation: 2, currentTerm: 2 }),
      text: "The old log was never touched. A half-written copy is simply forgotten.",
    },
    {
      anchor: at(1_800_000),
      text: "B is cut off, and C asks A for its vote in term 2. Only A and B had the acknowledged write.",
    },
    {
      anchor: when({ ...ASKED_IN_TERM_2, "message.success": false }),
      text: "A refuses: in term 2 it was a candidate itself, and its log still says so. And C lacks the write.",
    },
    {
      anchor: when({ type: "role", server: "C", to: "leader" }),
      text: "A votes for C, in a term in which it had been a candidate itself. C leads without the write.",
    },
    {
      anchor: when({ type: "role", server: "B", to: "leader" }, { count: 2 }),
      text: "B can be heard again and is elected. It still has the write.",
    },
    {
      anchor: when({ type: "handler-error", server: "C" }),
      text: "C has committed something else in that place. Two truths in one cluster, and no way back.",
    },
    {
      anchor: when({ type: "handler-error", server: "C" }, { delay: 400_000 }),
      text: "Never empty the only copy. Until another one is whole and synced, the old log is all there is.",
    },
    {
      anchor: when({ type: "return", "result.value": "on A and B" }),
      text: "Everybody agrees, and the client reads its write. The old log stays until a whole copy is durable and takes its name.",
    },
  ],
} satisfies ScenarioDocument;
