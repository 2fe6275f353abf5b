import { memo } from "react";
import { judge } from "#scenario/judge.ts";
import type { Scenario } from "#scenario/types.ts";
import type { Mark } from "#sim/frame.ts";
import { SIDES } from "#ui/contract.ts";
import { downloadScenario } from "#ui/download.ts";
import { Icon } from "#ui/Icon.tsx";
import { keyed } from "#ui/keyed.ts";
import { useRun } from "#ui/run-store.ts";
import { actionText, anchorText, byDue, sideText } from "#ui/words.ts";

const NO_MARKS: readonly Mark[] = [];

/** The scenario as it stands: its script with what was done by hand, what it expects, what never came. */
export const ScriptTab = memo(function ScriptTab() {
  const scenario = useRun((state) => state.scenario);
  const unmet = useRun((state) => state.unmet);
  const hash = useRun((state) => state.hash);
  const marks = useRun((state) => state.outlines.main?.marks ?? NO_MARKS);
  if (scenario === null) return null;
  return (
    <div className="script-tab">
      <p>{scenario.about}</p>
      <button type="button" className="tool" onClick={() => void downloadScenario(scenario)}>
        <Icon name="download" />
        <span>Download as JSON</span>
      </button>
      {unmet.length > 0 && (
        <div className="unmet">
          <h3>Did not happen</h3>
          <ul>
            {unmet.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </div>
      )}
      <h3>{`Script, ${scenario.script.length} actions`}</h3>
      <ol className="script">
        {keyed(byDue(scenario.script, marks), actionOf).map(({ key, item }) => (
          <li key={key}>
            <small>{anchorText(item.anchor)}</small>
            <span>{actionText(item.action)}</span>
          </li>
        ))}
      </ol>
      <Expectations scenario={scenario} />
      {scenario.source.length > 0 && <h3>Sources</h3>}
      <ul className="sources">
        {scenario.source.map(({ title, url }) => (
          <li key={url}>
            <a href={url} rel="noreferrer" target="_blank">
              {title}
            </a>
          </li>
        ))}
      </ul>
      <p className="note">{`Seed ${scenario.seed} · trace hash ${hash}`}</p>
    </div>
  );
});

function actionOf({ anchor, action }: Scenario["script"][number]): string {
  return `${anchorText(anchor)} ${actionText(action)}`;
}

function Expectations({ scenario }: { readonly scenario: Scenario }) {
  const views = useRun((state) => state.views);
  const rows = SIDES.flatMap((side) => {
    const view = views[side];
    if (view === undefined || (side === "twin" && scenario.twin === null)) return [];
    const title = sideText(scenario, side);
    return judge(scenario, side, view.verdicts).map((each) => ({ ...each, side, title }));
  });
  if (rows.length === 0) return null;
  return (
    <>
      <h3>Expected</h3>
      <ul className="expectations">
        {rows.map(({ expectation, met, side, title }) => (
          <li key={`${side} ${expectation.check}`} data-met={met}>
            <Icon name={met ? "check" : "warning"} />
            {`${expectation.check} ${expectation.holds ? "holds" : "breaks"} (${title}): ${met ? "so it was" : "it did not"}`}
          </li>
        ))}
      </ul>
    </>
  );
}
