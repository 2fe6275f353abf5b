import { useState } from "react";
import { useRun } from "#ui/run-store.ts";
import { titledViews } from "#ui/sides.ts";
import { useTools } from "#ui/use-tools.ts";
import {
  cellFamily,
  cellText,
  type MeterCell,
  meterTable,
  telling,
  whyText,
} from "#view/sweep-meter.ts";
import { countText, grouped } from "#view/sweep-words.ts";
import type { MeterRow, RunView } from "#worker/protocol.ts";
import { kindText, OfMoment, Underway } from "./parts.tsx";
import { useChosenMachines } from "./States.tsx";
import { type MeterFound, measure, useTrials } from "./trials.ts";

/** The design-quality meter: what one machine's disk can come to under every policy, one design beside the other. */
export function Meter({ view }: { readonly view: RunView }) {
  const { session } = useTools();
  const meter = useTrials((state) => state.meter);
  const views = useRun((state) => state.views);
  const scenario = useRun((state) => state.scenario);
  const [machine] = useChosenMachines(view);
  const sides = titledViews({ views, scenario }).map(({ view: { side, frame }, title }) => ({
    side,
    step: frame.step,
    title,
  }));
  const { step, machines } = view.frame;
  const own = { side: view.side, step };
  return (
    <>
      <p className="note">
        How good is this design&apos;s way of writing? At this step, under every policy and both
        kinds of crash: how many outcomes there are, and how many of them are bad.
      </p>
      {machines.length > 1 && <MachinePicker view={view} machine={machine ?? null} />}
      <button
        type="button"
        className="tool strong"
        disabled={machine === undefined || meter.running !== null}
        onClick={() => machine !== undefined && void measure(session, machine, sides)}
      >
        {machine === undefined ? "No machine has power" : `Measure ${machine} at step ${step}`}
      </button>
      <Underway section="meter" />
      {meter.found !== null && (
        <>
          <OfMoment
            found={meter.found.designs.find(({ side }) => side === view.side) ?? own}
            shown={own}
          />
          <Table found={meter.found} />
        </>
      )}
    </>
  );
}

function MachinePicker({
  view,
  machine,
}: {
  readonly view: RunView;
  readonly machine: string | null;
}) {
  return (
    <div className="picker" role="radiogroup" aria-label="Machine">
      {view.frame.machines.map(({ id, power }) => (
        <label key={id} data-checked={id === machine}>
          <input
            type="radio"
            className="visually-hidden"
            name="metered"
            disabled={power === "off"}
            checked={id === machine}
            onChange={() => useTrials.setState({ machines: [id] })}
          />
          {id}
        </label>
      ))}
    </div>
  );
}

function Table({ found: { designs } }: { readonly found: MeterFound }) {
  const [chosen, setChosen] = useState<MeterRow | null>(null);
  const table = meterTable(designs.map(({ rows }) => rows));
  const all = designs.flatMap(({ rows }) => rows);
  const shown = all.find((row) => row === chosen) ?? telling(all);
  const title = designs.find(({ rows }) => shown !== null && rows.includes(shown))?.title;
  return (
    <>
      {designs.length > 1 && (
        <ol className="meter-designs">
          {designs.map((design, at) => (
            <li key={design.side}>
              <b>{SIGNS[at]}</b> {`${design.title}, its step ${design.step}`}
            </li>
          ))}
        </ol>
      )}
      <table className="meter">
        <thead>
          <tr>
            <th scope="col">policy</th>
            {table.kinds.map((kind) => (
              <th key={kind} scope="col">
                {kindText(kind)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map(({ policy, cells }) => (
            <tr key={policy}>
              <th scope="row">{policy}</th>
              {cells.map((cell, column) => (
                <td key={table.kinds[column]}>
                  {cell.map((each, at) => (
                    <Cell
                      key={designs[at]?.side}
                      cell={each}
                      sign={designs.length > 1 ? (SIGNS[at] ?? "") : ""}
                      isShown={each !== null && each.row === shown}
                      onShow={setChosen}
                    />
                  ))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {shown !== null && <Why row={shown} title={designs.length > 1 ? (title ?? "") : ""} />}
    </>
  );
}

/** The designs, left to right, as the cells name them. */
const SIGNS = ["L", "R"];

interface CellProps {
  readonly cell: MeterCell | null;
  readonly sign: string;
  readonly isShown: boolean;
  readonly onShow: (row: MeterRow) => void;
}

function Cell({ cell, sign, isShown, onShow }: CellProps) {
  if (cell === null) return <span className="note">–</span>;
  const { row, badPerMille } = cell;
  return (
    <button
      type="button"
      className="meter-cell"
      data-good={cellFamily(row) === null}
      data-family={cellFamily(row) ?? "good"}
      aria-pressed={isShown}
      onClick={() => onShow(row)}
    >
      <span>
        {sign !== "" && <b>{`${sign} `}</b>}
        {cellText(row)}
      </span>
      <span className="bar" aria-hidden="true">
        <i style={{ width: `${badPerMille / 10}%` }} />
      </span>
    </button>
  );
}

function Why({ row, title }: { readonly row: MeterRow; readonly title: string }) {
  const { short } = countText(row.states);
  return (
    <section className="why" aria-live="polite">
      <h4>{[title, row.policy, kindText(row.kind)].filter((each) => each !== "").join(", ")}</h4>
      <p className="note">
        {`${row.pieces} writes at stake, ${short} crash states, ${grouped(row.recoveries)} recoveries${row.capped ? "; capped" : ""}.`}
      </p>
      <ul>
        {whyText(row).map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </section>
  );
}
