import { truncateFrom } from "#raft/log.ts";
import type { StepContext } from "#raft/protocol.ts";
import { type Entry, type Index, type Message, NOTHING_OWED, type ServerId } from "#raft/types.ts";
import { leaderChanged } from "./clients.ts";
import { owesHardState, owesLog } from "./obligations.ts";
import {
  addEntry,
  becomeFollower,
  currentLogIndex,
  drawDeadline,
  entriesAt,
  firstLogIndex,
  isConnected,
  keepHardState,
  option,
  type PySyncObj,
  send,
} from "./server.ts";

/** Appends in memory and in the mapped file (journal.py:196-203). */
export function addToLog(server: PySyncObj, command: Uint8Array, context: StepContext): Entry {
  const index = currentLogIndex(server.log) + 1;
  const entry: Entry = { index, term: server.currentTerm, command };
  keepEntry(server, entry, context);
  return entry;
}

function keepEntry(server: PySyncObj, entry: Entry, context: StepContext): void {
  addEntry(server.log, entry);
  context.emit({ type: "append", entries: [entry] });
}

/**
 * syncobj.py:1163-1249. To each connected node until it is caught up; nextIndex moves on as soon as a batch is handed out.
 * No time passes inside a handler here, so the original's time limit of one appendEntriesPeriod never cuts in.
 */
export function sendAppendEntries(server: PySyncObj, context: StepContext): void {
  server.newAppendEntriesTime = context.now + option(server, "appendEntriesPeriod");
  for (const peer of server.peers) {
    if (!isConnected(server, peer)) continue;
    let single = true;
    while (single || (server.nextIndex[peer] ?? 0) <= currentLogIndex(server.log)) {
      single = false;
      if (!sendNext(server, peer, context)) break;
    }
  }
}

/** One message to one node; false when there is nothing more that can be sent now. */
function sendNext(server: PySyncObj, peer: ServerId, context: StepContext): boolean {
  const nextIndex = server.nextIndex[peer] ?? 0;
  const { log, commitIndex: commit_index, currentTerm: term } = server;
  const head = { kind: "append", name: "append_entries", term, success: null } as const;
  const obligation = NOTHING_OWED;
  if (nextIndex <= firstLogIndex(log)) {
    // Snapshot form. There is no full dump here, so the serializer has nothing: `serialized` is None.
    const fields = { commit_index, serialized: null };
    send(server, peer, { ...head, fields, obligation }, context);
    return false;
  }
  const previous = entriesAt(log, nextIndex - 1, 1)[0];
  const prevLogIdx = previous === undefined ? null : nextIndex - 1;
  const prevLogTerm = previous?.term ?? null;
  const entries = nextIndex <= currentLogIndex(log) ? batchFrom(server, nextIndex) : [];
  const last = entries.at(-1);
  if (last !== undefined) server.nextIndex[peer] = last.index + 1;
  const fields = { commit_index, prevLogIdx, prevLogTerm };
  send(server, peer, { ...head, entries, fields, obligation }, context);
  return last !== undefined;
}

/** A batch ends with the entry that reaches the limit. */
function batchFrom(server: PySyncObj, from: Index): readonly Entry[] {
  const entries = entriesAt(server.log, from);
  const limit = option(server, "appendEntriesBatchSizeBytes");
  let bytes = 0;
  const end = entries.findIndex(({ command }) => {
    bytes += command.length;
    return bytes >= limit;
  });
  return end < 0 ? entries : entries.slice(0, end + 1);
}

/** syncobj.py:884-959. A message of an older term is ignored without an answer. */
export function onAppendEntries(server: PySyncObj, message: Message, context: StepContext): void {
  const term = message.term ?? 0;
  if (term < server.currentTerm) return;
  drawDeadline(server, context);
  if (server.leader !== message.from) leaderChanged(server, context);
  server.leader = message.from;
  if (term > server.currentTerm) {
    server.currentTerm = term;
    server.votedFor = null;
    keepHardState(server, "term", context);
  }
  becomeFollower(server); // Also a leader of this very term.
  const commitIndex = Number(message.fields.commit_index);
  server.leaderCommitIndex = commitIndex;
  const accepted = "prevLogIdx" in message.fields ? acceptEntries(server, message, context) : true;
  if (!accepted) return;
  if (commitIndex > server.commitIndex) {
    server.commitIndex = Math.min(commitIndex, currentLogIndex(server.log));
  }
  setMetaCommitIndex(server);
}

/** The log form. Everything behind prevLogIdx goes, also what is identical to the entries that follow. */
function acceptEntries(server: PySyncObj, message: Message, context: StepContext): boolean {
  const { log } = server;
  const { prevLogIdx, prevLogTerm } = message.fields;
  const at = typeof prevLogIdx === "number" ? prevLogIdx : null;
  const found = entriesAt(log, at);
  const previous = found[0];
  if (at === null || previous === undefined) {
    const next_node_idx = currentLogIndex(log) + 1;
    sendNextNodeIdx(server, message.from, { next_node_idx, reset: true, success: false }, context);
    return false;
  }
  if (previous.term !== prevLogTerm) {
    const fields = { next_node_idx: at, reset: true, success: false };
    sendNextNodeIdx(server, message.from, fields, context);
    return false;
  }
  if (found.length > 1) cutAfter(server, at, context);
  for (const entry of message.entries) keepEntry(server, entry, context);
  const last = message.entries.at(-1)?.index ?? at;
  const fields = { next_node_idx: last + 1, reset: false, success: true };
  sendNextNodeIdx(server, message.from, fields, context);
  return true;
}

function cutAfter(server: PySyncObj, at: Index, context: StepContext): void {
  const { log, lastApplied } = server;
  if (!server.config.bugs.has("applied-truncation-unnoticed") && at < lastApplied) {
    const text = `truncating the log from index ${at + 1}, but entries up to ${lastApplied} are applied: the state machine diverges`;
    context.emit({ type: "notice", severity: "critical", text });
  }
  // By position, which is the index unless the journal has a hole.
  truncateFrom(log, log.baseIndex + 1 + (at + 1 - firstLogIndex(log)));
  context.emit({ type: "truncate", from: at + 1 });
}

function sendNextNodeIdx(
  server: PySyncObj,
  to: ServerId,
  fields: { next_node_idx: Index; reset: boolean; success: boolean },
  context: StepContext,
): void {
  const { success, next_node_idx } = fields;
  const obligation = success ? owesLog(server, next_node_idx) : owesHardState(server);
  const head = { kind: "append-reply", name: "next_node_idx", term: null, success } as const;
  send(server, to, { ...head, fields, obligation }, context);
}

/** syncobj.py:987-1000. A success takes an optimistic nextIndex back to what it confirms. */
export function onNextNodeIdx(server: PySyncObj, message: Message, context: StepContext): void {
  if (server.role !== "leader") return;
  const { from } = message;
  const nextNodeIdx = Number(message.fields.next_node_idx);
  if (message.fields.reset === true) server.nextIndex[from] = nextNodeIdx;
  if (message.fields.success === true && (server.matchIndex[from] ?? 0) < nextNodeIdx - 1) {
    server.matchIndex[from] = nextNodeIdx - 1;
    server.nextIndex[from] = nextNodeIdx;
  }
  server.lastResponseTime[from] = context.now;
}

/** setRaftCommitIndex (journal.py:242-244): into the dict only. PR #202 keeps it inside the log on the way. */
export function setMetaCommitIndex(server: PySyncObj): void {
  const { commitIndex, log } = server;
  const isAsItIs = server.config.bugs.has("commit-index-saved-unclamped");
  server.metaCommitIndex = isAsItIs ? commitIndex : Math.min(commitIndex, currentLogIndex(log));
  server.metaDirty = true;
}
