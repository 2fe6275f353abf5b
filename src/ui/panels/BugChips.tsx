import { useMemo, useState } from "react";
import { systemEntry } from "#system/catalogue.ts";
import { bugDifferences, chipText, fitGroups } from "#ui/bug-differences.ts";
import { bugsOn } from "#ui/bugs.ts";
import { useRun } from "#ui/run-store.ts";
import { useSize } from "#ui/stage/use-size.ts";
import { changeUi } from "#ui/ui-store.ts";
import { useTools } from "#ui/use-tools.ts";
import type { Side } from "#worker/protocol.ts";

/** Where a side differs, as switches: one click plays the same script with one bug, or without. */
export function BugChips({ side }: { readonly side: Side }) {
  const { session } = useTools();
  const scenario = useRun((state) => state.scenario);
  const run = useRun((state) => state.run);
  /** One that was switched here stays while the run does, so that it can be switched back. */
  const [touched, setTouched] = useState<Touched>({ run: null, bugs: [] });
  const [row, size] = useSize<HTMLDivElement>();
  const choice = side === "main" ? scenario : scenario?.twin;
  const kept = touched.run === run ? touched.bugs : NONE;
  const differences = useMemo(
    // What was recorded had them all.
    () =>
      scenario === null || scenario.recording !== undefined
        ? []
        : bugDifferences(scenario, side, kept),
    [scenario, side, kept],
  );
  const on =
    scenario === null || choice == null ? NONE : bugsOn(systemEntry(scenario.system), choice);
  const { groups, more } = fitGroups(differences, size?.width ?? 0);

  function flip(bug: string) {
    if (choice == null) return;
    setTouched({ run, bugs: [...kept, bug] });
    const bugs = on.includes(bug) ? on.filter((each) => each !== bug) : [...on, bug];
    void session.setBugs(side, { preset: choice.preset, bugs });
  }

  return (
    <div className="bug-chips" data-some={differences.length > 0} ref={row}>
      {size !== null &&
        groups.map(({ word, bugs }) => [
          <span key={word} className="bug-word">
            {word}
          </span>,
          ...bugs.map(({ id, title, about }) => (
            <button
              key={id}
              type="button"
              role="switch"
              className="bug-chip"
              aria-checked={on.includes(id)}
              aria-label={title}
              title={`${title}: ${on.includes(id) ? "on" : "off"}. ${about}`}
              onClick={() => flip(id)}
            >
              {chipText(id)}
            </button>
          )),
        ])}
      {size !== null && more > 0 && (
        <button
          type="button"
          className="bug-chip more-bugs"
          aria-label={`${more} more: all bugs and versions`}
          title={`${more} more: all bugs and versions (G)`}
          onClick={() =>
            changeUi((state) => {
              state.popover = "bugs";
            })
          }
        >
          {`+${more}`}
        </button>
      )}
    </div>
  );
}

interface Touched {
  readonly run: string | null;
  readonly bugs: readonly string[];
}

const NONE: readonly string[] = [];
