import type { ScenarioDocument } from "#scenario/document.ts";
import type { Scenario } from "#scenario/types.ts";

/** A file as it was dropped or read: its path below the folder that was given, or its bare name. */
export interface GivenFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** How sure an importer is that a file is one of its own. "possible": nothing speaks against it (an empty file). */
export type Confidence = "no" | "possible" | "likely" | "certain";

/** What happens to the machines once they have the imported disks. */
export type Schedule = (
  machines: readonly string[],
) => Partial<
  Pick<ScenarioDocument, "choices" | "script" | "until" | "narration" | "network" | "seed">
>;

/** Reads the files of one system, or one kind of trace. */
export interface Importer {
  readonly id: string;
  sniff(file: GivenFile): Confidence;
  /** Of files of which it said that they are, or may be, its own. Never throws. */
  decode(files: readonly GivenFile[], schedule: Schedule): ImportReport;
}

/** What the importer made of files: per file what it is, and the scenario they can be booted with, if any. */
export interface ImportReport {
  readonly files: readonly ImportedFile[];
  /** Set when the files make at least one server. */
  readonly scenario: Scenario | null;
  /** The same disks without what the schedule adds to their boot; null when it adds nothing. */
  readonly bootOnly: Scenario | null;
  /** Across files: what is odd, in sentences. */
  readonly findings: readonly string[];
}

export interface ImportedFile {
  readonly path: string;
  /** "pysyncobj journal", "pysyncobj meta", "unknown". */
  readonly kind: string;
  readonly server: string | null;
  readonly intact: boolean;
  readonly entries: readonly ImportedEntry[];
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

/** Numbers in decimal, for damaged files hold some that are beyond 2^53; the command in hexadecimal. */
export interface ImportedEntry {
  readonly index: string;
  readonly term: string;
  readonly command: string;
  readonly text: string;
  /** Behind the end of the log: cut off, but still readable. */
  readonly ghost: boolean;
}
