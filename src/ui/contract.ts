import type { Scenario } from "#scenario/types.ts";
import type { RunView, Side, ToUi, ToWorker } from "#worker/protocol.ts";

/** What a user can do to a run; the simulator's word for it. */
export type Action = Extract<ToWorker, { type: "act" }>["action"];
/** When a scripted action happens. */
export type Anchor = Scenario["script"][number]["anchor"];
export type CrashKind = Extract<Action, { type: "crash" }>["kind"];
export type Survivors = Extract<Action, { type: "crash" }>["survivors"];
export type DiskFault = Extract<Action, { type: "disk-fault" }>["fault"];

export type Loaded = Extract<ToUi, { type: "loaded" }>;
export type Shown = Extract<ToUi, { type: "shown" }>;

export const SIDES: readonly Side[] = ["main", "twin"];

/** The views of both sides; the twin's is missing when there is no twin. */
export type Views = Readonly<Partial<Record<Side, RunView>>>;
