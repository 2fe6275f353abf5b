import { entryAt, type Log, lastIndex, lastTerm, termAt } from "./log.ts";
import { agreed, majority } from "./quorum.ts";
import type { PendingRead, ReferenceServer } from "./reference-server.ts";
import type { Entry, Index, ServerId, Term } from "./types.ts";

// Each rule of the protocol as one claim. A variant of the protocol changes a claim here, not the handlers.

/** The log that ends so is at least as up to date as `log` (Raft paper, section 5.4.1). */
export function isUpToDate(log: Log, candidateIndex: Index, candidateTerm: Term): boolean {
  const ownTerm = lastTerm(log);
  if (candidateTerm !== ownTerm) return candidateTerm > ownTerm;
  return candidateIndex >= lastIndex(log);
}

/** One vote a term, first come, first served (section 5.2). */
export function isVoteFree(server: ReferenceServer, candidate: ServerId): boolean {
  return server.votedFor === null || server.votedFor === candidate;
}

/** Votes from a majority of the cluster for the same term elect (section 5.2). */
export function isElected(server: ReferenceServer): boolean {
  let granted = 0;
  for (const each of server.votes) if (each) granted += 1;
  return granted >= majority(server.voters.length);
}

/** The consistency check of AppendEntries (section 5.3). What was compacted away was committed, so it agrees. */
export function agreesAt(log: Log, prevLogIndex: Index, prevLogTerm: Term): boolean {
  return prevLogIndex < log.baseIndex || termAt(log, prevLogIndex) === prevLogTerm;
}

/** An existing entry conflicts with a new one: same index, another term (Figure 2, AppendEntries RPC, 3). */
export function conflicts(log: Log, entry: Entry): boolean {
  const existing = entryAt(log, entry.index);
  return existing !== null && existing.term !== entry.term;
}

/** The log holds this entry already, or has compacted it away. */
export function holdsEntry(log: Log, entry: Entry): boolean {
  return entry.index <= log.baseIndex || entryAt(log, entry.index)?.term === entry.term;
}

/** A leader commits by counting only what is of its own term (section 5.4.2); what precedes it is committed with it. */
export function mayCommit(server: ReferenceServer, index: Index): boolean {
  return index > server.commitIndex && termAt(server.log, index) === server.currentTerm;
}

/**
 * A leader may answer this read: a majority took it for the leader after the read came in, and all that was committed by
 * then is applied (section 8).
 */
export function mayAnswerRead(server: ReferenceServer, read: PendingRead): boolean {
  return read.index <= server.lastApplied && read.round <= agreed(server.answeredRound);
}
