import { cloneLog } from "./log.ts";
import { type Tuning, tuningFrom } from "./options.ts";
import type { Recovered, ServerConfig } from "./protocol.ts";
import type { ClientOperation, Index, Obligation, ServerId, ServerMemory, Term } from "./types.ts";

/** A server of the reference protocol. Arrays with a slot per voter are in the order of `voters`. */
export interface ReferenceServer extends ServerMemory {
  readonly tuning: Tuning;
  /** The peers, then this server itself: its own slot is the last. */
  readonly voters: readonly ServerId[];
  /** The term that the election timeout was drawn for: each term draws anew. */
  timeoutTerm: Term;
  /** A candidate's: who has granted it a vote. */
  votes: boolean[];
  /** A leader's: what each voter is known to have stored. Its own append counts when its reply to itself arrives. */
  matchIndex: Index[];
  /** A leader's: what to send to each voter next; runs ahead of the replies unless the voter is being probed. */
  nextIndex: Index[];
  /** A leader's: it does not know yet where this voter's log agrees with its own. */
  probing: boolean[];
  /** A leader's: the index of the entry that it put into its log when it was elected. */
  firstOfTerm: Index;
  /** A leader's: counts the rounds of heartbeats that were sent to confirm leadership for reads. */
  round: number;
  /** A leader's: the last such round that each voter has answered. */
  answeredRound: number[];
  /** A leader's: reads that wait for their round and their index, oldest first. */
  reads: PendingRead[];
  /** A leader's: who waits for the entry at an index to be applied. */
  waiting: Map<Index, ClientOperation>;
  /** A leader's: where it put the latest operations of its term, by their ids; a retry is not put there twice. */
  placed: Map<string, Index>;
  /** What the last messages owed, kept because most messages owe the same again. */
  owed: { hardState: Obligation | null; log: Obligation | null };
}

export interface PendingRead {
  readonly operation: ClientOperation;
  /** Answered when this much is applied. */
  readonly index: Index;
  /** Answered when a majority has answered this round. */
  readonly round: number;
}

export function createServer(config: ServerConfig, recovered: Recovered): ReferenceServer {
  const tuning = tuningFrom(config.options);
  return {
    id: config.id,
    incarnation: config.incarnation,
    peers: config.peers,
    role: "follower",
    currentTerm: recovered.currentTerm,
    votedFor: recovered.votedFor,
    leader: null,
    commitIndex: Math.max(recovered.commitIndex, recovered.log.baseIndex),
    lastApplied: Math.max(recovered.log.baseIndex, recovered.state?.lastApplied ?? 0),
    log: cloneLog(recovered.log),
    electionDeadline: null,
    electionTimeout: tuning.electionTimeoutMin,
    tuning,
    voters: [...config.peers, config.id],
    timeoutTerm: -1,
    votes: [],
    matchIndex: [],
    nextIndex: [],
    probing: [],
    firstOfTerm: 0,
    round: 0,
    answeredRound: [],
    reads: [],
    waiting: new Map(),
    placed: new Map(),
    owed: { hardState: null, log: null },
  };
}

export function cloneServer(server: ReferenceServer): ReferenceServer {
  return {
    ...server,
    log: cloneLog(server.log),
    votes: [...server.votes],
    matchIndex: [...server.matchIndex],
    nextIndex: [...server.nextIndex],
    probing: [...server.probing],
    answeredRound: [...server.answeredRound],
    reads: [...server.reads],
    waiting: new Map(server.waiting),
    placed: new Map(server.placed),
    owed: { ...server.owed },
  };
}

/** The alarms of this protocol, by the names that effects and inputs carry. */
export const ELECTION_ALARM = "election";
export const HEARTBEAT_ALARM = "heartbeat";
