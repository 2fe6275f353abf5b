import { simultaneousReboot } from "#library/incidents/pysyncobj-201/schedule.ts";
import type { ScenarioDocument } from "#scenario/document.ts";
import { to42WithTerm } from "./disks.ts";
import { ALL, THREADS, tell, tellWhen, three, versions } from "./scene.ts";

export const S2 = {
  ...versions("0.3.14", "PR #202"),
  title: "PySyncObj: the simultaneous reboot, from files that hold the term",
  about:
    "The reboot of #201 once more. This time the files were written by a version that saves term and vote; whether that helps depends on the version that reads them.",
  source: [THREADS.issue201, THREADS.pr202],
  cluster: three(to42WithTerm),
  options: { appendEntriesUseBatch: 0 },
  ...simultaneousReboot(ALL),
  expect: [
    { check: "C11", holds: false, preset: "0.3.14" },
    { check: "C15", holds: false, preset: "0.3.14" },
    { check: "C11", holds: true, preset: "PR #202" },
    { check: "C15", holds: true, preset: "PR #202" },
  ],
  narration: [
    tell(
      0,
      "Three servers boot half a second apart. Their files say that they were in term 5, and for whom they voted in it.",
    ),
    tellWhen(
      { type: "recovered", server: "B", currentTerm: 0 },
      "B is of the old version: it does not look at the saved term, and begins at term 0.",
    ),
    tellWhen(
      { type: "recovered", server: "B", currentTerm: 5 },
      "B reads its term back and begins at term 5.",
    ),
    tellWhen(
      { type: "return", "operation.key": "members/A", "result.outcome": "ok" },
      "A leads with the vote of C, and two writes are acknowledged. B knows nothing of it.",
    ),
    tellWhen(
      { type: "truncate", server: "C", from: 43 },
      "B's old entries look newer than A's fresh ones. B is elected, and C cuts off what it had acknowledged and applied.",
    ),
    tell(
      7_500,
      "With the terms carried on, B's log is older than C's and B cannot be elected; without them two acknowledged writes are gone.",
    ),
  ],
} satisfies ScenarioDocument;
