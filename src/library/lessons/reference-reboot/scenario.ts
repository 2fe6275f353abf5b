import { allButThese } from "#library/expectations.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

export const REBOOT = {
  format: "blackstart-scenario",
  version: 2,
  title: "A reboot that loses nothing",
  about:
    "Three servers with a textbook log lose power together while writes are on their way. Nothing unsynced survives, and nothing acknowledged is lost.",
  source: [
    {
      title: "In Search of an Understandable Consensus Algorithm",
      url: "https://raft.github.io/raft.pdf",
    },
  ],
  system: "reference",
  preset: "correct",
  cluster: { machines: [{ id: "A" }, { id: "B" }, { id: "C" }] },
  choices: { "A/1/election-timeout/0": 150_000 },
  script: [
    { anchor: { type: "at", time: 0 }, action: { type: "boot", machines: ["A", "B", "C"] } },
    ...["one", "two", "three"].map((value, i) => ({
      anchor: {
        type: "when" as const,
        match: { type: "role", to: "leader" },
        delay: 100_000 + i * 50_000,
      },
      action: { type: "client" as const, key: "x", value },
    })),
    {
      anchor: {
        type: "when",
        match: { type: "role", to: "leader" },
        delay: 1_000_000,
      },
      action: { type: "client", key: "in-flight", value: "yes" },
    },
    {
      anchor: {
        type: "when",
        match: { type: "append", server: "B" },
        count: 5,
        delay: 200,
      },
      action: {
        type: "restart",
        machines: ["A", "B", "C"],
        kind: "power",
        survivors: { type: "none" },
        down: 500_000,
        stagger: 20_000,
      },
    },
    {
      anchor: { type: "at", time: 3_500_000 },
      action: { type: "client", key: "x", value: "four" },
    },
    {
      anchor: { type: "at", time: 3_800_000 },
      action: { type: "client", operation: "read", key: "x" },
    },
  ],
  until: 4_500_000,
  expect: allButThese("correct", []),
  narration: [
    {
      anchor: { type: "at", time: 0 },
      text: "Three servers that do it by the book: whatever a message promises is synced to disk before the message leaves.",
    },
    {
      anchor: { type: "when", match: { type: "crash", machine: "A" } },
      text: "Power is lost everywhere at once, with a write on its way. The disks keep what was synced and not one byte more.",
    },
    {
      anchor: { type: "when", match: { type: "recovered", server: "A", incarnation: 2 } },
      text: "A reads its log back: its term, its vote and every acknowledged entry are there.",
    },
    {
      anchor: { type: "when", match: { type: "recovered", server: "B", incarnation: 2 } },
      text: "B had written the last entry but not synced it, so it is gone. That is allowed: B had not told anybody yet that it has it.",
    },
    {
      anchor: { type: "when", match: { type: "truncate", server: "A" } },
      text: "B, which lacks that entry, was elected, and A gives it up. It was never committed and its client was never told OK, so no promise is broken.",
    },
    {
      anchor: { type: "at", time: 3_800_000 },
      text: "A new leader of a later term goes on where the old one stopped.",
    },
  ],
} satisfies ScenarioDocument;
