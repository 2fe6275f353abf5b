import { lastIndex } from "./log.ts";
import { numberIn, requestVote, requestVoteReply } from "./messages.ts";
import type { StepContext } from "./protocol.ts";
import type { ReferenceServer } from "./reference-server.ts";
import { probeAll, propose } from "./replication.ts";
import { keepHardState, resetElectionTimer, stopElectionTimer } from "./roles.ts";
import { isElected, isUpToDate, isVoteFree } from "./rules.ts";
import type { Message } from "./types.ts";

/** The command of a leader's first entry: nothing. */
const NO_OP = new Uint8Array(0);

/** Figure 2, rules for candidates. The vote for itself counts when the reply to itself arrives, so not before it is kept. */
export function startElection(server: ReferenceServer, context: StepContext): void {
  if (server.role === "leader") return;
  server.role = "candidate";
  server.leader = null;
  server.currentTerm += 1;
  server.votedFor = server.id;
  server.votes = server.voters.map(() => false);
  keepHardState(server, context);
  resetElectionTimer(server, context);
  context.emit({ type: "send", message: requestVoteReply(server, server.id, true) });
  for (const peer of server.peers) {
    context.emit({ type: "send", message: requestVote(server, peer) });
  }
}

/** Figure 2, RequestVote RPC, receiver. */
export function handleRequestVote(
  server: ReferenceServer,
  message: Message,
  context: StepContext,
): void {
  const voteGranted =
    message.term === server.currentTerm &&
    isVoteFree(server, message.from) &&
    isUpToDate(server.log, numberIn(message, "lastLogIndex"), numberIn(message, "lastLogTerm"));
  if (voteGranted) {
    if (server.votedFor === null) {
      server.votedFor = message.from;
      keepHardState(server, context);
    }
    resetElectionTimer(server, context); // A refused vote leaves the timer running.
  }
  context.emit({ type: "send", message: requestVoteReply(server, message.from, voteGranted) });
}

/** A candidate's: a vote, from itself too. */
export function handleRequestVoteReply(
  server: ReferenceServer,
  message: Message,
  context: StepContext,
): void {
  const slot = server.voters.indexOf(message.from);
  if (server.role !== "candidate" || message.term !== server.currentTerm || slot < 0) return;
  if (message.success !== true) return;
  server.votes[slot] = true;
  if (isElected(server)) becomeLeader(server, context);
}

/** Its first entry is of its own term, so that what precedes it can be committed with it (section 8). */
function becomeLeader(server: ReferenceServer, context: StepContext): void {
  const { voters, log } = server;
  const next = lastIndex(log) + 1;
  server.role = "leader";
  server.leader = server.id;
  server.nextIndex = voters.map(() => next);
  server.matchIndex = voters.map(() => 0);
  server.probing = voters.map(() => true);
  server.firstOfTerm = next;
  server.round = 0;
  server.answeredRound = voters.map(() => 0);
  stopElectionTimer(server, context);
  propose(server, NO_OP, context);
  probeAll(server, context);
}
