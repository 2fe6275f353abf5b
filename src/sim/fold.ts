import {
  appendEntry,
  cloneLog,
  createLog,
  entriesFrom,
  type Log,
  lastIndex,
  lastTerm,
  truncateFrom,
} from "#raft/log.ts";
import type { Entry, Index, Message, Micros, Role, ServerId, Term } from "#raft/types.ts";
import type { DiskContents, Transport } from "#system/contract.ts";
import { applicationDigest, createApplication } from "./application.ts";
import type { Plan } from "./faults.ts";
import { feedOf } from "./feed.ts";
import type {
  ClientFrame,
  EntryFrame,
  Frame,
  LayerFrame,
  LinkFrame,
  MachineFrame,
  ServerFrame,
} from "./frame.ts";
import {
  type ClientRecord,
  cloneLedger,
  createLedger,
  holds,
  isSameEntry,
  type Ledger,
  recordClaim,
  recordFound,
  recordInvoke,
  recordLoss,
  recordReturn,
} from "./ledger.ts";
import type { Observation, Observed } from "./observation.ts";
import { messageSentence, type Note, operationWords } from "./sentences.ts";

/**
 * What observations tell of a run so far: all of a frame but what lies on the disks. What grows with the run (logs,
 * acknowledgements) is shared between copies.
 */
export interface Fold {
  readonly plan: Plan;
  readonly transport: Transport["type"];
  readonly servers: ReadonlyMap<ServerId, ServerFold>;
  readonly flights: Map<number, FlightFold>;
  /** By pair of names in order: is a connection there? */
  readonly connections: Map<string, boolean>;
  /** By direction. */
  readonly cuts: Set<string>;
  /** By machine: the crash that took it down last. */
  readonly downs: Map<string, "os" | "power">;
  readonly ledger: Ledger;
  /** The last step that was observed, and what was seen in it. */
  step: number;
  recent: Observation[];
  /** By sequence: servers as they were at those observations of `recent` that change what their sentence tells of. */
  readonly notes: Map<number, Note>;
}

/** A server. While its process is not up: what its memory held last. */
export interface ServerFold {
  readonly id: ServerId;
  readonly machine: string;
  incarnation: number;
  process: ServerFrame["process"];
  failure: string | null;
  role: Role;
  currentTerm: Term;
  votedFor: ServerId | null;
  leader: ServerId | null;
  commitIndex: Index;
  lastApplied: Index;
  log: Log;
  /** The highest index of an entry that it has lost and may find again. */
  lostTo: Index;
  deadline: Micros | null;
  timeout: Micros;
  held: number;
  /** The state machine. Copied before it is written to while a copy of the fold has it too. */
  state: Map<string, KeyFold>;
  stateShared: boolean;
  stateDigest: string;
  /** Who voted for it in its term. Replaced, not changed. */
  votes: readonly ServerId[];
  /** The observation that made it leader last. */
  elected: number;
}

interface KeyFold {
  readonly value: string;
  readonly index: Index;
}

interface FlightFold {
  readonly message: Message;
  readonly sent: Micros;
  readonly arrives: Micros;
  readonly promise: Observed<"send">["promise"];
}

/** The disks, as whoever has them shows them. */
export interface Look {
  /** What recovery would find in a server's files now, and if power failed now; null: there is no disk to look at. */
  inspect(
    server: ServerId,
  ): { readonly written: DiskContents; readonly durable: DiskContents } | null;
  power(machine: string): "on" | "off";
  /** Effects that no sync and no write-back has covered. */
  pending(machine: string): number;
}

/** The moment that a frame shows. */
export interface Moment {
  readonly step: number;
  readonly lastStep: number;
  readonly time: Micros;
  /** The machine's own clock. */
  localTime(machine: string): Micros;
  /** An entry in words: `set leader = A`. */
  describe(entry: Entry): string;
  /** The observation of this sequence; null: it is not known any more. */
  recall(sequence: number): Observation | null;
}

/** How many entries of a log a frame carries. */
const LOG_SHOWN = 100;

const EMPTY_STATE = applicationDigest(createApplication());

/** Over connections, servers are apart until a link is seen between them; datagrams need none. */
export function createFold(plan: Plan, transport: Transport["type"] = "datagram"): Fold {
  const servers = new Map<ServerId, ServerFold>();
  for (const machine of plan.machines) {
    for (const { id } of machine.servers) servers.set(id, createServer(id, machine.id));
  }
  return {
    plan,
    transport,
    servers,
    flights: new Map(),
    connections: new Map(),
    cuts: new Set(),
    downs: new Map(),
    ledger: createLedger(),
    step: 0,
    recent: [],
    notes: new Map(),
  };
}

/** A copy that goes its own way. Its cost does not depend on how long the run or a log is. */
export function cloneFold(fold: Fold): Fold {
  const servers = new Map<ServerId, ServerFold>();
  for (const [id, server] of fold.servers) {
    server.stateShared = true;
    servers.set(id, { ...server, log: cloneLog(server.log) });
  }
  return {
    ...fold,
    servers,
    flights: new Map(fold.flights),
    connections: new Map(fold.connections),
    cuts: new Set(fold.cuts),
    downs: new Map(fold.downs),
    ledger: cloneLedger(fold.ledger),
    recent: fold.recent.slice(),
    notes: new Map(fold.notes),
  };
}

/** Takes in what was seen next. It runs for every observation of a run: what can wait for a frame is left to it. */
export function observeFold(fold: Fold, seen: Observation): void {
  if (seen.step !== fold.step) {
    fold.step = seen.step;
    fold.recent = [];
    if (fold.notes.size > 0) fold.notes.clear();
  }
  fold.recent.push(seen);
  switch (seen.type) {
    case "send": {
      const { id, message, time: sent, arrives, promise } = seen;
      // What a server tells itself does not fly.
      if (message.from !== message.to) fold.flights.set(id, { message, sent, arrives, promise });
      break;
    }
    case "receive":
      fold.flights.delete(seen.id);
      countVote(fold, seen.message);
      break;
    case "drop":
      fold.flights.delete(seen.id);
      break;
    case "link":
      fold.connections.set(pairOf(seen.a, seen.b), seen.up);
      break;
    case "partition":
      if (seen.cut) fold.cuts.add(laneOf(seen.from, seen.to));
      else fold.cuts.delete(laneOf(seen.from, seen.to));
      break;
    case "boot":
      fold.downs.delete(seen.machine);
      for (const server of fold.servers.values()) {
        if (server.machine !== seen.machine || server.process === "up") continue;
        server.process = "recovering";
        server.failure = null;
      }
      break;
    case "crash":
      if (seen.kind !== "process") fold.downs.set(seen.machine, seen.kind);
      for (const id of seen.servers) end(fold, id, "down");
      break;
    case "stop":
      end(fold, seen.server, "down");
      break;
    case "failed":
      end(fold, seen.server, "failed", seen.text === "" ? seen.name : `${seen.name}: ${seen.text}`);
      break;
    case "invoke":
      recordInvoke(fold.ledger, seen);
      break;
    case "return":
      recordReturn(fold.ledger, seen, fold.servers.get(seen.server)?.log ?? null);
      break;
    default: {
      if (!("server" in seen)) break;
      const server = fold.servers.get(seen.server);
      if (server !== undefined) observeServer(fold, server, seen);
    }
  }
}

/** What the interface draws: the fold, with a look at the disks. `shown`: how many entries of each log. */
export function buildFrame(fold: Fold, look: Look, at: Moment, shown = LOG_SHOWN): Frame {
  const { describe } = at;
  return {
    step: at.step,
    lastStep: at.lastStep,
    time: at.time,
    machines: fold.plan.machines.map(
      ({ id, servers }): MachineFrame => ({
        id,
        power: look.power(id),
        offBy: look.power(id) === "on" ? null : (fold.downs.get(id) ?? null),
        servers: servers.map((server) => server.id),
        pending: look.pending(id),
      }),
    ),
    servers: [...fold.servers.values()].map((server) => serverFrame(server, look, at, shown)),
    messages: [...fold.flights].map(([id, { message, sent, arrives, promise }]) => ({
      id,
      from: message.from,
      to: message.to,
      kind: message.kind,
      name: message.name,
      term: message.term,
      success: message.success,
      entries: message.entries.length,
      sent,
      arrives,
      promise,
      text: messageSentence(message, promise),
    })),
    links: linkFrames(fold),
    clients: clientFrames(fold),
    feed:
      fold.step === at.step
        ? feedOf(fold.recent, { describe, recall: at.recall, note: (seen) => noteOn(fold, seen) })
        : [],
    tombstones: fold.ledger.lost.map(({ server, entry, step, applied, record }) => ({
      server,
      index: entry.index,
      term: entry.term,
      text: describe(entry),
      step,
      applied,
      acknowledged: record !== null,
    })),
  };
}

type OfServer = Extract<Observation, { server: ServerId }>;

function observeServer(fold: Fold, server: ServerFold, seen: OfServer): void {
  switch (seen.type) {
    case "recovered":
      fold.notes.set(seen.sequence, noteOf(server));
      recover(fold, server, seen);
      break;
    case "role":
      changeRole(server, seen);
      break;
    case "term":
      server.currentTerm = seen.to;
      server.votes = server.role === "candidate" ? [server.id] : [];
      break;
    case "vote":
      server.votedFor = seen.to;
      break;
    case "leader":
      server.leader = seen.to;
      break;
    case "commit":
      server.commitIndex = seen.to;
      if (server.role === "leader") recordClaim(fold.ledger, server.log, seen.from, seen.to);
      break;
    case "applied-index":
      server.lastApplied = seen.to;
      break;
    case "timer":
      server.deadline = seen.deadline;
      server.timeout = seen.timeout;
      break;
    case "append":
      for (const entry of seen.entries) append(fold, server, entry);
      break;
    case "truncate":
      fold.notes.set(seen.sequence, noteOf(server));
      truncateFrom(server.log, seen.from);
      lose(fold, server, seen.removed, seen.step);
      break;
    case "rebase":
      fold.notes.set(seen.sequence, noteOf(server));
      rebase(fold, server, seen);
      break;
    case "restored":
      server.state = new Map(seen.values.map(({ key, value, index }) => [key, { value, index }]));
      server.stateShared = false;
      server.stateDigest = seen.state;
      break;
    case "apply":
      apply(server, seen);
      break;
    case "held":
      server.held += 1;
      break;
    case "release":
      server.held = Math.max(0, server.held - seen.messages);
      break;
    default:
  }
}

function changeRole(server: ServerFold, { to, sequence }: Observed<"role">): void {
  server.role = to;
  if (to === "candidate") server.votes = [server.id];
  if (to === "leader") {
    server.elected = sequence;
    if (!server.votes.includes(server.id)) server.votes = [server.id, ...server.votes];
  }
}

function countVote(fold: Fold, { to, from, kind, term, success }: Message): void {
  if (kind !== "vote-reply" || success === false) return;
  const server = fold.servers.get(to);
  if (server === undefined || server.role !== "candidate" || term !== server.currentTerm) return;
  if (!server.votes.includes(from)) server.votes = [...server.votes, from];
}

function append(fold: Fold, server: ServerFold, entry: Entry): void {
  const { log } = server;
  // A recorded trace may have gaps, and may tell of an overwrite by the append alone.
  if (entry.index <= lastIndex(log)) truncateFrom(log, entry.index);
  if (entry.index !== lastIndex(log) + 1) server.log = createLog([], entry.index - 1, entry.term);
  appendEntry(server.log, entry);
  if (entry.index <= server.lostTo) recordFound(fold.ledger, server.id, server.log);
}

function lose(fold: Fold, server: ServerFold, removed: readonly Entry[], step: number): void {
  recordLoss(fold.ledger, server, removed, step);
  server.lostTo = Math.max(server.lostTo, removed.at(-1)?.index ?? 0);
}

function apply(server: ServerFold, { entry, key, value, state }: Observed<"apply">): void {
  server.stateDigest = state;
  if (key === null) return;
  if (server.stateShared) {
    server.state = new Map(server.state);
    server.stateShared = false;
  }
  if (value === null) server.state.delete(key);
  else server.state.set(key, { value, index: entry.index });
}

/** The log begins elsewhere: what was beyond its base and is not there any more is lost. */
function rebase(fold: Fold, server: ServerFold, seen: Observed<"rebase">): void {
  const log = createLog(seen.entries, seen.baseIndex, seen.baseTerm);
  const gone = entriesFrom(server.log, log.baseIndex + 1).filter((entry) => !holds(log, entry));
  server.log = log;
  lose(fold, server, gone, seen.step);
  recordFound(fold.ledger, server.id, log);
}

function recover(fold: Fold, server: ServerFold, seen: Observed<"recovered">): void {
  const log = createLog(seen.entries, seen.baseIndex, seen.baseTerm);
  const gone = entriesFrom(server.log, log.baseIndex + 1).filter((entry) => !holds(log, entry));
  lose(fold, server, gone, seen.step);
  recordFound(fold.ledger, server.id, log);
  Object.assign(server, {
    ...createServer(server.id, server.machine),
    incarnation: seen.incarnation,
    process: "up",
    currentTerm: seen.currentTerm,
    votedFor: seen.votedFor,
    commitIndex: seen.commitIndex,
    lastApplied: seen.lastApplied,
    log,
    lostTo: server.lostTo,
  } satisfies ServerFold);
}

/** The process has ended: what it remembered is gone, and what it was about to send. */
function end(
  fold: Fold,
  id: ServerId,
  process: "down" | "failed",
  failure: string | null = null,
): void {
  const server = fold.servers.get(id);
  if (server === undefined) return;
  server.process = process;
  server.failure = failure;
  server.role = "follower";
  server.leader = null;
  server.deadline = null;
  server.held = 0;
  server.votes = [];
}

function noteOf(server: ServerFold): Note {
  const { currentTerm: term, role, lastApplied: applied, commitIndex: committed, votes } = server;
  return { term, role, applied, committed, votes };
}

/** A role and its term change together, in whichever order they are told: the end of the step knows both. */
function noteOn(fold: Fold, seen: Observation): Note | null {
  const taken = fold.notes.get(seen.sequence);
  if (taken !== undefined || !("server" in seen)) return taken ?? null;
  const server = fold.servers.get(seen.server);
  return server === undefined ? null : noteOf(server);
}

function createServer(id: ServerId, machine: string): ServerFold {
  return {
    id,
    machine,
    incarnation: 0,
    process: "down",
    failure: null,
    role: "follower",
    currentTerm: 0,
    votedFor: null,
    leader: null,
    commitIndex: 0,
    lastApplied: 0,
    log: createLog(),
    lostTo: 0,
    deadline: null,
    timeout: 0,
    held: 0,
    state: new Map(),
    stateShared: false,
    stateDigest: EMPTY_STATE,
    votes: [],
    elected: 0,
  };
}

function serverFrame(server: ServerFold, look: Look, at: Moment, shown: number): ServerFrame {
  const disks = look.inspect(server.id);
  const isUp = server.process === "up";
  const log = isUp ? server.log : logOf(disks?.written ?? null);
  const commitIndex = isUp ? server.commitIndex : (disks?.written.commitIndex ?? 0);
  const lastApplied = isUp ? server.lastApplied : 0;
  const entries = entriesFrom(log, Math.max(log.baseIndex, lastIndex(log) - shown) + 1);
  return {
    id: server.id,
    machine: server.machine,
    incarnation: server.incarnation,
    process: server.process,
    failure: server.failure,
    role: server.role,
    leader: server.leader,
    memory: memoryLayer(server),
    written: diskLayer(disks?.written ?? null),
    durable: diskLayer(disks?.durable ?? null),
    commitIndex: isUp ? commitIndex : 0,
    lastApplied,
    timer: isUp ? timerFrame(server, at.localTime(server.machine)) : null,
    firstIndex: log.baseIndex + 1,
    lastIndex: lastIndex(log),
    log: entries.map(
      (entry): EntryFrame => ({
        index: entry.index,
        term: entry.term,
        text: at.describe(entry),
        durability: has(disks?.durable, entry)
          ? "durable"
          : has(disks?.written, entry)
            ? "written"
            : "memory",
        committed: entry.index <= commitIndex,
        applied: entry.index <= lastApplied,
      }),
    ),
    state: isUp
      ? [...server.state]
          .map(([key, { value, index }]) => ({ key, value, index }))
          .sort((a, b) => (a.key < b.key ? -1 : 1))
      : [],
    stateDigest: isUp ? server.stateDigest : EMPTY_STATE,
    held: server.held,
  };
}

function memoryLayer(server: ServerFold): LayerFrame {
  if (server.process !== "up") return diskLayer(null);
  return {
    currentTerm: server.currentTerm,
    votedFor: server.votedFor,
    votedForKept: true,
    commitIndex: server.commitIndex,
    lastIndex: lastIndex(server.log),
    lastTerm: lastTerm(server.log),
    refused: null,
  };
}

/** Whoever keeps a term keeps the vote that belongs to it, or is without it as if nobody had been voted for. */
function diskLayer(contents: DiskContents | null): LayerFrame {
  const last = contents?.entries.at(-1);
  return {
    currentTerm: contents?.currentTerm ?? null,
    votedFor: contents?.votedFor ?? null,
    votedForKept:
      contents !== null && (contents.currentTerm !== null || contents.votedFor !== null),
    ...(contents?.isTermFromLog === true ? { isTermFromLog: true } : {}),
    commitIndex: contents?.commitIndex ?? null,
    ...(contents?.state ? { keptTo: contents.state.lastApplied } : {}),
    lastIndex: last?.index ?? contents?.baseIndex ?? 0,
    lastTerm: last?.term ?? 0,
    refused: contents?.problems.find(({ isRefused }) => isRefused === true)?.reason ?? null,
  };
}

/** A log as files hold it: its last stretch without a hole, for damaged files may have some. */
function logOf(contents: DiskContents | null): Log {
  const entries = contents?.entries ?? [];
  let first = entries.length - 1;
  while (first > 0 && entries[first - 1]?.index === (entries[first]?.index ?? 0) - 1) first -= 1;
  const base = entries[first];
  if (base === undefined) return createLog([], contents?.baseIndex ?? 0);
  return createLog(entries.slice(first), base.index - 1, entries[first - 1]?.term ?? 0);
}

function has(contents: DiskContents | undefined, entry: Entry): boolean {
  if (contents === undefined) return false;
  const guess = contents.entries[entry.index - contents.baseIndex - 1];
  const found =
    guess?.index === entry.index
      ? guess
      : contents.entries.findLast(({ index }) => index === entry.index);
  return found !== undefined && isSameEntry(found, entry);
}

function timerFrame({ deadline, timeout }: ServerFold, now: Micros): ServerFrame["timer"] {
  if (deadline === null || timeout <= 0) return null;
  const elapsed = 1 - (deadline - now) / timeout;
  return { elapsed: Math.max(0, Math.min(1, elapsed)), timeout };
}

function linkFrames(fold: Fold): readonly LinkFrame[] {
  const ids = [...fold.servers.keys()];
  // A trace of a real system does not say what its transport is, but links are seen over connections only.
  const isDatagram = fold.transport === "datagram" && fold.connections.size === 0;
  return ids.flatMap((a, at) =>
    ids.slice(at + 1).map((b) => ({
      a,
      b,
      connected: fold.connections.get(pairOf(a, b)) ?? isDatagram,
      cutForward: fold.cuts.has(laneOf(a, b)),
      cutBack: fold.cuts.has(laneOf(b, a)),
    })),
  );
}

function clientFrames(fold: Fold): readonly ClientFrame[] {
  const { clients, lost } = fold.ledger;
  const records = new Map(
    lost.flatMap(({ record }) => (record ? [[record.operation.id, record]] : [])),
  );
  for (const record of clients) records.set(record.operation.id, record);
  return [...records.values()]
    .sort((a, b) => a.step - b.step)
    .map((record) => ({
      id: record.operation.id,
      client: record.operation.client,
      server: record.server,
      text: operationWords(record.operation),
      asked: record.asked,
      step: record.step,
      outcome: record.result?.outcome ?? "waiting",
      code: record.result?.code ?? "",
      missing: isMissing(fold, record),
    }));
}

/**
 * Told OK, and gone: who was elected since and leads now does not hold its entry; or, while there is no such leader, it was
 * cut from a log and no majority holds it.
 */
function isMissing(fold: Fold, { entry, answered }: ClientRecord): boolean {
  if (entry === null) return false;
  const leader = currentLeader(fold);
  if (leader !== null && holds(leader.log, entry)) return false;
  if (leader !== null && leader.elected > answered) return true;
  const servers = [...fold.servers.values()];
  const holders = servers.filter(({ log }) => holds(log, entry)).length;
  const isCut = fold.ledger.lost.some(
    (each) => each.record !== null && isSameEntry(each.entry, entry),
  );
  return isCut && 2 * holders <= servers.length;
}

function currentLeader(fold: Fold): ServerFold | null {
  let leader: ServerFold | null = null;
  for (const server of fold.servers.values()) {
    if (server.process !== "up" || server.role !== "leader") continue;
    if (leader === null || server.currentTerm > leader.currentTerm) leader = server;
  }
  return leader;
}

function pairOf(a: ServerId, b: ServerId): string {
  return a < b ? laneOf(a, b) : laneOf(b, a);
}

function laneOf(from: ServerId, to: ServerId): string {
  return `${from}\n${to}`;
}
