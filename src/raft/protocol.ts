import type { Log } from "./log.ts";
import type {
  ClientOperation,
  ClientResult,
  Entry,
  Index,
  Message,
  Micros,
  ServerId,
  ServerMemory,
  StateImage,
  Term,
} from "./types.ts";

/** What a server is told. Inputs come one at a time, and a handler is never entered twice. */
export type Input =
  /** The first input of a life, right after recovery: draw timeouts, set alarms. */
  | { readonly type: "start" }
  | { readonly type: "receive"; readonly message: Message }
  /** A phase of the system's own loop (PySyncObj's tick), named there. */
  | { readonly type: "phase"; readonly phase: string }
  /** An alarm that the protocol had set. */
  | { readonly type: "alarm"; readonly alarm: string }
  | {
      readonly type: "client";
      readonly operation: ClientOperation;
      readonly command: Uint8Array;
    }
  /** Storage tells: the log is durable up to `index`, whose entry has `term`; asked for in `issuedIn`. */
  | {
      readonly type: "stored";
      readonly index: Index;
      readonly term: Term;
      readonly issuedIn: Term;
    }
  /** An actor of this system tells, in its own words ("dumped"). `data`: bytes that go with it. */
  | {
      readonly type: "told";
      readonly subject: string;
      readonly values: Readonly<Record<string, number | string | null>>;
      readonly data?: Uint8Array;
    }
  /** The transport tells: the connection to a peer is up or down. */
  | { readonly type: "link"; readonly peer: ServerId; readonly up: boolean };

/**
 * What a server does or wants done, in program order. The simulator compares the server's fields around each, so they
 * are the notches at which a crash can fall. What an error of the storage does to the handler belongs to the storage's step.
 */
export type Effect =
  /** Entries were added to the log in memory and are to be kept. */
  | { readonly type: "append"; readonly entries: readonly Entry[] }
  /** The entry at `from` and all after it were removed from the log in memory. */
  | { readonly type: "truncate"; readonly from: Index }
  /** Term or vote changed and are to be kept. */
  | {
      readonly type: "hard-state";
      readonly term: Term;
      readonly votedFor: ServerId | null;
    }
  /** Anything else that this system keeps, by its own name, with numbers of its own ("meta": raftCommitIndex). */
  | {
      readonly type: "store";
      readonly what: string;
      readonly values: Readonly<Record<string, number | string | null>>;
      /** Bytes that go with it: a piece of a snapshot. Never changed. */
      readonly data?: Uint8Array;
    }
  /**
   * The log in memory begins elsewhere: its first entries were given up for a snapshot (`compaction`), or all of it for what
   * a leader's or an older snapshot says (`snapshot`). It now is `entries`, after its base.
   */
  | {
      readonly type: "rebase";
      readonly reason: "compaction" | "snapshot";
      readonly baseIndex: Index;
      readonly baseTerm: Term;
      readonly entries: readonly Entry[];
    }
  /** The state machine is replaced by a snapshot's. The server's lastApplied is its own to change. */
  | { readonly type: "restore"; readonly state: StateImage }
  | { readonly type: "send"; readonly message: Message }
  | { readonly type: "apply"; readonly entry: Entry }
  /** `entry`: the log entry that the result is about; null when there is none (a refusal, a local read). */
  | {
      readonly type: "reply";
      readonly operation: string;
      readonly result: ClientResult;
      readonly entry: { readonly index: Index; readonly term: Term } | null;
      /** Fill in the value from the state machine as it is now (reads). */
      readonly readKey: string | null;
    }
  /** `at` is local time; null takes the alarm back. Setting it again moves it. */
  | { readonly type: "alarm"; readonly alarm: string; readonly at: Micros | null }
  /** The system's own log line, at its own severity. */
  | { readonly type: "notice"; readonly severity: "info" | "critical"; readonly text: string }
  /** The handler was aborted half way by the system's own error; what it had done stays done. */
  | { readonly type: "error"; readonly name: string; readonly text: string };

/** What a protocol may use while it handles an input. */
export interface StepContext {
  /** The machine's own clock. */
  readonly now: Micros;
  readonly emit: (effect: Effect) => void;
  /** A uniform integer in [low, high]; `purpose` names the cause, unique in this server's life. */
  readonly choose: (purpose: string, low: number, high: number) => number;
}

export interface ServerConfig {
  readonly id: ServerId;
  readonly peers: readonly ServerId[];
  readonly incarnation: number;
  /** The bugs that are on, by the catalogue's ids. */
  readonly bugs: ReadonlySet<string>;
  /** The timing and other numbers of the system, by the names its catalogue lists. */
  readonly options: Readonly<Record<string, number>>;
}

/** What recovery found on the disk, in Raft's words. */
export interface Recovered {
  readonly currentTerm: Term;
  readonly votedFor: ServerId | null;
  readonly log: Log;
  readonly commitIndex: Index;
  /** The state machine that it kept; left out: none, the server starts with an empty one. */
  readonly state?: StateImage;
  /** The snapshot's bytes as they lie on the disk, to be sent on. Left out: there is none, or it cannot be used. */
  readonly snapshot?: Uint8Array;
  /** What the system keeps beyond that, under its own names. */
  readonly extra: Readonly<Record<string, number | string | null>>;
}

/** A row of the table that says what a message may not leave before. Shown to users. */
export interface ObligationRow {
  readonly message: string;
  readonly owes: string;
  readonly source: string;
}

/** The port that every protocol implements. Pure but for the one server that `step` is handed. */
export interface Protocol<Server extends ServerMemory = ServerMemory> {
  readonly obligations: readonly ObligationRow[];
  /** A server as it is right after recovery; it has not done anything yet. */
  create(config: ServerConfig, recovered: Recovered): Server;
  /** Handles one input to its end. Mutates `server` alone; whatever it wants done it emits, in program order. */
  step(server: Server, input: Input, context: StepContext): void;
  clone(server: Server): Server;
}
