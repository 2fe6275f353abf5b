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

/** How much of long files is shown, and what happens to the machines. */
export interface ImportOptions {
  readonly schedule: Schedule;
  /** Entries of one file that the report lists, at most: its first and its last ones. */
  readonly entriesMost: number;
}

/** How far reading has come, in bytes or in whatever `text` says. */
export interface Progress {
  readonly done: number;
  readonly of: number;
  readonly text: string;
}

/** Work in slices of some milliseconds each: whoever runs it may stop between two, and show how far it is. */
export type Slices<Made> = Generator<Progress, Made, void>;

/** Reads the files of one system, or one kind of trace. */
export interface Importer {
  readonly id: string;
  sniff(file: GivenFile): Confidence;
  /** Of files of which it said that they are, or may be, its own. Never throws. */
  decode(
    files: readonly GivenFile[],
    options: ImportOptions,
  ): Slices<Omit<ImportReport, "recordings">>;
}

/** What the importer made of files: per file what it is, and the scenario they can be booted with, if any. */
export interface ImportReport {
  readonly files: readonly ImportedFile[];
  /** Set when the files make at least one server, and a scenario can carry them. */
  readonly scenario: Scenario | null;
  /** The same disks without what the schedule adds to their boot; null when it adds nothing. */
  readonly bootOnly: Scenario | null;
  /** Traces among the files: runs to be watched, and no server's files. */
  readonly recordings: readonly { readonly path: string; readonly scenario: Scenario }[];
  /** Across files: what is odd, in sentences. */
  readonly findings: readonly string[];
  /** What the files say together, and what each version of the system would make of them. */
  readonly forensics: Forensics;
}

export interface ImportedFile {
  readonly path: string;
  /** "pysyncobj journal", "pysyncobj meta", "unknown". */
  readonly kind: string;
  readonly server: string | null;
  readonly intact: boolean;
  readonly entries: readonly ImportedEntry[];
  /** Entries between the first and the last listed ones, which are left out. */
  readonly entriesLeftOut: number;
  readonly meta: Readonly<Record<string, string | number | null>> | null;
  readonly problems: readonly { readonly offset: number; readonly reason: string }[];
  /** Bytes of the whole file. */
  readonly size: number;
  /** Its content; of a long file the start alone. */
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

/** The forensic report. Indexes and terms are decimal text, exact however large. */
export interface Forensics {
  readonly files: readonly FileState[];
  readonly findings: readonly Finding[];
  /** Per server: what each version would make of its disk. */
  readonly boots: readonly ServerBoots[];
  /** All servers together, by the versions that come to the same. */
  readonly together: readonly { readonly versions: readonly string[]; readonly text: string }[];
  /** What the report could not look at, or what of it no scenario can carry, and what is offered instead. */
  readonly limits: readonly string[];
}

/** A file, run by run of its bytes. */
export interface FileState {
  readonly path: string;
  readonly kind: string;
  readonly server: string | null;
  readonly size: number;
  readonly condition: "intact" | "torn" | "unreadable" | "foreign";
  readonly parts: readonly FilePart[];
}

export interface FilePart {
  readonly condition: "intact" | "torn" | "ghost" | "unused";
  readonly offset: number;
  readonly length: number;
  /** How many records there are in it, and the first and last of them; null: it holds none. */
  readonly records: {
    readonly count: number;
    readonly first: Position;
    readonly last: Position;
  } | null;
  readonly text: string;
}

export interface Position {
  readonly index: string;
  readonly term: string;
}

/** Something odd: in one file, between the files of a server, or between servers. */
export interface Finding {
  /** For programs: "commit-past-journal". */
  readonly kind: string;
  /** `loss`: something that was promised may be gone; `stuck`: a server does not start or does not go on. */
  readonly severity: "loss" | "stuck" | "warning" | "note";
  readonly servers: readonly string[];
  readonly files: readonly { readonly path: string; readonly offset: number | null }[];
  readonly text: string;
}

export interface ServerBoots {
  readonly server: string;
  /** Versions with the same outcome together, in the order of the versions; behind them single repairs that change it. */
  readonly boots: readonly Boot[];
  /** In a sentence: which repairs change something here by themselves. */
  readonly repairs: string;
}

/** What becomes of one disk at a start. */
export interface Boot {
  readonly versions: readonly string[];
  readonly verdict: "starts" | "starts with less" | "not ready" | "never applies" | "refuses";
  /** Null when it refuses. */
  readonly server: {
    readonly currentTerm: string;
    readonly votedFor: string | null;
    readonly commitIndex: string;
    /** Of the log; null: it is empty. */
    readonly first: Position | null;
    readonly last: Position | null;
    /** Of the dump that was loaded; null: none was. */
    readonly dump: string | null;
    /** Right after its first tick, before it hears from anybody. */
    readonly lastApplied: string;
  } | null;
  /** In sentences: what it comes to, and why. */
  readonly consequences: readonly string[];
  /** Against the version that the files are likely to be of: what is different, and why. Empty: nothing, or it is that version. */
  readonly differences: readonly string[];
}
