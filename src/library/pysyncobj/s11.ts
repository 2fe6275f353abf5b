import { allButThese } from "#library/expectations.ts";
import type { ScenarioDocument } from "#scenario/document.ts";
import { to20 } from "./disks.ts";
import {
  ALL,
  at,
  first,
  kill,
  power,
  set,
  THREADS,
  tell,
  tellWhen,
  three,
  versions,
} from "./scene.ts";

const WRITES = [22, 23, 24, 25, 26, 27, 28, 29, 30];

/** No power cut: kill -9 between the dump's rename and the cutting of the journal. */
export const S11 = {
  ...versions("0.3.14", "all fixes"),
  title: "PySyncObj #197 without a power cut: kill -9 beside a dump",
  about:
    "A child process writes the dump. If its parent dies before it has cut the journal to match, the next start finds a journal that does not begin with the dump, and throws all of it away, with every entry since.",
  source: [THREADS.pr197],
  cluster: three(to20),
  options: { appendEntriesUseBatch: 0, logCompactionMinEntries: 19, dumpTime: 3_000_000 },
  choices: { ...first("A"), ...first("A", 2) },
  script: [
    ...at(0, power(...ALL)),
    ...at(1_300, ...WRITES.map((index) => set("A", `acked${index}`, "x"))),
    ...at(2_600, kill(...ALL)),
    ...at(4_000, power(...ALL)),
  ],
  until: 8_000_000,
  expect: [
    ...allButThese("0.3.14", [
      ...["C1", "C5", "C7", "C8", "C9", "C10"],
      ...["C11", "C12", "C13", "C17", "C20"],
    ]),
    ...allButThese("all fixes", []),
  ],
  narration: [
    tell(
      0,
      "Three servers boot with 20 entries each, enough for a compaction: each forks a child that writes the state as of entry 20 into a dump. That takes three seconds here.",
    ),
    tellWhen(
      { type: "return", "operation.key": "acked30", "result.outcome": "ok" },
      "Meanwhile entries 21 to 30 are committed and acknowledged. They are in the journals, and the commit index 30 will be saved.",
    ),
    tell(
      2_600,
      "All three processes are killed. Their children are not: they finish their dumps, and rename them into place.",
    ),
    tellWhen(
      { type: "recovered", server: "A", incarnation: 2 },
      "A boots. The dump ends with entry 20, and the journal does not begin with entry 19.",
    ),
    tellWhen(
      { type: "recovered", server: "A", incarnation: 2, currentTerm: 0 },
      "0.3.14 takes such a journal for a wrong one and empties it: ten committed entries are nowhere, and the commit index still says 30.",
      { delay: 1_500 },
    ),
    tellWhen(
      { type: "recovered", server: "A", incarnation: 2, currentTerm: 2 },
      "The journal holds the dump's last entry, so it is kept from there on: entries 21 to 30 are all there.",
      { delay: 1_500 },
    ),
    tellWhen(
      { type: "recovered", server: "A", incarnation: 2, currentTerm: 0 },
      "No server has any of the nine acknowledged writes, and none is ever ready: their logs end at 21, and their commit index is 30. It took no power cut, only a kill at the wrong moment.",
      { delay: 3_500 },
    ),
    tellWhen(
      { type: "recovered", server: "A", incarnation: 2, currentTerm: 2 },
      "All nine acknowledged writes are in every log and every map, though the kill came at the same moment.",
      { delay: 3_500 },
    ),
  ],
} satisfies ScenarioDocument;
