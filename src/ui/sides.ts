import type { RunView } from "#worker/protocol.ts";
import { SIDES } from "./contract.ts";
import type { RunState } from "./run-store.ts";
import { versionText } from "./words.ts";

export interface TitledView {
  readonly view: RunView;
  /** The version of the system it runs. */
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
    const choice = side === "main" ? scenario : (scenario.twin ?? scenario);
    return view === undefined ? [] : [{ view, title: versionText(scenario.system, choice) }];
  });
}
