import { allButThese } from "#library/expectations.ts";
import { ASKED_IN_TERM_2, compactedMeanwhile, OFTEN } from "#library/lessons/compaction.ts";
import { at, THREE, when } from "#library/writing.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

export const COMPACTION_UNSYNCED = {
  format: "blackstart-scenario",
  version: 2,
  title: "Renamed too early",
  about:
    "A server writes a shorter copy of its log and renames it over the old one, and does not sync the copy first. The crash keeps the name and not the bytes: the old log is gone, and the new one is empty.",
  source: [
    {
      title: "All File Systems Are Not Created Equal (OSDI 2014)",
      url: "https://www.usenix.org/conference/osdi14/technical-sessions/presentation/pillai",
    },
  ],
  system: "reference",
  preset: "compaction-unsynced",
  twin: { preset: "correct" },
  cluster: THREE,
  options: OFTEN,
  disk: { policy: "per-file", syncTime: 20_000 },
  script: compactedMeanwhile({
    anchor: when({ type: "disk", server: "A", "op.type": "rename" }, { delay: 25_000 }),
    action: { type: "restart", machines: ["A"], kind: "os", down: 300_000 },
  }),
  until: 3_400_000,
  expect: [
    ...allButThese("compaction-unsynced", [
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
      anchor: when({ type: "disk", server: "A", path: "A/wal.new", "op.type": "write" }),
      text: "A second election has left stale terms and votes in A's log. It writes what still counts to a new file, to put it in the place of the old one.",
    },
    {
      anchor: when({ type: "disk", server: "A", "op.type": "rename" }),
      text: "The new file takes the old one's name, and the directory is synced. Was the new file?",
    },
    {
      anchor: when({ type: "crash", machine: "A" }),
      text: "A's machine crashes, and with it goes all that was not synced.",
    },
    {
      anchor: when({ type: "recovered", server: "A", incarnation: 2, currentTerm: 0 }),
      text: "A synced name over unsynced bytes: the log is empty, and there is no other copy. No entries, no term, no vote.",
    },
    {
      anchor: when({ type: "recovered", server: "A", incarnation: 2, currentTerm: 2 }),
      text: "The copy was synced before it got the name. Whichever of the two logs the crash had left, it would have been whole.",
    },
    {
      anchor: at(1_800_000),
      text: "Now B is cut off instead, and C asks A for its vote in term 2. Only A and B had the acknowledged write.",
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
      text: "A name must not be durable before the bytes it leads to: first sync the copy, then rename it.",
    },
    {
      anchor: when({ type: "return", "result.value": "on A and B" }),
      text: "Everybody agrees, and the client reads its write. The copy is synced, then renamed, then the directory is synced: each crash finds one whole log.",
    },
  ],
} satisfies ScenarioDocument;
