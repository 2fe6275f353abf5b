import type { ScenarioDocument } from "#scenario/document.ts";
import { to20 } from "./disks.ts";
import {
  ALL,
  at,
  connect,
  cutPower,
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

export const S10 = {
  ...versions("0.3.14", "msync every write"),
  title: "PySyncObj: a majority loses its tail",
  about:
    "An entry is acknowledged as soon as a majority has it in memory. When the power fails on that majority, the entry is gone, and the one server that still has it must give it up.",
  source: [THREADS.pr197, THREADS.pr202],
  cluster: three(to20),
  options: { appendEntriesUseBatch: 0 },
  choices: { ...first("A"), "B/2/electionTimeout/1": 400_000, "C/2/electionTimeout/1": 1_400_000 },
  script: [
    ...at(0, power(...ALL)),
    ...at(1_300, ...[22, 23, 24, 25].map((index) => set("A", `acked${index}`, "x"))),
    ...at(1_800, isolate("A", "B", "C"), cutPower("B", "C")),
    ...at(2_800, power("B", "C")),
    ...at(4_000, set("B", "newer", "n")),
    ...at(6_000, HEAL, connect("A", "B"), connect("A", "C")),
  ],
  until: 9_000_000,
  expect: [
    { check: "C11", holds: false, preset: "0.3.14" },
    { check: "C11", holds: true, preset: "msync every write" },
    { check: "C1", holds: true, preset: "msync every write" },
  ],
  narration: [
    tell(0, "Three servers with the same 20 committed entries on disk boot together."),
    tellWhen(
      { type: "return", "operation.key": "acked25", "result.outcome": "ok" },
      "Four writes are acknowledged: all three servers have them. In which memory?",
    ),
    tell(
      1_800,
      "The power fails on B and C. A is well, but nobody can reach it. What B and C had only in their page caches is gone.",
    ),
    tellWhen(
      { type: "recovered", server: "B", incarnation: 2 },
      "B and C come back and elect a leader. They are a majority, and they may go on without A.",
    ),
    tell(6_000, "A can be reached again. Its log and the majority's have to become one."),
    tell(
      8_500,
      "Who answered before the entry was on a platter took a promise that a power cut could break. A sync before the answer keeps it.",
    ),
  ],
} satisfies ScenarioDocument;
