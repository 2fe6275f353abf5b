import { allButThese } from "#library/expectations.ts";
import { askedTwice, VOTED, VOTED_AGAIN } from "#library/lessons/votes.ts";
import { at, QUIET, THREE, when } from "#library/writing.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

export const FORGOTTEN_VOTE = {
  format: "blackstart-scenario",
  version: 2,
  title: "The forgotten vote",
  about:
    "A server sends its vote before the vote is on its disk. The machine crashes, and the same server votes again in the same term, for somebody else.",
  source: [{ title: "Raft, figure 2: persistent state", url: "https://raft.github.io/raft.pdf" }],
  system: "reference",
  preset: "release-before-sync",
  twin: { preset: "correct" },
  cluster: THREE,
  options: QUIET,
  disk: { syncTime: 20_000 },
  script: askedTwice([
    {
      anchor: when(VOTED, { delay: 10_000 }),
      action: { type: "restart", machines: ["A"], kind: "os", down: 300_000 },
    },
  ]),
  until: 2_400_000,
  expect: [
    ...allButThese("release-before-sync", [
      "C1",
      "C2",
      "C4",
      "C6",
      "C7",
      "C8",
      "C9",
      "C10",
      "C11",
      "C15",
      "C20",
    ]),
    ...allButThese("correct", []),
  ],
  narration: [
    {
      anchor: at(0),
      text: "Three servers with slow disks: a sync takes 20 milliseconds. C is cut off and does not hear what follows.",
    },
    {
      anchor: when(VOTED),
      text: "A votes for B. Has the vote reached the disk when the message leaves? That is the whole difference between the two sides.",
    },
    {
      anchor: when({ type: "role", server: "B", to: "leader" }),
      text: "With A's vote B leads term 1.",
    },
    {
      anchor: when({ type: "crash", machine: "A" }),
      text: "10 milliseconds after the message A's machine crashes.",
    },
    {
      anchor: when({ type: "recovered", server: "A", incarnation: 2, votedFor: null }),
      text: "A comes back and knows of no vote: its sync had not been made.",
    },
    {
      anchor: when({ type: "recovered", server: "A", incarnation: 2, votedFor: "B" }),
      text: "A comes back and reads that it has voted for B in term 1.",
    },
    {
      anchor: when({ ...VOTED_AGAIN, "message.success": true }),
      text: "C asks for the same term, and A votes a second time.",
    },
    {
      anchor: when({ type: "role", server: "C", to: "leader" }),
      text: "Now B and C both lead term 1.",
    },
    {
      anchor: when({ ...VOTED_AGAIN, "message.success": false }),
      text: "C asks for the same term and is refused: A has given its vote away. There is one leader.",
    },
    {
      anchor: when({ type: "role", server: "C", to: "leader" }, { delay: 700_000 }),
      text: "Everybody hears everybody again. Two leaders of one term have filled the same places of the log, and Raft has no means to see it.",
    },
    {
      anchor: when({ ...VOTED_AGAIN, "message.success": false }, { delay: 900_000 }),
      text: "What A had promised was on its disk before it said it, so the crash took nothing that anybody relied on: one term, one leader, one log.",
    },
  ],
} satisfies ScenarioDocument;
