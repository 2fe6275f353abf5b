import { simultaneousReboot } from "#library/incidents/pysyncobj-201/schedule.ts";
import type { ScenarioDocument } from "#scenario/document.ts";
import { to42 } from "./disks.ts";
import { ALL, at, checks, set, THREADS, tell, tellWhen, three, versions } from "./scene.ts";

const { choices, script } = simultaneousReboot(ALL);

export const S15 = {
  ...versions("0.3.14", "PR #202"),
  title: "PySyncObj: leader and followers ask each other the same thing for ever",
  about:
    "Two followers have compacted away the last entry that they share with the new leader. Nothing that it can send fits, and nothing that they answer helps it.",
  source: [THREADS.issue201],
  cluster: three(to42),
  options: { appendEntriesUseBatch: 0, logCompactionMinEntries: 44 },
  choices,
  script: [
    ...script.filter(({ anchor }) => anchor.type !== "at" || anchor.time === 0),
    ...at(4_000, set("B", "stuck", "?")),
  ],
  until: 12_000_000,
  expect: [...checks("0.3.14", false, "C11"), ...checks("PR #202", true, "C5", "C11")],
  narration: [
    tell(0, "The reboot of #201, with servers that compact their logs early."),
    tellWhen(
      { type: "rebase", server: "A", reason: "compaction" },
      "A leads term 1, has acknowledged two writes, and cuts its log to the last entries: 42, the last that it shares with B, is now in its dump only. C does the same.",
    ),
    tellWhen(
      { type: "role", server: "B", to: "leader" },
      "B's old entries look newer, and it is elected. It sends what follows 42. A and C have no entry 42 to compare: “I have up to 45, go on there”.",
    ),
    tell(
      4_000,
      "B has nothing at 45, and asks without a place. The answer is the same. A client waits.",
    ),
    tell(
      11_500,
      "Where the stale server is not elected, it never comes to this: the leader that holds everything sends the others what they lack.",
    ),
  ],
} satisfies ScenarioDocument;
