import { allButThese } from "#library/expectations.ts";
import type { ScenarioDocument } from "#scenario/document.ts";
import { to20Compacted } from "./disks.ts";
import { POWER_CUT } from "./power-cut.ts";
import { THREADS, tell, tellWhen, three, versions } from "./scene.ts";

const UNTIL_THE_CUT = [
  tellWhen(
    { type: "return", "operation.key": "acked25", "result.outcome": "ok" },
    "A leads. Four writes are acknowledged: with A's own first entry, 21 to 25 are in the page caches of all three.",
  ),
  tellWhen(
    { type: "store", server: "B", what: "meta", "values.raftCommitIndex": 25 },
    "Once a second a server saves its commit index, 25, in a small file of its own that is renamed into place.",
  ),
  tell(
    5_000,
    "The file system makes renames durable every five seconds: the 25 is on the platter. The journal's pages would follow after thirty.",
  ),
  tell(5_500, "The power fails on all three: the laptop slept, the watchdog fired."),
];

const AFTER_THE_REBOOT = [
  tell(
    9_000,
    "A is cut off from the others, and a client writes to it all the same. A majority cannot be had, so nobody may be told OK.",
  ),
  tellWhen(
    { type: "return", "operation.key": "unsafe", "result.outcome": "ok" },
    "OK. The place of the new entry is below the commit index from the file, so A takes it for committed, with no other server having seen it.",
  ),
  tellWhen(
    { type: "return", "operation.key": "unsafe", "result.outcome": "unknown" },
    "A's process dies. Its client was told neither OK nor no, as it should be: the write is in A's journal only. B and C elect B and go on without it.",
  ),
];

export const S7 = {
  ...versions("0.3.14", "PR #197"),
  title:
    "PySyncObj #197: after a power cut the commit index is past the journal, and nobody is ever ready",
  about:
    "The commit index is on the platter, the entries that it counts are not. No server ever says that it is ready, for it waits to apply entries that no longer exist; and whatever comes in their places is answered OK at once.",
  source: [THREADS.pr197],
  cluster: three(to20Compacted),
  ...POWER_CUT,
  expect: [
    ...allButThese("0.3.14", [
      ...["C1", "C4", "C5", "C6", "C7", "C8", "C9", "C10"],
      ...["C11", "C12", "C13", "C15", "C17", "C20"],
    ]),
    // What was acknowledged is lost all the same, and term 1 is used a second time; but the indexes are in order.
    ...allButThese("PR #197", [
      ...["C1", "C4", "C5", "C6", "C7", "C8", "C9", "C10"],
      ...["C11", "C15", "C17", "C20"],
    ]),
  ],
  narration: [
    tell(
      0,
      "Three servers boot with the same files: a dump of the state at entry 20, a journal with the last two entries, and the commit index 20.",
    ),
    ...UNTIL_THE_CUT,
    tellWhen(
      { type: "recovered", server: "A", incarnation: 2, commitIndex: 25 },
      "A is back: its journal ends at 20, and its commit index says 25. Ready is who has applied all that is committed: A waits for entries that no longer exist.",
    ),
    tellWhen(
      { type: "recovered", server: "A", incarnation: 2, commitIndex: 20 },
      "A is back. With PR #197 the loading of the dump ends with a look at the journal: it ends at 20, so the commit index is set back to 20.",
    ),
    ...AFTER_THE_REBOOT,
    tellWhen(
      { type: "role", server: "C", to: "leader" },
      "A's process has died, and B and C elect C. Its own first entry gets the index for which A has just answered OK, 22. That is below 25, so it counts as committed at once.",
    ),
    tellWhen(
      { type: "return", "operation.key": "unsafe", "result.outcome": "ok" },
      "All logs end at 22, and every commit index says 25: nobody is ever ready. The four acknowledged writes are in no log, and neither is the fifth; only A's map still has it.",
      { delay: 5_250 },
    ),
    tellWhen(
      { type: "return", "operation.key": "unsafe", "result.outcome": "unknown" },
      "The commit index was set back to the journal's end, so all three are ready, and their maps agree. The four acknowledged writes are lost all the same: they were never on a platter.",
      { delay: 4_900 },
    ),
  ],
} satisfies ScenarioDocument;

/** The same power cut, looked at for what the clamp cannot do. */
export const CLAMP = {
  ...S7,
  ...versions("PR #197 + #202", "msync with meta"),
  title: "PySyncObj #197: the clamp brings progress back, not the acknowledged entries",
  about:
    "With both pull requests the cluster goes on after the power cut, as if nothing had been promised: five committed entries are in no log any more. A sync of the journal before each save of the commit index would have kept them.",
  expect: [
    ...allButThese("PR #197 + #202", ["C5", "C6", "C8", "C9", "C10", "C11", "C15", "C17", "C20"]),
    // Term and vote, and what the leader answers before the timer comes, would still not survive.
    ...allButThese("msync with meta", ["C9", "C10", "C17", "C20"]),
  ],
  narration: [
    tell(
      0,
      "Three servers boot with a dump at entry 20, a journal that ends there, and both pull requests in their code.",
    ),
    ...UNTIL_THE_CUT,
    tellWhen(
      { type: "recovered", server: "A", incarnation: 2, commitIndex: 20 },
      "The journal ends at 20, and PR #197 sets the commit index back to 20. The cluster can go on, with four acknowledged writes less: no server has them.",
    ),
    tellWhen(
      { type: "recovered", server: "A", incarnation: 2, commitIndex: 25 },
      "Here the journal was synced before the commit index was saved, so it reaches as far: nothing is lost and nothing has to be set back.",
    ),
    ...AFTER_THE_REBOOT,
    tellWhen(
      { type: "recovered", server: "A", incarnation: 2, commitIndex: 20 },
      "All maps agree, without the four acknowledged writes. A clamp keeps a server honest about what it has; what it promised before, only a sync could have kept.",
      { delay: 8_000 },
    ),
    tellWhen(
      { type: "recovered", server: "A", incarnation: 2, commitIndex: 25 },
      "All maps agree, and the four acknowledged writes are in them. Here the commit index never gets ahead of the journal on the platter, and there is nothing to clamp.",
      { delay: 8_000 },
    ),
  ],
} satisfies ScenarioDocument;
