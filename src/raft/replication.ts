import { answerReads } from "./answers.ts";
import { commitAgreed, commitTold } from "./commit.ts";
import {
  appendEntry,
  entriesFrom,
  firstIndex,
  type Log,
  lastIndex,
  termAt,
  truncateFrom,
} from "./log.ts";
import {
  appendAccepted,
  appendEntries,
  appendRefused,
  numberIn,
  numberOrNullIn,
} from "./messages.ts";
import type { StepContext } from "./protocol.ts";
import { HEARTBEAT_ALARM, type ReferenceServer } from "./reference-server.ts";
import { becomeFollower, resetElectionTimer } from "./roles.ts";
import { agreesAt, conflicts, holdsEntry } from "./rules.ts";
import type { Entry, Index, Message, Term } from "./types.ts";

/** A leader's: puts a command into its log, promises it to itself, and sends it to all who are known to be close. */
export function propose(server: ReferenceServer, command: Uint8Array, context: StepContext): Entry {
  const entry: Entry = { index: lastIndex(server.log) + 1, term: server.currentTerm, command };
  appendEntry(server.log, entry);
  context.emit({ type: "append", entries: [entry] });
  const { id, round } = server;
  context.emit({
    type: "send",
    message: appendAccepted(server, id, round, entry.index, entry.term),
  });
  for (let slot = 0; slot < server.peers.length; slot++) {
    if (server.probing[slot] === false) sendNext(server, slot, true, context);
  }
  return entry;
}

/** A leader's: a heartbeat to everybody, with the entries that have not been sent yet, and the next one is due. */
export function sendHeartbeats(server: ReferenceServer, context: StepContext): void {
  for (let slot = 0; slot < server.peers.length; slot++) {
    sendNext(server, slot, server.probing[slot] === false, context);
  }
  scheduleHeartbeats(server, context);
}

/** A leader's: its entry of the term goes to everybody, for the first time, as a probe of where their logs agree. */
export function probeAll(server: ReferenceServer, context: StepContext): void {
  for (let slot = 0; slot < server.peers.length; slot++) sendNext(server, slot, true, context);
  scheduleHeartbeats(server, context);
}

function scheduleHeartbeats(server: ReferenceServer, context: StepContext): void {
  const at = context.now + server.tuning.heartbeatEvery;
  context.emit({ type: "alarm", alarm: HEARTBEAT_ALARM, at });
}

/** A leader's: AppendEntries to the peer in this slot, from its nextIndex on. */
function sendNext(
  server: ReferenceServer,
  slot: number,
  withEntries: boolean,
  context: StepContext,
): void {
  const { log, tuning } = server;
  const to = server.peers[slot];
  const next = server.nextIndex[slot];
  if (to === undefined || next === undefined) return;
  const prevLogTerm = termAt(log, next - 1);
  if (prevLogTerm === null) return;
  const hasMore = withEntries && next <= lastIndex(log);
  const entries = hasMore ? entriesFrom(log, next, tuning.maxEntriesPerAppend) : [];
  if (server.probing[slot] === false) server.nextIndex[slot] = next + entries.length;
  context.emit({
    type: "send",
    message: appendEntries(server, to, next - 1, prevLogTerm, entries),
  });
}

/** Figure 2, AppendEntries RPC, receiver. */
export function handleAppendEntries(
  server: ReferenceServer,
  message: Message,
  context: StepContext,
): void {
  const round = numberIn(message, "round");
  const prevLogIndex = numberIn(message, "prevLogIndex");
  const prevLogTerm = numberIn(message, "prevLogTerm");
  if (message.term !== server.currentTerm) {
    refuse(server, message, round, null, null, context);
    return;
  }
  if (server.role === "leader") {
    const text = `${message.from} claims to lead term ${server.currentTerm} as well`;
    context.emit({ type: "notice", severity: "critical", text });
    return;
  }
  becomeFollower(server, server.currentTerm, message.from, context);
  resetElectionTimer(server, context);
  if (!agreesAt(server.log, prevLogIndex, prevLogTerm)) {
    const conflictTerm = termAt(server.log, prevLogIndex);
    const conflictIndex =
      conflictTerm === null
        ? lastIndex(server.log) + 1
        : firstOfRun(server.log, prevLogIndex, conflictTerm);
    refuse(server, message, round, conflictIndex, conflictTerm, context);
    return;
  }
  if (!takeEntries(server, message.entries, context)) return;
  const last = message.entries.at(-1);
  const matchIndex = last?.index ?? prevLogIndex;
  commitTold(server, Math.min(numberIn(message, "leaderCommit"), matchIndex), context);
  const matchTerm = last?.term ?? prevLogTerm;
  const reply = appendAccepted(server, message.from, round, matchIndex, matchTerm);
  context.emit({ type: "send", message: reply });
}

/**
 * Adds what the log does not hold, cutting it at the first conflict and only there: an old message that arrives late takes
 * nothing away (Figure 2, AppendEntries RPC, 3 and 4). False: a committed entry would have been cut, and nothing was done.
 */
function takeEntries(
  server: ReferenceServer,
  entries: readonly Entry[],
  context: StepContext,
): boolean {
  const { log } = server;
  let held = 0;
  while (held < entries.length && holdsEntry(log, entries[held] as Entry)) held += 1;
  const first = entries[held];
  if (first === undefined) return true;
  if (conflicts(log, first)) {
    if (first.index <= server.commitIndex) {
      const text = `entry ${first.index} of term ${first.term} conflicts with a committed entry`;
      context.emit({ type: "error", name: "COMMITTED_CONFLICT", text });
      return false;
    }
    truncateFrom(log, first.index);
    context.emit({ type: "truncate", from: first.index });
  }
  const added = held === 0 ? entries : entries.slice(held);
  for (const entry of added) appendEntry(log, entry);
  context.emit({ type: "append", entries: added });
  return true;
}

function refuse(
  server: ReferenceServer,
  message: Message,
  round: number,
  conflictIndex: Index | null,
  conflictTerm: Term | null,
  context: StepContext,
): void {
  const reply = appendRefused(server, message.from, round, conflictIndex, conflictTerm);
  context.emit({ type: "send", message: reply });
}

/** A leader's: what a voter, or this server itself, has answered. */
export function handleAppendEntriesReply(
  server: ReferenceServer,
  message: Message,
  context: StepContext,
): void {
  const slot = server.voters.indexOf(message.from);
  if (server.role !== "leader" || message.term !== server.currentTerm || slot < 0) return;
  const matchIndex = numberOrNullIn(message, "matchIndex");
  if (matchIndex === null) backOff(server, slot, message, context);
  else advance(server, slot, matchIndex, context);
  const round = numberIn(message, "round");
  if (round > (server.answeredRound[slot] ?? round)) {
    server.answeredRound[slot] = round;
    answerReads(server, context);
  }
}

function advance(
  server: ReferenceServer,
  slot: number,
  matchIndex: Index,
  context: StepContext,
): void {
  const last = lastIndex(server.log);
  const next = Math.min(Math.max(server.nextIndex[slot] ?? 0, matchIndex + 1), last + 1);
  server.nextIndex[slot] = next;
  server.probing[slot] = false;
  if (matchIndex > (server.matchIndex[slot] ?? matchIndex)) {
    server.matchIndex[slot] = matchIndex;
    commitAgreed(server, context);
  }
  if (next <= last) sendNext(server, slot, true, context);
}

/** Section 5.3, last part: skips a whole term of conflicting entries at a time. An answer to an older probe is let be. */
function backOff(
  server: ReferenceServer,
  slot: number,
  message: Message,
  context: StepContext,
): void {
  const conflictIndex = numberOrNullIn(message, "conflictIndex");
  const conflictTerm = numberOrNullIn(message, "conflictTerm");
  const next = server.nextIndex[slot];
  if (conflictIndex === null || next === undefined) return;
  let hint = conflictIndex;
  if (conflictTerm !== null) hint = afterTerm(server.log, next - 1, conflictTerm) ?? conflictIndex;
  hint = Math.max(hint, firstIndex(server.log));
  if (hint >= next) return;
  server.nextIndex[slot] = hint;
  server.probing[slot] = true;
  sendNext(server, slot, true, context);
}

/** The first index of the run of entries of `term` that reaches up to `index`. */
function firstOfRun(log: Log, index: Index, term: Term): Index {
  let first = index;
  while (first > firstIndex(log) && termAt(log, first - 1) === term) first -= 1;
  return first;
}

/** The index after the last entry of `term` at or below `from`; null when the log has none of that term. */
function afterTerm(log: Log, from: Index, term: Term): Index | null {
  let index = Math.min(from, lastIndex(log));
  while (index > log.baseIndex && (termAt(log, index) ?? 0) > term) index -= 1;
  return termAt(log, index) === term ? index + 1 : null;
}
