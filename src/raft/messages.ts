import { assert } from "#base/assert.ts";
import { lastIndex, lastTerm } from "./log.ts";
import { owesHardState, owesLog } from "./obligations.ts";
import type { ReferenceServer } from "./reference-server.ts";
import {
  type Entry,
  type Index,
  type Message,
  NOTHING_OWED,
  type ServerId,
  type Term,
} from "./types.ts";

const NO_ENTRIES: readonly Entry[] = [];

export function requestVote(server: ReferenceServer, to: ServerId): Message {
  return {
    from: server.id,
    to,
    kind: "vote-request",
    name: "RequestVote",
    term: server.currentTerm,
    success: null,
    entries: NO_ENTRIES,
    fields: { lastLogIndex: lastIndex(server.log), lastLogTerm: lastTerm(server.log) },
    obligation: owesHardState(server),
  };
}

export function requestVoteReply(
  server: ReferenceServer,
  to: ServerId,
  voteGranted: boolean,
): Message {
  return {
    from: server.id,
    to,
    kind: "vote-reply",
    name: "RequestVoteReply",
    term: server.currentTerm,
    success: voteGranted,
    entries: NO_ENTRIES,
    fields: {},
    obligation: owesHardState(server),
  };
}

export function appendEntries(
  server: ReferenceServer,
  to: ServerId,
  prevLogIndex: Index,
  prevLogTerm: Term,
  entries: readonly Entry[],
): Message {
  return {
    from: server.id,
    to,
    kind: "append",
    name: "AppendEntries",
    term: server.currentTerm,
    success: null,
    entries: entries.length === 0 ? NO_ENTRIES : entries,
    fields: { prevLogIndex, prevLogTerm, leaderCommit: server.commitIndex, round: server.round },
    obligation: NOTHING_OWED,
  };
}

/** The log up to `matchIndex` is the leader's, and kept. */
export function appendAccepted(
  server: ReferenceServer,
  to: ServerId,
  round: number,
  matchIndex: Index,
  matchTerm: Term,
): Message {
  return {
    from: server.id,
    to,
    kind: "append-reply",
    name: "AppendEntriesReply",
    term: server.currentTerm,
    success: true,
    entries: NO_ENTRIES,
    fields: { matchIndex, round, conflictIndex: null, conflictTerm: null },
    obligation: owesLog(server, matchIndex, matchTerm),
  };
}

/**
 * The log does not have the leader's entry at `prevLogIndex`: it ends before `conflictIndex` (`conflictTerm` null), or has
 * there an entry of `conflictTerm`, whose first one is at `conflictIndex`. Both null: the sender is behind in terms.
 */
export function appendRefused(
  server: ReferenceServer,
  to: ServerId,
  round: number,
  conflictIndex: Index | null,
  conflictTerm: Term | null,
): Message {
  return {
    from: server.id,
    to,
    kind: "append-reply",
    name: "AppendEntriesReply",
    term: server.currentTerm,
    success: false,
    entries: NO_ENTRIES,
    fields: { matchIndex: null, round, conflictIndex, conflictTerm },
    obligation: owesHardState(server),
  };
}

/** A field that this protocol always fills with a number. */
export function numberIn(message: Message, field: string): number {
  const value = message.fields[field];
  assert(typeof value === "number", `${message.name} has a number in ${field}`);
  return value;
}

/** A field that this protocol fills with a number or null. */
export function numberOrNullIn(message: Message, field: string): number | null {
  const value = message.fields[field];
  assert(value === null || typeof value === "number", `${message.name} knows of ${field}`);
  return value;
}
