import type { Entry, Index, Message, Role, ServerId, Term } from "#raft/types.ts";
import type { Happening, Look, Observation, Observed } from "#sim/observation.ts";
import {
  type Blame,
  blameFor,
  createDiskRecord,
  type DiskRecord,
  foldDisk,
  isDamaged,
  isDeceived,
  type Toll,
  tollOf,
} from "./disks.ts";
import { createHistories, foldCalls, type Histories } from "./linearizability/histories.ts";
import {
  commitTo,
  createPrefixTree,
  detachedPrefix,
  extend,
  isBeginning,
  type Prefix,
  type PrefixTree,
  prefixAt,
  prefixOfBase,
  sameEntry,
} from "./prefix.ts";
import {
  alteredBy,
  type Forgotten,
  foldPromises,
  forgottenBy,
  lowerPromises,
  type Promises,
} from "./promises.ts";

/**
 * What the auditor remembers of a run: history variables that no server has (raft.tla's `elections` and `allLogs` are
 * the precedent). Of everything that must be unique it keeps the first, for ever: no truncation and no restart makes
 * it forget.
 */
export interface Ghost {
  readonly servers: Map<ServerId, Mirror>;
  readonly logs: PrefixTree;
  /** Who led a term first. */
  readonly leaders: Map<Term, Leadership>;
  /** What each leadership claimed as committed, in the order of their first claims. */
  readonly claims: Claim[];
  /** Who applied what first at an index. */
  readonly applied: Map<Index, FirstApply>;
  /** Who first had a state machine from a snapshot that had applied up to an index. */
  readonly restored: Map<Index, FirstState>;
  /** The longest log prefixes that clients were told OK for, one a term unless logs fork. */
  readonly acks: Ack[];
  readonly promises: Promises;
  /** What clients asked and were told. */
  readonly histories: Histories;
  /** By machine. */
  readonly disks: Map<string, DiskRecord>;
  /** What the disks say at the observation taken in last; null: nobody looked. */
  look: Look | null;
  /** The message that left last on the word of a sync that had lied: a network may carry it twice. */
  liedAbout: Message | null;
  /** Which questions the disks have been asked in this run, and which should have been and were not. */
  readonly asked: Set<Question>;
  readonly unasked: Set<Question>;
  /** Since when a leader or a commit rests on a promise that the fault of a disk had made impossible to keep, and whose. */
  unsound: { readonly sequence: number; readonly blame: Blame } | null;
}

/** A server as the auditor is to know it. */
export interface JudgedServer {
  readonly id: ServerId;
  readonly machine: string;
  /** Files lie on its machine's disk before the first boot. Left out: none do. */
  readonly given?: boolean;
}

/** Is it durable: what a message promises, what a leader commits, what a client is told; and does recovery repeat itself? */
export type Question = "promise" | "commit" | "answer" | "recovery";

/** One server as its observations draw it. */
export interface Mirror {
  readonly id: ServerId;
  readonly machine: string;
  up: boolean;
  incarnation: number;
  /** Sequence of the recovery that began this life. */
  bornAt: number;
  role: Role;
  currentTerm: Term;
  commitIndex: Index;
  lastApplied: Index;
  /** The log ends at `base`, then one prefix an entry. */
  base: Prefix;
  readonly log: Prefix[];
  /** What is known of whether earlier prefixes are beneath the base. */
  readonly beneath: Map<Prefix, boolean>;
  /** When its log came to begin elsewhere last, in this life; null: it did not. */
  rebase: Rebase | null;
  /** How far the snapshot had applied that its state machine comes from, in this life; 0: it comes from none. */
  snapshotIndex: Index;
  /** How much of its log, in this life or the one before, its messages have promised; null: nothing. */
  promised: Prefix | null;
  /** The index of the last entry that reached the state machine, and the one before. */
  appliedThrough: Index;
  appliedBefore: Index;
  /** All that was applied, as a log; null: not known. */
  appliedPrefix: Prefix | null;
  /** The indexes that `lastApplied` just passed without their entries being applied. */
  skipped: { readonly from: Index; readonly to: Index } | null;
  /** Digest of its state machine; null: nothing was applied in this life. */
  state: string | null;
  /** What it claims as the leader it is or was last. */
  claim: Claim | null;
  /** Votes that left it, in all its lives. */
  readonly votes: Map<Term, Vote>;
  /** The highest term it spoke in, in all its lives on this disk. */
  promise: TermPromise | null;
  /** The highest term it was in or held an entry of, in all its lives on this disk. */
  knownTerm: Term;
  /** `knownTerm` as this life began. */
  bornKnowing: Term;
  /** In this life it has spoken before what it promised was durable, and no disk is to blame. */
  careless: boolean;
  /** How far its disk's record went as this life began. */
  bornWith: Toll;
  /** Promises that the recovery of this life did not keep, and who answers for it. */
  forgotten: readonly Forgotten[];
  blame: Blame;
  /** It ended itself before it had recovered, and has not been started since. */
  isRefusing: boolean;
  /** What faults of its disks made it forget, although it behaved; null: nothing. */
  amnesia: Amnesia | null;
}

export interface Leadership {
  readonly server: ServerId;
  readonly incarnation: number;
  readonly sequence: number;
}

/**
 * A leader's word that its log up to `prefix` is committed: its commitIndex advanced over an entry of its own term. A
 * commitIndex that came from a disk, or that rests on an entry of another term, claims nothing.
 */
export interface Claim {
  readonly server: ServerId;
  readonly term: Term;
  prefix: Prefix;
  sequence: number;
}

export interface FirstState {
  readonly server: ServerId;
  readonly sequence: number;
  /** Digest of the state machine after. */
  readonly state: string;
}

export interface FirstApply extends FirstState {
  readonly entry: Entry;
}

/** What a log is after it begins elsewhere. */
export interface Rebase {
  readonly sequence: number;
  readonly step: number;
  readonly reason: Observed<"rebase">["reason"];
  /** Up to here it is what it was before. */
  readonly same: Index;
  /** What it held after its new base, and holds no more. */
  readonly dropped: readonly Entry[];
}

export interface Ack {
  /** The term of the server that answered. */
  readonly term: Term;
  prefix: Prefix;
  sequence: number;
}

export interface Vote {
  readonly candidate: ServerId;
  readonly sequence: number;
}

export interface TermPromise {
  readonly term: Term;
  readonly sequence: number;
}

export interface Amnesia {
  readonly sequence: number;
  readonly blame: Blame;
  /** It has forgotten votes that it gave before this observation; -1: none. */
  readonly votesBefore: number;
  /** The terms that it forgot it had been in, and had spoken in. */
  readonly knownTerm: Term;
  readonly promise: TermPromise | null;
  /** Where the log ended that it has forgotten. */
  readonly lastIndex: Index;
  readonly lastTerm: Term;
  /** The log that came back with other bytes than it had promised; null: none did. */
  readonly altered: Prefix | null;
}

export function createGhost(servers: readonly JudgedServer[]): Ghost {
  const ghost: Ghost = {
    servers: new Map(),
    logs: createPrefixTree(),
    leaders: new Map(),
    claims: [],
    applied: new Map(),
    restored: new Map(),
    acks: [],
    promises: new Map(),
    histories: createHistories(servers.flatMap(({ given, id }) => (given ? [id] : []))),
    disks: new Map(),
    look: null,
    liedAbout: null,
    asked: new Set(),
    unasked: new Set(),
    unsound: null,
  };
  for (const { id, machine, given } of servers) {
    addMirror(ghost, id, machine);
    if (given) ghost.disks.set(machine, createDiskRecord(given));
  }
  return ghost;
}

/** Of a server that nobody had spoken of before: one alone on a machine of its own name. */
export function mirrorOf(ghost: Ghost, server: ServerId): Mirror {
  return ghost.servers.get(server) ?? addMirror(ghost, server, server);
}

function addMirror(ghost: Ghost, server: ServerId, machine: string): Mirror {
  const mirror = blankMirror(server, machine, ghost.logs.empty);
  ghost.servers.set(server, mirror);
  return mirror;
}

export function diskOf(ghost: Ghost, machine: string): DiskRecord {
  const known = ghost.disks.get(machine);
  if (known !== undefined) return known;
  const record = createDiskRecord();
  ghost.disks.set(machine, record);
  return record;
}

type Folds = {
  readonly [Type in Happening["type"]]?: (ghost: Ghost, observation: Observed<Type>) => void;
};

/** What is not here tells the auditor nothing. */
const FOLDS: Folds = {
  recovered: recover,
  role: changeRole,
  term: (ghost, { server, to }) => changeTerm(mirrorOf(ghost, server), to),
  commit: advanceCommit,
  "applied-index": (ghost, { server, to }) => advanceApplied(mirrorOf(ghost, server), to),
  append,
  truncate: (ghost, { from, server }) => truncate(mirrorOf(ghost, server), from),
  rebase,
  restored: restore,
  apply,
  send,
  return: acknowledge,
  stop: (ghost, { server }) => end(mirrorOf(ghost, server)),
  failed: (ghost, { server }) => {
    const mirror = mirrorOf(ghost, server);
    mirror.isRefusing = !mirror.up;
    end(mirror);
  },
  boot: (ghost, observation) => {
    foldDisk(diskOf(ghost, observation.machine), observation);
    for (const mirror of ghost.servers.values()) {
      if (mirror.machine === observation.machine) mirror.isRefusing = false;
    }
  },
  crash: (ghost, observation) => {
    foldDisk(diskOf(ghost, observation.machine), observation);
    for (const server of observation.servers) end(mirrorOf(ghost, server));
  },
  disk: noteDisk,
  "disk-fault": noteDisk,
  forsworn: noteDisk,
  "disk-swap": (ghost, observation) => {
    noteDisk(ghost, observation);
    for (const server of observation.servers) {
      loseDisk(mirrorOf(ghost, server), observation.sequence);
    }
  },
};

function noteDisk(
  ghost: Ghost,
  observation: Observed<"disk" | "disk-fault" | "disk-swap" | "forsworn">,
): void {
  foldDisk(diskOf(ghost, observation.machine), observation);
}

/**
 * Takes in one observation, and what the disks say at it; null: nobody looked. Constant work, but for the entries that it
 * shows.
 */
export function fold(ghost: Ghost, observation: Observation, look: Look | null): void {
  ghost.look = look;
  if (look?.type === "lied-to" && observation.type === "send") {
    ghost.liedAbout = observation.message;
  }
  const take = FOLDS[observation.type] as
    | ((ghost: Ghost, observation: Observation) => void)
    | undefined;
  take?.(ghost, observation);
  foldCalls(ghost.histories, observation);
  const { type } = observation;
  if (type === "send" || type === "truncate" || type === "rebase") {
    foldPromises(ghost.promises, observation, mirrorOf(ghost, observation.server));
  }
}

/** Servers that must hold an entry for it to be committed. */
export function quorumOf({ servers }: Ghost): number {
  return Math.floor(servers.size / 2) + 1;
}

/** Has something other than the server taken from its disk what it had kept there, since it came up or before? */
export function isRobbed(ghost: Ghost, server: ServerId): boolean {
  const { amnesia, bornWith, careless, machine } = mirrorOf(ghost, server);
  const { forsworn, swallowed, swaps } = diskOf(ghost, machine);
  if (swallowed && !careless) return true;
  return amnesia !== null || forsworn > bornWith.forsworn || swaps > bornWith.swaps;
}

/** Has the medium under this server gone wrong? */
export function isOnDamage(ghost: Ghost, server: ServerId): boolean {
  return isDamaged(diskOf(ghost, mirrorOf(ghost, server).machine));
}

/**
 * Whether a message left before what it promised was durable. `own`: by the server's doing; `lie`: its syncs had said
 * otherwise; `lost-write`: the same, and the medium had lost a write. Null: it did not, or nobody can tell, because the
 * medium has gone wrong since.
 */
export function hasteOf(
  ghost: Ghost,
  observation: Observed<"send">,
): "own" | "lie" | "lost-write" | null {
  if (observation.promise !== "not-durable") return null;
  if (ghost.liedAbout === observation.message) return "lie";
  const { careless, machine } = mirrorOf(ghost, observation.server);
  if (!careless && isDeceived(diskOf(ghost, machine))) return "lost-write";
  return isOnDamage(ghost, observation.server) ? null : "own";
}

/** What an observation took out of its server's log, but for what a new base stands for; in order. */
export function removedBy(ghost: Ghost, observation: Observation): readonly Entry[] {
  if (observation.type === "truncate") return observation.removed;
  if (observation.type !== "rebase") return [];
  return mirrorOf(ghost, observation.server).rebase?.dropped ?? [];
}

export function lastIndexOf(mirror: Mirror): Index {
  return mirror.base.index + mirror.log.length;
}

export function lastPrefixOf(mirror: Mirror): Prefix {
  return mirror.log.at(-1) ?? mirror.base;
}

/** The server's log up to an index; null when the log does not reach so far, or starts later. */
export function prefixOf(mirror: Mirror, index: Index): Prefix | null {
  const { base, log } = mirror;
  if (index === base.index) return baseOf(mirror);
  return index > base.index ? (log[index - base.index - 1] ?? null) : null;
}

/** What the log begins after, as well as it is known by now. */
function baseOf({ base, log }: Mirror): Prefix {
  return log[0]?.parent ?? base;
}

/**
 * Is that prefix part of the server's log? What is compacted away is known by what logs have held there; where none has, it
 * counts as held: its loss cannot be seen here.
 */
export function holds(mirror: Mirror, prefix: Prefix): boolean {
  const { base, beneath } = mirror;
  if (prefix.index > base.index) return prefixOf(mirror, prefix.index) === prefix;
  const known = beneath.get(prefix);
  if (known !== undefined) return known;
  const isHeld = isBeginning(prefix, baseOf(mirror));
  if (isHeld !== null) beneath.set(prefix, isHeld);
  return isHeld ?? true;
}

/**
 * Must a leader that has just been elected know of what was settled in this term? Of earlier terms, yes (a later one's
 * leader may well have been elected in the meantime); and of whatever this server itself had lived through before it
 * restarted, even if it came back in a lower term.
 */
export function comesAfter(mirror: Mirror, settled: { term: Term; sequence: number }): boolean {
  if (settled.term <= mirror.currentTerm) return true;
  return settled.sequence < mirror.bornAt && settled.term <= mirror.bornKnowing;
}

function blankMirror(id: ServerId, machine: string, base: Prefix): Mirror {
  return {
    id,
    machine,
    up: false,
    incarnation: 0,
    bornAt: -1,
    role: "follower",
    currentTerm: 0,
    commitIndex: 0,
    lastApplied: 0,
    base,
    log: [],
    beneath: new Map(),
    rebase: null,
    snapshotIndex: 0,
    promised: null,
    appliedThrough: 0,
    appliedBefore: 0,
    appliedPrefix: base,
    skipped: null,
    state: null,
    claim: null,
    votes: new Map(),
    promise: null,
    knownTerm: 0,
    bornKnowing: 0,
    careless: false,
    bornWith: { lost: 0, forsworn: 0, swaps: 0 },
    forgotten: [],
    blame: "own",
    isRefusing: false,
    amnesia: null,
  };
}

function recover(ghost: Ghost, observation: Observed<"recovered">): void {
  const { baseIndex, baseTerm, currentTerm, entries, lastApplied, sequence } = observation;
  const mirror = mirrorOf(ghost, observation.server);
  setLog(ghost, mirror, observation, prefixOf(mirror, baseIndex));
  settleAccounts(ghost, mirror, observation);
  note(ghost, "recovery", ghost.look?.type === "recovered-again");
  mirror.up = true;
  mirror.incarnation = observation.incarnation;
  mirror.bornAt = sequence;
  mirror.role = "follower";
  mirror.claim = null;
  mirror.currentTerm = currentTerm;
  mirror.commitIndex = observation.commitIndex;
  mirror.knownTerm = Math.max(mirror.knownTerm, currentTerm, baseTerm);
  learnTerms(mirror, entries);
  mirror.bornKnowing = mirror.knownTerm;
  mirror.lastApplied = lastApplied;
  mirror.appliedThrough = lastApplied;
  mirror.appliedBefore = lastApplied;
  mirror.appliedPrefix = prefixOf(mirror, lastApplied);
  mirror.skipped = null;
  mirror.state = null;
  mirror.rebase = null;
  mirror.snapshotIndex = 0;
}

/** `own`: what the server's log had at the base before. */
function setLog(
  ghost: Ghost,
  mirror: Mirror,
  { baseIndex, baseTerm, entries, sequence }: Observed<"recovered" | "rebase">,
  own: Prefix | null,
): void {
  const base = { index: baseIndex, term: baseTerm, next: entries[0] ?? null, own };
  mirror.base = prefixOfBase(ghost.logs, base, sequence);
  mirror.log.length = 0;
  mirror.beneath.clear();
  extendLog(ghost, mirror, entries, sequence);
}

function rebase(ghost: Ghost, observation: Observed<"rebase">): void {
  const { baseIndex, baseTerm, entries, reason, sequence, server, step } = observation;
  const mirror = mirrorOf(ghost, server);
  const before = mirror.log.slice(Math.max(0, baseIndex - mirror.base.index));
  const own = reason === "compaction" ? prefixOf(mirror, baseIndex) : null;
  setLog(ghost, mirror, observation, own);
  mirror.knownTerm = Math.max(mirror.knownTerm, baseTerm);
  learnTerms(mirror, entries);
  const other = before.findIndex((prefix) => !isLogged(mirror, prefix));
  const dropped = other < 0 ? [] : before.slice(other).flatMap(({ entry }) => entry ?? []);
  const kept = before[other < 0 ? before.length - 1 : other - 1];
  mirror.rebase = { sequence, step, reason, same: kept?.index ?? baseIndex, dropped };
}

/** Does the log hold the same entry there, whatever it holds before? */
function isLogged(mirror: Mirror, { entry, index }: Prefix): boolean {
  const logged = prefixOf(mirror, index)?.entry ?? null;
  return logged === null || entry === null ? logged === entry : sameEntry(logged, entry);
}

function restore(ghost: Ghost, observation: Observed<"restored">): void {
  const { lastApplied, sequence, server, state } = observation;
  const mirror = mirrorOf(ghost, server);
  mirror.lastApplied = lastApplied;
  mirror.appliedBefore = mirror.appliedThrough;
  mirror.appliedThrough = lastApplied;
  // Its log may be another one in a moment.
  mirror.appliedPrefix = null;
  mirror.skipped = null;
  mirror.state = state;
  mirror.snapshotIndex = lastApplied;
  if (!ghost.restored.has(lastApplied)) {
    ghost.restored.set(lastApplied, { server, sequence, state });
  }
}

/** What this recovery has lost of what the server had promised, and who answers for it. */
function settleAccounts(ghost: Ghost, mirror: Mirror, observation: Observed<"recovered">): void {
  const { promised: promisedLog } = mirror;
  const promised = ghost.promises.get(mirror.id);
  const record = diskOf(ghost, mirror.machine);
  const isWhole = promisedLog === null || prefixOf(mirror, promisedLog.index) === promisedLog;
  const altered = isWhole ? null : alteredBy(promisedLog, observation);
  const short = forgottenBy(promised, observation);
  mirror.forgotten = altered === null ? short : [...short, altered.forgotten];
  lowerPromises(ghost.promises, mirror.id, mirror.forgotten, observation, mirror);
  mirror.blame = blameFor(record, mirror.bornWith, mirror.careless);
  mirror.bornWith = tollOf(record);
  mirror.careless = false;
  const { blame, forgotten } = mirror;
  if (forgotten.length === 0 || blame === "own" || blame === "dropped" || blame === "swap") return;
  const lost = new Set(forgotten.map(({ what }) => what));
  const { index: lastIndex, term: lastTerm } = promised?.log ?? { index: 0, term: 0 };
  const { sequence } = observation;
  forget(mirror, {
    sequence,
    blame,
    votesBefore: lost.has("vote") || lost.has("term") ? sequence : -1,
    ...(lost.has("term") ? termsOf(mirror) : { knownTerm: 0, promise: null }),
    ...(lost.has("log") ? { lastIndex, lastTerm } : { lastIndex: 0, lastTerm: 0 }),
    altered: altered === null ? null : promisedLog,
  });
}

/** What several faults took adds up. */
function forget(mirror: Mirror, now: Amnesia): void {
  const before = mirror.amnesia;
  if (now.knownTerm > 0) {
    mirror.promise = null;
    mirror.knownTerm = 0;
  }
  if (before === null) {
    mirror.amnesia = now;
    return;
  }
  const isFurther = isOlder({ index: before.lastIndex, term: before.lastTerm }, now);
  const { lastIndex, lastTerm } = isFurther ? now : before;
  mirror.amnesia = {
    ...{ sequence: now.sequence, blame: now.blame, lastIndex, lastTerm },
    altered: now.altered ?? before.altered,
    votesBefore: Math.max(before.votesBefore, now.votesBefore),
    knownTerm: Math.max(before.knownTerm, now.knownTerm),
    promise:
      (now.promise?.term ?? -1) > (before.promise?.term ?? -1) ? now.promise : before.promise,
  };
}

function termsOf({ knownTerm, promise }: Mirror): Pick<Amnesia, "knownTerm" | "promise"> {
  return { knownTerm, promise };
}

/** Was this question put to the disks? */
function note({ asked, unasked }: Ghost, question: Question, isAsked: boolean): void {
  (isAsked ? asked : unasked).add(question);
}

function end(mirror: Mirror): void {
  mirror.up = false;
  mirror.role = "follower";
}

function changeRole(ghost: Ghost, observation: Observed<"role">): void {
  const mirror = mirrorOf(ghost, observation.server);
  mirror.role = observation.to;
  if (observation.to !== "leader") return;
  const { id: server, incarnation, currentTerm } = mirror;
  const { sequence } = observation;
  mirror.claim = null;
  if (!ghost.leaders.has(currentTerm)) {
    ghost.leaders.set(currentTerm, { server, incarnation, sequence });
  }
  const { amnesia } = mirror;
  if (amnesia === null) return;
  const isAltered = amnesia.altered !== null && !holds(mirror, amnesia.altered);
  if (isAltered || isOlder(lastPrefixOf(mirror), amnesia)) markUnsound(ghost, sequence, amnesia);
}

function changeTerm(mirror: Mirror, term: Term): void {
  mirror.currentTerm = term;
  if (term > mirror.knownTerm) mirror.knownTerm = term;
}

function advanceCommit(ghost: Ghost, observation: Observed<"commit">): void {
  const { from, sequence, to } = observation;
  const mirror = mirrorOf(ghost, observation.server);
  mirror.commitIndex = to;
  if (mirror.role !== "leader") return;
  for (let index = Math.min(to, lastIndexOf(mirror)); index > from; index--) {
    const prefix = prefixOf(mirror, index);
    if (prefix === null || prefix.term !== mirror.currentTerm) continue;
    claim(ghost, mirror, prefix, sequence);
    return;
  }
}

function claim(ghost: Ghost, mirror: Mirror, prefix: Prefix, sequence: number): void {
  note(ghost, "commit", ghost.look?.type === "holders");
  if (mirror.claim === null) {
    mirror.claim = { server: mirror.id, term: mirror.currentTerm, prefix, sequence };
    ghost.claims.push(mirror.claim);
  } else {
    mirror.claim.prefix = prefix;
    mirror.claim.sequence = sequence;
  }
  commitTo(prefix, sequence);
}

function advanceApplied(mirror: Mirror, to: Index): void {
  mirror.lastApplied = to;
  mirror.skipped = null;
  // The entry itself may be seen just after the index moved, so only what is further back is late.
  if (mirror.appliedThrough >= to - 1) return;
  mirror.skipped = { from: mirror.appliedThrough + 1, to: to - 1 };
  mirror.appliedThrough = to - 1;
  mirror.appliedPrefix = null;
}

function append(ghost: Ghost, observation: Observed<"append">): void {
  const mirror = mirrorOf(ghost, observation.server);
  extendLog(ghost, mirror, observation.entries, observation.sequence);
  learnTerms(mirror, observation.entries);
}

function extendLog(
  ghost: Ghost,
  mirror: Mirror,
  entries: readonly Entry[],
  sequence: number,
): void {
  let prefix = lastPrefixOf(mirror);
  for (const entry of entries) {
    prefix = extend(ghost.logs, prefix, entry, sequence);
    mirror.log.push(prefix);
  }
}

function learnTerms(mirror: Mirror, entries: readonly Entry[]): void {
  for (const { term } of entries) if (term > mirror.knownTerm) mirror.knownTerm = term;
}

function truncate(mirror: Mirror, from: Index): void {
  const length = Math.max(0, from - mirror.base.index - 1);
  if (length < mirror.log.length) mirror.log.length = length;
}

function apply(ghost: Ghost, observation: Observed<"apply">): void {
  const { entry, sequence, server, state } = observation;
  const mirror = mirrorOf(ghost, server);
  mirror.state = state;
  mirror.appliedBefore = mirror.appliedThrough;
  mirror.appliedThrough = entry.index;
  mirror.appliedPrefix = applyTo(mirror, entry, sequence);
  if (!ghost.applied.has(entry.index)) {
    ghost.applied.set(entry.index, { entry, server, sequence, state });
  }
}

function applyTo(mirror: Mirror, entry: Entry, sequence: number): Prefix {
  const { appliedPrefix } = mirror;
  const logged = prefixOf(mirror, entry.index);
  const isLogged = logged !== null && logged.entry !== null && sameEntry(logged.entry, entry);
  const continues = appliedPrefix === null || logged?.parent === appliedPrefix;
  return isLogged && continues ? logged : detachedPrefix(appliedPrefix, entry, sequence);
}

function send(ghost: Ghost, observation: Observed<"send">): void {
  const { message, promise, sequence, server } = observation;
  const { kind } = message;
  if (kind === "forward" || kind === "forward-reply") return; // Between servers, but not of the protocol.
  const mirror = mirrorOf(ghost, server);
  const term = message.term ?? mirror.currentTerm;
  if (term > mirror.currentTerm) return; // It asks what would be if; a pre-vote promises nothing.
  if (mirror.promise === null || term > mirror.promise.term) mirror.promise = { term, sequence };
  if (hasteOf(ghost, observation) === "own") mirror.careless = true;
  if (promise !== "nothing") note(ghost, "promise", true);
  else if (kind !== "append" && kind !== "snapshot") note(ghost, "promise", false);

  if (kind === "vote-request") {
    const isOwn = term === mirror.currentTerm && mirror.role !== "pre-candidate";
    if (isOwn) castVote(mirror, term, server, sequence);
  } else if (kind === "vote-reply" && message.success === true) {
    castVote(mirror, term, message.to, sequence);
    if (mirror.amnesia !== null && breaksLostPromise(ghost, mirror, term, message.to)) {
      markUnsound(ghost, sequence, mirror.amnesia);
    }
  } else if (kind === "append-reply" && message.success === true && mirror.amnesia !== null) {
    if (term < mirror.amnesia.knownTerm) markUnsound(ghost, sequence, mirror.amnesia);
  }
}

function castVote(mirror: Mirror, term: Term, candidate: ServerId, sequence: number): void {
  if (!mirror.votes.has(term)) mirror.votes.set(term, { candidate, sequence });
}

/** Would the server have refused this vote, had its disk kept what it was given? */
function breaksLostPromise(ghost: Ghost, mirror: Mirror, term: Term, candidate: ServerId): boolean {
  const { amnesia } = mirror;
  if (amnesia === null) return false;
  const vote = mirror.votes.get(term);
  const forgotVote = vote?.candidate !== candidate && wasLost(mirror, vote);
  if (forgotVote || term < amnesia.knownTerm) return true;
  return isOlder(lastPrefixOf(mirrorOf(ghost, candidate)), amnesia);
}

/** Did the fault of a disk make the server forget this vote? */
export function wasLost(mirror: Mirror, vote: Vote | undefined): boolean {
  if (vote === undefined || mirror.amnesia === null) return false;
  return vote.sequence < mirror.amnesia.votesBefore;
}

/** Raft paper, section 5.4.1: the later term wins, then the longer log. */
function isOlder(
  log: { index: Index; term: Term },
  than: { lastIndex: Index; lastTerm: Term },
): boolean {
  if (log.term !== than.lastTerm) return log.term < than.lastTerm;
  return log.index < than.lastIndex;
}

function markUnsound(ghost: Ghost, sequence: number, { blame }: Amnesia): void {
  ghost.unsound ??= { sequence, blame };
}

function loseDisk(mirror: Mirror, sequence: number): void {
  end(mirror);
  const { index: lastIndex, term: lastTerm } = lastPrefixOf(mirror);
  const terms = termsOf(mirror);
  forget(mirror, {
    ...{ sequence, blame: "swap", votesBefore: sequence, lastIndex, lastTerm, altered: null },
    ...terms,
  });
}

function acknowledge(ghost: Ghost, observation: Observed<"return">): void {
  const { entry, result, sequence, server } = observation;
  if (result.outcome !== "ok" || entry === null) return;
  note(ghost, "answer", ghost.look?.type === "holders");
  const mirror = mirrorOf(ghost, server);
  const prefix = ackedPrefix(ghost, mirror, entry);
  if (prefix === null) return;
  const { currentTerm: term } = mirror;
  const longest = ghost.acks.findLast((each) => each.term === term && holds(mirror, each.prefix));
  if (longest === undefined || prefixOf(mirror, prefix.index) !== prefix) {
    ghost.acks.push({ term, prefix, sequence });
  } else if (prefix.index > longest.prefix.index) {
    longest.prefix = prefix;
    longest.sequence = sequence;
  }
}

/** The log prefix that an answer speaks of; null when no log has shown such an entry. */
export function ackedPrefix(
  ghost: Ghost,
  mirror: Mirror,
  entry: { index: Index; term: Term },
): Prefix | null {
  const own = prefixOf(mirror, entry.index);
  return own?.term === entry.term ? own : prefixAt(ghost.logs, entry.index, entry.term);
}
