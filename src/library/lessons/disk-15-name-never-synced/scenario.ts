import { allButThese } from "#library/expectations.ts";
import { at, boot, QUIET, read, ring, THREE, when, write } from "#library/writing.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

export const NAME_NEVER_SYNCED = {
  format: "blackstart-scenario",
  version: 2,
  title: "Every byte synced, and the file gone",
  about:
    "A new log file is created, and every write to it is synced before anybody is answered. Nobody synced the directory. After the power loss the bytes are on the platter and no name leads to them.",
  source: [{ title: "etcd issue #6368", url: "https://github.com/etcd-io/etcd/issues/6368" }],
  system: "reference",
  preset: "no-directory-sync",
  twin: { preset: "correct" },
  cluster: THREE,
  options: QUIET,
  script: [
    { anchor: at(0), action: boot("A", "B", "C") },
    { anchor: at(200_000), action: ring("A") },
    { anchor: at(500_000), action: write("x", "synced everywhere") },
    {
      anchor: at(1_000_000),
      action: { type: "restart", machines: ["A", "B", "C"], kind: "power", down: 400_000 },
    },
    { anchor: at(1_700_000), action: ring("B") },
    { anchor: at(2_000_000), action: read("x") },
  ],
  until: 2_400_000,
  expect: [
    ...allButThese("no-directory-sync", [
      "C1",
      "C2",
      "C5",
      "C7",
      "C8",
      "C9",
      "C10",
      "C11",
      "C18",
      "C20",
    ]),
    ...allButThese("correct", []),
  ],
  narration: [
    {
      anchor: when({ type: "disk", server: "A", "op.type": "open" }),
      text: "Each server creates its log. A file has two parts that are written apart: what is in it, and its name in the directory.",
    },
    {
      anchor: when({ type: "return" }),
      text: "The write is synced by all three before it is acknowledged.",
    },
    {
      anchor: when({ type: "crash", machine: "A" }),
      text: "The power fails everywhere.",
    },
    {
      anchor: when({ type: "recovered", server: "A", incarnation: 2, currentTerm: 0 }),
      text: "Nobody had synced the directory, and it is as it was before the first boot: empty. Three servers start as if they had never lived.",
    },
    {
      anchor: when({ type: "recovered", server: "A", incarnation: 2, currentTerm: 1 }),
      text: "The name was synced when the file was created, once. Everything is there.",
    },
    {
      anchor: at(2_000_000),
      text: "An fsync of a file says nothing of its name. That needs an fsync of the directory.",
    },
  ],
} satisfies ScenarioDocument;
