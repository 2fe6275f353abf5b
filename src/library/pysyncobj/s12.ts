import type { ScenarioDocument } from "#scenario/document.ts";
import {
  ALL,
  at,
  connect,
  first,
  HEAL,
  isolate,
  kill,
  once,
  power,
  set,
  THREADS,
  tell,
  tellWhen,
  three,
  versions,
} from "./scene.ts";

/** Long ways, so that a heartbeat is due while answers are on theirs. */
const FAR: [number, number] = [51_000, 62_000];

export const S12 = {
  ...versions("0.3.14", "all fixes"),
  title: "PySyncObj: a batch that is sent again takes acknowledged entries away",
  about:
    "A late answer makes the leader send a batch a second time. The follower cuts off everything after the batch's beginning, also what it acknowledged since.",
  source: [THREADS.issue201],
  cluster: three(),
  options: { appendEntriesUseBatch: 1, appendEntriesBatchSizeBytes: 80 },
  network: { delay: FAR },
  disk: { writeTime: 0, syncTime: 0 },
  choices: first("A"),
  script: [
    ...at(0, isolate("A", "C")),
    ...at(0, power(...ALL)),
    ...at(1_000, set("A", "base", "b")),
    ...at(2_000, ...Array.from({ length: 9 }, (_, i) => set("A", `m${i}`, "v"))),
    ...once(
      { type: "receive", server: "B", "message.fields.prevLogIdx": 6, "message.from": "A" },
      kill("A"),
      { count: 2 },
    ),
    ...at(6_000, HEAL, power("A")),
    ...at(6_300, connect("A", "B"), connect("A", "C")),
  ],
  until: 9_000_000,
  expect: [
    { check: "C11", holds: false, preset: "0.3.14" },
    { check: "C11", holds: true, preset: "all fixes" },
  ],
  narration: [
    tell(0, "A leads with the help of B; A and C cannot reach each other. Messages take long."),
    tell(
      2_000,
      "Nine writes at once. A sends them to B in three batches: 4 to 6, 7 to 9, 10 to 12.",
    ),
    tellWhen(
      { type: "receive", server: "A", "message.fields.next_node_idx": 7 },
      "B's answer to the first batch takes A's idea of what to send next back to entry 7, though the rest is long on its way. A heartbeat is due, so A sends 7 to 9 and 10 to 12 again.",
    ),
    tellWhen(
      { type: "return", "operation.key": "m8", "result.outcome": "ok" },
      "The other two answers arrive, and all nine writes are acknowledged.",
    ),
    tellWhen(
      { type: "truncate", server: "B" },
      "B gets the second batch once more, and cuts off everything after entry 6, entries 10 to 12 too. They were the same entries; it does not look.",
    ),
    tellWhen({ type: "crash", machine: "A" }, "A dies before the third batch arrives again."),
    tellWhen(
      { type: "role", server: "B", to: "leader" },
      "B is elected by C. What B still has of the nine writes is what is left of them.",
    ),
  ],
} satisfies ScenarioDocument;
