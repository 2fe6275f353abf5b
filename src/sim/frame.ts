import type { CrashKind, DiskOptions, FileView, PendingEffect } from "#disk/types.ts";
import type { MessageKind, Role } from "#raft/types.ts";

/** What the interface draws at one step. Plain data, a fold over observations plus a look at the disks; no code behind it. */
export interface Frame {
  readonly step: number;
  /** The last step known so far; more may come while the run goes on. */
  readonly lastStep: number;
  /** Microseconds of virtual time. */
  readonly time: number;
  readonly machines: readonly MachineFrame[];
  readonly servers: readonly ServerFrame[];
  readonly messages: readonly MessageFrame[];
  readonly links: readonly LinkFrame[];
  readonly clients: readonly ClientFrame[];
  /** What happened in this step, in sentences: cause, effect, durability. */
  readonly feed: readonly FeedLine[];
  /** Entries that a client was told about, or that were committed, and that no longer stand where they stood. */
  readonly tombstones: readonly Tombstone[];
}

export interface MachineFrame {
  readonly id: string;
  readonly power: "on" | "off";
  /** What took it down while it is off; null: it is on, or was never switched on. A swapped disk takes the power. */
  readonly offBy: "os" | "power" | null;
  readonly servers: readonly string[];
  /** Effects in the page cache that no sync or write-back has covered. */
  readonly pending: number;
}

/** One server: what it believes, what it has written, and what would survive a power loss now (nothing pending kept). */
export interface ServerFrame {
  readonly id: string;
  readonly machine: string;
  readonly incarnation: number;
  /** `recovering` while recovery runs, `failed` when the process ended itself. */
  readonly process: "down" | "recovering" | "up" | "failed";
  /** Of the last error, when `failed`. */
  readonly failure: string | null;
  readonly role: Role;
  readonly leader: string | null;
  readonly memory: LayerFrame;
  readonly written: LayerFrame;
  readonly durable: LayerFrame;
  readonly commitIndex: number;
  readonly lastApplied: number;
  /** Where the election timer stands: part of the timeout that has passed, 0..1; null: no timer. */
  readonly timer: { readonly elapsed: number; readonly timeout: number } | null;
  readonly firstIndex: number;
  readonly lastIndex: number;
  /** The log's tail, oldest first; a window. */
  readonly log: readonly EntryFrame[];
  /** The state machine, sorted by key. */
  readonly state: readonly KeyFrame[];
  /** Digest of the state machine. */
  readonly stateDigest: string;
  /** Messages waiting for a sync. */
  readonly held: number;
}

/** One of the three layers; null where the layer does not hold the value (it is not kept there, or is unreadable). */
export interface LayerFrame {
  readonly currentTerm: number | null;
  /** `undefined` is never used: null means "nobody"; `kept: false` says that this layer does not know a vote. */
  readonly votedFor: string | null;
  readonly votedForKept: boolean;
  /** A start would take `currentTerm` from the log: no file holds it. Left out: one does, or there is no term. */
  readonly isTermFromLog?: boolean;
  readonly commitIndex: number | null;
  /** How far the state machine has come that is kept in these files, by its own account. Left out: none is kept. */
  readonly keptTo?: number;
  readonly lastIndex: number;
  readonly lastTerm: number;
  /** Why a server that boots from these files ends itself; null: it would boot, or that is not known. */
  readonly refused: string | null;
}

export interface EntryFrame {
  readonly index: number;
  readonly term: number;
  /** In words: `set leader = A`. */
  readonly text: string;
  readonly durability: "memory" | "written" | "durable";
  /** This server knows it committed. */
  readonly committed: boolean;
  readonly applied: boolean;
}

export interface KeyFrame {
  readonly key: string;
  readonly value: string;
  /** The index of the entry that wrote it last. */
  readonly index: number;
}

export interface MessageFrame {
  readonly id: number;
  readonly from: string;
  readonly to: string;
  readonly kind: MessageKind;
  readonly name: string;
  readonly term: number | null;
  readonly success: boolean | null;
  readonly entries: number;
  readonly sent: number;
  readonly arrives: number;
  /** Was what it promises durable as it left? `nothing`: it promises nothing. */
  readonly promise: "nothing" | "durable" | "not-durable";
  /** One sentence. */
  readonly text: string;
}

export interface LinkFrame {
  readonly a: string;
  readonly b: string;
  /** A connection is there (always, for datagrams). */
  readonly connected: boolean;
  /** Which directions a partition cuts. */
  readonly cutForward: boolean;
  readonly cutBack: boolean;
}

export interface ClientFrame {
  readonly id: string;
  readonly client: string;
  readonly server: string;
  readonly text: string;
  readonly asked: number;
  /** The step at which it was asked. */
  readonly step: number;
  readonly outcome: "waiting" | "ok" | "failed" | "unknown";
  readonly code: string;
  /** It was told OK, and its entry has since been cut from a log or overruled by a leader without it. */
  readonly missing: boolean;
}

export interface FeedLine {
  readonly sequence: number;
  readonly step: number;
  readonly time: number;
  readonly server: string | null;
  readonly tone: "plain" | "good" | "warning" | "bad" | "story";
  readonly text: string;
  /** What caused it, a step to jump to; null: the script, or nothing that is worth a sentence. */
  readonly cause: Cause | null;
}

export interface Cause {
  readonly step: number;
  readonly text: string;
}

export interface Tombstone {
  readonly server: string;
  readonly index: number;
  readonly term: number;
  readonly text: string;
  /** The step at which it was cut. */
  readonly step: number;
  /** It had been applied to this server's state machine. */
  readonly applied: boolean;
  /** A client had been told OK. */
  readonly acknowledged: boolean;
}

/** A mark on the scrubber and, later, on the strip. */
export interface Mark {
  readonly step: number;
  readonly time: number;
  readonly kind:
    | "boot"
    | "crash"
    | "election"
    | "commit"
    | "truncate"
    | "violation"
    /** A check broke in a way that is no violation: a broken promise, an assumption that did not hold. */
    | "caution"
    | "client"
    | "action"
    | "story";
  readonly server: string | null;
  readonly text: string;
}

/** The run's outline, for the scrubber: terms as bands, marks, and where simulated time is at a step. */
export interface Outline {
  /** How many there are, step 0 (before anything happened) included: the last is `steps - 1`. */
  readonly steps: number;
  /** Virtual time of each step, microseconds, in order; for playback. */
  readonly times: Float64Array;
  readonly marks: readonly Mark[];
  /** The highest term any server was in, from this step on. */
  readonly bands: readonly { readonly step: number; readonly term: number }[];
}

/** One file of a machine, for the inspector. Asked for apart: bytes are not part of every frame. */
export interface DiskFrame {
  readonly machine: string;
  readonly step: number;
  readonly power: "on" | "off";
  /** The kind of crash that `pending` is taken apart for. */
  readonly kind: CrashKind;
  readonly options: DiskOptions;
  /** Faults that wait for their moment, and lasting ones, in sentences. */
  readonly faults: readonly string[];
  readonly files: readonly FileFrame[];
  readonly pending: readonly PendingEffect[];
}

export interface FileFrame extends FileView {
  /** As a reader sees it now. */
  readonly bytes: Uint8Array;
  /** As it is if nothing pending survives; null: the name is not there. */
  readonly durableBytes: Uint8Array | null;
  readonly spans: readonly SpanFrame[];
  readonly problems: readonly { readonly offset: number; readonly reason: string }[];
}

export interface SpanFrame {
  readonly offset: number;
  readonly length: number;
  readonly kind: "header" | "record" | "ghost" | "value" | "padding" | "damaged";
  readonly label: string;
  readonly index: number | null;
  readonly term: number | null;
  /** Every byte of it would survive. */
  readonly durable: boolean;
}

/** The auditor's word on one property. */
export interface Verdict {
  readonly id: string;
  readonly title: string;
  readonly family: "violation" | "broken-promise" | "assumption-broken" | "unavailable-by-design";
  readonly holds: boolean;
  /** The step where it first broke; null while it holds. */
  readonly firstStep: number | null;
  /** In one sentence, what was seen. While it holds: empty, or why that was not judged. */
  readonly text: string;
  /** The backward causal slice, oldest first. */
  readonly explanation: readonly ExplanationLine[];
  /** Raft paper section or other source. */
  readonly source: string;
}

export interface ExplanationLine {
  readonly step: number;
  readonly text: string;
}
