import type { StepContext } from "#raft/protocol.ts";
import type { Entry, Index, Message, ServerId } from "#raft/types.ts";
import { decodeDump } from "./dump.ts";
import { isDynamic, replaceCluster } from "./membership.ts";
import { currentLogIndex, entriesAt, option, type PySyncObj } from "./server.ts";
import { joined } from "./transmission.ts";

/** A piece of the full dump on its way to a node. */
export interface Chunk {
  readonly data: Uint8Array;
  readonly isFirst: boolean;
  /** The last one is empty: it says that the one before was the last. */
  readonly isLast: boolean;
}

/** getTransmissionData (serializer.py:117-155). Null while a dump is being made, and where there is none. */
export function nextChunk(server: PySyncObj, node: ServerId): Chunk | null {
  if (server.serializer.state !== "idle") return null;
  const { data, at } = server.transmissions[node] ?? { data: server.dump, at: 0 };
  if (data === null) return null;
  const piece = data.slice(at, at + option(server, "logCompactionBatchSize"));
  const isLast = piece.length === 0;
  if (isLast) delete server.transmissions[node];
  else server.transmissions[node] = { data, at: at + piece.length };
  return { data: piece, isFirst: at === 0, isLast };
}

/**
 * setTransmissionData (serializer.py:157-203), and the load of what came (syncobj.py:951-954). The index that was verified by
 * it: of the dump's last entry; null before the last piece, and where the dump could not be loaded. `isWhole`: it is answered.
 */
export function acceptChunk(
  server: PySyncObj,
  message: Message,
  context: StepContext,
): { readonly isWhole: boolean; readonly verified: Index | null } {
  const { isFirst, isLast } = message.fields;
  const { data = new Uint8Array() } = message;
  const { incoming } = server;
  if (isFirst !== true && incoming === null) return { isWhole: false, verified: null };
  if (option(server, "fullDumpFile") !== 0) {
    const values = { isFirst: Number(isFirst), isLast: Number(isLast) };
    context.emit({ type: "store", what: "snapshot chunk", values, data });
  }
  const bytes = isFirst === true || incoming === null ? data : joined(incoming, data);
  server.incoming = isLast === true ? null : bytes;
  if (isLast !== true) return { isWhole: false, verified: null };
  server.dump = bytes;
  return { isWhole: true, verified: loadDump(server, bytes, context) };
}

/** __loadDumpFile(clearJournal=True) (syncobj.py:1384-1413). What goes wrong in it is logged and forgotten. */
function loadDump(server: PySyncObj, bytes: Uint8Array, context: StepContext): Index | null {
  const dump = decodeDump(bytes);
  if (!dump.ok) {
    const text = `failed to load full dump: ${dump.reason} (byte ${dump.offset})`;
    context.emit({ type: "notice", severity: "critical", text });
    return null;
  }
  const { state, previous, last, cluster } = dump.value;
  const entries = [previous, last, ...suffixBehind(server, last)];
  const base = { baseIndex: previous.index - 1, baseTerm: 0 };
  server.log = { ...base, entries, length: entries.length };
  const rebased = [...entries];
  context.emit({ type: "rebase", reason: "snapshot", ...base, entries: rebased });
  context.emit({ type: "restore", state: { ...state, lastApplied: last.index } });
  server.lastApplied = last.index;
  if (isDynamic(server)) replaceCluster(server, cluster, context);
  clampCommitIndex(server, context);
  return last.index;
}

/** Section 7 of the Raft paper keeps what follows an entry that the log has too; the original drops all of it. */
function suffixBehind(server: PySyncObj, last: Entry): readonly Entry[] {
  if (server.config.bugs.has("dump-load-drops-journal")) return [];
  const [own, ...behind] = entriesAt(server.log, last.index);
  return own?.index === last.index && own.term === last.term ? behind : [];
}

/** PR #197: a commit index past the end of the log is taken back, and stored at the next second. */
function clampCommitIndex(server: PySyncObj, context: StepContext): void {
  const end = currentLogIndex(server.log);
  if (server.config.bugs.has("dump-load-leaves-commit-index") || server.commitIndex <= end) return;
  const text = `the commit index ${server.commitIndex} is past the end of the log: it is ${end} now`;
  context.emit({ type: "notice", severity: "info", text });
  server.commitIndex = end;
  server.metaCommitIndex = end;
  server.metaDirty = true;
}
