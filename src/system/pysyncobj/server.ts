import { cloneLog, type Log } from "#raft/log.ts";
import type { Recovered, ServerConfig, StepContext } from "#raft/protocol.ts";
import type {
  Entry,
  Index,
  Message,
  MessageKind,
  Micros,
  Obligation,
  ServerId,
  ServerMemory,
  Term,
} from "#raft/types.ts";
import { decodeDump } from "./dump.ts";

/** What SyncObj keeps in memory, beside what the paper names. Every field is data, so a copy is a copy. */
export interface PySyncObj extends ServerMemory {
  readonly config: ServerConfig;
  votesCount: number;
  /** Both are empty until the first leadership, as in the original. */
  nextIndex: Record<ServerId, Index>;
  matchIndex: Record<ServerId, Index>;
  lastResponseTime: Record<ServerId, Micros>;
  connectedNodes: readonly ServerId[];
  /** What the last leader said, or this one knows. */
  leaderCommitIndex: Index | null;
  onReadyCalled: boolean;
  /** A leader's next heartbeat is due after this. */
  newAppendEntriesTime: Micros;
  startTime: Micros;
  /** Ticks of the one-second timer so far; at most one a tick of the loop. */
  oneSecondDumps: number;
  /** raftCommitIndex as it is in the journal's meta dict; null: never set. */
  metaCommitIndex: Index | null;
  /** The meta dict was set since it was last stored. */
  metaDirty: boolean;
  /** What the apply phase of this tick came to: entries, none though the commit index is ahead, or nothing to do. */
  applied: "entries" | "stuck" | "nothing";
  /** An exception left this tick: nothing more happens until the next. */
  tickAborted: boolean;
  /** The deadline as it was when this server became leader; it is only looked at again when it steps down. */
  passedDeadline: Micros;
  /** Election timeouts drawn in this life. */
  timeoutsDrawn: number;
  commandsQueue: QueuedCommand[];
  commandsWaitingCommit: Subscriber[];
  commandsWaitingReply: { readonly requestId: number; readonly operation: string }[];
  commandsLocalCounter: number;
  /** The index of the entry that this server's last leadership began with; null: it never led. */
  noopIndex: Index | null;
  /** What has come of an entry that is sent in parts. */
  recvTransmission: Uint8Array;
  /** The child that writes the full dump. It counts as busy until a tick has noticed that it is done. */
  serializer: Serializer;
  /** What is in the full dump's file, as far as this server knows; null: nothing. Never written to. */
  dump: Uint8Array | null;
  /** How far the dump was sent to each node. */
  transmissions: Record<ServerId, { readonly data: Uint8Array | null; readonly at: number }>;
  /** What has come of a leader's dump; null: its beginning is awaited. */
  incoming: Uint8Array | null;
  /** Since when logCompactionMinTime counts. */
  lastSerializedTime: Micros;
  /** The index of the entry before the last one of the last dump; null: there was none in this life. */
  lastSerializedEntry: Index | null;
  forceLogCompaction: boolean;
}

interface Serializer {
  readonly state: "idle" | "busy" | "done" | "failed";
  /** The journal will begin with the entry of this index. */
  readonly id: Index;
  /** What the child has written, once it is done. */
  readonly dump: Uint8Array | null;
}

/** A command on its way into the log, with who wants to hear of it. */
export interface QueuedCommand {
  readonly command: Uint8Array;
  readonly callback:
    | { readonly type: "client"; readonly operation: string }
    | { readonly type: "node"; readonly node: ServerId; readonly requestId: number }
    | null;
}

/** Waits for the entry at `index` to be applied; told SUCCESS only if that entry has `term`. */
export interface Subscriber {
  readonly index: Index;
  readonly term: Term;
  readonly operation: string;
}

/** Options by name, in microseconds, bytes and counts. config.py:24-168; `appendEntriesUseBatch` as Patroni sets it. */
export const OPTIONS = {
  raftMinTimeout: 400_000,
  raftMaxTimeout: 1_400_000,
  appendEntriesPeriod: 100_000,
  leaderFallbackTimeout: 30_000_000,
  appendEntriesUseBatch: 0,
  appendEntriesBatchSizeBytes: 65_536,
  commandsQueueSize: 100_000,
  commandsWaitLeader: 1,
  /** _autoTickThread sleeps before its first tick (syncobj.py:529). */
  firstTickDelay: 100_000,
  /** Of the poll at the end of a tick. */
  autoTickPeriod: 50_000,
  /** The timer behind onOneSecondTimer. */
  metaPeriod: 1_000_000,
  logCompactionMinEntries: 5_000,
  logCompactionMinTime: 300_000_000,
  logCompactionSplit: 0,
  /** Bytes of a piece of a snapshot. */
  logCompactionBatchSize: 65_536,
  /** 0: dumps are kept in memory alone, as without the setting that names their file. */
  fullDumpFile: 1,
  /** 0: the dump is written by the server itself, which waits for it. */
  useFork: 1,
  /** What the work of a dump takes before it is written. */
  dumpTime: 0,
  /** 1: the journal is written by pwrite instead of through a mapping. The page cache is the same. */
  pwrite: 0,
  dynamicMembershipChange: 0,
  /** What handing out a message is taken to cost of the appendEntriesPeriod that one round of sending may last. */
  sendTime: 1_000,
} as const;

export function option(server: PySyncObj, name: keyof typeof OPTIONS): number {
  return server.config.options[name] ?? OPTIONS[name];
}

/** syncobj.py:157-180: term, vote and state are volatile there; what was recovered stands for them here. */
export function createServer(config: ServerConfig, recovered: Recovered): PySyncObj {
  const { raftCommitIndex = null } = recovered.extra;
  const { snapshot: dump = null } = recovered;
  return {
    id: config.id,
    incarnation: config.incarnation,
    peers: membersOf(config, dump),
    config,
    role: "follower",
    currentTerm: recovered.currentTerm,
    votedFor: recovered.votedFor,
    leader: null,
    commitIndex: recovered.commitIndex,
    lastApplied: recovered.state?.lastApplied ?? 1,
    log: recovered.log,
    electionDeadline: null,
    electionTimeout: 0,
    votesCount: 0,
    nextIndex: {},
    matchIndex: {},
    lastResponseTime: {},
    connectedNodes: [],
    leaderCommitIndex: null,
    onReadyCalled: false,
    newAppendEntriesTime: 0,
    startTime: 0,
    oneSecondDumps: 0,
    metaCommitIndex: typeof raftCommitIndex === "number" ? raftCommitIndex : null,
    metaDirty: recovered.extra.metaDirty === 1,
    applied: "nothing",
    tickAborted: false,
    passedDeadline: 0,
    timeoutsDrawn: 0,
    commandsQueue: [],
    commandsWaitingCommit: [],
    commandsWaitingReply: [],
    commandsLocalCounter: 0,
    noopIndex: null,
    recvTransmission: new Uint8Array(),
    serializer: { state: "idle", id: 0, dump: null },
    dump,
    transmissions: {},
    incoming: null,
    lastSerializedTime: 0,
    lastSerializedEntry: null,
    forceLogCompaction: false,
  };
}

/** Who the configuration says, or the dump where members may change (syncobj.py:1411-1412). */
function membersOf(config: ServerConfig, dump: Uint8Array | null): readonly ServerId[] {
  if (dump === null || !config.options.dynamicMembershipChange) return config.peers;
  const decoded = decodeDump(dump);
  if (!decoded.ok) return config.peers;
  const others = decoded.value.cluster.filter((node) => node !== config.id);
  const kept = config.peers.filter((node) => others.includes(node));
  return [...kept, ...others.filter((node) => !kept.includes(node))];
}

/** `connectedNodes` is replaced, never written to, so it may be shared. */
export function cloneServer(server: PySyncObj): PySyncObj {
  return {
    ...server,
    log: cloneLog(server.log),
    nextIndex: { ...server.nextIndex },
    matchIndex: { ...server.matchIndex },
    lastResponseTime: { ...server.lastResponseTime },
    transmissions: { ...server.transmissions },
    commandsQueue: [...server.commandsQueue],
    commandsWaitingCommit: [...server.commandsWaitingCommit],
    commandsWaitingReply: [...server.commandsWaitingReply],
  };
}

/** True division in the original: 1 of 1, 2 of 2, 2 of 3, 3 of 4. */
export function isMajority(server: PySyncObj, count: number): boolean {
  return count * 2 > server.peers.length + 1;
}

export function isConnected(server: PySyncObj, node: ServerId): boolean {
  return server.connectedNodes.includes(node);
}

/** __getCurrentLogIndex (syncobj.py:1049-1050): the index that the last entry carries, not its position. */
export function currentLogIndex(log: Log): Index {
  return log.length === 0 ? log.baseIndex : (log.entries[log.length - 1] as Entry).index;
}

export function firstLogIndex(log: Log): Index {
  return log.length === 0 ? log.baseIndex + 1 : (log.entries[0] as Entry).index;
}

/** __getEntries (syncobj.py:1062-1070): by position from the first entry; the index that an entry carries is not compared. */
export function entriesAt(log: Log, from: Index | null, count = log.length): readonly Entry[] {
  const at = from === null ? -1 : from - firstLogIndex(log);
  return at < 0 ? [] : log.entries.slice(at, Math.min(log.length, at + count));
}

/** Like the log's own append, but an index that leaves a hole behind is taken as it is, as the original does. */
export function addEntry(log: Log, entry: Entry): void {
  if (log.entries.length !== log.length) log.entries = log.entries.slice(0, log.length);
  log.entries.push(entry);
  log.length += 1;
}

export function drawDeadline(server: PySyncObj, context: StepContext): void {
  server.timeoutsDrawn += 1;
  const purpose = `electionTimeout/${server.timeoutsDrawn}`;
  const low = option(server, "raftMinTimeout");
  server.electionTimeout = context.choose(purpose, low, option(server, "raftMaxTimeout"));
  server.electionDeadline = context.now + server.electionTimeout;
}

/** __setState(FOLLOWER). A leader's old deadline is still there, and usually long past. */
export function becomeFollower(server: PySyncObj): void {
  server.role = "follower";
  server.electionDeadline ??= server.passedDeadline;
}

/** PR #202 saves the parts of the hard state that are not switched off, before the message that tells of them. */
export function keepHardState(
  server: PySyncObj,
  changed: "term" | "vote",
  context: StepContext,
): void {
  const { bugs } = server.config;
  const termKept = !bugs.has("term-not-saved");
  const voteKept = !bugs.has("vote-not-saved");
  if (changed === "term" ? !termKept && !voteKept : !voteKept) return;
  if (server.metaDirty && server.metaCommitIndex !== null) {
    const values = { raftCommitIndex: server.metaCommitIndex };
    context.emit({ type: "store", what: "meta dict", values });
    server.metaDirty = false;
  }
  const { currentTerm: term, votedFor } = server;
  context.emit({ type: "hard-state", term, votedFor });
}

export interface Parcel {
  readonly kind: MessageKind;
  readonly name: string;
  readonly term: Term | null;
  readonly success: boolean | null;
  readonly entries?: readonly Entry[];
  readonly data?: Uint8Array;
  readonly fields: Message["fields"];
  readonly obligation: Obligation;
}

/** Hands a message out; on a link that is down the transport drops it without a word (transport.py:556-575). */
export function send(server: PySyncObj, to: ServerId, parcel: Parcel, context: StepContext): void {
  if (!isConnected(server, to)) return;
  const message: Message = { entries: [], ...parcel, from: server.id, to };
  context.emit({ type: "send", message });
}
