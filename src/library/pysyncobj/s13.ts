import type { ScenarioDocument } from "#scenario/document.ts";
import {
  ALL,
  at,
  checks,
  connect,
  first,
  HEAL,
  isolate,
  power,
  set,
  THREADS,
  tell,
  tellWhen,
  three,
  versions,
} from "./scene.ts";

const TIMES = { logCompactionMinTime: 3_000_000, dumpTime: 1_000_000 };

export const S13 = {
  ...versions("0.3.14", "all fixes"),
  title: "PySyncObj: a message that compares nothing commits what nobody else has",
  about:
    "A leader whose snapshot is not ready sends its commit index alone. An old leader counts its own entries as committed by that number, and answers OK for writes that are about to be thrown away.",
  source: [THREADS.issue201],
  cluster: three(),
  options: { appendEntriesUseBatch: 0, ...TIMES },
  choices: first("C"),
  script: [
    ...at(0, power(...ALL)),
    ...at(1_000, set("C", "base", "b")),
    ...at(1_450, isolate("C", "A", "B")),
    ...at(1_500, set("C", "mine4", "c"), set("C", "mine5", "c")),
    ...at(1_700, { type: "timeout" as const, server: "A" }),
    ...at(2_200, ...Array.from({ length: 9 }, (_, i) => set("A", `k${i}`, "a"))),
    ...at(5_500, set("A", "late", "a")),
    ...at(6_300, HEAL, connect("A", "C"), connect("B", "C")),
  ],
  until: 10_000_000,
  expect: [...checks("0.3.14", false, "C11"), ...checks("all fixes", true, "C11")],
  narration: [
    tell(0, "A fresh cluster of three. C will lead term 1."),
    tell(
      1_450,
      "C is cut off. Two clients still write to it: entries 4 and 5 of term 1, which C cannot commit.",
    ),
    tellWhen(
      { type: "role", server: "A", to: "leader" },
      "A is elected by B, and commits other entries at 4, 5 and on.",
    ),
    tell(
      5_500,
      "A has compacted its log once, and it begins after entry 5 now. Soon a child writes the next dump, and as long as it does, A has no snapshot to send.",
    ),
    tellWhen(
      { type: "return", "operation.key": "mine4", "result.outcome": "ok" },
      "C is back. A says: no snapshot yet, my commit index is 14. C takes its own entries 4 and 5 for committed, and tells two clients OK.",
    ),
    tell(
      9_500,
      "In the end C gets the snapshot, and its own two entries are gone. A follower may believe a commit index only as far as it has compared its log with the leader's.",
    ),
  ],
} satisfies ScenarioDocument;
