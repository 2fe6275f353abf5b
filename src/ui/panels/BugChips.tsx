import { useState } from "react";
import { systemEntry } from "#system/catalogue.ts";
import { bugsOn } from "#ui/bugs.ts";
import { useRun } from "#ui/run-store.ts";
import { changeUi } from "#ui/ui-store.ts";
import { useTools } from "#ui/use-tools.ts";
import type { Side } from "#worker/protocol.ts";

/** A system with more bugs than this shows only those that matter here; the menu has them all. */
const CHIPS_MOST = 4;

/** Bugs of a side as switches: one click plays the same script with one, or without. */
export function BugChips({ side }: { readonly side: Side }) {
  const { session } = useTools();
  const scenario = useRun((state) => state.scenario);
  /** One that was switched here stays, so that it can be switched back. */
  const [touched, setTouched] = useState<readonly string[]>([]);
  const choice = side === "main" ? scenario : scenario?.twin;
  if (scenario === null || choice === null || choice === undefined) return null;
  if (scenario.recording !== undefined) return null; // What was recorded had them all.
  const system = systemEntry(scenario.system);
  const on = bugsOn(system, choice);
  const others =
    scenario.twin === null ? [] : bugsOn(system, side === "main" ? scenario.twin : scenario);
  const bugs = system?.bugs ?? [];
  const matter = bugs.filter(({ id }) => [...on, ...others, ...touched].includes(id));
  const shown = bugs.length <= CHIPS_MOST ? bugs : matter.slice(0, CHIPS_MOST);
  const more = bugs.length - shown.length;
  return (
    <div className="bug-chips">
      {shown.map(({ id, title, about }) => {
        const isOn = on.includes(id);
        const next = isOn ? on.filter((each) => each !== id) : [...on, id];
        return (
          <button
            key={id}
            type="button"
            role="switch"
            className="bug-chip"
            aria-checked={isOn}
            aria-label={title}
            title={`${title}: ${isOn ? "on" : "off"}. ${about}`}
            onClick={() => {
              setTouched([...touched, id]);
              void session.setBugs(side, { preset: choice.preset, bugs: next });
            }}
          >
            {id.replaceAll("-", " ")}
          </button>
        );
      })}
      {more > 0 && (
        <button
          type="button"
          className="bug-chip more-bugs"
          onClick={() =>
            changeUi((state) => {
              state.popover = "bugs";
            })
          }
        >
          {shown.length === 0 ? `${more} bugs to switch on` : `${more} more bugs`}
        </button>
      )}
    </div>
  );
}
