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
  /** What values they may have; an option that is left out here may have any. */
  readonly limits: Readonly<Record<string, Limit>>;
  /** Which of them must be above others. */
  readonly orders: readonly Order[];
  readonly bugs: readonly BugEntry[];
  readonly presets: readonly PresetEntry[];
  /** The preset that is meant when none is named. */
  readonly defaultPreset: string;
}

/** The range of a setting, both ends included. */
export interface Limit {
  readonly least: number;
  /** Left out: none. */
  readonly most?: number;
}

/** The first setting must be above the second one so many times. `usually`: what each is where nothing sets it. */
export interface Order {
  readonly option: string;
  readonly usually: number;
  readonly above: string;
  readonly aboveUsually: number;
  readonly times: number;
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
  /** Other bugs that have to be on for that: their repairs would cover for this one. Left out: none. */
  readonly beside?: readonly string[];
  /** The check of the auditor that it breaks there; null: none, it only leaves something unsaid. */
  readonly breaks: string | null;
}

export interface PresetEntry {
  readonly id: string;
  readonly title: string;
  readonly bugs: readonly string[];
  /** Settings that it has other than the system's own defaults. */
  readonly options?: Readonly<Record<string, number>>;
}

/** A switch. */
const FLAG: Limit = { least: 0, most: 1 };
/** What nothing is gained by being below zero. */
const NATURAL: Limit = { least: 0 };
const POSITIVE: Limit = { least: 1 };
/** Of a timer that goes again and again: a run in which it costs no time does not get on. Microseconds. */
const PERIOD: Limit = { least: 1_000 };

/** What PR #202 repairs: parts a (two of these), b, c and d of its description. */
const PR_202 = [
  "term-not-saved",
  "vote-not-saved",
  "term-not-restored-from-log",
  "applied-truncation-unnoticed",
  "commit-index-saved-unclamped",
];

const PR_197 = ["dump-load-leaves-commit-index"];

/** Every bug of PySyncObj that is known here: 0.3.14 has them all. */
const PYSYNCOBJ_0_3_14 = [
  ...PR_202,
  ...PR_197,
  "start-leaves-commit-index",
  "journal-not-synced-on-write",
  "journal-not-synced-before-meta",
  "meta-not-synced",
  "append-cuts-everything",
  "commit-beyond-verified",
  "dump-load-drops-journal",
  "journal-grows-once",
];

function pySyncObjWithout(repaired: readonly string[]): readonly string[] {
  return PYSYNCOBJ_0_3_14.filter((bug) => !repaired.includes(bug));
}

export const CATALOGUE: readonly SystemEntry[] = [
  {
    id: "pysyncobj",
    title: "PySyncObj",
    about:
      "The Raft library under Patroni's built-in DCS: a memory-mapped journal that nobody syncs, and a one-second timer for the commit index.",
    simplified: [
      "A full dump is loaded by the recovery; the real one does it a tenth of a second later, in its first tick, before anything else. It replaces the whole state, where the real one keeps attributes that the dump does not have.",
      "The application is a map with “set” and “delete”; other applications' commands are kept, shown and ordered, but not understood. It has no compare-and-set and no counters: these are answered REQUEST_DENIED.",
      "No custom serializers, no read-only nodes, no encryption; entries that switch the code version are shown, and switch nothing.",
      "The connection is modelled, TCP is not: it is lost at once when a process dies, and after the idle time-out when a machine loses power. A handler takes no time; a round of sending ends when its messages come to 0.1 s by count, and what would be the same again is sent once.",
      "PR #202 and PR #197 are built from their descriptions: the names of the keys are a guess, and so is where exactly the commit index is clamped.",
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
      "logCompactionMinEntries",
      "logCompactionMinTime",
      "logCompactionSplit",
      "logCompactionBatchSize",
      "fullDumpFile",
      "useFork",
      "dumpTime",
      "dynamicMembershipChange",
      "sendTime",
      "pwrite",
    ],
    // The real one refuses most of this itself: SyncObjConf.validate in pysyncobj/config.py (0.3.14).
    limits: {
      raftMinTimeout: POSITIVE,
      raftMaxTimeout: POSITIVE,
      appendEntriesPeriod: PERIOD,
      leaderFallbackTimeout: NATURAL,
      appendEntriesUseBatch: FLAG,
      appendEntriesBatchSizeBytes: POSITIVE,
      commandsQueueSize: NATURAL,
      commandsWaitLeader: FLAG,
      firstTickDelay: NATURAL,
      metaPeriod: PERIOD,
      logCompactionMinEntries: { least: 2 },
      logCompactionMinTime: POSITIVE,
      logCompactionSplit: FLAG,
      logCompactionBatchSize: POSITIVE,
      fullDumpFile: FLAG,
      useFork: FLAG,
      dumpTime: NATURAL,
      dynamicMembershipChange: FLAG,
      sendTime: NATURAL,
      pwrite: FLAG,
    },
    orders: [
      {
        option: "raftMinTimeout",
        usually: 400_000,
        above: "appendEntriesPeriod",
        aboveUsually: 100_000,
        times: 3,
      },
      {
        option: "raftMaxTimeout",
        usually: 1_400_000,
        above: "raftMinTimeout",
        aboveUsually: 400_000,
        times: 1,
      },
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
      {
        id: "applied-truncation-unnoticed",
        title: "A cut below lastApplied is not noticed",
        about:
          "When entries that a server has applied are cut off, its state machine is wrong from then on, and its log says nothing of it.",
        citation:
          "PySyncObj 0.3.14 (2ec056d) pysyncobj/syncobj.py:924-933; issue #201; PR #202 writes a CRITICAL line, which changes nothing else",
        scenario: "pysyncobj-201",
        breaks: null,
      },
      {
        id: "commit-index-saved-unclamped",
        title: "The commit index is saved as it is, past the end of the log",
        about:
          "A truncation does not lower the commit index in memory, and the timer writes it: the file says that entries are committed which are gone.",
        citation:
          "PySyncObj 0.3.14 (2ec056d) pysyncobj/syncobj.py:956-959 and journal.py:242-244; PR #202 clamps it to the end of the log",
        scenario: "pysyncobj-s9",
        beside: ["term-not-restored-from-log", "start-leaves-commit-index"],
        breaks: "C20",
      },
      {
        id: "dump-load-leaves-commit-index",
        title: "Loading a dump leaves the commit index alone",
        about:
          "A commit index past the end of the log is believed after a dump was loaded too: whatever comes in those places counts as committed at once.",
        citation: "PySyncObj 0.3.14 (2ec056d) pysyncobj/syncobj.py:1384-1413; PR #197",
        scenario: "pysyncobj-197",
        beside: [
          "journal-not-synced-on-write",
          "journal-not-synced-before-meta",
          "start-leaves-commit-index",
        ],
        breaks: "C12",
      },
      {
        id: "start-leaves-commit-index",
        title: "A start believes the saved commit index",
        about:
          "The commit index comes from a file of its own and may be past the end of the journal: whatever comes in those places counts as committed at once.",
        citation:
          "PySyncObj 0.3.14 (2ec056d) pysyncobj/syncobj.py:166 and journal.py:246-247; PR #197 clamps in the loading of a dump only, so a server without one is not protected",
        scenario: "pysyncobj-s6",
        beside: ["journal-not-synced-on-write", "journal-not-synced-before-meta"],
        breaks: "C12",
      },
      {
        id: "journal-not-synced-on-write",
        title: "The journal is not synced when it is written",
        about:
          "An entry is in the page cache when it is acknowledged; a power loss takes from everybody what everybody promised.",
        citation:
          "PySyncObj 0.3.14 (2ec056d) pysyncobj/journal.py:196-203 (flush, :239-240, is never called); PR #197 names msync; issue #84 (2018) already named it",
        scenario: "pysyncobj-s10",
        breaks: "C11",
      },
      {
        id: "journal-not-synced-before-meta",
        title: "The journal is not synced before the commit index is saved",
        about:
          "The saved commit index reaches the disk in seconds and the entries it counts in half a minute: after a power loss it is ahead of them.",
        citation:
          "PySyncObj 0.3.14 (2ec056d) pysyncobj/journal.py:249-252; PR #197 names msync right before it",
        scenario: "pysyncobj-s6",
        beside: ["journal-not-synced-on-write", "start-leaves-commit-index"],
        breaks: "C12",
      },
      {
        id: "meta-not-synced",
        title: "The commit index, the vote and the dump are renamed into place unsynced",
        about:
          "Neither the new file nor its name is synced: a power loss brings the old one back, or an empty one, and with it an old vote.",
        citation:
          "PySyncObj 0.3.14 (2ec056d) pysyncobj/journal.py:138-142 and serializer.py:62-102; PR #202 writes term and vote in the same way",
        scenario: "pysyncobj-202-vote",
        breaks: "C2",
      },
      {
        id: "append-cuts-everything",
        title: "append_entries cuts off everything after prevLogIdx",
        about:
          "A shorter batch that is sent again takes away entries which the follower has acknowledged, although they are the same.",
        citation:
          "PySyncObj 0.3.14 (2ec056d) pysyncobj/syncobj.py:924-935; Raft paper, Figure 2, AppendEntries, step 3: only where an entry conflicts",
        scenario: "pysyncobj-s12",
        breaks: "C11",
      },
      {
        id: "commit-beyond-verified",
        title: "The leader's commit index is believed beyond what was compared",
        about:
          "Any append_entries raises the commit index up to the end of the own log, also one that carries no entries and compares none.",
        citation:
          "PySyncObj 0.3.14 (2ec056d) pysyncobj/syncobj.py:956-957; Raft paper, Figure 2, AppendEntries, step 5: at most the index of the last new entry",
        scenario: "pysyncobj-s13",
        breaks: "C11",
      },
      {
        id: "dump-load-drops-journal",
        title: "A dump drops a journal that does not begin with it",
        about:
          "If the process dies after a dump was written and before the journal was cut, the start throws the whole journal away, and the entries after the dump with it.",
        citation: "PySyncObj 0.3.14 (2ec056d) pysyncobj/syncobj.py:1401-1407",
        scenario: "pysyncobj-197-kill",
        breaks: "C11",
      },
      {
        id: "journal-grows-once",
        title: "The journal grows once a write",
        about:
          "A record that is too long for a file of twice the size is in memory and not on the disk, and whatever follows is in the wrong place.",
        citation:
          "PySyncObj 0.3.14 (2ec056d) pysyncobj/journal.py:96-104; PR #98 grew it in a loop and was never merged",
        scenario: "pysyncobj-s14",
        breaks: "C11",
      },
    ],
    presets: [
      { id: "0.3.14", title: "0.3.14, as released", bugs: PYSYNCOBJ_0_3_14 },
      {
        id: "PR #202",
        title: "with PR #202: term and vote persisted",
        bugs: pySyncObjWithout(PR_202),
      },
      {
        id: "PR #197",
        title: "with PR #197: a dump's loading clamps the commit index",
        bugs: pySyncObjWithout(PR_197),
      },
      {
        id: "PR #197 + #202",
        title: "with both pull requests",
        bugs: pySyncObjWithout([...PR_197, ...PR_202]),
      },
      {
        id: "msync with meta",
        title: "with both, and a sync of the journal before each meta",
        bugs: pySyncObjWithout([...PR_197, ...PR_202, "journal-not-synced-before-meta"]),
      },
      {
        id: "msync every write",
        title: "with both, and a sync of the journal at each write",
        bugs: pySyncObjWithout([...PR_197, ...PR_202, "journal-not-synced-on-write"]),
      },
      {
        id: "msync with meta, alone",
        title: "as released, and a sync of the journal before each meta",
        bugs: pySyncObjWithout(["journal-not-synced-before-meta"]),
      },
      {
        id: "pwrite",
        title: "as released, and pwrite instead of mmap",
        bugs: PYSYNCOBJ_0_3_14,
        options: { pwrite: 1 },
      },
      { id: "all fixes", title: "with every repair there is", bugs: [] },
    ],
    defaultPreset: "0.3.14",
  },
  {
    id: "reference",
    title: "Reference WAL",
    about: "A textbook write-ahead log: append with a checksum, sync, and only then speak.",
    simplified: [
      "No snapshots, no membership change, no pre-vote and no check-quorum yet. Its file is compacted only where “compactAbove” asks for it.",
      "The state machine is rebuilt from the log at a start, or kept as a whole in a file of its own where “keepState” (1) asks for it; the log is kept from its start either way.",
      "A client's retry is recognised only by the leader that has seen the operation before.",
    ],
    options: [
      "electionTimeoutMin",
      "electionTimeoutMax",
      "heartbeatEvery",
      "maxEntriesPerAppend",
      "compactAbove",
      "keepState",
      "syncEvery",
    ],
    limits: {
      electionTimeoutMin: PERIOD,
      electionTimeoutMax: PERIOD,
      heartbeatEvery: PERIOD,
      maxEntriesPerAppend: POSITIVE,
      compactAbove: NATURAL,
      keepState: FLAG,
      syncEvery: NATURAL,
    },
    orders: [],
    bugs: [
      {
        id: "release-before-sync",
        title: "Messages leave before the sync",
        about:
          "The server answers as soon as the write call returns; what it promised may not be on the disk yet.",
        citation:
          "etcd #14370: a single-member cluster applied and answered before its WAL was persisted (fixed by PR #14394)",
        scenario: "disk-02-forgotten-vote",
        breaks: "C2",
      },
      {
        id: "lazy-sync",
        title: "A sync every two minutes",
        about:
          "The server answers at once and syncs by a timer; a crash takes whatever was acknowledged since.",
        citation:
          "NATS 2.12.1, sync_interval of 2 minutes by default: nats-server #7564, and #7567 for a single machine that loses power; Jepsen's analysis of NATS 2.12.1",
        scenario: "disk-36-lazy-sync",
        breaks: "C11",
      },
      {
        id: "no-directory-sync",
        title: "The log's name is not synced",
        about:
          "The bytes of a new log file are synced, its name in the directory is not: after a power loss no name leads to them.",
        citation:
          "etcd #6368: the directory was not synced after a new WAL segment was renamed into place (fixed by PR #6381); fsync(2)",
        scenario: "disk-15-name-never-synced",
        breaks: "C11",
      },
      {
        id: "vote-by-rename",
        title: "The vote's new name is not synced",
        about:
          "Term and vote go to a temporary file that is synced and renamed into place; without a sync of the directory the old file may come back.",
        citation:
          "rabbitmq/ra before 86e6e2be (PR #589): config.tmp was synced and renamed, its directory was not; fsync(2)",
        scenario: "disk-03-vote-without-directory-sync",
        breaks: "C2",
      },
      {
        id: "vote-unsynced",
        title: "The vote is renamed into place unsynced, and an empty file means no vote",
        about:
          "Neither the new file nor its name is synced, and whatever cannot be parsed is taken for a first start.",
        citation:
          "PySyncObj PR #202: storeMeta writes, flushes and renames without fsync; journal.py:130-136 (2ec056d) swallows what it cannot parse",
        scenario: "disk-04-zero-length-vote",
        breaks: "C2",
      },
      {
        id: "no-checksum",
        title: "Records carry no checksum",
        about:
          "A record is as long as its head says; one that lost a sector on its way to the platter is read back as if it were whole.",
        citation:
          "valkey PR #3887: a line torn in the middle was loaded as a shorter entry (issue #3951, CRC in PR #3961); PySyncObj 0.3.14 journal.py:167-203 (2ec056d) frames by length alone",
        scenario: "disk-12-torn-record",
        breaks: "C4",
      },
      {
        id: "pointer-before-record",
        title: "A pointer in the file says where the log ends",
        about:
          "The pointer is stored in place and may reach the platter before the record that it points past; recovery believes it and cannot start.",
        citation:
          "PySyncObj 0.3.14 journal.py:196-203 (2ec056d): lastRecordOffset in the header, stored after the record and synced by nobody",
        scenario: "disk-09-pointer-before-record",
        breaks: "C16",
      },
      {
        id: "sync-retried",
        title: "A failed sync is tried again",
        about:
          "The kernel marks pages clean when it fails to write them, so the second sync has nothing to do and reports success.",
        citation:
          "fsyncgate: PostgreSQL before 11.2 (2019), fixed by a PANIC on the first failure; Can Applications Recover from fsync Failures? (ATC 2020)",
        scenario: "disk-24-sync-retried",
        breaks: "C11",
      },
      {
        id: "cut-at-bad-record",
        title: "The log is cut at the first bad record",
        about:
          "Recovery takes every bad record for a torn tail, and throws away the good and promised ones after it.",
        citation:
          "Protocol-Aware Recovery (FAST 2018): truncation at a corrupt entry loses committed data; nats-server #7549: single-bit errors on a minority of servers lost acknowledged writes",
        scenario: "disk-28-rot-in-the-log",
        breaks: "C11",
      },
      {
        id: "unreadable-is-empty",
        title: "A read error is taken for a missing file",
        about:
          "A sector that cannot be read makes the server start as if it were new: without its log, its term and its vote.",
        citation:
          "Redundancy Does Not Imply Fault Tolerance (CORDS, FAST 2017): single faults that spread in eight systems",
        scenario: "disk-31-unreadable-is-empty",
        breaks: "C2",
      },
      {
        id: "compaction-in-place",
        title: "Compaction rewrites the file in place",
        about: "The only copy is emptied before its successor is durable.",
        citation:
          "PySyncObj 0.3.14 journal.py, deleteEntriesTo (2ec056d): the end is set to the header, and every kept entry added again in place",
        scenario: "disk-18-compaction-in-place",
        breaks: "C8",
      },
      {
        id: "compaction-unsynced",
        title: "The compacted file is renamed into place unsynced",
        about:
          "The new name is on the disk and its bytes are not: the old log is gone and the new one is empty.",
        citation:
          "The order that ALICE (OSDI 2014) found wrong most often: rename before fsync; PySyncObj PR #202's storeMeta has it",
        scenario: "disk-18-compaction-unsynced",
        breaks: "C8",
      },
      {
        id: "applied-index-apart",
        title: "The applied index is kept apart from the state",
        about:
          "The state machine and the index of the last entry in it are two files; after a crash between them that entry is applied twice.",
        citation:
          "etcd before 3.5.6, PR #14730 (found in PR #14685): a defragmentation committed data without the consistent index, and after a crash entries were applied again; the other way round in etcd 3.5.0 to 3.5.2, issue #13766 and its postmortem: the index went ahead, and entries were skipped",
        scenario: "disk-38-double-apply",
        breaks: "C15",
      },
    ],
    presets: [
      { id: "correct", title: "correct", bugs: [] },
      {
        id: "release-before-sync",
        title: "Messages leave before the sync",
        bugs: ["release-before-sync"],
      },
      { id: "lazy-sync", title: "A sync every two minutes", bugs: ["lazy-sync"] },
      {
        id: "no-directory-sync",
        title: "The log's name is not synced",
        bugs: ["no-directory-sync"],
      },
      {
        id: "vote-by-rename",
        title: "The vote's new name is not synced",
        bugs: ["vote-by-rename"],
      },
      {
        id: "vote-unsynced",
        title: "The vote is renamed into place unsynced, and an empty file means no vote",
        bugs: ["vote-unsynced"],
      },
      { id: "no-checksum", title: "Records carry no checksum", bugs: ["no-checksum"] },
      {
        id: "pointer-before-record",
        title: "A pointer in the file says where the log ends",
        bugs: ["pointer-before-record"],
      },
      { id: "sync-retried", title: "A failed sync is tried again", bugs: ["sync-retried"] },
      {
        id: "cut-at-bad-record",
        title: "The log is cut at the first bad record",
        bugs: ["cut-at-bad-record"],
      },
      {
        id: "unreadable-is-empty",
        title: "A read error is taken for a missing file",
        bugs: ["unreadable-is-empty"],
      },
      {
        id: "compaction-in-place",
        title: "Compaction rewrites the file in place",
        bugs: ["compaction-in-place"],
      },
      {
        id: "compaction-unsynced",
        title: "The compacted file is renamed into place unsynced",
        bugs: ["compaction-unsynced"],
      },
      {
        id: "applied-index-apart",
        title: "The applied index is kept apart from the state",
        bugs: ["applied-index-apart"],
        options: { keepState: 1 },
      },
    ],
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

/** The settings that come with a preset; none for an unknown one. */
export function optionsOfPreset(system: string, preset: string): Readonly<Record<string, number>> {
  return systemEntry(system)?.presets.find((each) => each.id === preset)?.options ?? {};
}
