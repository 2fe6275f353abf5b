import { allButThese } from "#library/expectations.ts";
import { at, boot, QUIET, read, ring, when, write } from "#library/writing.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

export const ANSWER_BEFORE_PERSIST = {
  format: "blackstart-scenario",
  version: 2,
  title: "The answer that was faster than the disk",
  about:
    "A single server applies a write and answers its client while the log is still on its way to the disk. The machine crashes in between.",
  source: [{ title: "etcd issue #14370", url: "https://github.com/etcd-io/etcd/issues/14370" }],
  system: "reference",
  preset: "release-before-sync",
  twin: { preset: "correct" },
  cluster: { machines: [{ id: "A" }] },
  options: QUIET,
  disk: { syncTime: 20_000 },
  script: [
    { anchor: at(0), action: boot("A") },
    { anchor: at(300_000), action: ring("A") },
    { anchor: at(500_000), action: write("x", "one") },
    { anchor: at(700_000), action: write("x", "two") },
    {
      anchor: at(715_000),
      action: { type: "restart", machines: ["A"], kind: "os", down: 400_000 },
    },
    { anchor: at(1_300_000), action: ring("A") },
    { anchor: at(1_600_000), action: read("x") },
  ],
  until: 1_900_000,
  expect: [
    ...allButThese("release-before-sync", [
      "C5",
      "C6",
      "C8",
      "C9",
      "C10",
      "C11",
      "C15",
      "C18",
      "C20",
    ]),
    ...allButThese("correct", []),
  ],
  narration: [
    {
      anchor: at(0),
      text: "One server, and a slow disk: a sync takes 20 milliseconds. A cluster of one needs no votes and no replies but its own.",
    },
    {
      anchor: when({ type: "return" }),
      text: "The first write is answered. It has time to reach the disk.",
    },
    {
      anchor: at(700_000),
      text: "The second write goes into the log. Who waits for the sync answers in 20 milliseconds; who does not, answers now.",
    },
    {
      anchor: when({ type: "crash" }),
      text: "15 milliseconds later the machine crashes. The second write is not on the disk.",
    },
    {
      anchor: when({ type: "recovered", incarnation: 2 }),
      text: "The log has the first write only.",
    },
    {
      anchor: when(
        { type: "return", "operation.value": "two", "result.outcome": "ok" },
        { delay: 800_000 },
      ),
      text: "Its client was told OK, and counts on a write that no longer exists. Answer after the sync, not before.",
    },
    {
      anchor: when(
        { type: "return", "operation.value": "two", "result.outcome": "unknown" },
        { delay: 785_000 },
      ),
      text: "Its client never got an answer, and knows that it has to ask. Nothing was promised, so nothing is lost.",
    },
  ],
} satisfies ScenarioDocument;
