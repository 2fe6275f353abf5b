import { sameEntry } from "#audit/prefix.ts";
import { type Stretch, stretchOf } from "#audit/stretch.ts";
import type { ClientOperation, Entry, Index, Role, ServerId, Term } from "#raft/types.ts";
import type { Happening, Observation, Observed } from "#sim/observation.ts";

/**
 * The story of a run up to a moment, for explanations: what matters of its observations, by kind and in order, each
 * with what held as it happened. Built once for all explanations, and only when something broke.
 */
export interface Chronicle {
  readonly history: readonly Observation[];
  readonly lives: readonly Life[];
  readonly elections: readonly Election[];
  readonly grants: readonly Grant[];
  readonly cuts: readonly Cut[];
  readonly commits: readonly Commit[];
  readonly applies: ReadonlyMap<ServerId, readonly Observed<"apply">[]>;
  /** State machines that came from snapshots. */
  readonly restores: ReadonlyMap<ServerId, readonly Observed<"restored">[]>;
  readonly answers: readonly Answer[];
}

export interface Moment {
  readonly sequence: number;
  readonly step: number;
  readonly server: ServerId;
}

export interface LogEnd {
  readonly index: Index;
  readonly term: Term;
}

/** From a recovery on. */
export interface Life extends Moment {
  readonly incarnation: number;
  readonly currentTerm: Term;
  readonly votedFor: ServerId | null;
  readonly commitIndex: Index;
  readonly logEnd: LogEnd;
  /** The highest term among the entries it came back with. */
  readonly logTerm: Term;
  /** The highest term it had spoken in before, on this disk. */
  readonly spokenTerm: Term;
  /** Where its log had ended in the life before; null: there was none. */
  readonly logEndBefore: LogEnd | null;
  /** What ended the life before, or the recovery since: of several what did most harm. Null: not seen. */
  readonly ending: Ending | null;
  /** commitIndex as it was at that end. */
  readonly commitBefore: Index;
}

export interface Ending {
  readonly sequence: number;
  readonly step: number;
  readonly time: number;
  readonly kind: "power loss" | "OS crash" | "process crash" | "disk swap" | "failure" | "stop";
  readonly machine: string | null;
  readonly lost: number;
}

export interface Election extends Moment {
  readonly term: Term;
  readonly logEnd: LogEnd;
}

/** A vote that left its voter. */
export interface Grant extends Moment {
  readonly candidate: ServerId;
  readonly term: Term;
  readonly voterEnd: LogEnd;
  readonly candidateEnd: LogEnd;
}

export interface Cut extends Moment {
  readonly removed: readonly Entry[];
  readonly entries: Stretch;
  readonly appliedTo: Index;
  readonly commitIndex: Index;
  /** Whose append it followed; null: nobody's. */
  readonly leader: ServerId | null;
  readonly leaderTerm: Term | null;
}

export interface Commit extends Moment {
  readonly from: Index;
  readonly to: Index;
  /** The leader's term; null: a follower learned it. */
  readonly leaderTerm: Term | null;
}

/** A client was told OK about a log entry. */
export interface Answer extends Moment {
  readonly operation: ClientOperation;
  readonly place: LogEnd;
  /** The entry that the server held there; null: another one, or none. */
  readonly entry: Entry | null;
}

export function chronicle(history: readonly Observation[]): Chronicle {
  const writer = createWriter(history);
  for (const observation of history) write(writer, observation);
  return writer;
}

export type EndingObservation = Observed<"crash" | "disk-swap" | "stop" | "failed">;

interface Writer extends Chronicle {
  readonly lives: Life[];
  readonly elections: Election[];
  readonly grants: Grant[];
  readonly cuts: Cut[];
  readonly commits: Commit[];
  readonly applies: Map<ServerId, Observed<"apply">[]>;
  readonly restores: Map<ServerId, Observed<"restored">[]>;
  readonly answers: Answer[];
  readonly scratch: Map<ServerId, Scratch>;
}

/** A server as it is at the point the writer has reached. */
interface Scratch {
  hasLived: boolean;
  role: Role;
  term: Term;
  base: LogEnd;
  log: Entry[];
  appliedTo: Index;
  commitIndex: Index;
  spokenTerm: Term;
  append: { readonly leader: ServerId; readonly term: Term | null } | null;
  /** Its log's end as it asked for votes, and in which term. */
  asked: { readonly term: Term; readonly logEnd: LogEnd } | null;
  ending: Ending | null;
}

function createWriter(history: readonly Observation[]): Writer {
  return {
    history,
    lives: [],
    elections: [],
    grants: [],
    cuts: [],
    commits: [],
    applies: new Map(),
    restores: new Map(),
    answers: [],
    scratch: new Map(),
  };
}

type Writers = {
  readonly [Type in Happening["type"]]?: (writer: Writer, observation: Observed<Type>) => void;
};

/** What is not here is no part of any explanation. */
const WRITERS: Writers = {
  crash: closeAll,
  "disk-swap": closeAll,
  stop: (writer, observation) => close(scratchOf(writer, observation.server), observation),
  failed: (writer, observation) => close(scratchOf(writer, observation.server), observation),
  recovered: beginLife,
  role: changeRole,
  term: (writer, { server, to }) => {
    scratchOf(writer, server).term = to;
  },
  commit: advanceCommit,
  append: (writer, { entries, server }) => {
    scratchOf(writer, server).log.push(...entries);
  },
  truncate: cut,
  rebase,
  restored: restore,
  apply,
  send,
  receive: (writer, { message: { from: leader, kind, term }, server }) => {
    if (kind === "append") scratchOf(writer, server).append = { leader, term };
  },
  return: answer,
};

function write(writer: Writer, observation: Observation): void {
  const add = WRITERS[observation.type] as
    | ((writer: Writer, observation: Observation) => void)
    | undefined;
  add?.(writer, observation);
}

function beginLife(writer: Writer, observation: Observed<"recovered">): void {
  const { baseIndex, baseTerm, commitIndex, currentTerm, entries, server } = observation;
  const scratch = scratchOf(writer, server);
  const { commitIndex: commitBefore, ending, spokenTerm } = scratch;
  const logEndBefore = scratch.hasLived ? logEndOf(scratch) : null;
  Object.assign(scratch, {
    hasLived: true,
    role: "follower",
    term: currentTerm,
    base: { index: baseIndex, term: baseTerm },
    appliedTo: observation.lastApplied,
    commitIndex,
    append: null,
    asked: null,
    ending: null,
  } satisfies Partial<Scratch>);
  scratch.log = entries.slice();
  let logTerm = baseTerm;
  for (const { term } of entries) if (term > logTerm) logTerm = term;
  const { incarnation, sequence, step, votedFor } = observation;
  writer.lives.push({
    ...{ sequence, step, server, incarnation, currentTerm, votedFor, commitIndex },
    ...{ logEnd: logEndOf(scratch), logTerm, spokenTerm, logEndBefore, ending, commitBefore },
  });
}

function closeAll(writer: Writer, observation: Observed<"crash" | "disk-swap">): void {
  for (const server of observation.servers) close(scratchOf(writer, server), observation);
}

function close(scratch: Scratch, observation: EndingObservation): void {
  const ending = endingFrom(observation);
  scratch.role = "follower";
  if (observation.type === "disk-swap") scratch.spokenTerm = 0;
  if (scratch.ending === null || harm(ending) >= harm(scratch.ending)) scratch.ending = ending;
}

export function endingFrom(observation: EndingObservation): Ending {
  const { sequence, step, time } = observation;
  const machine = "machine" in observation ? observation.machine : null;
  const lost = observation.type === "crash" ? observation.lost : 0;
  return { sequence, step, time, kind: kindOf(observation), machine, lost };
}

function kindOf(observation: EndingObservation): Ending["kind"] {
  if (observation.type === "crash") {
    if (observation.kind === "power") return "power loss";
    return observation.kind === "os" ? "OS crash" : "process crash";
  }
  if (observation.type === "disk-swap") return "disk swap";
  return observation.type === "stop" ? "stop" : "failure";
}

function harm({ kind, lost }: Ending): number {
  if (kind === "disk swap") return 2;
  return lost > 0 ? 1 : 0;
}

function changeRole(writer: Writer, observation: Observed<"role">): void {
  const { sequence, server, step, to } = observation;
  const scratch = scratchOf(writer, server);
  scratch.role = to;
  if (to !== "leader") return;
  scratch.append = null;
  const { term } = scratch;
  writer.elections.push({ sequence, step, server, term, logEnd: logEndOf(scratch) });
}

function advanceCommit(writer: Writer, observation: Observed<"commit">): void {
  const { from, sequence, server, step, to } = observation;
  const scratch = scratchOf(writer, server);
  scratch.commitIndex = to;
  const leaderTerm = scratch.role === "leader" ? scratch.term : null;
  writer.commits.push({ sequence, step, server, from, to, leaderTerm });
}

function cut(writer: Writer, observation: Observed<"truncate">): void {
  const { from, removed, server } = observation;
  const scratch = scratchOf(writer, server);
  const length = from - scratch.base.index - 1;
  scratch.log.length = Math.max(0, Math.min(scratch.log.length, length));
  noteCut(writer, scratch, observation, removed);
}

function rebase(writer: Writer, observation: Observed<"rebase">): void {
  const { baseIndex, baseTerm, entries, server } = observation;
  const scratch = scratchOf(writer, server);
  const before = scratch.log.slice(Math.max(0, baseIndex - scratch.base.index));
  // Where the new log has the first of them.
  const at = Math.max(0, scratch.base.index - baseIndex);
  const other = before.findIndex((entry, i) => {
    const now = entries[at + i];
    return now === undefined || !sameEntry(now, entry);
  });
  scratch.base = { index: baseIndex, term: baseTerm };
  scratch.log = entries.slice();
  noteCut(writer, scratch, observation, other < 0 ? [] : before.slice(other));
}

function restore(writer: Writer, observation: Observed<"restored">): void {
  const { lastApplied, server } = observation;
  scratchOf(writer, server).appliedTo = lastApplied;
  const known = writer.restores.get(server);
  if (known === undefined) writer.restores.set(server, [observation]);
  else known.push(observation);
}

function noteCut(
  writer: Writer,
  scratch: Scratch,
  { sequence, server, step }: Observed<"truncate" | "rebase">,
  removed: readonly Entry[],
): void {
  if (removed.length === 0) return;
  const { append, appliedTo, commitIndex } = scratch;
  writer.cuts.push({
    ...{ sequence, step, server, removed, appliedTo, commitIndex },
    entries: stretchOf(removed),
    leader: append?.leader ?? null,
    leaderTerm: append === null ? null : (append.term ?? scratch.term),
  });
}

function apply(writer: Writer, observation: Observed<"apply">): void {
  const { entry, server } = observation;
  scratchOf(writer, server).appliedTo = entry.index;
  const known = writer.applies.get(server);
  if (known === undefined) writer.applies.set(server, [observation]);
  else known.push(observation);
}

function send(writer: Writer, observation: Observed<"send">): void {
  const { message, sequence, server, step } = observation;
  const scratch = scratchOf(writer, server);
  const isForward = message.kind === "forward" || message.kind === "forward-reply";
  const spoken = message.term ?? scratch.term;
  if (!isForward && spoken <= scratch.term && spoken > scratch.spokenTerm) {
    scratch.spokenTerm = spoken;
  }
  if (message.kind === "vote-request") {
    scratch.asked = { term: message.term ?? scratch.term, logEnd: logEndOf(scratch) };
  }
  if (message.kind !== "vote-reply" || message.success !== true) return;
  const { to: candidate } = message;
  const other = scratchOf(writer, candidate);
  const term = message.term ?? scratch.term;
  const asked = other.asked?.term === term ? other.asked.logEnd : logEndOf(other);
  writer.grants.push({
    ...{ sequence, step, server, candidate, term },
    voterEnd: logEndOf(scratch),
    candidateEnd: asked,
  });
}

function answer(writer: Writer, observation: Observed<"return">): void {
  const { entry: place, operation, result, sequence, server, step } = observation;
  if (result.outcome !== "ok" || place === null) return;
  const { base, log } = scratchOf(writer, server);
  const held = log[place.index - base.index - 1];
  const entry = held?.term === place.term ? held : null;
  writer.answers.push({ sequence, step, server, operation, place, entry });
}

function logEndOf(scratch: Scratch): LogEnd {
  const last = scratch.log.at(-1);
  if (last === undefined) return scratch.base;
  return { index: scratch.base.index + scratch.log.length, term: last.term };
}

function scratchOf(writer: Writer, server: ServerId): Scratch {
  const known = writer.scratch.get(server);
  if (known !== undefined) return known;
  const scratch: Scratch = {
    hasLived: false,
    role: "follower",
    term: 0,
    base: { index: 0, term: 0 },
    log: [],
    appliedTo: 0,
    commitIndex: 0,
    spokenTerm: 0,
    append: null,
    asked: null,
    ending: null,
  };
  writer.scratch.set(server, scratch);
  return scratch;
}
