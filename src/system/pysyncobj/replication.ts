import { truncateFrom } from "#raft/log.ts";
import type { StepContext } from "#raft/protocol.ts";
import type { Entry, Index, Message, ServerId } from "#raft/types.ts";
import { leaderChanged } from "./clients.ts";
import { changeCluster, isDynamic, membershipOf, undoChange } from "./membership.ts";
import { owesHardState, owesLog } from "./obligations.ts";
import {
  addEntry,
  becomeFollower,
  currentLogIndex,
  drawDeadline,
  entriesAt,
  firstLogIndex,
  keepHardState,
  type PySyncObj,
  send,
} from "./server.ts";
import { acceptChunk } from "./snapshot.ts";
import { entryOfParts, joined } from "./transmission.ts";

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
  const accepted = accept(server, message, context);
  if (accepted === "refused") return;
  if (commitIndex > server.commitIndex) raiseCommitIndex(server, commitIndex, accepted.verified);
  setMetaCommitIndex(server);
}

/** syncobj.py:956-957 looks at the end of the log alone; the paper at what this message has compared. */
function raiseCommitIndex(server: PySyncObj, to: Index, verified: Index | null): void {
  if (server.config.bugs.has("commit-beyond-verified")) {
    server.commitIndex = Math.min(to, currentLogIndex(server.log));
  } else server.commitIndex = Math.max(server.commitIndex, Math.min(to, verified ?? 0));
}

/** What a message has shown: the own log is the leader's up to `verified`; null: nothing was compared. */
type Accepted = "refused" | { readonly verified: Index | null };

function accept(server: PySyncObj, message: Message, context: StepContext): Accepted {
  if (message.fields.transmission !== undefined) return acceptPart(server, message, context);
  if ("prevLogIdx" in message.fields) {
    return acceptEntries(server, message, message.entries, context);
  }
  if (message.data === undefined) return { verified: null };
  const { isWhole, verified } = acceptChunk(server, message, context);
  if (isWhole) {
    // An answer is given also when the dump could not be loaded.
    const next_node_idx = (verified ?? currentLogIndex(server.log)) + 1;
    const fields = { next_node_idx, reset: false, success: true };
    sendNextNodeIdx(server, message.from, fields, context, "snapshot-reply");
  }
  return { verified };
}

/** syncobj.py:899-914. Each part but the last is answered by a reply that neither accepts nor refuses. */
function acceptPart(server: PySyncObj, message: Message, context: StepContext): Accepted {
  const { from, data = new Uint8Array(), fields } = message;
  if (fields.transmission === "start") server.recvTransmission = data;
  else server.recvTransmission = joined(server.recvTransmission, data);
  if (fields.transmission !== "finish") {
    const next_node_idx = currentLogIndex(server.log) + 1;
    sendNextNodeIdx(server, from, { next_node_idx, reset: false, success: false }, context);
    return "refused";
  }
  const entry = entryOfParts(server.recvTransmission);
  if (entry === null) {
    const text = `pickle data was truncated: ${server.recvTransmission.length} bytes of an entry in parts`;
    context.emit({ type: "error", name: "UnpicklingError", text });
    return "refused";
  }
  server.recvTransmission = new Uint8Array();
  return acceptEntries(server, message, [entry], context);
}

/** The log form. Everything behind prevLogIdx goes, also what is identical to the entries that follow. */
function acceptEntries(
  server: PySyncObj,
  message: Message,
  entries: readonly Entry[],
  context: StepContext,
): Accepted {
  const { log } = server;
  const { prevLogIdx, prevLogTerm } = message.fields;
  const at = typeof prevLogIdx === "number" ? prevLogIdx : null;
  const found = entriesAt(log, at);
  const previous = found[0];
  if (at === null || previous === undefined) {
    const next_node_idx = currentLogIndex(log) + 1;
    sendNextNodeIdx(server, message.from, { next_node_idx, reset: true, success: false }, context);
    return "refused";
  }
  if (previous.term !== prevLogTerm) {
    const fields = { next_node_idx: at, reset: true, success: false };
    sendNextNodeIdx(server, message.from, fields, context);
    return "refused";
  }
  const same = sameEntries(server, found.slice(1), entries);
  const isCut =
    same === null ? found.length > 1 : same < Math.min(found.length - 1, entries.length);
  if (isCut) cutAfter(server, at + (same ?? 0), context);
  const added = entries.slice(same ?? 0);
  for (const entry of added) keepEntry(server, entry, context);
  if (isDynamic(server)) {
    for (const { command } of added) {
      const change = membershipOf(command);
      if (change !== null) changeCluster(server, change, context);
    }
  }
  const last = entries.at(-1)?.index ?? at;
  const fields = { next_node_idx: last + 1, reset: false, success: true };
  sendNextNodeIdx(server, message.from, fields, context);
  return { verified: last };
}

/** How many of the new entries the log has already, as Figure 2 of the paper asks; null: the original does not ask. */
function sameEntries(
  server: PySyncObj,
  own: readonly Entry[],
  entries: readonly Entry[],
): number | null {
  if (server.config.bugs.has("append-cuts-everything")) return null;
  const differs = entries.findIndex(({ term }, at) => own[at]?.term !== term);
  return differs < 0 ? entries.length : differs;
}

function cutAfter(server: PySyncObj, at: Index, context: StepContext): void {
  const { log, lastApplied } = server;
  if (!server.config.bugs.has("applied-truncation-unnoticed") && at < lastApplied) {
    const text = `truncating the log from index ${at + 1}, but entries up to ${lastApplied} are applied: the state machine diverges`;
    context.emit({ type: "notice", severity: "critical", text });
  }
  if (isDynamic(server)) {
    for (const { command } of entriesAt(log, at + 1).toReversed()) {
      const change = membershipOf(command);
      if (change !== null) undoChange(server, change, context);
    }
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
  kind: "append-reply" | "snapshot-reply" = "append-reply",
): void {
  const { success, next_node_idx } = fields;
  const obligation = success ? owesLog(server, next_node_idx) : owesHardState(server);
  const head = { kind, name: "next_node_idx", term: null, success } as const;
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
