import { useMemo } from "react";
import type { Side } from "#worker/protocol.ts";
import { useRun } from "./run-store.ts";
import { authorsScript, type HandMade, handMade } from "./telling.ts";

/** What was done by hand in the run shown, by the steps of a side. */
export function useMade(side: Side): readonly HandMade[] {
  const run = useRun((state) => state.run);
  const scenario = useRun((state) => state.scenario);
  const outline = useRun((state) => state.outlines[side]);
  return useMemo(() => {
    if (scenario === null || outline === undefined) return [];
    return handMade(scenario.script, authorsScript(run, scenario), outline);
  }, [run, scenario, outline]);
}
