import { useMemo } from "react";
import type { Side } from "#worker/protocol.ts";
import { useRun } from "./run-store.ts";
import { authorsScript, handMade, type Telling, timedSentences } from "./telling.ts";

const NOTHING: Telling = { made: [], timed: new Set() };

/** What was done by hand in the run shown, by the steps of a side, and what of the story may be untrue since. */
export function useMade(side: Side): Telling {
  const run = useRun((state) => state.run);
  const scenario = useRun((state) => state.scenario);
  const outline = useRun((state) => state.outlines[side]);
  return useMemo(() => {
    if (scenario === null || outline === undefined) return NOTHING;
    const author = authorsScript(run, scenario);
    return { made: handMade(scenario.script, author, outline), timed: timedSentences(author) };
  }, [run, scenario, outline]);
}
