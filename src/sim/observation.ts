import type { CrashKind, DiskFault, DiskOp } from "#disk/types.ts";
import type {
  ClientOperation,
  ClientResult,
  Entry,
  Index,
  Message,
  Micros,
  Role,
  ServerId,
  StateImage,
  Term,
} from "#raft/types.ts";

/**
 * One thing that the outside can see happen, in program order. Frames, the auditor, traces and conformance tests are folds
 * over these, so a recorded trace of a real system replays in the same views without an engine.
 */
export type Observation = Header & Happening;

export interface Header {
  /** Counts the observations of a run, from 0. */
  readonly sequence: number;
  /** The step it belongs to. */
  readonly step: number;
  readonly time: Micros;
  /** The observation that caused it: the send of what was received, the set of an alarm that rang; null: the script. */
  readonly cause: number | null;
}

export type Happening =
  // A machine and its processes
  | { readonly type: "boot"; readonly machine: string }
  /** A process crash, an OS crash or a power loss. `kept` and `lost` count effects no sync had covered. */
  | {
      readonly type: "crash";
      readonly machine: string;
      readonly kind: CrashKind;
      readonly servers: readonly ServerId[];
      readonly kept: number;
      readonly lost: number;
    }
  | { readonly type: "disk-swap"; readonly machine: string; readonly servers: readonly ServerId[] }
  | { readonly type: "stop"; readonly server: ServerId }
  /** Recovery is done: what the server starts its new life with. The whole log, for folds that need it. */
  | {
      readonly type: "recovered";
      readonly server: ServerId;
      readonly incarnation: number;
      readonly currentTerm: Term;
      readonly votedFor: ServerId | null;
      readonly commitIndex: Index;
      readonly lastApplied: Index;
      readonly baseIndex: Index;
      readonly baseTerm: Term;
      readonly entries: readonly Entry[];
    }
  /** The process ended itself with an error of its own, in recovery or later. */
  | {
      readonly type: "failed";
      readonly server: ServerId;
      readonly name: string;
      readonly text: string;
    }
  // A server's fields
  | { readonly type: "role"; readonly server: ServerId; readonly from: Role; readonly to: Role }
  | { readonly type: "term"; readonly server: ServerId; readonly from: Term; readonly to: Term }
  | {
      readonly type: "vote";
      readonly server: ServerId;
      readonly from: ServerId | null;
      readonly to: ServerId | null;
    }
  | {
      readonly type: "leader";
      readonly server: ServerId;
      readonly from: ServerId | null;
      readonly to: ServerId | null;
    }
  | { readonly type: "commit"; readonly server: ServerId; readonly from: Index; readonly to: Index }
  | {
      readonly type: "applied-index";
      readonly server: ServerId;
      readonly from: Index;
      readonly to: Index;
    }
  /** The election timer was drawn or reset; `deadline` on the machine's clock, null: none is due. */
  | {
      readonly type: "timer";
      readonly server: ServerId;
      readonly deadline: Micros | null;
      readonly timeout: Micros;
    }
  // The log in memory
  | { readonly type: "append"; readonly server: ServerId; readonly entries: readonly Entry[] }
  | {
      readonly type: "truncate";
      readonly server: ServerId;
      readonly from: Index;
      /** What was cut off, in order. */
      readonly removed: readonly Entry[];
    }
  /** The log in memory begins elsewhere; `entries` is all of it now. */
  | {
      readonly type: "rebase";
      readonly server: ServerId;
      readonly reason: "compaction" | "snapshot";
      readonly baseIndex: Index;
      readonly baseTerm: Term;
      readonly entries: readonly Entry[];
    }
  /** A server changed its mind on who the members are. `peers`: all others. */
  | { readonly type: "members"; readonly server: ServerId; readonly peers: readonly ServerId[] }
  // The state machine
  /** It was replaced by a snapshot's, at recovery (right after its `recovered`) or by a leader's. */
  | {
      readonly type: "restored";
      readonly server: ServerId;
      readonly lastApplied: Index;
      readonly values: StateImage["values"];
      /** Digest of the whole map now. */
      readonly state: string;
    }
  | {
      readonly type: "apply";
      readonly server: ServerId;
      readonly entry: Entry;
      /** In words: `set leader = A`. */
      readonly text: string;
      /** The key it wrote; null when it wrote none. */
      readonly key: string | null;
      /** The value after; null: the key is absent. */
      readonly value: string | null;
      /** Digest of the whole map after. */
      readonly state: string;
    }
  // Messages
  | {
      readonly type: "held";
      readonly server: ServerId;
      readonly message: Message;
      readonly ticket: number;
    }
  | {
      readonly type: "send";
      readonly server: ServerId;
      readonly id: number;
      readonly message: Message;
      /** When it will arrive if nothing happens to it. */
      readonly arrives: Micros;
      /** Would what it promises survive a power loss now, with nothing unsynced kept? `nothing`: it promises nothing. */
      readonly promise: "nothing" | "durable" | "not-durable";
    }
  | {
      readonly type: "receive";
      readonly server: ServerId;
      readonly id: number;
      readonly message: Message;
    }
  | {
      readonly type: "drop";
      readonly id: number;
      readonly message: Message;
      readonly reason: "partition" | "loss" | "closed" | "down" | "script";
    }
  | {
      readonly type: "link";
      readonly a: ServerId;
      readonly b: ServerId;
      readonly up: boolean;
      readonly reason: string;
    }
  /** A wall between machines: messages `from` -> `to` are lost (`cut`) or pass again. */
  | {
      readonly type: "partition";
      readonly from: ServerId;
      readonly to: ServerId;
      readonly cut: boolean;
    }
  // The disk
  | {
      readonly type: "disk";
      readonly machine: string;
      readonly server: ServerId;
      readonly actor: string;
      readonly op: DiskOp;
      /** The file it is about, also where the call names it by a descriptor; of a rename the old name. */
      readonly path: string;
      /** Null: done. */
      readonly errno: string | null;
    }
  /** The kernel, or the user, wrote pending effects to the platter. */
  | {
      readonly type: "write-back";
      readonly machine: string;
      readonly effects: number;
      readonly by: "kernel" | "user";
    }
  /** A part of a file could not be read. */
  | {
      readonly type: "read-error";
      readonly machine: string;
      readonly server: ServerId;
      readonly actor: string;
      readonly path: string;
      readonly offset: number;
      readonly errno: string;
    }
  /** Something went wrong with a disk by the script's or the user's hand. `text`: in words. */
  | {
      readonly type: "disk-fault";
      readonly machine: string;
      readonly servers: readonly ServerId[];
      readonly fault: DiskFault;
      /** Null: it took effect; else why it could not ("there is no file A/wal"). */
      readonly refused: string | null;
      readonly text: string;
    }
  /** A crash took effects that a sync had said were durable: the disk lied. Follows its `crash`. */
  | {
      readonly type: "forsworn";
      readonly machine: string;
      readonly servers: readonly ServerId[];
      readonly effects: number;
    }
  | { readonly type: "release"; readonly server: ServerId; readonly messages: number }
  | {
      readonly type: "memory";
      readonly server: ServerId;
      readonly actor: string;
      readonly text: string;
    }
  /** Something the system keeps beside Raft's state was handed to storage ("meta"). */
  | {
      readonly type: "store";
      readonly server: ServerId;
      readonly what: string;
      readonly values: Readonly<Record<string, number | string | null>>;
    }
  // Clients
  | { readonly type: "invoke"; readonly server: ServerId; readonly operation: ClientOperation }
  | {
      readonly type: "return";
      readonly server: ServerId;
      readonly operation: ClientOperation;
      readonly result: ClientResult;
      readonly entry: { readonly index: Index; readonly term: Term } | null;
    }
  // The system's own words
  | {
      readonly type: "notice";
      readonly server: ServerId;
      readonly severity: "info" | "critical";
      readonly text: string;
    }
  | {
      readonly type: "handler-error";
      readonly server: ServerId;
      readonly name: string;
      readonly text: string;
    }
  // The script
  | { readonly type: "action"; readonly text: string }
  | { readonly type: "narration"; readonly text: string };

/**
 * What the disks say at an observation, for the auditor alone: not part of the trace, and absent from a recorded run of a
 * real system.
 */
export type Look =
  /** At a leader's own `commit`, and at a `return` of OK with an entry. */
  | {
      readonly type: "holders";
      /** Of the observation. */
      readonly sequence: number;
      /** Servers whose files would still hold the entry after the worst crash that the scenario admits: all, or a quorum. */
      readonly holders: readonly ServerId[];
      /** Those that would if every sync so far had done what it said. */
      readonly sworn: readonly ServerId[];
    }
  /** At a `send` of what is not durable: it would be if every sync so far had done what it said. */
  | { readonly type: "lied-to"; readonly sequence: number }
  /** At a `recovered`: recovery run again on what a crash right then would leave. */
  | {
      readonly type: "recovered-again";
      readonly sequence: number;
      /** Null: it gives the same term, vote and log; else what differs, or how it fails, in words. */
      readonly differs: string | null;
    };

export type Observed<Type extends Happening["type"]> = Header & Extract<Happening, { type: Type }>;
