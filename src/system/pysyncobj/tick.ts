import type { StepContext } from "#raft/protocol.ts";
import { reply } from "./clients.ts";
import { drainQueue } from "./commands.ts";
import { compactIfDue } from "./compaction.ts";
import { startElectionIfDue } from "./election.ts";
import { decodeCommand } from "./format.ts";
import { changeCluster, membershipOf } from "./membership.ts";
import { setMetaCommitIndex } from "./replication.ts";
import { sendAppendEntries } from "./sending.ts";
import {
  becomeFollower,
  currentLogIndex,
  entriesAt,
  firstLogIndex,
  isMajority,
  option,
  type PySyncObj,
} from "./server.ts";

type Handler = (server: PySyncObj, context: StepContext) => void;

/** The parts of _onTick (syncobj.py:556-651) in its order. A full dump is loaded by recovery, before all of it. */
export const PHASES: Readonly<Record<string, Handler>> = {
  "meta-timer": storeMetaIfDue,
  election: startElectionIfDue,
  commit: advanceCommitIndex,
  fallback: stepDownIfUnheard,
  apply: applyLogEntries,
  heartbeat: sendHeartbeatIfDue,
  ready: noticeReady,
  queue: drainQueue,
  compaction: compactIfDue,
};

/** syncobj.py:574-577, journal.py:249-252. A timer that fell behind catches up by one a tick. */
function storeMetaIfDue(server: PySyncObj, context: StepContext): void {
  const worked = context.now - server.startTime;
  if (worked <= server.oneSecondDumps * option(server, "metaPeriod")) return;
  server.oneSecondDumps += 1;
  if (!server.metaDirty) return;
  const values = { raftCommitIndex: server.metaCommitIndex };
  context.emit({ type: "store", what: "meta", values });
  server.metaDirty = false;
}

/** syncobj.py:598-621. The leader counts itself: its own entry is in the page cache, and that is enough here. */
function advanceCommitIndex(server: PySyncObj): void {
  if (server.role !== "leader") return;
  let next = server.commitIndex;
  // Behind the last entry by position there is none to look at, whatever index it carries.
  const { log } = server;
  const end = Math.min(currentLogIndex(log), firstLogIndex(log) + log.length - 1);
  for (let index = server.commitIndex + 1; index <= end; index++) {
    const holders = server.peers.filter((peer) => (server.matchIndex[peer] ?? 0) >= index);
    if (!isMajority(server, holders.length + 1)) break;
    const entry = entriesAt(log, index, 1)[0];
    if (entry?.term === server.currentTerm) next = index;
  }
  if (next !== server.commitIndex) {
    server.commitIndex = next;
    setMetaCommitIndex(server);
  }
  server.leaderCommitIndex = server.commitIndex;
}

/** syncobj.py:623-631: without a word from a majority for leaderFallbackTimeout a leader gives up. */
function stepDownIfUnheard(server: PySyncObj, context: StepContext): void {
  if (server.role !== "leader") return;
  const deadline = context.now - option(server, "leaderFallbackTimeout");
  const heard = server.peers.filter((peer) => (server.lastResponseTime[peer] ?? 0) > deadline);
  if (isMajority(server, heard.length + 1)) return;
  becomeFollower(server);
  server.leader = null;
}

/** syncobj.py:653-679. Waiting clients hear of an entry before lastApplied counts it. */
function applyLogEntries(server: PySyncObj, context: StepContext): void {
  const { log, commitIndex, lastApplied } = server;
  server.applied = commitIndex > lastApplied ? "stuck" : "nothing";
  for (const entry of entriesAt(log, lastApplied + 1, Math.max(0, commitIndex - lastApplied))) {
    const waiting = server.commandsWaitingCommit.filter((each) => each.index === entry.index);
    if (waiting.length > 0) {
      const isOther = (each: { index: number }): boolean => each.index !== entry.index;
      server.commandsWaitingCommit = server.commandsWaitingCommit.filter(isOther);
    }
    const decoded = decodeCommand(entry.command);
    if (decoded.type === "broken") {
      server.tickAborted = true;
      context.emit({ type: "error", name: decoded.name, text: decoded.text });
      return;
    }
    context.emit({ type: "apply", entry });
    // With every setting (syncobj.py:831-835); to who did it at append, with dynamicMembershipChange, it is nothing new.
    const change = membershipOf(entry.command);
    if (change !== null) changeCluster(server, change, context);
    for (const { index, term, operation } of waiting) {
      reply(operation, term === entry.term ? "SUCCESS" : "DISCARDED", { index, term }, context);
    }
    server.lastApplied += 1;
    server.applied = "entries";
  }
}

/**
 * syncobj.py:635-637. With batches off it also follows every tick that applied entries, or was to: while the commit index
 * is past the end of the log, every tick sends, and every answer wakes the next. In the original the processor sets the
 * pace; a tick takes no time here, so it is autoTickPeriod that does.
 */
function sendHeartbeatIfDue(server: PySyncObj, context: StepContext): void {
  if (server.role !== "leader") return;
  const { applied, newAppendEntriesTime } = server;
  const useBatch = option(server, "appendEntriesUseBatch") !== 0;
  const pause = option(server, "appendEntriesPeriod") - option(server, "autoTickPeriod");
  const isAgain = applied === "stuck" && context.now >= newAppendEntriesTime - pause;
  const follows = !useBatch && (applied === "entries" || isAgain);
  if (follows || context.now > newAppendEntriesTime) sendAppendEntries(server, context);
}

/** syncobj.py:639-642: ready is exact equality, so one wrong index keeps a node waiting. */
function noticeReady(server: PySyncObj, context: StepContext): void {
  if (server.onReadyCalled || server.lastApplied !== server.leaderCommitIndex) return;
  server.onReadyCalled = true;
  context.emit({ type: "notice", severity: "info", text: "onReady: synced with the leader" });
}
