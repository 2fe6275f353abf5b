import { systemEntry } from "#system/catalogue.ts";
import { bugsOn } from "#ui/bugs.ts";
import { useRun } from "#ui/run-store.ts";
import { useTools } from "#ui/use-tools.ts";
import type { Side } from "#worker/protocol.ts";

/** Every bug of a side as a switch: one click plays the same script with it, or without. */
export function BugChips({ side }: { readonly side: Side }) {
  const { session } = useTools();
  const scenario = useRun((state) => state.scenario);
  const choice = side === "main" ? scenario : scenario?.twin;
  if (scenario === null || choice === null || choice === undefined) return null;
  const system = systemEntry(scenario.system);
  const on = bugsOn(system, choice);
  return (
    <div className="bug-chips">
      {system?.bugs.map(({ id, title, about }) => {
        const isOn = on.includes(id);
        const bugs = isOn ? on.filter((each) => each !== id) : [...on, id];
        return (
          <button
            key={id}
            type="button"
            role="switch"
            className="bug-chip"
            aria-checked={isOn}
            aria-label={title}
            title={`${title}: ${isOn ? "on" : "off"}. ${about}`}
            onClick={() => void session.setBugs(side, { preset: choice.preset, bugs })}
          >
            {id.replaceAll("-", " ")}
          </button>
        );
      })}
    </div>
  );
}
