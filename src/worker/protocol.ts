import type { Action } from "#sim/faults.ts";
import type { DiskFrame, Frame, Outline, Verdict } from "#sim/frame.ts";
import type { Scenario } from "#scenario/types.ts";

/** Which of the two runs of a twin: `main` is the only one when there is no twin. */
export type Side = "main" | "twin";

/** What the interface may ask. Each is an intention with an id; the worker alone owns the runs. */
export type ToWorker =
  /** Start a run of this scenario, under this run id (for storage), at this step. */
  | {
      readonly type: "load";
      readonly id: number;
      readonly run: string;
      readonly scenario: Scenario;
      readonly step: number;
    }
  /** Go on with a run that is stored, at the last step saved. */
  | { readonly type: "resume"; readonly id: number; readonly run: string }
  | { readonly type: "runs"; readonly id: number }
  | { readonly type: "forget"; readonly id: number; readonly run: string }
  /** Show this step. On the twin: the step that fits its virtual time. */
  | { readonly type: "seek"; readonly id: number; readonly step: number }
  /** The user did this by hand at the step shown: the future is forked from there. */
  | { readonly type: "act"; readonly id: number; readonly action: Action }
  /** Same script from the start under other bugs (`main`), or another twin; null: no twin. */
  | {
      readonly type: "bugs";
      readonly id: number;
      readonly side: Side;
      readonly preset: string;
      readonly bugs: readonly string[] | null;
    }
  | { readonly type: "twin"; readonly id: number; readonly on: boolean }
  | {
      readonly type: "disk";
      readonly id: number;
      readonly side: Side;
      readonly machine: string;
      readonly step: number;
    }
  | {
      readonly type: "import";
      readonly id: number;
      readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
    };

/** One run as the interface shows it. */
export interface RunView {
  readonly side: Side;
  readonly frame: Frame;
  readonly verdicts: readonly Verdict[];
}

export type ToUi =
  /** A run is there: its scenario as it now stands (what was done by hand included), and its outline. */
  | {
      readonly type: "loaded";
      readonly id: number;
      readonly run: string;
      readonly scenario: Scenario;
      readonly outlines: readonly { readonly side: Side; readonly outline: Outline }[];
      readonly hash: string;
      /** Anchors that never came, choices never asked for: in sentences. */
      readonly unmet: readonly string[];
      /** True when another tab writes this run: this one may only read or fork. */
      readonly readOnly: boolean;
      /** The step at which it is shown. */
      readonly step: number;
    }
  | { readonly type: "shown"; readonly id: number; readonly views: readonly RunView[] }
  | { readonly type: "progress"; readonly id: number; readonly done: number; readonly of: number }
  | { readonly type: "disk"; readonly id: number; readonly side: Side; readonly disk: DiskFrame }
  | { readonly type: "imported"; readonly id: number; readonly report: ImportReport }
  | { readonly type: "runs"; readonly id: number; readonly runs: readonly StoredRun[] }
  /** Everything up to this step is in storage. */
  | { readonly type: "saved"; readonly run: string; readonly step: number }
  /** Storage does not work as hoped (private mode, quota, evicted, another version): in a sentence. */
  | { readonly type: "storage"; readonly text: string }
  /** The request cannot be done; the current run is as it was. */
  | { readonly type: "refused"; readonly id: number; readonly reason: string };

export interface StoredRun {
  readonly run: string;
  readonly title: string;
  readonly step: number;
  readonly steps: number;
  /** Milliseconds since 1970, from the worker's shell; for the list only. */
  readonly savedAt: number;
}

/** What the importer made of files: per file what it is, and the scenario they can be booted with, if any. */
export interface ImportReport {
  readonly files: readonly ImportedFile[];
  /** Set when the files make at least one server. */
  readonly scenario: Scenario | null;
  /** Across files: what is odd, in sentences. */
  readonly findings: readonly string[];
}

export interface ImportedFile {
  readonly path: string;
  /** "pysyncobj journal", "pysyncobj meta", "unknown". */
  readonly kind: string;
  readonly server: string | null;
  readonly intact: boolean;
  readonly entries: readonly {
    readonly index: string;
    readonly term: string;
    readonly command: string;
    readonly text: string;
    readonly ghost: boolean;
  }[];
  readonly meta: Readonly<Record<string, string | number | null>> | null;
  readonly problems: readonly { readonly offset: number; readonly reason: string }[];
  readonly bytes: Uint8Array;
  readonly spans: readonly {
    readonly offset: number;
    readonly length: number;
    readonly kind: string;
    readonly label: string;
  }[];
}
