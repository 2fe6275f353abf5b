import { lastTerm } from "#raft/log.ts";
import type { StepContext } from "#raft/protocol.ts";
import type { Message } from "#raft/types.ts";
import { leaderChanged } from "./clients.ts";
import { NO_OP } from "./format.ts";
import { owesHardState } from "./obligations.ts";
import { addToLog } from "./replication.ts";
import { sendAppendEntries } from "./sending.ts";
import {
  becomeFollower,
  currentLogIndex,
  drawDeadline,
  isMajority,
  keepHardState,
  option,
  type PySyncObj,
  send,
} from "./server.ts";

/** syncobj.py:579-596. Without any connection nothing starts, but the deadline stays passed. */
export function startElectionIfDue(server: PySyncObj, context: StepContext): void {
  if (server.role === "leader" || server.electionDeadline === null) return;
  const alone = server.peers.length === 0;
  if (server.electionDeadline >= context.now || (server.connectedNodes.length === 0 && !alone)) {
    return;
  }
  drawDeadline(server, context);
  server.leader = null;
  server.role = "candidate";
  server.currentTerm += 1;
  server.votedFor = server.id;
  keepHardState(server, "term", context);
  server.votesCount = 1;
  for (const peer of server.peers) {
    const last_log_index = currentLogIndex(server.log);
    const fields = { last_log_index, last_log_term: lastTerm(server.log) };
    const obligation = owesHardState(server);
    const { currentTerm: term } = server;
    const head = { kind: "vote-request", name: "request_vote", term, success: null } as const;
    send(server, peer, { ...head, fields, obligation }, context);
  }
  leaderChanged(server, context);
  if (isMajority(server, server.votesCount)) becomeLeader(server, context);
}

/** syncobj.py:856-882. Every refusal is silent. */
export function onRequestVote(server: PySyncObj, message: Message, context: StepContext): void {
  const term = message.term ?? 0;
  if (term > server.currentTerm) {
    server.currentTerm = term;
    server.votedFor = null;
    keepHardState(server, "term", context);
    becomeFollower(server); // The deadline is not drawn again.
    server.leader = null;
  }
  if (server.role === "leader" || term < server.currentTerm) return;
  const lastLogTerm = Number(message.fields.last_log_term);
  const lastLogIndex = Number(message.fields.last_log_index);
  const ownTerm = lastTerm(server.log);
  if (lastLogTerm < ownTerm) return;
  if (lastLogTerm === ownTerm && lastLogIndex < currentLogIndex(server.log)) return;
  if (server.votedFor !== null) return; // Even when it is for the same candidate.
  server.votedFor = message.from;
  keepHardState(server, "vote", context);
  drawDeadline(server, context);
  const head = { kind: "vote-reply", name: "response_vote", term, success: true } as const;
  const obligation = owesHardState(server);
  send(server, message.from, { ...head, fields: {}, obligation }, context);
}

/** syncobj.py:980-985. Votes are counted, not attributed: who sent one is not looked at. */
export function onResponseVote(server: PySyncObj, message: Message, context: StepContext): void {
  if (server.role !== "candidate" || message.term !== server.currentTerm) return;
  server.votesCount += 1;
  if (isMajority(server, server.votesCount)) becomeLeader(server, context);
}

/** syncobj.py:1132-1149. With appendEntriesUseBatch off the first entries are sent, and then a heartbeat at once. */
function becomeLeader(server: PySyncObj, context: StepContext): void {
  server.leader = server.id;
  server.role = "leader";
  server.passedDeadline = server.electionDeadline ?? context.now;
  server.electionDeadline = null;
  for (const peer of server.peers) {
    server.nextIndex[peer] = currentLogIndex(server.log) + 1;
    server.matchIndex[peer] = 0;
    server.lastResponseTime[peer] = context.now;
  }
  server.noopIndex = addToLog(server, NO_OP, context).index;
  if (option(server, "appendEntriesUseBatch") === 0) sendAppendEntries(server, context);
  sendAppendEntries(server, context);
}
