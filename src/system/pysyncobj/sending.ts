import type { StepContext } from "#raft/protocol.ts";
import { type Entry, type Index, NOTHING_OWED, type ServerId } from "#raft/types.ts";
import {
  currentLogIndex,
  entriesAt,
  firstLogIndex,
  isConnected,
  option,
  type PySyncObj,
  send,
} from "./server.ts";
import { nextChunk } from "./snapshot.ts";
import { partsOf } from "./transmission.ts";

/** What came of one round to one node. */
type Round =
  /** There may be more to send. */
  | "sent"
  /** A piece of a snapshot that is not its last: there is more to send. */
  | "chunk"
  /** The same again would not get any further. */
  | "futile";

/**
 * __sendAppendEntries (syncobj.py:1163-1249). To each connected node until it is caught up; nextIndex moves on as soon as a
 * batch is handed out, and is not moved back when the connection ends. One appendEntriesPeriod is shared by all nodes, of
 * which each message is taken to cost sendTime; no virtual time passes. Where the original does the same over and over until
 * its time is up, as with `serialized: None`, it is done once here.
 */
export function sendAppendEntries(server: PySyncObj, context: StepContext): void {
  server.newAppendEntriesTime = context.now + option(server, "appendEntriesPeriod");
  let spent = 0;
  const isLate = (): boolean => spent > option(server, "appendEntriesPeriod");
  for (const node of server.peers) {
    if (!isConnected(server, node)) {
      delete server.transmissions[node];
      continue;
    }
    let round: Round = "chunk";
    do {
      round = sendNext(server, node, context);
      spent += option(server, "sendTime");
    } while (!isLate() && round !== "futile" && (round === "chunk" || isBehind(server, node)));
  }
}

function isBehind(server: PySyncObj, node: ServerId): boolean {
  return nextIndexOf(server, node) <= currentLogIndex(server.log);
}

function nextIndexOf(server: PySyncObj, node: ServerId): Index {
  return server.nextIndex[node] ?? 0;
}

function sendNext(server: PySyncObj, node: ServerId, context: StepContext): Round {
  if (nextIndexOf(server, node) <= firstLogIndex(server.log))
    return sendChunk(server, node, context);
  const head = headOf(server);
  const { prevLogIdx, prevLogTerm } = previousOf(server, node);
  const { commitIndex: commit_index } = server;
  const fields = { commit_index, prevLogIdx, prevLogTerm };
  const entries = isBehind(server, node) ? batchFrom(server, nextIndexOf(server, node)) : [];
  const last = entries.at(-1);
  if (last !== undefined) server.nextIndex[node] = last.index + 1;
  const [only] = entries;
  const size = option(server, "appendEntriesBatchSizeBytes");
  if (only !== undefined && entries.length === 1 && only.command.length >= size) {
    for (const { transmission, data } of partsOf(only, size)) {
      send(server, node, { ...head, fields: { ...fields, transmission }, data }, context);
    }
  } else send(server, node, { ...head, entries, fields }, context);
  return last === undefined ? "futile" : "sent";
}

/** Both are None when nextIndex is past the leader's own log, or where the log does not go back so far. */
function previousOf(
  server: PySyncObj,
  node: ServerId,
): { readonly prevLogIdx: Index | null; readonly prevLogTerm: number | null } {
  const at = nextIndexOf(server, node) - 1;
  const [previous] = entriesAt(server.log, at, 1);
  if (previous === undefined) return { prevLogIdx: null, prevLogTerm: null };
  return { prevLogIdx: at, prevLogTerm: previous.term };
}

/** The snapshot form. After its last piece the node is taken to have the two entries that the log begins with. */
function sendChunk(server: PySyncObj, node: ServerId, context: StepContext): Round {
  const chunk = nextChunk(server, node);
  const head = headOf(server);
  const { commitIndex: commit_index } = server;
  if (chunk === null) {
    send(server, node, { ...head, fields: { commit_index, serialized: null } }, context);
    return "futile";
  }
  const { data, isFirst, isLast } = chunk;
  const fields = { commit_index, isFirst, isLast };
  send(server, node, { ...head, kind: "snapshot", fields, data }, context);
  if (!isLast) return "chunk";
  const [, second] = entriesAt(server.log, firstLogIndex(server.log), 2);
  if (second === undefined) return "futile";
  server.nextIndex[node] = second.index + 1;
  return "sent";
}

function headOf({ currentTerm: term }: PySyncObj) {
  const name = "append_entries";
  return { kind: "append", name, term, success: null, obligation: NOTHING_OWED } as const;
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
