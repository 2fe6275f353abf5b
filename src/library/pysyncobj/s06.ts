import type { ScenarioDocument } from "#scenario/document.ts";
import { to20 } from "./disks.ts";
import { POWER_CUT } from "./power-cut.ts";
import { checks, THREADS, tell, tellWhen, three, versions } from "./scene.ts";

export const S6 = {
  ...versions("PR #197 + #202", "msync with meta"),
  title: "PySyncObj: the commit index is past the journal, and there is no dump to load",
  about:
    "PR #197 sets the commit index back where a dump is loaded. A cluster that never made one, in its first minutes, is not protected.",
  source: [THREADS.pr197],
  cluster: three(to20),
  ...POWER_CUT,
  expect: [
    ...checks("PR #197 + #202", false, "C11", "C6"),
    ...checks("msync with meta", true, "C1", "C4", "C6", "C11", "C15"),
  ],
  narration: [
    tell(0, "Three servers boot with 20 entries in their journals, and no dump yet."),
    tellWhen(
      { type: "return", "operation.key": "acked25", "result.outcome": "ok" },
      "Entries 21 to 25 are committed, and four writes acknowledged.",
    ),
    tell(
      5_500,
      "The power fails on all three. The saved commit index, 25, was made durable half a second ago; the journal's pages were not due yet.",
    ),
    tellWhen(
      { type: "recovered", server: "A", incarnation: 2, lastApplied: 1 },
      "A is back. No dump is there, so the code that would set the commit index back does not run; where the journal had been synced first, there is nothing to set back.",
    ),
    tell(9_000, "The leader is cut off, and a client writes to it all the same."),
    tellWhen(
      { type: "return", "operation.key": "unsafe", "result.outcome": "ok" },
      "OK, says a leader that has asked nobody: the entry's place is below the commit index.",
    ),
    tell(14_500, "It would have to be set back at every start, whatever is loaded."),
  ],
} satisfies ScenarioDocument;
