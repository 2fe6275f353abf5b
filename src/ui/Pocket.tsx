import { Tabs } from "radix-ui";
import { memo } from "react";
import { Later } from "./later.tsx";
import { ActionBar } from "./panels/ActionBar.tsx";
import { Captions } from "./panels/Caption.tsx";
import { Inspector } from "./panels/Inspector.tsx";
import { LogMatrix } from "./panels/LogMatrix.tsx";
import { ScriptTab } from "./panels/ScriptTab.tsx";
import { StateMachines } from "./panels/StateMachines.tsx";
import { Transport } from "./panels/Transport.tsx";
import { useRun } from "./run-store.ts";
import { titledViews } from "./sides.ts";
import { Stage } from "./stage/Stage.tsx";
import { changeUi, type Sheet, useUi } from "./ui-store.ts";
import { useTools } from "./use-tools.ts";

/** The narrow layout: one cluster, the transport, and a sheet of three tabs. */
export const Pocket = memo(function Pocket() {
  const { player } = useTools();
  const views = useRun((state) => state.views);
  const scenario = useRun((state) => state.scenario);
  const side = useUi((state) => state.side);
  const sheet = useUi((state) => state.sheet);
  const sides = titledViews({ views, scenario });
  const shown = sides.find(({ view }) => view.side === side) ?? sides[0];
  if (shown === undefined) return null;
  return (
    <main className="pocket">
      {sides.length > 1 && (
        <div className="picker sides" role="radiogroup" aria-label="Side">
          {sides.map(({ view, title }) => (
            <label key={view.side} data-checked={view === shown.view}>
              <input
                type="radio"
                name="side"
                className="visually-hidden"
                checked={view === shown.view}
                onChange={() =>
                  changeUi((state) => {
                    state.side = view.side;
                  })
                }
              />
              {title}
            </label>
          ))}
        </div>
      )}
      <Stage
        view={shown.view}
        title={shown.title}
        current={false}
        onJump={(step) => player.jump(step, shown.view.side)}
      />
      <Captions views={[shown.view]} current={shown.view} />
      <Transport />
      <Tabs.Root
        className="sheet"
        value={sheet}
        onValueChange={(value) =>
          changeUi((state) => {
            state.sheet = value as Sheet;
          })
        }
      >
        <Tabs.List className="tabs" aria-label="Sheet">
          <Tabs.Trigger className="tab" value="inspect">
            Inspect
          </Tabs.Trigger>
          <Tabs.Trigger className="tab" value="log">
            Log
          </Tabs.Trigger>
          <Tabs.Trigger className="tab" value="script">
            Script
          </Tabs.Trigger>
        </Tabs.List>
        <Tabs.Content className="sheet-content" value="inspect">
          <ActionBar />
          <Inspector without={["script"]} />
        </Tabs.Content>
        <Tabs.Content className="sheet-content" value="log">
          <LogMatrix view={shown.view} />
          <StateMachines views={[shown]} />
          <Later.Feed />
        </Tabs.Content>
        <Tabs.Content className="sheet-content" value="script">
          <ScriptTab />
        </Tabs.Content>
      </Tabs.Root>
    </main>
  );
});
