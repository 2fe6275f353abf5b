import { allButThese } from "#library/expectations.ts";
import { at, boot, part, QUIET, ring, THREE, when, write } from "#library/writing.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

export const POINTER_BEFORE_RECORD = {
  format: "blackstart-scenario",
  version: 2,
  title: "A pointer to what is not there",
  about:
    "A log file begins with a pointer to its own end. The power fails between a record and its pointer, and the disk, free to choose, keeps the pointer. The server never starts again.",
  source: [
    {
      title: "PySyncObj keeps such a pointer in its journal's header",
      url: "https://github.com/bakwc/PySyncObj/blob/master/pysyncobj/journal.py",
    },
  ],
  system: "reference",
  preset: "pointer-before-record",
  twin: { preset: "correct" },
  cluster: THREE,
  options: QUIET,
  disk: { policy: "data-first", syncTime: 20_000 },
  script: [
    { anchor: at(0), action: boot("A", "B", "C") },
    { anchor: at(200_000), action: ring("B") },
    { anchor: at(700_000), action: write("x", "one") },
    {
      anchor: at(715_000),
      action: {
        type: "crash",
        machines: ["A"],
        kind: "power",
        survivors: { type: "chosen", effects: [12] },
      },
    },
    { anchor: at(1_100_000), action: boot("A") },
    { anchor: at(1_500_000), action: boot("A") },
    { anchor: at(1_900_000), action: part("C", "A", "B") },
    { anchor: at(2_000_000), action: write("x", "two") },
  ],
  until: 2_600_000,
  expect: [...allButThese("pointer-before-record", ["C16"]), ...allButThese("correct", [])],
  narration: [
    {
      anchor: when({ type: "disk", server: "A", "op.type": "write", "op.offset": 512 }),
      text: "A log whose first sector says where the log ends. To add a record, A writes the record, then the pointer, then syncs both.",
    },
    {
      anchor: when({ type: "disk", server: "A", "op.type": "write", "op.offset": 53 }),
      text: "A log that ends where its last whole record ends. To add one, A writes it, and syncs.",
    },
    {
      anchor: when({ type: "crash", machine: "A" }),
      text: "Power fails at A while the sync of a new record is under way.",
    },
    {
      anchor: when({ type: "failed", server: "A" }),
      text: "Of two writes the disk kept the later one, the pointer. It says that there is a record, and there is none: A cannot start.",
    },
    {
      anchor: when({ type: "failed", server: "A" }, { count: 2 }),
      text: "Trying again does not help: the file is what it is. This is a crash loop.",
    },
    {
      anchor: when({ type: "recovered", server: "A", incarnation: 2 }),
      text: "Recovery reads until there is no whole record any more, and goes on from there: nobody was promised what followed.",
    },
    {
      anchor: at(2_000_000),
      text: "Now C is cut off as well, and B needs A for a majority.",
    },
    {
      anchor: when({ type: "return", "result.outcome": "ok" }, { count: 2 }),
      text: "With A the cluster goes on. Half a record at the end of a log is what a crash leaves: nothing to be afraid of.",
    },
    {
      anchor: when({ type: "failed", server: "A" }, { count: 2, delay: 900_000 }),
      text: "Without A the cluster stands still. No crash may leave a log that its own server refuses: what says where the log ends must not be durable before the record.",
    },
  ],
} satisfies ScenarioDocument;
