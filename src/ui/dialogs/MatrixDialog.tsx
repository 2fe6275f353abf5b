import { useEffect } from "react";
import { COLUMNS, type Column } from "#matrix/columns.ts";
import { FIX_SETS, type FixSet } from "#matrix/fix-sets.ts";
import { scenarioOf } from "#matrix/scenarios.ts";
import { Icon } from "#ui/Icon.tsx";
import { showBanner } from "#ui/ui-store.ts";
import { useTools } from "#ui/use-tools.ts";
import type { Cell } from "#worker/protocol.ts";
import { closeDialog, DialogFrame } from "./DialogFrame.tsx";
import { runMissing, stopRunning, useCells } from "./fix-cells.ts";
import "#ui/styles/fixes.css";

/** PySyncObj's fixes against fifteen schedules. Every cell is run by the page, and plays. */
export function MatrixDialog() {
  const { session } = useTools();
  useEffect(() => {
    void runMissing(session);
    return stopRunning;
  }, [session]);
  return (
    <DialogFrame
      title="Which fix helps against what?"
      about="PySyncObj: every fix, alone and together, against fifteen ways to go wrong. Each cell is a run of its own, judged at its end; choose one to watch it beside 0.3.14."
      wide
    >
      <Underway />
      <table className="fixes">
        <thead>
          <tr>
            <th scope="col">Fixes</th>
            {COLUMNS.map(({ id, title }) => (
              <th key={id} scope="col" title={title}>
                <abbr title={title}>{id}</abbr>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {FIX_SETS.map((fixSet) => (
            <Row key={fixSet.id} fixSet={fixSet} />
          ))}
        </tbody>
      </table>
      <Legend />
    </DialogFrame>
  );
}

function Row({ fixSet }: { readonly fixSet: FixSet }) {
  const cells = useCells(({ rows }) => rows[fixSet.id]);
  return (
    <tr>
      <th scope="row">{fixSet.title}</th>
      {COLUMNS.map((column) => (
        <td key={column.id}>
          <CellButton
            fixSet={fixSet}
            column={column}
            cell={cells?.find(({ scenario }) => scenario === column.id)}
          />
        </td>
      ))}
    </tr>
  );
}

interface CellProps {
  readonly fixSet: FixSet;
  readonly column: Column;
  /** Left out: not known yet. */
  readonly cell: Cell | undefined;
}

function CellButton({ fixSet, column, cell }: CellProps) {
  const { session, player } = useTools();

  async function play() {
    const scenario = scenarioOf(fixSet, column);
    if (!scenario.ok) {
      showBanner({ tone: "bad", topic: "refused", text: scenario.problem, remedy: "" });
      return;
    }
    closeDialog();
    if (await session.open(scenario.value, { step: 0, from: "" })) player.play();
  }

  const words = outcomeWords(column, cell);
  return (
    <button
      type="button"
      className="fix-cell"
      data-outcome={cell?.outcome ?? "unknown"}
      title={`${fixSet.title} in ${column.id}, ${column.title}: ${words}`}
      aria-label={`${fixSet.title}, ${column.id}: ${words}. Play it`}
      onClick={() => void play()}
    >
      {cell === undefined ? "·" : <Icon name={cell.outcome === "ok" ? "check" : "cross"} />}
    </button>
  );
}

function outcomeWords({ counts }: Column, cell: Cell | undefined): string {
  if (cell === undefined) return "not run yet";
  const failures = cell.failures.filter((each) => counts.includes(each));
  return failures.length === 0 ? "holds" : failures.join(", ");
}

/** How far the runs are, and how to end or begin them. */
function Underway() {
  const { session } = useTools();
  const known = useCells(({ rows }) => Object.keys(rows).length);
  const running = useCells((state) => state.running);
  const problem = useCells((state) => state.problem);
  const of = FIX_SETS.length * COLUMNS.length;
  const done = known * COLUMNS.length + (running ?? 0);
  if (known === FIX_SETS.length) return null;
  return (
    <div className="fixes-underway">
      <progress aria-label="Running every cell" max={of} value={done} />
      <p role="status">
        <span>{problem ?? (running === null ? "Stopped" : "Running every cell")}</span>
        <small>{`${done} of ${of}`}</small>
      </p>
      <button
        type="button"
        className="tool small"
        onClick={() => (running === null ? void runMissing(session) : stopRunning())}
      >
        {running === null ? "Go on" : "Stop"}
      </button>
    </div>
  );
}

/** Why some columns do not count every failure, those of one reason together. */
const NOTES = [...new Set(COLUMNS.map(({ note }) => note))].flatMap((note) => {
  const columns = COLUMNS.filter((each) => note !== "" && each.note === note);
  const [first] = columns;
  return first === undefined ? [] : [{ ids: columns.map(({ id }) => id), ...first }];
});

function Legend() {
  return (
    <>
      <p className="note fixes-key">
        <span data-outcome="ok">
          <Icon name="check" /> holds
        </span>
        <span data-outcome="X">
          <Icon name="cross" /> two leaders of a term, state machines that differ, a lost write, an
          OK that was not safe, or a server that never gets ready
        </span>
      </p>
      <dl className="fixes-columns">
        {COLUMNS.map(({ id, title }) => (
          <div key={id}>
            <dt>{id}</dt>
            <dd>{title}</dd>
          </div>
        ))}
      </dl>
      <ul className="fixes-notes">
        {NOTES.map(({ ids, counts, note }) => (
          <li key={note} className="note">
            <strong>{ids.join(", ")}</strong>
            {` count only: ${counts.join(", ")}. ${note}`}
          </li>
        ))}
      </ul>
    </>
  );
}
