import type { Result } from "#base/result.ts";
import type { Scenario } from "#scenario/types.ts";
import type { Edit } from "./edits.ts";
import type { Side, StoredRun } from "./protocol.ts";

/** A run at one moment, as it is stored: the position in its recording and every disk of the world at that position. */
export interface Cut {
  readonly run: string;
  /** Of this load of the run. Whoever saves under another one has taken the run over. */
  readonly writer: string;
  readonly title: string;
  /** The recording is this scenario and then these edits, in order. */
  readonly base: Scenario;
  readonly edits: readonly Edit[];
  /** The step shown, on the main side. */
  readonly step: number;
  /** Of the whole run, on the main side, step 0 included: as the outline counts. */
  readonly steps: number;
  readonly sides: readonly SideCut[];
}

export interface SideCut {
  readonly side: Side;
  readonly step: number;
  /** Digest of all that happened up to that step. */
  readonly trace: string;
  readonly platters: readonly Platter[];
}

/** One machine's disk: page cache, platter and what is between. */
export interface Platter {
  readonly machine: string;
  readonly digest: string;
  /** Plain data, whole enough to make the disk again. */
  readonly record: unknown;
}

/** A cut as it comes back. The scenario has not been checked: storage is no better than any other input. */
export interface StoredCut extends Omit<Cut, "base" | "writer"> {
  readonly base: unknown;
  /** The version of the engine that made it. */
  readonly engine: string;
}

export interface WriteOptions {
  /** `strict` waits for the medium, as far as the browser keeps its word; `relaxed` for the operating system. */
  readonly durability: "relaxed" | "strict";
  /** Take the run over from whoever wrote it before. */
  readonly claims: boolean;
}

/** Why storage did not do as asked. `text` is a sentence for the user. */
export interface StoreProblem {
  /** `taken`: another writer has claimed the run. `full`: the browser gives no more room. */
  readonly kind: "taken" | "full" | "failed";
  readonly text: string;
}

/** Where runs outlive the page. */
export interface Store {
  /** Newest first. */
  list(): Promise<Result<readonly StoredRun[], StoreProblem>>;
  /** The last cut that was written; null when there is none. */
  read(run: string): Promise<Result<StoredCut | null, StoreProblem>>;
  /** All of the cut or nothing of it. When it returns, the cut is there. */
  write(cut: Cut, options: WriteOptions): Promise<Result<null, StoreProblem>>;
  forget(run: string): Promise<Result<null, StoreProblem>>;
}
