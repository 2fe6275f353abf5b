import type { ObligationRow } from "./protocol.ts";
import type { ReferenceServer } from "./reference-server.ts";
import type { Index, Obligation, Term } from "./types.ts";

/** What each message promises, and so may not leave before. Shown to users as it stands here. */
export const referenceObligations: readonly ObligationRow[] = [
  {
    message: "RequestVote",
    owes: "the candidate's new term and its vote for itself",
    source: "Raft paper, Figure 2 (persistent state) and section 5.2",
  },
  {
    message: "RequestVoteReply, granted",
    owes: "the term and the vote; the candidate's own vote counts by such a reply to itself",
    source: "Raft paper, Figure 2, RequestVote RPC and persistent state",
  },
  {
    message: "RequestVoteReply, refused",
    owes: "the term it was refused in",
    source: "Raft paper, Figure 2 (persistent state) and section 5.1",
  },
  {
    message: "AppendEntries",
    owes: "nothing: a leader's term and vote were durable before it asked for votes, and it may send entries while it writes them",
    source: "Raft thesis, section 10.2.1 (writing to the leader's disk in parallel)",
  },
  {
    message: "AppendEntriesReply, accepted",
    owes: "the term, and the log up to matchIndex; the leader's own append counts by such a reply to itself",
    source: "Raft paper, Figure 2 (persistent state) and section 5.3; thesis, section 10.2.1",
  },
  {
    message: "AppendEntriesReply, refused",
    owes: "the term it was refused in",
    source: "Raft paper, Figure 2 (persistent state) and section 5.1",
  },
];

/** The sender's term, with the vote as it stands: a vote of null claims nothing. */
export function owesHardState(server: ReferenceServer): Obligation {
  const { currentTerm: term, votedFor, owed } = server;
  const last = owed.hardState;
  const isSame = last?.hardState?.term === term && last.hardState.votedFor === votedFor;
  if (last !== null && isSame) return last;
  owed.hardState = { hardState: { term, votedFor }, log: null };
  return owed.hardState;
}

/** The same, and the log up to `index`, whose entry has term `term`. */
export function owesLog(server: ReferenceServer, index: Index, term: Term): Obligation {
  const { hardState } = owesHardState(server);
  const last = server.owed.log;
  const isSame =
    last?.hardState === hardState && last.log?.index === index && last.log.term === term;
  if (last !== null && isSame) return last;
  server.owed.log = { hardState, log: index === 0 ? null : { index, term } };
  return server.owed.log;
}
