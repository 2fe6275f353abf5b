import { allButThese } from "#library/expectations.ts";
import type { ScenarioDocument } from "#scenario/document.ts";
import { to20 } from "./disks.ts";
import { THREADS, tell, tellWhen, three, versions } from "./scene.ts";
import { twoLeaders } from "./two-leaders.ts";

/** The double vote again, and instead of the process the machine goes down. */
export const S4 = {
  ...versions("PR #202", "all fixes"),
  title: "PySyncObj #202: the vote is saved, and a power cut takes it back",
  about:
    "PR #202 writes the vote to a new file and renames it into place before it answers, but it syncs neither the file nor its name. After a power cut the voter has the old file again, votes a second time, and two leaders of one term acknowledge writes.",
  source: [THREADS.pr202, THREADS.issue201],
  cluster: three(to20),
  options: { appendEntriesUseBatch: 0 },
  ...twoLeaders("power"),
  expect: [
    ...allButThese("PR #202", [
      ...["C1", "C2", "C4", "C5", "C6", "C7", "C8", "C9", "C10"],
      ...["C11", "C12", "C13", "C14", "C15", "C20"],
    ]),
    ...allButThese("all fixes", []),
  ],
  narration: [
    tell(
      0,
      "A and B boot with 20 committed entries on disk. C is still down, and A and C cannot reach each other.",
    ),
    tellWhen(
      { type: "receive", server: "A", "message.kind": "vote-reply" },
      "B votes for A, and A leads. Before it answered, B saved its vote as PR #202 has it. The power is about to fail on B's machine.",
    ),
    tellWhen(
      { type: "recovered", server: "B", incarnation: 2, votedFor: null },
      "B is back. The new meta file was in the page cache only; on the platter is the old one, which knows of no vote.",
    ),
    tellWhen(
      { type: "recovered", server: "B", incarnation: 2, votedFor: "A" },
      "B is back and knows that it voted for A: the file was synced before it was renamed, and its name after, and only then did the answer leave.",
    ),
    tellWhen(
      { type: "send", "message.kind": "vote-reply", "message.to": "C", "message.term": 2 },
      "B votes for C, in the term in which it voted for A. Now two servers lead one term.",
    ),
    tellWhen(
      { type: "send", "message.kind": "vote-reply", "message.to": "C", "message.term": 3 },
      "C asked and was refused. It asks again in the next term, in which B has not voted yet, and is elected.",
    ),
    tell(3_500, "A and B reach each other again. A still leads term 2 and has not heard of C."),
    tellWhen(
      { type: "return", "operation.client": "app-A", "result.outcome": "ok" },
      "Both clients have been told OK, for different values at the same index in the same term.",
    ),
    tellWhen(
      { type: "return", "operation.client": "app-A", "result.outcome": "failed" },
      "A hears of the newer term and steps down. Its write was never committed, and its client is told so.",
    ),
    tellWhen(
      { type: "return", "operation.client": "app-A", "result.outcome": "ok" },
      "On A, x is what A's client wrote; on B and C, what C's wrote. Index and term of every entry are the same, so no server notices. A vote is a promise: what is only renamed into place, a power cut can take back.",
      { delay: 1_900 },
    ),
    tellWhen(
      { type: "return", "operation.client": "app-A", "result.outcome": "failed" },
      "On all three, x is what C's client wrote, the only one who was told OK. A vote is a promise: a sync of the file, and of the directory that names it, has made it stay.",
      { delay: 900 },
    ),
  ],
} satisfies ScenarioDocument;
