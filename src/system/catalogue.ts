/** What users can choose, as data: systems, their bugs with citations, their released versions. No code of any system. */
export interface SystemEntry {
  readonly id: string;
  readonly title: string;
  /** One sentence. */
  readonly about: string;
  /** What of the real system is simplified here, one sentence each. Shown in the interface. */
  readonly simplified: readonly string[];
  /** Names of the settings that a scenario may change. */
  readonly options: readonly string[];
  readonly bugs: readonly BugEntry[];
  readonly presets: readonly PresetEntry[];
  /** The preset that is meant when none is named. */
  readonly defaultPreset: string;
}

export interface BugEntry {
  readonly id: string;
  readonly title: string;
  /** What goes wrong, in a sentence a student understands. */
  readonly about: string;
  /** Project, version or commit, file, thread. */
  readonly citation: string;
  /** A library scenario that shows it. */
  readonly scenario: string;
  /** The check of the auditor that it breaks there. */
  readonly breaks: string;
}

export interface PresetEntry {
  readonly id: string;
  readonly title: string;
  readonly bugs: readonly string[];
}

export const CATALOGUE: readonly SystemEntry[] = [
  {
    id: "pysyncobj",
    title: "PySyncObj",
    about:
      "The Raft library under Patroni's built-in DCS: a memory-mapped journal that nobody syncs, and a one-second timer for the commit index.",
    simplified: [
      "No full dump and no log compaction: the journal is never cut at its start, and a journal that was lacks the state before it. A follower that would need a dump gets what a leader without one sends: “serialized: None”.",
      "The application is a map with “set” and “delete”; other applications' commands are kept, shown and ordered, but not understood. It has no compare-and-set: that is answered REQUEST_DENIED.",
      "No membership change, no code-version switch, no read-only nodes, no encryption; an entry larger than a batch travels in one message instead of in parts.",
      "The connection is modelled, TCP is not: it is lost at once when a process dies, and after the idle time-out when a machine loses power. A handler takes no time.",
      "PR #202 is built from its description: the names of its keys are a guess, and its warning about a truncation below lastApplied and its clamp of the stored commit index are on whenever both term and vote are saved.",
    ],
    options: [
      "raftMinTimeout",
      "raftMaxTimeout",
      "appendEntriesPeriod",
      "leaderFallbackTimeout",
      "appendEntriesUseBatch",
      "appendEntriesBatchSizeBytes",
      "commandsQueueSize",
      "commandsWaitLeader",
      "firstTickDelay",
      "metaPeriod",
    ],
    bugs: [
      {
        id: "term-not-saved",
        title: "currentTerm is not saved",
        about:
          "A restarted server starts again at term 0, whatever term it had promised to respect.",
        citation:
          "PySyncObj 0.3.14 (2ec056d) pysyncobj/syncobj.py:158; issue #201, PR #202; issue #84 (2018) already named it",
        scenario: "pysyncobj-double-vote",
        breaks: "C7",
      },
      {
        id: "vote-not-saved",
        title: "votedFor is not saved",
        about:
          "A restarted server forgets whom it voted for and can vote a second time in the same term.",
        citation:
          "PySyncObj 0.3.14 (2ec056d) pysyncobj/syncobj.py:159 and 876; issue #201, PR #202",
        scenario: "pysyncobj-double-vote",
        breaks: "C2",
      },
      {
        id: "term-not-restored-from-log",
        title: "The term is not restored from the log",
        about:
          "The terms of the log's own entries are ignored at boot, so files written by an unfixed version bring term 0 back.",
        citation:
          "PySyncObj 0.3.14 (2ec056d) pysyncobj/syncobj.py:158; PR #202 restores max(saved term, last log term)",
        scenario: "pysyncobj-upgrade",
        breaks: "C7",
      },
    ],
    presets: [
      {
        id: "0.3.14",
        title: "0.3.14, as released",
        bugs: ["term-not-saved", "vote-not-saved", "term-not-restored-from-log"],
      },
      { id: "PR #202", title: "with PR #202: term and vote persisted", bugs: [] },
    ],
    defaultPreset: "0.3.14",
  },
  {
    id: "reference",
    title: "Reference WAL",
    about: "A textbook write-ahead log: append with a checksum, sync, and only then speak.",
    simplified: [
      "No snapshots, no membership change, no pre-vote and no check-quorum yet.",
      "A client's retry is recognised only by the leader that has seen the operation before.",
    ],
    options: [
      "electionTimeoutMin",
      "electionTimeoutMax",
      "heartbeatEvery",
      "maxEntriesPerAppend",
      "compactAbove",
      "syncEvery",
    ],
    bugs: [],
    presets: [{ id: "correct", title: "correct", bugs: [] }],
    defaultPreset: "correct",
  },
];

export function systemEntry(id: string): SystemEntry | null {
  return CATALOGUE.find((each) => each.id === id) ?? null;
}

/** The bugs a preset turns on; null for an unknown system or preset. */
export function bugsOfPreset(system: string, preset: string): readonly string[] | null {
  return systemEntry(system)?.presets.find((each) => each.id === preset)?.bugs ?? null;
}
