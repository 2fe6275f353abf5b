import { allButThese } from "#library/expectations.ts";
import { askedTwice, VOTED, VOTED_AGAIN } from "#library/lessons/votes.ts";
import { QUIET, THREE, when } from "#library/writing.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

export const UNREADABLE_IS_EMPTY = {
  format: "blackstart-scenario",
  version: 2,
  title: "Unreadable is not empty",
  about:
    "A sector of the log can no longer be read. A server that treats the error like a missing file starts as if it were new, and votes a second time in a term in which it has voted.",
  source: [
    {
      title: "Redundancy Does Not Imply Fault Tolerance (FAST 2017)",
      url: "https://www.usenix.org/conference/fast17/technical-sessions/presentation/ganesan",
    },
  ],
  system: "reference",
  preset: "unreadable-is-empty",
  twin: { preset: "correct" },
  cluster: THREE,
  options: QUIET,
  script: askedTwice([
    {
      anchor: when(VOTED, { delay: 200_000 }),
      action: { type: "crash", machines: ["A"], kind: "power" },
    },
    {
      anchor: when(VOTED, { delay: 300_000 }),
      action: {
        type: "disk-fault",
        machine: "A",
        fault: { type: "unreadable", file: "A/wal", offset: 0 },
      },
    },
    { anchor: when(VOTED, { delay: 500_000 }), action: { type: "boot", machines: ["A"] } },
  ]),
  until: 2_400_000,
  expect: [
    ...allButThese("unreadable-is-empty", ["C1", "C2", "C4", "C6", "C7", "C11", "C15", "C16"]),
    ...allButThese("correct", []),
  ],
  narration: [
    { anchor: when(VOTED), text: "A's vote for B is on its disk, and only then does it leave." },
    {
      anchor: when({ type: "crash", machine: "A" }),
      text: "Power fails at A. Nothing is lost: all was synced. But the first sector of the log goes bad meanwhile.",
    },
    {
      anchor: when({ type: "read-error", server: "A" }),
      text: "A boots, and the disk answers EIO. What was promised may be in that sector.",
    },
    {
      anchor: when({ type: "recovered", server: "A", incarnation: 2 }),
      text: "This server takes the error for “no file” and begins a new life with term 0 and no vote.",
    },
    {
      anchor: when({ type: "failed", server: "A" }),
      text: "This server says what it cannot read, and does not start. A server that is down breaks no promise.",
    },
    {
      anchor: when({ ...VOTED_AGAIN, "message.success": true }),
      text: "C asks for term 1, and A votes again.",
    },
    {
      anchor: when({ type: "role", server: "C", to: "leader" }),
      text: "Two leaders in term 1. “I cannot read it” does not mean “there is nothing”.",
    },
  ],
} satisfies ScenarioDocument;
