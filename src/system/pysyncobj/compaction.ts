import { concatBytes } from "#base/bytes.ts";
import type { StepContext } from "#raft/protocol.ts";
import type { Entry, Index } from "#raft/types.ts";
import { encodeRecord } from "./format.ts";
import { entriesAt, firstLogIndex, option, type PySyncObj } from "./server.ts";

/**
 * __tryLogCompaction (syncobj.py:1333-1382). A child that is done is only noticed here, by a later tick: until then the dump
 * is in its place and the journal is not cut.
 */
export function compactIfDue(server: PySyncObj, context: StepContext): void {
  const { serializer } = server;
  if (serializer.state !== "idle") {
    noticeChild(server, context);
    return;
  }
  if (!isDue(server, context)) return;
  server.forceLogCompaction = false;
  const [previous, last] = entriesAt(server.log, server.lastApplied - 1, 2);
  if (
    previous === undefined ||
    last === undefined ||
    previous.index === server.lastSerializedEntry
  ) {
    server.lastSerializedTime = context.now;
    return;
  }
  server.serializer = { state: "busy", id: previous.index, dump: null };
  context.emit({
    type: "store",
    what: "dump",
    values: {
      lastApplied: server.lastApplied,
      cluster: JSON.stringify([...server.peers, server.id]),
    },
    data: concatBytes(
      [previous, last].map(({ index, term, command }) => encodeRecord(index, term, command)),
    ),
  });
}

/** checkSerializing (serializer.py:28-60) tells of each end once. Sends that were under way begin anew with the new dump. */
function noticeChild(server: PySyncObj, context: StepContext): void {
  const { serializer } = server;
  switch (serializer.state) {
    case "idle":
    case "busy":
      return;
    case "failed":
      server.serializer = { ...serializer, state: "idle" };
      context.emit({ type: "notice", severity: "critical", text: "Failed to store full dump" });
      return;
    case "done":
      server.serializer = { state: "idle", id: serializer.id, dump: null };
      server.dump = serializer.dump;
      server.transmissions = {};
      server.lastSerializedTime = context.now;
      cutUpTo(server, serializer.id, context);
      server.lastSerializedEntry = serializer.id;
      return;
  }
}

/** Too long a log, too long a time, or by force; with logCompactionSplit only in a window that is this node's own. */
function isDue(server: PySyncObj, { now }: StepContext): boolean {
  const isLong = server.log.length > option(server, "logCompactionMinEntries");
  const interval = option(server, "logCompactionMinTime");
  const isLate = now - server.lastSerializedTime > interval;
  if (!isLong && !isLate && !server.forceLogCompaction) return false;
  if (option(server, "logCompactionSplit") === 0) return true;
  const nodes = [...server.peers, server.id].sort();
  // The first three tenths of this node's share of the interval, without a fraction.
  const since = (now % interval) * nodes.length - nodes.indexOf(server.id) * interval;
  return since >= 0 && since * 10 < 3 * interval;
}

/** __deleteEntriesTo (syncobj.py:1125-1130): by position, so that the log begins with the entry before the dump's last. */
function cutUpTo(server: PySyncObj, index: Index, context: StepContext): void {
  const { log } = server;
  const at = index - firstLogIndex(log);
  if (at < 0) return;
  const entries: Entry[] = log.entries.slice(Math.min(at, log.length), log.length);
  const before = at === 0 ? undefined : log.entries[Math.min(at, log.length) - 1];
  const baseTerm = before?.term ?? log.baseTerm;
  const baseIndex = entries[0] === undefined ? index - 1 : entries[0].index - 1;
  server.log = { baseIndex, baseTerm, entries, length: entries.length };
  context.emit({
    type: "rebase",
    reason: "compaction",
    baseIndex,
    baseTerm,
    entries: [...entries],
  });
}
