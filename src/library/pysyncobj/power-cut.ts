import { ALL, at, connect, cutPower, first, HEAL, isolate, kill, power, set } from "./scene.ts";

/** As on a common file system: renames are committed every 5 s, pages of a mapping are written after 30 s. */
export const TIMED = {
  policy: "ordered-journal" as const,
  writeBack: { dataAge: 30_000_000, wakeEvery: 5_000_000, metadataEvery: 5_000_000 },
};

/**
 * Five entries are committed after entry 20, the timer saves the commit index, the file system commits the rename, and then the
 * power fails on all three. Later the leader is cut off, and a client writes to it all the same.
 */
export const POWER_CUT = {
  options: { appendEntriesUseBatch: 0 },
  disk: TIMED,
  choices: { ...first("A"), ...first("A", 2), "B/2/electionTimeout/2": 400_000 },
  script: [
    ...at(0, power(...ALL)),
    ...at(1_000, ...[22, 23, 24, 25].map((index) => set("A", `acked${index}`, "x"))),
    ...at(5_500, cutPower(...ALL)),
    ...at(6_500, power(...ALL)),
    ...at(9_000, isolate("A", "B", "C")),
    ...at(9_200, set("A", "unsafe", "without a quorum")),
    ...at(9_600, kill("A")),
    ...at(12_000, HEAL, power("A")),
    ...at(12_300, connect("A", "B"), connect("A", "C")),
  ],
  until: 15_000_000,
};
