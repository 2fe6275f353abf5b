import type { ScenarioDocument } from "#scenario/document.ts";
import { ALL, at, first, power, set, THREADS, tell, tellWhen, three, versions } from "./scene.ts";

export const S14 = {
  ...versions("0.3.14", "all fixes"),
  title: "PySyncObj: one record is too big for the file",
  about:
    "The journal file is doubled once a write. A record for which that is not enough is in memory and not on disk, and from there on every entry is in the wrong place.",
  source: [THREADS.pr98],
  cluster: three(),
  options: { appendEntriesUseBatch: 0 },
  choices: { ...first("A"), ...first("A", 2) },
  script: [
    ...at(0, power(...ALL)),
    ...at(1_000, set("A", "base", "1")),
    ...at(1_500, set("A", "big", "z".repeat(3_000))),
    ...at(1_550, set("A", "after", "2")),
    ...at(3_500, { type: "stop" as const, machines: ALL }),
    ...at(4_500, power(...ALL)),
  ],
  until: 8_000_000,
  expect: [
    { check: "C16", holds: true, preset: "0.3.14" },
    { check: "C11", holds: true, preset: "all fixes" },
  ],
  narration: [
    tell(0, "A fresh cluster of three. The journal file has 1,024 bytes at first."),
    tell(1_500, "A client writes a value of 3,000 bytes. Twice 1,024 is not enough."),
    tellWhen(
      { type: "handler-error", server: "A" },
      "A has put the entry into its list in memory, and then the write of the record fails. The file goes on without it.",
    ),
    tell(
      3_500,
      "All three servers are stopped and started again: they now have what the files have.",
    ),
    tell(7_500, "A journal with a hole finds every later entry one place too early."),
  ],
} satisfies ScenarioDocument;
