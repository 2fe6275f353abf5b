import { allButThese } from "#library/expectations.ts";
import { at, boot, QUIET, read, ring, THREE, when, write } from "#library/writing.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

/** Longer than a sector. */
const LONG = "All the king's horses and all the king's men. ".repeat(10);

export const TORN_RECORD = {
  format: "blackstart-scenario",
  version: 2,
  title: "Half a record",
  about:
    "A record lies across two sectors, and the power fails while it is written: the first sector is new, the second is not. Without a checksum it reads like any other record.",
  source: [
    {
      title: "valkey PR #3961: checksums for the lines of the log",
      url: "https://github.com/valkey-io/valkey/pull/3961",
    },
  ],
  system: "reference",
  preset: "no-checksum",
  twin: { preset: "correct" },
  cluster: THREE,
  options: QUIET,
  disk: { policy: "metadata-first", syncTime: 20_000 },
  script: [
    { anchor: at(0), action: boot("A", "B", "C") },
    { anchor: at(200_000), action: ring("B") },
    { anchor: at(700_000), action: write("rhyme", LONG) },
    {
      anchor: at(715_000),
      action: {
        type: "restart",
        machines: ["A"],
        kind: "power",
        survivors: { type: "chosen", effects: [7, 9] },
        down: 300_000,
      },
    },
    { anchor: at(1_500_000), action: ring("A") },
    { anchor: at(1_900_000), action: read("rhyme", "A") },
  ],
  until: 2_400_000,
  expect: [
    ...allButThese("no-checksum", ["C4", "C5", "C6", "C11", "C15", "C18"]),
    ...allButThese("correct", []),
  ],
  narration: [
    {
      anchor: at(700_000),
      text: "A long value: its record lies across sectors. A disk writes sectors whole, and in any order it likes.",
    },
    {
      anchor: when({ type: "crash", machine: "A" }),
      text: "Power fails at A before the sync is done. The file has its new length and the first part of the record. The rest was never written: zeros.",
    },
    {
      anchor: when({ type: "boot", machine: "A" }, { count: 2 }),
      text: "A reads its log. The head of the last record is fine, and says how long it is. Only a checksum could tell that the end is missing.",
    },
    {
      anchor: when({ type: "notice", server: "A" }),
      text: "The checksum does not match. Nobody was promised this record, so it is cut off, and the leader will send it again.",
    },
    {
      anchor: when({ type: "role", server: "A", to: "leader" }),
      text: "A becomes leader. What it holds is now the truth.",
    },
    {
      anchor: at(1_950_000),
      text: "Raft relies on this: the same index and the same term are the same bytes. Only a checksum can see to it.",
    },
  ],
} satisfies ScenarioDocument;
