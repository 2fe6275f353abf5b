import { create } from "zustand";
import type { Scenario } from "#scenario/types.ts";
import type { FeedLine, Outline } from "#sim/frame.ts";
import type { Side } from "#worker/protocol.ts";
import type { Loaded, Shown, Views } from "./contract.ts";
import { settle } from "./settle.ts";

/** A run as it stood before something was done to it by hand. */
export interface Before {
  readonly scenario: Scenario;
  readonly step: number;
}

/** The run that is shown: plain data from the worker, replaced and never edited. */
export interface RunState {
  readonly run: string | null;
  readonly scenario: Scenario | null;
  readonly outlines: Readonly<Partial<Record<Side, Outline>>>;
  readonly views: Views;
  /** The step of the main side that is shown. */
  readonly step: number;
  readonly hash: string;
  readonly unmet: readonly string[];
  /** What each message of the system's protocol promises. */
  readonly obligations: Loaded["obligations"];
  readonly readOnly: boolean;
  /** Everything up to this step is in storage; null: nothing was saved yet. */
  readonly saved: number | null;
  /** The lines of every step that was shown, by side; what came after a fork is dropped. */
  readonly lines: Readonly<Record<Side, ReadonlyMap<number, readonly FeedLine[]>>>;
  /** What can be gone back to, the original first. */
  readonly past: readonly Before[];
  /** Figures of the work under way; null: none. */
  readonly progress: { readonly done: number; readonly of: number } | null;
}

const NO_LINES: RunState["lines"] = { main: new Map(), twin: new Map() };

export const EMPTY_RUN: RunState = {
  run: null,
  scenario: null,
  outlines: {},
  views: {},
  step: 0,
  hash: "",
  unmet: [],
  obligations: [],
  readOnly: false,
  saved: null,
  lines: NO_LINES,
  past: [],
  progress: null,
};

export const useRun = create<RunState>(() => EMPTY_RUN);

/** A run was loaded, forked or put under other bugs. Its frame comes with the next `show`. */
export function takeLoaded(loaded: Loaded): void {
  useRun.setState((state) => {
    const same = state.run === loaded.run;
    return {
      run: loaded.run,
      scenario: loaded.scenario,
      outlines: Object.fromEntries(loaded.outlines.map(({ side, outline }) => [side, outline])),
      views: same ? keepSides(state.views, loaded) : {},
      hash: loaded.hash,
      unmet: loaded.unmet,
      obligations: loaded.obligations,
      readOnly: loaded.readOnly,
      saved: same ? state.saved : null,
      // What happened before the step shown may differ too (other bugs), so nothing is kept.
      lines: NO_LINES,
      progress: null,
    };
  });
}

export function takeShown(shown: Shown): void {
  useRun.setState((state) => {
    const views: Partial<Record<Side, Views[Side]>> = {};
    const lines = { ...state.lines };
    for (const view of shown.views) {
      views[view.side] = settle(state.views[view.side], view);
      lines[view.side] = withLines(lines[view.side], view.frame.step, view.frame.feed);
    }
    return { views: views as Views, lines, step: views.main?.frame.step ?? state.step };
  });
}

function keepSides(views: Views, loaded: Loaded): Views {
  return Object.fromEntries(
    Object.entries(views).filter(([side]) => loaded.outlines.some((each) => each.side === side)),
  );
}

function withLines(
  known: ReadonlyMap<number, readonly FeedLine[]>,
  step: number,
  feed: readonly FeedLine[],
): ReadonlyMap<number, readonly FeedLine[]> {
  if (feed.length === 0 || known.has(step)) return known;
  return new Map(known).set(step, feed);
}
