import type { LitmusTable } from "#disk/litmus.ts";
import type { CrashKind } from "#disk/types.ts";
import type { Which } from "#exporter/files.ts";
import type {
  ClusterSweep,
  Compared,
  MeterRow,
  NotchReport,
  SweepAsk,
  SweepReport,
} from "#hunt/types.ts";
import type { ImportReport } from "#importer/contract.ts";
import type { Cell } from "#matrix/matrix.ts";
import type { ScenarioDocument } from "#scenario/document.ts";
import type { DiskPatch, Scenario } from "#scenario/types.ts";
import type { Action } from "#sim/faults.ts";
import type { DiskFrame, Frame, Outline, Verdict } from "#sim/frame.ts";

export type { LitmusTable } from "#disk/litmus.ts";
export type { Which } from "#exporter/files.ts";
export type { Family, MachineSweep, Outcome } from "#hunt/types.ts";
export type {
  Boot,
  FileState,
  Forensics,
  ImportedFile,
  ImportReport,
} from "#importer/contract.ts";
export type { Cell } from "#matrix/matrix.ts";
export type { ClusterSweep, Compared, MeterRow, NotchReport, SweepAsk, SweepReport };

/** Which of the two runs of a twin: `main` is the only one when there is no twin. */
export type Side = "main" | "twin";

/**
 * What the interface may ask. Each is an intention with an id, and each gets one answer with that id: the message named in
 * its comment, or `refused`. The worker alone owns the runs.
 *
 * Whatever is asked while another request is still being worked on waits for its turn, but for `load` and `resume`: they
 * supersede all that is under way (`refused`, "superseded").
 */
export type ToWorker =
  /**
   * Start a run of this scenario or document, under this run id (for storage), at this step. What was stored under that id
   * is replaced once the first step of the new run is saved. `isChecked`: it came with the page, and its tests have checked
   * and filled it. Answer: `loaded`.
   */
  | {
      readonly type: "load";
      readonly id: number;
      readonly run: string;
      readonly scenario: Scenario | ScenarioDocument;
      readonly isChecked?: false;
      readonly step: number;
    }
  | {
      readonly type: "load";
      readonly id: number;
      readonly run: string;
      readonly scenario: Scenario;
      readonly isChecked: true;
      readonly step: number;
    }
  /** Go on with a run that is stored, at the last step saved. Answer: `loaded`. */
  | { readonly type: "resume"; readonly id: number; readonly run: string }
  /** What is stored. Answer: `runs`. */
  | { readonly type: "runs"; readonly id: number }
  /** Take a run out of storage. Answer: `runs`, those that are left. */
  | { readonly type: "forget"; readonly id: number; readonly run: string }
  /**
   * Show this step of the main side, and the twin at the same moment, or at the step `beside` of its own. What is done by hand
   * is then done at the later of the two moments. Answer: `shown`.
   */
  | {
      readonly type: "seek";
      readonly id: number;
      readonly step: number;
      readonly beside?: number;
    }
  /**
   * The user did this by hand at the step shown: the future is forked from there. In a run that is `readOnly` this makes a
   * run of its own. `inside`: not after that step but in the middle of its event, at a notch of it. Answer: `loaded`,
   * standing at the step of the action.
   */
  | {
      readonly type: "act";
      readonly id: number;
      readonly action: Action;
      readonly inside?: Inside;
    }
  /**
   * Same script from the start under other bugs; `bugs` null: those of the preset. For the twin it makes one where there is
   * none. Answer: `loaded`.
   */
  | {
      readonly type: "bugs";
      readonly id: number;
      readonly side: Side;
      readonly preset: string;
      readonly bugs: readonly string[] | null;
    }
  /** Compare with another version: the one compared with last, else the first other preset. Answer: `loaded`. */
  | { readonly type: "twin"; readonly id: number; readonly on: boolean }
  /** A machine's files. `step` counts the steps of that side, as in its frame. Answer: `disk`. */
  | {
      readonly type: "disk";
      readonly id: number;
      readonly side: Side;
      readonly machine: string;
      readonly step: number;
      /** Whose pieces are wanted; left out: of an OS crash. */
      readonly kind?: CrashKind;
    }
  /**
   * Try every crash state at this step of that side. Sends `progress` (recoveries so far, of at most), works in slices, and
   * goes on beside other requests: seeking stays possible. Answer: `swept`.
   */
  | {
      readonly type: "sweep";
      readonly id: number;
      readonly side: Side;
      readonly step: number;
      readonly ask: SweepAsk;
    }
  /**
   * The same crash under every preset: each runs the same schedule to the moment of this step, and its disks are swept there.
   * Sends `progress` (presets), works in slices beside other requests. Answer: `compared`.
   */
  | {
      readonly type: "compare";
      readonly id: number;
      readonly side: Side;
      readonly step: number;
      readonly ask: SweepAsk;
    }
  /** The design-quality meter: this machine at this step under every policy and both crash kinds. Answer: `meter`. */
  | {
      readonly type: "meter";
      readonly id: number;
      readonly side: Side;
      readonly step: number;
      readonly machine: string;
      readonly most: number;
    }
  /**
   * The micro-steps of the event that makes this step, each with what a crash right there leads to. When no machine does
   * anything in this step, of the last one before in which one does. Answer: `notches`.
   */
  | {
      readonly type: "notches";
      readonly id: number;
      readonly side: Side;
      readonly step: number;
      readonly kind: "os" | "power";
    }
  /**
   * A row of the table of PySyncObj's fixes: this set of them against every schedule. Sends `progress` (cells), works in slices
   * beside other requests. Answer: `matrix`.
   */
  | { readonly type: "matrix"; readonly id: number; readonly fixSet: string }
  /** End a sweep, a comparison, a meter, notches, a matrix or an import: that request is refused with "cancelled". Answer: `done`. */
  | { readonly type: "cancel"; readonly id: number; readonly request: number }
  /** Same script from the start on other disks: all machines' (null) or one's. Answer: `loaded`. */
  | {
      readonly type: "disk-settings";
      readonly id: number;
      readonly machine: string | null;
      readonly settings: DiskPatch;
    }
  /** The two tables of what policies allow. Answer: `litmus`. */
  | { readonly type: "litmus"; readonly id: number }
  /**
   * Bring the step shown into storage now and wait for the medium: on pause, and when the page is left. `again`: the user
   * wants it tried after it failed, so a failure is told once more. Answer: `done`.
   */
  | { readonly type: "checkpoint"; readonly id: number; readonly again?: boolean }
  /** Read these files, beside other requests. Sends `progress`, and can be cancelled. Answer: `imported`. */
  | {
      readonly type: "import";
      readonly id: number;
      readonly files: readonly SentFile[];
    }
  /** The disks of these machines at a step of that side, as an archive of the real files. Answer: `exported`. */
  | {
      readonly type: "export";
      readonly id: number;
      readonly side: Side;
      readonly step: number;
      readonly machines: readonly string[];
      readonly which: Which;
    };

/** A file of the user's, which is read where it is wanted: the page never holds its bytes. */
export interface SentFile {
  readonly path: string;
  readonly content: FileContent;
}

/** What of a Blob is used. */
export interface FileContent {
  readonly size: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** A place inside an event, as a notch names it. */
export type Inside = Pick<NotchReport, "time" | "order" | "notch">;

/** A request as it is written; the client gives it its id. */
export type Request = WithoutId<ToWorker>;
type WithoutId<Each> = Each extends unknown ? Omit<Each, "id"> : never;

/** One run as the interface shows it. */
export interface RunView {
  readonly side: Side;
  readonly frame: Frame;
  /** Of the whole run: one whose `firstStep` is later than the frame's step has not broken yet. */
  readonly verdicts: readonly Verdict[];
}

export type ToUi =
  /** A run is there: its scenario as it now stands (what was done by hand included), and its outline. */
  | {
      readonly type: "loaded";
      readonly id: number;
      /** Not always the run that was asked for: what is done in a read-only run makes a new one. */
      readonly run: string;
      readonly scenario: Scenario;
      readonly outlines: readonly { readonly side: Side; readonly outline: Outline }[];
      readonly hash: string;
      /** Anchors that never came, choices never asked for: in sentences. */
      readonly unmet: readonly string[];
      /** What each message of the system's protocol promises, and so may not leave before. */
      readonly obligations: readonly {
        readonly message: string;
        readonly owes: string;
        readonly source: string;
      }[];
      /**
       * True when this tab does not write the run: another one does, or the stored run is one that this version replays
       * differently (then a `storage` message says so). It may be looked at; what is done in it forks it.
       */
      readonly readOnly: boolean;
      /** The step at which it is shown. */
      readonly step: number;
    }
  | { readonly type: "shown"; readonly id: number; readonly views: readonly RunView[] }
  /**
   * Not an answer: how far the request has come. A run that is made: in microseconds of virtual time over all sides. What
   * tries crash states: recoveries, of at most; `text` then says of what.
   */
  | {
      readonly type: "progress";
      readonly id: number;
      readonly done: number;
      readonly of: number;
      readonly text?: string;
    }
  | { readonly type: "disk"; readonly id: number; readonly side: Side; readonly disk: DiskFrame }
  | { readonly type: "swept"; readonly id: number; readonly report: SweepReport }
  | { readonly type: "compared"; readonly id: number; readonly presets: readonly Compared[] }
  | { readonly type: "meter"; readonly id: number; readonly rows: readonly MeterRow[] }
  /** `step`: the one that the event makes; none at all: the one asked for. */
  | {
      readonly type: "notches";
      readonly id: number;
      readonly step: number;
      readonly notches: readonly NotchReport[];
    }
  | { readonly type: "matrix"; readonly id: number; readonly cells: readonly Cell[] }
  | { readonly type: "litmus"; readonly id: number; readonly tables: readonly LitmusTable[] }
  | { readonly type: "imported"; readonly id: number; readonly report: ImportReport }
  | { readonly type: "exported"; readonly id: number; readonly zip: Uint8Array<ArrayBuffer> }
  | { readonly type: "runs"; readonly id: number; readonly runs: readonly StoredRun[] }
  | { readonly type: "done"; readonly id: number }
  /** Everything up to this step is in storage: from here it goes on when the page is opened again, or later. */
  | { readonly type: "saved"; readonly run: string; readonly step: number }
  /**
   * Storage does not work as hoped (private mode, quota, evicted, another version): in a sentence. `full`: the browser gives
   * no more room, which has nothing to do with a simulated disk; the run stays in memory, and saving can be tried again.
   */
  | { readonly type: "storage"; readonly text: string; readonly full?: boolean }
  /** The worker has ended over a mistake of its own, which `text` names. `advice`: what to do, in a sentence. */
  | { readonly type: "crashed"; readonly text: string; readonly advice: string }
  /** The request cannot be done; the current run is as it was. "superseded": a newer one took its place. */
  | { readonly type: "refused"; readonly id: number; readonly reason: string };

export interface StoredRun {
  readonly run: string;
  readonly title: string;
  readonly step: number;
  /** Step 0 included, as in the outline. */
  readonly steps: number;
  /** Milliseconds since 1970, from the worker's shell; for the list only. */
  readonly savedAt: number;
}
