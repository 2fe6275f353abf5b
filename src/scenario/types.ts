import type { Action, Anchor } from "#sim/faults.ts";

/**
 * The shareable document, version 2, as people write it: every field but `format`, `version`, `title`, `system` and
 * `cluster` may be left out. `schema.ts` checks and fills it; `plan.ts` makes of it what a run is given.
 */
export interface Scenario {
  readonly format: "blackstart-scenario";
  readonly version: 2;
  readonly title: string;
  /** One or two sentences. */
  readonly about: string;
  readonly source: readonly { readonly title: string; readonly url: string }[];
  readonly system: string;
  /** Named bugs of a released version, or an explicit list; `bugs` wins when it is not null. */
  readonly preset: string;
  readonly bugs: readonly string[] | null;
  /** The same script under other bugs, side by side. */
  readonly twin: {
    readonly preset: string;
    readonly bugs: readonly string[] | null;
    /** Where its settings differ, by name. */
    readonly options?: Readonly<Record<string, number>>;
  } | null;
  readonly cluster: {
    readonly machines: readonly ScenarioMachine[];
    /** Whom servers with empty files take for the members; left out: all servers. */
    readonly members?: readonly string[];
  };
  readonly options: Readonly<Record<string, number>>;
  readonly network: {
    readonly delay: readonly [number, number];
    readonly lossPerMille: number;
    readonly duplicatePerMille: number;
  };
  readonly disk: ScenarioDisk;
  readonly seed: number;
  readonly choices: Readonly<Record<string, number>>;
  readonly script: readonly { readonly anchor: Anchor; readonly action: Action }[];
  readonly until: number;
  /** A run that is told and not made: by the name of one that comes with the page, or the trace itself. Nothing else happens. */
  readonly recording?: {
    readonly format: "pysyncobj-trace/1";
    readonly name?: string;
    readonly text?: string;
  };
  readonly expect: readonly Expectation[];
  /** Words shown while it plays, each anchored to what it speaks of. */
  readonly narration: readonly { readonly anchor: Anchor; readonly text: string }[];
}

/** The disk of every machine that has no other. The words are those of the modelled disk (src/disk/types.ts). */
export interface ScenarioDisk {
  readonly policy:
    | "strict"
    | "per-file"
    | "data-first"
    | "ordered-journal"
    | "metadata-first"
    | "adversarial";
  readonly sectorSize: 512 | 4096;
  readonly writeBack: {
    readonly dataAge: number;
    readonly wakeEvery: number;
    readonly metadataEvery: number;
  } | null;
  readonly writeTime: number;
  readonly syncTime: number;
  readonly admits: readonly ("process" | "os" | "power")[];
  readonly syncScope: "posix" | "new-dent" | "whole-journal";
  readonly tear: "none" | "page" | "sector" | "byte-prefix";
  readonly powersafeOverwrite: boolean;
  readonly exposure: "zeros" | "garbage";
  readonly renameAtomic: boolean;
  readonly storeGrain: number | null;
  readonly syncFailure: "clean" | "revert" | "stay-dirty";
  readonly flushing: "honest" | "device" | "total";
  readonly capacity: number | null;
  readonly allocation: "at-write" | "at-sync";
}

/** Some settings of a disk, in place of what they were. */
export type DiskPatch = Partial<ScenarioDisk>;

export interface ScenarioMachine {
  readonly id: string;
  /** Where its disk differs from the scenario's `disk`. Left out: nowhere. */
  readonly disk?: DiskPatch;
  readonly clockOffset: number;
  readonly clockDrift: number;
  readonly servers: readonly { readonly id: string; readonly address: string }[];
  /** Files durable on its disk before the first boot; base64, paths from the machine's root ("A/raft.journal"). */
  readonly files: readonly { readonly path: string; readonly base64: string }[];
}

/** A check that must hold or break, under one preset (null: under every). */
export interface Expectation {
  readonly check: string;
  readonly holds: boolean;
  readonly preset: string | null;
}
