import type { Seal } from "#disk/seal.ts";
import type { DiskOp, Errno, Image, OpResult, Path } from "#disk/types.ts";
import type { Effect, Input, Protocol, Recovered } from "#raft/protocol.ts";
import type {
  ClientOperation,
  Entry,
  Index,
  Message,
  Micros,
  ServerId,
  ServerMemory,
  StateImage,
  Term,
} from "#raft/types.ts";

/**
 * A system is a protocol, a loop, storage actors, a transport, a state machine and a codec. All are data or pure
 * functions over data that the simulator owns, so any of it can be cloned, replayed and cut by a crash.
 */
export interface System {
  readonly id: string;
  readonly protocol: Protocol;
  /** What the server's process does over and over, from the top. */
  readonly loop: readonly Phase[];
  /** The process of the server's loop, and the actors on it and on other processes of the machine. */
  readonly actors: readonly Actor[];
  /** To which actor an effect goes, and whether the handler waits for it. Null: to none. */
  route(effect: Effect): Route | null;
  /** Does this message wait for a `release`? False: it leaves as it is handed out. */
  holds(message: Message): boolean;
  /** The actor whose `tell` of `recovered` makes the server: it runs first in every life. */
  readonly recovery: string;
  readonly transport: Transport;
  readonly machine: StateMachine;
  readonly codec: Codec;
  /**
   * What keeps a server that has just recovered like this from getting ready, by the system's own rules and beyond indexes that
   * its log has no entries for: in a few words that follow its name. Null: nothing. Left out: nothing ever does.
   */
  readonly obstacle?: (server: ServerMemory) => string | null;
  /** Options by name with their defaults (microseconds, counts). */
  readonly options: Readonly<Record<string, number>>;
}

/** A phase of a system's loop. */
export type Phase =
  /** A handler of the protocol, by name. */
  | { readonly type: "input"; readonly phase: string }
  /** Wait until the actor has done all it was told. */
  | { readonly type: "persist"; readonly actor: string }
  /** Handle what has come in; sleep when nothing has, at most `timeout` (null: until something comes). */
  | {
      readonly type: "poll";
      readonly timeout: Micros | null;
      /** At most so many inputs before the next phase. */
      readonly most: number;
    };

export interface Route {
  readonly actor: string;
  /** True: the handler goes on only when the actor is idle again (a plain system call). */
  readonly wait: boolean;
}

/** What an actor finds in its mailbox. */
export type Note =
  | { readonly type: "effect"; readonly effect: Effect }
  /** The loop waits for this actor at a `persist` phase. */
  | { readonly type: "persist" }
  /** The process is being stopped gracefully: leave the files as this system leaves them. */
  | { readonly type: "stop" }
  /** Boot: run recovery. */
  | { readonly type: "recover" }
  /** From another actor. */
  | {
      readonly type: "actor";
      readonly from: string;
      readonly subject: string;
      readonly values: Readonly<Record<string, number | string | null>>;
    };

/** What an error of a step does. */
export type OnError = "abort-handler" | "ignore" | "exit";

/** One micro-step of an actor: the grain at which power can fail. */
export type Step =
  | { readonly type: "disk"; readonly op: DiskOp; readonly onError: OnError }
  /** What is read comes back as the next `last`. */
  | ReadStep
  /** Work that is no call: it takes `micros` of virtual time and does nothing; `text` says what, for the scrubber. */
  | { readonly type: "work"; readonly micros: Micros; readonly text: string }
  /** The actor changed what its process remembers; `text` says what, for the scrubber. */
  | { readonly type: "memory"; readonly text: string }
  /** Messages held up to this ticket may leave. */
  | { readonly type: "release"; readonly upTo: number }
  | { readonly type: "tell-server"; readonly input: Input }
  | { readonly type: "tell-actor"; readonly actor: string; readonly note: Note }
  | { readonly type: "recovered"; readonly recovered: Recovered }
  /** The process ends with the system's own error, as the real one would say it. */
  | { readonly type: "fail"; readonly name: string; readonly text: string }
  /** The system's own log line. */
  | { readonly type: "notice"; readonly severity: "info" | "critical"; readonly text: string };

/**
 * Reads a file, or `length` bytes of it from `offset` on (fewer where it ends). Recovery reads as little at a time as the
 * real one decides by: what a crash left undecided is decided as it is read, so a scan that stops at the first bad record
 * never splits over what lies behind.
 */
export interface ReadStep {
  readonly type: "read";
  readonly file: Path;
  /** Left out: from the start, to the end. */
  readonly offset?: number;
  readonly length?: number;
  /**
   * What the actor takes from the bytes, as plain data (of bytes it keeps: a copy), and all it ever looks at: `last.value`.
   * States of the disk that give the same value are not told apart. A function of the bytes alone. Left out: the bytes.
   */
  readonly as?: (bytes: Uint8Array) => unknown;
  /**
   * A checksum in exactly these `length` bytes: where it does not match, `as` gives one and the same value, whatever the bytes
   * are, as long as they are as many. So what a crash left of a large record is told apart without being looked at piece by piece.
   */
  readonly seal?: Seal;
}

export type StepResult =
  | { readonly type: "disk"; readonly result: OpResult }
  /** A missing file: all are null. An unreadable one: `errno` says why. Else `value` is of `as`, or the bytes. */
  | {
      readonly type: "read";
      readonly bytes: Uint8Array | null;
      readonly value: unknown;
      readonly errno: Errno | null;
    }
  | { readonly type: "none" };

export interface ActorContext {
  /** Memory of the actor's process, shared by its actors. */
  readonly memory: ProcessMemory;
  /** What the step before gave; `none` at the start of a stretch of work. */
  readonly last: StepResult;
  readonly now: Micros;
  /** The server's directory on the machine, with its trailing slash: prefix of every path. */
  readonly directory: Path;
  /** The server's state machine as it is now. Not there in recovery. */
  readonly application?: () => StateImage;
  /** The ticket of the last message held so far: what a release at the end of this flush may let go. */
  readonly held: number;
  readonly bugs: ReadonlySet<string>;
  readonly options: Readonly<Record<string, number>>;
  /**
   * A power failure during a write may garble so many bytes around it, in blocks of that size: the disk's sector where
   * overwrites are not power-safe. What a real design asks its driver. Left out: 1, none but those written.
   */
  readonly atRisk?: number;
}

/** What a process keeps besides its server: whatever its actors share, plain and cloneable. */
export type ProcessMemory = Record<string, unknown>;

/**
 * A queue of steps inside a process. A cloneable state machine rather than a plan: what it does next may depend on what
 * memory holds by then. Which of several ready actors goes next is the scheduler's choice.
 */
export interface Actor<State = unknown> {
  readonly id: string;
  /** Owner of its memory: `server` is the process of the server's loop. */
  readonly process: string;
  /**
   * A child process of the server's: when the server's process ends and the operating system goes on, it finishes what it is
   * doing, unheard. Left out: it dies with the server.
   */
  readonly outlives?: boolean;
  /** At the start of its process, before any note. */
  start(): State;
  clone(state: State): State;
  /** Puts a note into the mailbox. */
  receive(state: State, note: Note): void;
  /** The next step; null when there is nothing to do. Mutates `state` and `context.memory` alone. */
  next(state: State, context: ActorContext): Step | null;
}

export type Transport =
  | { readonly type: "datagram" }
  | {
      readonly type: "connection";
      /** Who of two servers opens the connection, by their addresses as strings. */
      readonly dials: "larger-address" | "smaller-address";
      /** An attempt that fails is repeated after this long. */
      readonly retryEvery: Micros;
      /** Nothing heard for so long closes a connection; null: never. */
      readonly idleTimeout: Micros | null;
      /** How long after its start a process makes its first attempt and listens. */
      readonly firstAttempt: Micros;
    };

/** The replicated application: a map from text to text for every system here. */
export interface StateMachine {
  /** The command bytes of a client's write, as this system would put them into its log. */
  encode(operation: ClientOperation): Uint8Array;
  /** What an entry does to the map; an empty list for entries that change nothing. */
  decode(command: Uint8Array): Command;
}

export type Command =
  | { readonly type: "set"; readonly key: string; readonly value: string }
  | { readonly type: "delete"; readonly key: string }
  | {
      readonly type: "compare-and-set";
      readonly key: string;
      readonly expected: string | null;
      readonly value: string;
    }
  /** Adds to a decimal number of any length; a value that is none, or is not there, counts as 0, and so does such a `by`. */
  | { readonly type: "increment"; readonly key: string; readonly by: string }
  /** Changes nothing of the map: a leader's first entry, or what `text` says. */
  | { readonly type: "no-op"; readonly text?: string }
  /** Known to be there, not known what it does (another application's command): it enters the state's digest as bytes. */
  | { readonly type: "opaque"; readonly text: string };

/** What the bytes on a machine's disk mean, without running anything. */
export interface Codec {
  /**
   * What recovery would find in these files, tolerant: problems are listed, nothing throws. `bugs`: those that are on, where
   * recovery hangs on them; left out: what is written, whoever reads it.
   */
  inspect(files: Image, directory: Path, bugs?: ReadonlySet<string>): DiskContents;
  /** The meaning of a file's bytes, span by span, in order of offset. */
  annotate(file: Path, bytes: Uint8Array): readonly Span[];
}

/** The logical content of a server's files. */
export interface DiskContents {
  readonly currentTerm: Term | null;
  readonly votedFor: ServerId | null;
  /** A start would take the term from the log's last entry: no file holds it. Left out: it is as written. */
  readonly isTermFromLog?: boolean;
  readonly commitIndex: Index | null;
  /** The state machine that is kept beside the log; left out, or null: none. */
  readonly state?: StateImage | null;
  readonly baseIndex: Index;
  readonly entries: readonly Entry[];
  readonly problems: readonly FileProblem[];
}

export interface FileProblem {
  readonly path: Path;
  readonly offset: number;
  readonly reason: string;
  /** Recovery that finds this ends the server; absent: it goes on, or that is not known. */
  readonly isRefused?: boolean;
}

/** A run of bytes with one meaning. An entry is durable when every byte under its spans is. */
export interface Span {
  readonly offset: number;
  readonly length: number;
  readonly kind: "header" | "record" | "ghost" | "value" | "padding" | "damaged";
  readonly label: string;
  /** The entry that these bytes are, when they are one. */
  readonly entry: Entry | null;
}
