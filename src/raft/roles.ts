import { abandonClients } from "./answers.ts";
import type { StepContext } from "./protocol.ts";
import { ELECTION_ALARM, HEARTBEAT_ALARM, type ReferenceServer } from "./reference-server.ts";
import type { ServerId, Term } from "./types.ts";

/** Hands term and vote to storage; called right after either changed, before any message that tells of it. */
export function keepHardState(server: ReferenceServer, context: StepContext): void {
  context.emit({ type: "hard-state", term: server.currentTerm, votedFor: server.votedFor });
}

/** Starts the election timer anew. Each term has its own random timeout (Raft paper, section 5.2). */
export function resetElectionTimer(server: ReferenceServer, context: StepContext): void {
  if (server.timeoutTerm !== server.currentTerm) {
    server.timeoutTerm = server.currentTerm;
    server.electionTimeout = context.choose(
      `election-timeout/${server.currentTerm}`,
      server.tuning.electionTimeoutMin,
      server.tuning.electionTimeoutMax,
    );
  }
  server.electionDeadline = context.now + server.electionTimeout;
  context.emit({ type: "alarm", alarm: ELECTION_ALARM, at: server.electionDeadline });
}

export function stopElectionTimer(server: ReferenceServer, context: StepContext): void {
  server.electionDeadline = null;
  context.emit({ type: "alarm", alarm: ELECTION_ALARM, at: null });
}

/** Follows from now on in `term`, which is this server's or a later one (section 5.1). */
export function becomeFollower(
  server: ReferenceServer,
  term: Term,
  leader: ServerId | null,
  context: StepContext,
): void {
  const hasLed = server.role === "leader";
  server.role = "follower";
  server.leader = leader;
  if (term > server.currentTerm) {
    server.currentTerm = term;
    server.votedFor = null;
    keepHardState(server, context);
  }
  if (hasLed) {
    context.emit({ type: "alarm", alarm: HEARTBEAT_ALARM, at: null });
    resetElectionTimer(server, context);
    abandonClients(server, context);
  }
}
