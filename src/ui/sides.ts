import type { RunView } from "#worker/protocol.ts";
import { SIDES } from "./contract.ts";
import type { RunState } from "./run-store.ts";
import { sideText } from "./words.ts";

export interface TitledView {
  readonly view: RunView;
  /** The version of the system it runs, or what of a recorded run it shows. */
  readonly title: string;
}

/** The sides that are shown, left to right. */
export function titledViews({
  views,
  scenario,
}: Pick<RunState, "views" | "scenario">): TitledView[] {
  if (scenario === null) return [];
  return SIDES.flatMap((side) => {
    const view = views[side];
    return view === undefined ? [] : [{ view, title: sideText(scenario, side) }];
  });
}
