import { memo } from "react";
import { Inside } from "#ui/panels/notches/Inside.tsx";
import { useUi } from "#ui/ui-store.ts";
import type { RunView } from "#worker/protocol.ts";
import { Fixes } from "./Fixes.tsx";
import { Meter } from "./Meter.tsx";
import { States } from "./States.tsx";
import { type Section, useTrials } from "./trials.ts";
import "#ui/styles/compared.css";
import "#ui/styles/sweep.css";

const SECTIONS: Readonly<Record<Section, string>> = {
  states: "Every state",
  inside: "Inside the step",
  meter: "Every policy",
  fixes: "Compare fixes",
};

/** What a crash here could leave: every state of the disks, every place inside the event, every policy, every version of the system. */
export function CrashTab({ view }: { readonly view: RunView }) {
  const section = useTrials((state) => state.section);
  const made = useTrials((state) => state.made);
  const playing = useUi((state) => state.playing);
  return (
    <div className="crash-tab">
      <div className="picker" role="radiogroup" aria-label="What to try">
        {(Object.keys(SECTIONS) as Section[]).map((each) => (
          <label key={each} data-checked={each === section}>
            <input
              type="radio"
              className="visually-hidden"
              name="crash-section"
              checked={each === section}
              onChange={() => useTrials.setState({ section: each })}
            />
            {SECTIONS[each]}
          </label>
        ))}
      </div>
      {made !== null && <p className="made">{made}</p>}
      {section === "states" && <States view={view} />}
      {section === "inside" && <Inside view={view} playing={playing} />}
      {section === "meter" && <Meter view={view} />}
      {section === "fixes" && <Fixes view={view} />}
      <Said />
    </div>
  );
}

const Said = memo(function Said() {
  const said = useTrials((state) => state.said);
  return (
    <p className="visually-hidden" role="status" data-testid="trials-said">
      {said}
    </p>
  );
});
