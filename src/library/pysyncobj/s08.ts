import type { ScenarioDocument } from "#scenario/document.ts";
import { to42 } from "./disks.ts";
import { checks, THREADS, tell, tellWhen, three, versions } from "./scene.ts";
import { truncatedEpoch } from "./truncated-epoch.ts";

const SOURCE = [THREADS.issue201, THREADS.pr202];
const OPTIONS = { appendEntriesUseBatch: 0 };

const STORY = [
  tell(0, "The reboot of #201, from the same files."),
  tellWhen(
    { type: "truncate", server: "C" },
    "C cuts entries 43 to 45, which it had committed and applied. Its commit index stays at 45, with a log that now ends at 43.",
  ),
];

const HARM = [
  tellWhen(
    { type: "recovered", server: "C", incarnation: 2, commitIndex: 45 },
    "C and B come back. C's commit index is 45, from entries that no longer exist.",
  ),
  tellWhen(
    { type: "return", "operation.key": "unsafe", "result.outcome": "ok" },
    "C leads, is cut off from B, and answers OK to a write that nobody else has seen: below 45, everything counts as committed.",
  ),
];

/** The saved commit index is of entries that were cut off before the kill. */
export const S8 = {
  ...versions("0.3.14", "PR #202"),
  title: "PySyncObj: the saved commit index is of entries that were cut off",
  about:
    "A truncation does not lower the commit index. When the process is killed, its next life believes a number that belongs to other entries.",
  source: SOURCE,
  cluster: three(to42),
  options: OPTIONS,
  ...truncatedEpoch(2_950),
  expect: [...checks("0.3.14", false, "C11", "C13"), ...checks("PR #202", true, "C11", "C13")],
  narration: [
    ...STORY,
    tell(2_950, "Right then all three processes are killed. The disks are well."),
    ...HARM,
    tell(
      10_500,
      "With terms that are carried on, nothing is cut off in the first place, and the number stays true.",
    ),
  ],
} satisfies ScenarioDocument;

/** The same, and the timer has saved the commit index once more before the kill. */
export const S9 = {
  ...S8,
  title: "PySyncObj: the commit index is saved after the entries are gone",
  about:
    "The timer saves a commit index that is past the end of the log. PR #202 clamps the number on its way to the file; that helps if the timer comes before the kill.",
  ...truncatedEpoch(3_300),
  narration: [
    ...STORY,
    tell(3_300, "The timer has saved 45 once more. Now all three processes are killed."),
    ...HARM,
    tell(10_900, "A number that is clamped as it is saved can be believed when it is read."),
  ],
} satisfies ScenarioDocument;
