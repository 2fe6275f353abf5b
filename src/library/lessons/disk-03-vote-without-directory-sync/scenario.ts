import { allButThese } from "#library/expectations.ts";
import { askedTwice, VOTED, VOTED_AGAIN } from "#library/lessons/votes.ts";
import { at, QUIET, THREE, when } from "#library/writing.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

export const VOTE_WITHOUT_DIRECTORY_SYNC = {
  format: "blackstart-scenario",
  version: 2,
  title: "A vote in a file with no durable name",
  about:
    "Term and vote are written to a temporary file, synced, and renamed into place, as everybody does. The directory is not synced, so after a power loss the name may be the old one, or none, on every file system.",
  source: [
    {
      title: "fsync(2): the directory entry needs its own fsync",
      url: "https://man7.org/linux/man-pages/man2/fsync.2.html",
    },
  ],
  system: "reference",
  preset: "vote-by-rename",
  twin: { preset: "correct" },
  cluster: THREE,
  options: QUIET,
  disk: { policy: "strict" },
  script: askedTwice([
    {
      anchor: when(VOTED, { delay: 200_000 }),
      action: { type: "restart", machines: ["A"], kind: "power", down: 300_000 },
    },
  ]),
  until: 2_400_000,
  expect: [
    ...allButThese("vote-by-rename", ["C1", "C2", "C4", "C6", "C7", "C8", "C9", "C11", "C15"]),
    ...allButThese("correct", []),
  ],
  narration: [
    {
      anchor: at(0),
      text: "The disks of this run are the friendliest there are: everything reaches the platter in the order in which it was written.",
    },
    {
      anchor: when({ type: "disk", server: "A", "op.type": "rename" }),
      text: "A writes its vote to a file of its own, syncs it, and renames it into place. The bytes are durable. The name is not.",
    },
    {
      anchor: when(VOTED),
      text: "The vote leaves: from here on it is a promise.",
    },
    {
      anchor: when({ type: "crash", machine: "A" }),
      text: "Power fails at A, a fifth of a second later.",
    },
    {
      anchor: when({ type: "recovered", server: "A", incarnation: 2, votedFor: null }),
      text: "The rename was still in the cache, so the vote's file is not there: to A it never voted. That this disk keeps the order made no difference.",
    },
    {
      anchor: when({ type: "recovered", server: "A", incarnation: 2, votedFor: "B" }),
      text: "The textbook server keeps its vote in the log, whose name was synced once, before it was ever used.",
    },
    {
      anchor: when({ ...VOTED_AGAIN, "message.success": true }),
      text: "A votes again in term 1, for C this time.",
    },
    {
      anchor: when({ type: "role", server: "C", to: "leader" }),
      text: "B and C both lead term 1. A file that is renamed into place is there after a crash only when its directory has been synced as well.",
    },
    {
      anchor: when({ ...VOTED_AGAIN, "message.success": false }),
      text: "A refuses C: in term 1 it has voted for B, and knows it.",
    },
    {
      anchor: when({ ...VOTED_AGAIN, "message.success": false }, { delay: 900_000 }),
      text: "A promise is durable when its bytes and the name that leads to them are. Here both were, before the vote left.",
    },
  ],
} satisfies ScenarioDocument;
