import { memo, useMemo } from "react";
import type { Side } from "#worker/protocol.ts";
import { Later } from "./later.tsx";
import { ActionBar } from "./panels/ActionBar.tsx";
import { Captions } from "./panels/Caption.tsx";
import { Inspector } from "./panels/Inspector.tsx";
import { LogMatrix } from "./panels/LogMatrix.tsx";
import { StateMachines } from "./panels/StateMachines.tsx";
import { Transport } from "./panels/Transport.tsx";
import { useRun } from "./run-store.ts";
import { type TitledView, titledViews } from "./sides.ts";
import { Stage } from "./stage/Stage.tsx";
import { useUi } from "./ui-store.ts";
import { useCalmWhilePlaying } from "./use-calm-while-playing.ts";
import { useTools } from "./use-tools.ts";

/** The wide layout: everything on one screen. */
export const Desk = memo(function Desk() {
  const { player } = useTools();
  const views = useRun((state) => state.views);
  const scenario = useRun((state) => state.scenario);
  const side = useUi((state) => state.side);
  const sides = useMemo(() => titledViews({ views, scenario }), [views, scenario]);
  const jumps = useMemo(
    () => ({ main: player.jump, twin: (step: number) => player.jump(step, "twin") }),
    [player],
  );
  const calmSides = useCalmWhilePlaying(sides);
  const shown = sides.find(({ view }) => view.side === side) ?? sides[0];
  if (shown === undefined) return null;
  return (
    <>
      <main className="desk" data-sides={sides.length}>
        <ActionBar />
        <div className="stages">
          {sides.map(({ view, title }) => (
            <Stage
              key={view.side}
              view={view}
              title={title}
              current={sides.length > 1 && view === shown.view}
              onJump={jumps[view.side]}
            />
          ))}
        </div>
        <Captions views={sides.map(({ view }) => view)} current={shown.view} />
        <div className="below">
          <Tables sides={calmSides} side={shown.view.side} />
          <Later.Feed />
        </div>
      </main>
      <aside className="aside" aria-label="Inspector">
        <Inspector />
      </aside>
      <Transport />
    </>
  );
});

interface TablesProps {
  readonly sides: readonly TitledView[];
  readonly side: Side;
}

const Tables = memo(function Tables({ sides, side }: TablesProps) {
  const shown = sides.find(({ view }) => view.side === side) ?? sides[0];
  if (shown === undefined) return null;
  return (
    <>
      <LogMatrix view={shown.view} />
      <StateMachines views={sides} />
    </>
  );
});
