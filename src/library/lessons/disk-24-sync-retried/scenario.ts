import { allButThese } from "#library/expectations.ts";
import { at, boot, QUIET, read, ring, when, write } from "#library/writing.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

export const SYNC_RETRIED = {
  format: "blackstart-scenario",
  version: 2,
  title: "The second fsync lies",
  about:
    "An fsync fails once. The server tries again, the second one says OK, and the client is told so. The kernel had given the data up after the first.",
  source: [
    {
      title: "Can Applications Recover from fsync Failures? (ATC 2020)",
      url: "https://www.usenix.org/conference/atc20/presentation/rebello",
    },
    { title: "PostgreSQL and fsync", url: "https://wiki.postgresql.org/wiki/Fsync_Errors" },
  ],
  system: "reference",
  preset: "sync-retried",
  twin: { preset: "correct" },
  cluster: { machines: [{ id: "A" }] },
  options: QUIET,
  script: [
    { anchor: at(0), action: boot("A") },
    { anchor: at(300_000), action: ring("A") },
    { anchor: at(500_000), action: write("x", "one") },
    {
      anchor: at(800_000),
      action: {
        type: "disk-fault",
        machine: "A",
        fault: { type: "sync-fails", file: "A/wal", count: 1 },
      },
    },
    { anchor: at(900_000), action: write("x", "two") },
    {
      anchor: at(1_500_000),
      action: { type: "restart", machines: ["A"], kind: "power", down: 400_000 },
    },
    { anchor: at(2_200_000), action: ring("A") },
    { anchor: at(2_500_000), action: read("x") },
  ],
  until: 2_900_000,
  expect: [
    ...allButThese("sync-retried", ["C5", "C6", "C8", "C9", "C10", "C11", "C15", "C18", "C20"]),
    ...allButThese("correct", []),
  ],
  narration: [
    { anchor: when({ type: "return" }), text: "A single server. Its first write is safe." },
    {
      anchor: at(800_000),
      text: "The disk has a bad moment: the next sync will fail, once.",
    },
    {
      anchor: when({ type: "disk", server: "A", errno: "EIO" }),
      text: "The sync of the second write fails. The kernel reports it, marks the pages clean all the same, and will not write them again unless they change.",
    },
    {
      anchor: when({ type: "return", "entry.index": 3 }),
      text: "The second sync writes what still counts as dirty, the file's new length, and not the bytes: the platter has a hole there. It succeeds, and the client is told OK.",
    },
    {
      anchor: when({ type: "failed", server: "A" }),
      text: "The textbook server stops at the first failure and tells the client nothing.",
    },
    {
      anchor: when({ type: "crash" }),
      text: "Later the power fails. The second write is on no platter.",
    },
    {
      anchor: at(2_500_000),
      text: "After a failed fsync there is nothing to retry. Stop, and start again from what the disk has.",
    },
  ],
} satisfies ScenarioDocument;
