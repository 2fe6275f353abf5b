import { allButThese } from "#library/expectations.ts";
import { askedTwice, VOTED, VOTED_AGAIN } from "#library/lessons/votes.ts";
import { QUIET, THREE, when } from "#library/writing.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

export const ZERO_LENGTH_VOTE = {
  format: "blackstart-scenario",
  version: 2,
  title: "The vote that came back empty",
  about:
    "The file with the vote is renamed into place without ever being synced. The name survives the crash and the bytes do not, and an empty file is taken for “no vote yet”.",
  source: [
    {
      title: "PySyncObj PR #202 stores its meta file like that",
      url: "https://github.com/bakwc/PySyncObj/pull/202",
    },
  ],
  system: "reference",
  preset: "vote-unsynced",
  twin: { preset: "correct" },
  cluster: THREE,
  options: QUIET,
  script: askedTwice([
    {
      anchor: when(VOTED, { delay: 200_000 }),
      action: {
        type: "restart",
        machines: ["A"],
        kind: "os",
        survivors: { type: "chosen", effects: [5] },
        down: 300_000,
      },
    },
  ]),
  until: 2_400_000,
  expect: [
    ...allButThese("vote-unsynced", ["C1", "C2", "C4", "C6", "C7", "C8", "C9", "C11", "C15"]),
    ...allButThese("correct", []),
  ],
  narration: [
    {
      anchor: when({ type: "disk", server: "A", "op.type": "rename" }),
      text: "A writes its vote to a new file and renames it into place. Readers see the vote. The platter has seen nothing of it.",
    },
    { anchor: when(VOTED), text: "The vote leaves." },
    {
      anchor: when({ type: "crash", machine: "A" }),
      text: "A's machine crashes. The kernel writes names and bytes apart, and what nobody synced in whatever order it likes.",
    },
    {
      anchor: when({ type: "recovered", server: "A", incarnation: 2, votedFor: null }),
      text: "It had written the new name and not the bytes: the file is there, and empty. It cannot be parsed, which is taken for a fresh start: term 0, no vote.",
    },
    {
      anchor: when({ type: "recovered", server: "A", incarnation: 2, votedFor: "B" }),
      text: "The textbook server had its vote synced before it spoke.",
    },
    {
      anchor: when({ ...VOTED_AGAIN, "message.success": true }),
      text: "C asks, and A votes a second time in term 1.",
    },
    {
      anchor: when({ ...VOTED_AGAIN, "message.success": false }),
      text: "C asks, and A refuses: it reads its vote for B.",
    },
    {
      anchor: when({ ...VOTED_AGAIN, "message.success": true }, { delay: 700_000 }),
      text: "An empty file is not an answer. A server that finds one where a promise was must not go on.",
    },
    {
      anchor: when({ ...VOTED_AGAIN, "message.success": false }, { delay: 700_000 }),
      text: "One sync before the vote left, and it no longer matters in which order the kernel writes the rest.",
    },
  ],
} satisfies ScenarioDocument;
