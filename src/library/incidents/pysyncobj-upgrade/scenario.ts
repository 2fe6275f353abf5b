import { filesOf } from "#library/incidents/pysyncobj-201/files.ts";
import { SIMULTANEOUS_REBOOT } from "#library/incidents/pysyncobj-201/scenario.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

/** The schedule is the main incident's; what differs is the version that boots from the same files. */
export const UPGRADE = {
  ...SIMULTANEOUS_REBOOT,
  title: "PySyncObj: the first reboot after half an upgrade",
  about:
    "The new version saves term and vote, but the files on disk are from the old one and hold neither. Unless the term is also taken from the log, the first reboot goes wrong as before.",
  bugs: [
    "term-not-restored-from-log",
    "dump-load-leaves-commit-index",
    "start-leaves-commit-index",
    "journal-not-synced-on-write",
    "journal-not-synced-before-meta",
    "meta-not-synced",
    "append-cuts-everything",
    "commit-beyond-verified",
    "dump-load-drops-journal",
    "journal-grows-once",
  ],
  cluster: {
    machines: [
      { id: "A", servers: [{ id: "A", address: "127.0.0.1:7001" }], files: filesOf("A") },
      { id: "B", servers: [{ id: "B", address: "127.0.0.1:7002" }], files: filesOf("B") },
      { id: "C", servers: [{ id: "C", address: "127.0.0.1:7003" }], files: filesOf("C") },
    ],
  },
  narration: [
    {
      anchor: { type: "at", time: 0 },
      text: "All three servers have been upgraded while they were down. The new version saves term and vote whenever they change. It boots from the files of the old one, which hold neither.",
    },
    {
      anchor: { type: "when", match: { type: "recovered", server: "B", currentTerm: 0 } },
      text: "B finds no saved term, so it begins at term 0, with a log whose last entry is of term 5.",
    },
    {
      anchor: { type: "when", match: { type: "recovered", server: "B", currentTerm: 5 } },
      text: "B finds no saved term, but the last entry of its log is of term 5, so it was in term 5 at least: it begins there.",
    },
    {
      anchor: { type: "when", match: { type: "role", server: "A", to: "leader" } },
      text: "A is elected, and this time its term and its vote are written to disk first.",
    },
    {
      anchor: {
        type: "when",
        match: { type: "receive", server: "B", "message.kind": "vote-reply", "message.term": 2 },
      },
      text: "It does not help: A's new entries carry a lower term than B's old ones, so B looks newer and wins the next election.",
    },
    {
      anchor: { type: "when", match: { type: "truncate", server: "C" } },
      text: "C cuts off what it had acknowledged and applied, as in the original incident.",
    },
    {
      anchor: {
        type: "when",
        match: { type: "receive", server: "C", "message.kind": "vote-reply", "message.term": 8 },
      },
      text: "With the term taken from the log, the new entries carry a higher term than the old ones, and whoever lacks them cannot be elected.",
    },
    {
      anchor: {
        type: "when",
        match: { type: "apply", server: "C", "entry.index": 46, "entry.term": 2 }, // The last of the three.
      },
      text: "The logs agree, the state machines do not, and two acknowledged writes are lost. A term that is saved from now on says nothing about the entries that were written before.",
    },
    {
      anchor: {
        type: "when",
        match: { type: "apply", server: "A", "entry.index": 49, "entry.term": 8 }, // The last of the three.
      },
      text: "All five writes are acknowledged, and all three state machines agree: the log said what the missing file could not.",
    },
  ],
} satisfies ScenarioDocument;
