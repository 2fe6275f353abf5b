import type { Policy } from "#disk/types.ts";
import type { ServerId } from "#raft/types.ts";

/** Which crash states to try, at one moment of a run. */
export interface SweepAsk {
  /** The machines that lose power together. */
  readonly machines: readonly string[];
  readonly kind: "os" | "power";
  /** Null: each disk's own. */
  readonly policy: Policy | null;
  /** Recoveries of one machine, at most; beyond it states are sampled, and the report says so. */
  readonly most: number;
}

/** What every crash state of some machines leads to. Plain data. */
export interface SweepReport {
  readonly ask: SweepAsk;
  /** The step of the run. */
  readonly step: number;
  readonly machines: readonly MachineSweep[];
  /** For several machines: what all combinations come to. Null for one. */
  readonly cluster: ClusterSweep | null;
}

export interface MachineSweep {
  readonly machine: string;
  readonly servers: readonly ServerId[];
  readonly policy: Policy;
  /** Pieces that a crash may keep or lose. */
  readonly pieces: number;
  /** Sets of them that the policy allows, in decimal digits. */
  readonly states: { readonly count: string; readonly exact: boolean };
  /** Recoveries that were run. Each stands for all states that it cannot tell apart. */
  readonly recoveries: number;
  /** Null: every state has been tried. Else how the rest was sampled. */
  readonly cap: {
    /** Recoveries after which it was stopped: all that were allowed, or as many as it took to find that there is too much. */
    readonly most: number;
    readonly samples: readonly { readonly sampler: Sampler; readonly drawn: number }[];
  } | null;
  /**
   * What every outcome takes for granted, in a sentence: that checksums find every mixture of old and new, where those that one
   * would let pass by accident are too many to be tried. Left out: nothing is.
   */
  readonly trusts?: string;
  /** Bad ones first, then by how many recoveries led there. */
  readonly outcomes: readonly Outcome[];
  /** What the outcomes come to, the mildest first; a fate that nothing leads to is left out. */
  readonly fates: readonly FateCount[];
}

/**
 * What a boot from a crash state is like, by what was recovered and what the run knows of the server before.
 *
 * - `boots`: with all that it had promised.
 * - `boots-having-forgotten`: a term or a vote that it had promised is gone, its entries are there.
 * - `boots-having-lost`: entries are gone, or others, that it had acknowledged to another server, or that a client was told are
 *   kept and too few others have on their disks.
 * - `boots-garbled`: it believes entries that nobody wrote like that, or a state machine that its log never came to.
 * - `stuck`: it takes part, and by what it has itself it never gets ready: it is to apply entries that are not there, or that
 *   cannot be applied. Other servers may have what it lacks.
 * - `refuses`: its recovery fails.
 * - `poisons-term`: its term, or its last entry's, is above all that anybody has had: it deposes the leader, and wins elections.
 */
export type BootFate =
  | "boots"
  | "boots-having-forgotten"
  | "boots-having-lost"
  | "boots-garbled"
  | "stuck"
  | "refuses"
  | "poisons-term";

/** Outcomes of one fate. */
export interface FateCount {
  readonly fate: BootFate;
  readonly outcomes: number;
  readonly recoveries: number;
  /** States that lead there, in decimal digits; null: not known exactly, since not all were tried or they are too many to count. */
  readonly states: string | null;
  /**
   * The one that differs least from a good state, or where there is none from one of the mildest fate: by its id, and in
   * words. Null: there is none milder to hold it against.
   */
  readonly smallest: { readonly outcome: string; readonly text: string } | null;
}

/** What crash states come to under one preset, at the moment at which all others are looked at as well. */
export interface Compared {
  /** Null: the run has a choice of bugs that is no preset's. */
  readonly preset: string | null;
  readonly title: string;
  /** It is that of the run itself. */
  readonly isOwn: boolean;
  /** The step of its own run. */
  readonly step: number;
  /** Microseconds of virtual time, the same for all. */
  readonly time: number;
  /** Each by itself. */
  readonly machines: readonly ComparedMachine[];
}

export interface ComparedMachine
  extends Pick<MachineSweep, "machine" | "pieces" | "states" | "recoveries" | "fates"> {
  /** Not every state was tried. */
  readonly capped: boolean;
}

/** `edges-first`: nothing, everything, each piece dropped with what needs it, each kept with what it needs. */
export type Sampler = "edges-first" | "uniform-state" | "closure-coin";

/**
 * Who answers for what is wrong, as in the verdicts on a run. `violation`: the design. `assumption-broken`: a disk that no
 * design could have kept it on (it lied, was swapped, or lost a write). `unavailable-by-design`: nobody; to refuse a damaged
 * medium is right.
 */
export type Family = "violation" | "assumption-broken" | "unavailable-by-design";

/** One thing that recovery makes of the files. */
export interface Outcome {
  /** Digest of what was recovered; equal ids are equal outcomes. */
  readonly id: string;
  /** In words: "A: term 6, vote for B, entries 1..42". */
  readonly text: string;
  /** The same as figures, for the picture: each server of the machine. */
  readonly servers: readonly RecoveredServer[];
  readonly good: boolean;
  /** Of the weightiest wrong; null: it is good. */
  readonly family: Family | null;
  /** Of the machine's servers the worst. */
  readonly fate: BootFate;
  /** Why that is its fate, in a sentence; null: it boots, and nothing is gone. */
  readonly because: string | null;
  /** What is wrong with it; empty when it is good. */
  readonly wrongs: readonly Wrong[];
  readonly recoveries: number;
  /** Effects that one state leading here keeps, closed under the policy: the survivors to choose to make it the run. */
  readonly witness: readonly number[];
  /**
   * For one that is bad, or has lost something: how little its witness differs from a good state, in words; where there is none, from one of the mildest
   * fate. Null when there is no milder one.
   */
  readonly difference: string | null;
}

/** What one server has after a boot from such a state. */
export interface RecoveredServer {
  readonly server: ServerId;
  /** Null: it boots. Else what ended it, in a sentence; then the rest is as far as recovery came. */
  readonly failure: string | null;
  readonly currentTerm: number;
  readonly votedFor: ServerId | null;
  /** Its log as stretches of one term, oldest first, without gaps; empty: no entries. */
  readonly log: readonly { readonly term: number; readonly from: number; readonly to: number }[];
  /** Indexes of entries in it that the server had never held like that. */
  readonly garbled: readonly number[];
}

export interface Wrong {
  /** C4: entries that were never written so. C8: forgotten promise. C12: indexes out of order. C15: a state machine that the log never came to. C16: recovery fails. C17: not the same when run again. */
  readonly check: "C4" | "C8" | "C12" | "C15" | "C16" | "C17";
  readonly family: Family;
  readonly server: ServerId;
  /** One sentence. */
  readonly text: string;
}

/**
 * All combinations of the machines' outcomes. The verdict is static: is every acknowledged entry and every vote still on a
 * quorum, and does each server boot. What the cluster would do next is not run.
 */
export interface ClusterSweep {
  /** Combinations, in decimal digits; and as many when servers that stand for each other count once. */
  readonly combinations: string;
  readonly distinct: string;
  /** Bad because of the design; and those that are not good because of a disk. */
  readonly bad: string;
  readonly excused: string;
  /** The kinds of combinations, bad ones first. */
  readonly rows: readonly ClusterRow[];
}

export interface ClusterRow {
  readonly good: boolean;
  /** Null: they are good. */
  readonly family: Family | null;
  /** In words: "entry 12, acknowledged to a client, is left on one server of three". */
  readonly text: string;
  readonly combinations: string;
  /** By machine: the survivors of one such combination. */
  readonly witness: Readonly<Record<string, readonly number[]>>;
}

/** A row of the design-quality meter: one burst under one policy and one kind of crash. */
export interface MeterRow {
  readonly machine: string;
  readonly policy: Policy;
  readonly kind: "os" | "power";
  readonly pieces: number;
  readonly states: { readonly count: string; readonly exact: boolean };
  readonly recoveries: number;
  readonly capped: boolean;
  readonly outcomes: number;
  /** Outcomes that are bad because of the design; because of a disk that broke an assumption; and that refuse a damaged disk. */
  readonly bad: number;
  readonly excused: number;
  readonly refused: number;
  /** Why those that are not good are not: each reason with how many outcomes, the design's own first, then most first. */
  readonly reasons: readonly {
    readonly text: string;
    readonly family: Family;
    readonly outcomes: number;
  }[];
}

/** A place inside one event at which power may fail, with what that would lead to. */
export interface NotchReport {
  readonly server: ServerId;
  readonly machine: string;
  /** Micro-steps of this event that the machine has taken before it. */
  readonly notch: number;
  readonly kind: "read" | "mutate" | "write" | "sync" | "release" | "send" | "other";
  /** The micro-step that comes next, in words; null after the last: a crash there is one after the step. */
  readonly text: string | null;
  /** Virtual time, microseconds, and events of that time before the event: the anchor of a crash right here. */
  readonly time: number;
  readonly order: number;
  /** `safe`: every crash state here boots and keeps what was promised. */
  readonly verdict: "safe" | "unsafe";
  readonly outcomes: number;
  readonly bad: number;
  /** What is wrong in the worst one; empty when safe. */
  readonly wrongs: readonly Wrong[];
  /** Effects that the worst one keeps (when safe: any one), closed: the survivors that make it the run. */
  readonly witness: readonly number[];
}
