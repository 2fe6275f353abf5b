import type { Policy } from "./types.ts";

/** A table of what each policy may leave of short sequences of calls. Plain data. */
export interface LitmusTable {
  readonly id: "litmus" | "vote";
  readonly title: string;
  readonly policies: readonly Policy[];
  readonly rows: readonly LitmusRow[];
}

export interface LitmusRow {
  readonly id: string;
  readonly title: string;
  /** The calls, one each, in words. */
  readonly steps: readonly string[];
  /** What it teaches, in one sentence. */
  readonly lesson: string;
  /** By policy, in the table's order: all that a crash may leave, in words. */
  readonly outcomes: readonly (readonly LitmusOutcome[])[];
}

export interface LitmusOutcome {
  readonly text: string;
  /** No author of a journal wants it. */
  readonly harmful: boolean;
}
