import type { Log } from "./log.ts";

/** The name of a Raft participant (the paper's "server"), unique in the cluster. */
export type ServerId = string;
/** A Raft term. A safe integer; larger ones from damaged files are renamed at import. */
export type Term = number;
/** A position in the replicated log; the first entry of a fresh log has index 1. */
export type Index = number;
/** Integer microseconds: of virtual time in the simulator, of the machine's own clock in a protocol. */
export type Micros = number;

/** One entry of the replicated log. Immutable, and shared by every copy of a log that holds it. */
export interface Entry {
  readonly index: Index;
  readonly term: Term;
  /** Opaque to Raft: the system's state machine and codec know what the bytes mean. */
  readonly command: Uint8Array;
}

export type Role = "follower" | "pre-candidate" | "candidate" | "leader" | "learner";

/**
 * What every protocol keeps in memory for one server, under the names of the Raft paper's Figure 2. The simulator
 * compares these fields around each effect, so a change is observed whether or not the protocol reports it.
 */
export interface ServerMemory {
  readonly id: ServerId;
  /** Counts the boots of this server: 1 for its first life. */
  readonly incarnation: number;
  /** All other members, as this server knows them now. Replaced, never written to. */
  peers: readonly ServerId[];
  role: Role;
  currentTerm: Term;
  votedFor: ServerId | null;
  /** Whom this server takes for the leader. */
  leader: ServerId | null;
  commitIndex: Index;
  lastApplied: Index;
  log: Log;
  /** The local time at which an election starts unless something intervenes, for the picture; null when none is due. */
  electionDeadline: Micros | null;
  /** The length of the timeout that was drawn for it, for the picture. */
  electionTimeout: Micros;
}

/** What the picture and the auditor need to know of a message, whatever protocol speaks it. */
export type MessageKind =
  | "vote-request"
  | "vote-reply"
  | "append"
  | "append-reply"
  | "snapshot"
  | "snapshot-reply"
  | "forward"
  | "forward-reply";

/** What a message promises to be durable; the protocol demands that it is so before the message leaves. */
export interface Obligation {
  /** The sender's term and vote, as the message implies them. */
  readonly hardState: { readonly term: Term; readonly votedFor: ServerId | null } | null;
  /** The sender's log up to this index, whose entry has this term. */
  readonly log: { readonly index: Index; readonly term: Term } | null;
}

export const NOTHING_OWED: Obligation = { hardState: null, log: null };

export interface Message {
  readonly from: ServerId;
  readonly to: ServerId;
  readonly kind: MessageKind;
  /** The protocol's own name of the message ("AppendEntries", "next_node_idx"). */
  readonly name: string;
  /** Null when the message carries no term (PySyncObj's `next_node_idx`). */
  readonly term: Term | null;
  /** For replies: granted, accepted. Null for requests. */
  readonly success: boolean | null;
  /** Entries carried. Empty for everything but appends. */
  readonly entries: readonly Entry[];
  /** The protocol's remaining fields under their own names; plain data, drawn as they are. */
  readonly fields: Readonly<Record<string, number | string | boolean | null>>;
  /** A piece of a snapshot, or of an entry that travels in pieces. Never changed. Left out: none. */
  readonly data?: Uint8Array;
  readonly obligation: Obligation;
}

/** What a client asks for. `id` is unique in a run, so that a retry can be told from a new request. */
export interface ClientOperation {
  readonly id: string;
  readonly client: string;
  readonly type:
    | "write"
    | "read"
    | "compare-and-set"
    | "increment"
    | "add-server"
    | "remove-server";
  /** Of the map; for a change of the membership the server. */
  readonly key: string;
  /** The value to write, for an increment the whole number to add; empty for a read. */
  readonly value: string;
  /** For compare-and-set: the value that must be there; null: the key must be absent. */
  readonly expected: string | null;
}

/** A state machine at a moment, as a snapshot carries it. Plain data, never changed. */
export interface StateImage {
  /** The index of the last entry that it has applied. */
  readonly lastApplied: Index;
  /** In order of their keys. `index`: of the entry that wrote it; 0: that is not known. */
  readonly values: readonly {
    readonly key: string;
    readonly value: string;
    readonly index: Index;
  }[];
  /** What commands that are not understood did to the digest: sixteen hexadecimal digits, all 0: nothing. */
  readonly beyond: string;
}

/** What a client is told. `unknown`: it may or may not have happened, now or later. */
export interface ClientResult {
  readonly outcome: "ok" | "failed" | "unknown";
  /** The system's own code ("SUCCESS", "NOT_LEADER"). */
  readonly code: string;
  /** For reads. */
  readonly value: string | null;
}
