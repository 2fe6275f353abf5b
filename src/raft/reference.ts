import { unreachable } from "#base/assert.ts";
import { handleClient } from "./client.ts";
import { applyCommitted } from "./commit.ts";
import { handleRequestVote, handleRequestVoteReply, startElection } from "./election.ts";
import { referenceObligations } from "./obligations.ts";
import type { Input, Protocol, StepContext } from "./protocol.ts";
import {
  cloneServer,
  createServer,
  ELECTION_ALARM,
  HEARTBEAT_ALARM,
  type ReferenceServer,
} from "./reference-server.ts";
import { handleAppendEntries, handleAppendEntriesReply, sendHeartbeats } from "./replication.ts";
import { becomeFollower, resetElectionTimer } from "./roles.ts";
import type { Message } from "./types.ts";

/**
 * Raft as the paper has it: election, replication, commitment, and clients whose reads are linearizable. Replies are obligated,
 * a server's own vote and own append are replies to itself, so what is not kept is not counted anywhere.
 */
export const referenceProtocol: Protocol<ReferenceServer> = {
  obligations: referenceObligations,
  create: createServer,
  step,
  clone: cloneServer,
};

function step(server: ReferenceServer, input: Input, context: StepContext): void {
  switch (input.type) {
    case "start":
      resetElectionTimer(server, context);
      applyCommitted(server, context);
      return;
    case "receive":
      receive(server, input.message, context);
      return;
    case "alarm":
      if (input.alarm === ELECTION_ALARM) startElection(server, context);
      if (input.alarm === HEARTBEAT_ALARM && server.role === "leader") {
        sendHeartbeats(server, context);
      }
      return;
    case "client":
      handleClient(server, input.operation, input.command, context);
      return;
    case "stored": // What is kept counts when an obligated message arrives, so there is nothing to be told.
    case "link": // Every message may be lost, whether or not a link is there.
    case "told": // Its actors have nothing else to tell.
    case "phase": // No loop of its own.
      return;
    default:
      unreachable(input);
  }
}

function receive(server: ReferenceServer, message: Message, context: StepContext): void {
  if (message.term !== null && message.term > server.currentTerm) {
    becomeFollower(server, message.term, null, context);
  }
  switch (message.kind) {
    case "vote-request":
      handleRequestVote(server, message, context);
      return;
    case "vote-reply":
      handleRequestVoteReply(server, message, context);
      return;
    case "append":
      handleAppendEntries(server, message, context);
      return;
    case "append-reply":
      handleAppendEntriesReply(server, message, context);
      return;
    case "snapshot":
    case "snapshot-reply": // It keeps its whole log, so nobody ever needs one.
    case "forward":
    case "forward-reply": // Clients are told who leads; nothing is forwarded.
      return;
    default:
      unreachable(message.kind);
  }
}
