import { type KeyboardEvent, useEffect, useState } from "react";
import { COLUMNS, type Column, countsAll, notedTogether } from "#matrix/columns.ts";
import { FIX_SETS, type FixSet } from "#matrix/fix-sets.ts";
import { scenarioOf } from "#matrix/scenarios.ts";
import { Icon } from "#ui/Icon.tsx";
import { useRun } from "#ui/run-store.ts";
import { changeUi, showBanner, useUi } from "#ui/ui-store.ts";
import { useTools } from "#ui/use-tools.ts";
import type { Cell } from "#worker/protocol.ts";
import { closeDialog, DialogFrame } from "./DialogFrame.tsx";
import { runMissing, stopRunning, useCells } from "./fix-cells.ts";
import { nameOf, standingOf } from "./fix-words.ts";
import "#ui/styles/fixes.css";

type Failure = Column["counts"][number];

/** What stands in a cell for each failure: a cross alone would not tell one fix from another. */
const SIGNS: Readonly<Record<Failure, { readonly sign: string; readonly words: string }>> = {
  "two leaders": { sign: "2", words: "two leaders of a term" },
  divergence: { sign: "≠", words: "state machines differ" },
  "lost write": { sign: "†", words: "a lost write" },
  "unsafe answer": { sign: "!", words: "an OK that was not safe" },
  "not ready": { sign: "∞", words: "a server that never gets ready" },
};

/** Cells in a row are this far apart, and rows as many: what an arrow moves by. */
const ARROWS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowUp: -COLUMNS.length,
  ArrowDown: COLUMNS.length,
};

/** PySyncObj's fixes against fifteen schedules. Every cell is run by the page, and plays. */
export function MatrixDialog() {
  const { session } = useTools();
  /** The one cell that Tab reaches; arrows go on from it. */
  const [reached, setReached] = useState(() => useUi.getState().cell?.at ?? 0);
  useEffect(() => {
    void runMissing(session);
    return stopRunning;
  }, [session]);

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const cells = [...event.currentTarget.querySelectorAll<HTMLElement>(".fix-cell")];
    const at = cells.indexOf(event.target as HTMLElement);
    const inRow = at % COLUMNS.length;
    const goals: Readonly<Record<string, number>> = {
      Home: at - inRow,
      End: at - inRow + COLUMNS.length - 1,
    };
    const goal = cells[goals[event.key] ?? at + (ARROWS[event.key] ?? 0)];
    if (at < 0 || goal === undefined || goal === event.target) return;
    event.preventDefault();
    event.stopPropagation();
    goal.focus();
  }

  return (
    <DialogFrame
      title="Which fix helps against what?"
      about="PySyncObj: every fix, alone and together, against fifteen ways to go wrong. Each cell is a run of its own, judged at its end; choose one to watch it beside 0.3.14."
      widest
      // Whoever comes back from a cell goes on in it.
      first={useUi.getState().cell === null ? null : ".fix-cell[tabindex='0']"}
    >
      <Underway />
      <Key />
      <p className="note fixes-more">{`All ${COLUMNS.length} columns: scroll sideways.`}</p>
      <table className="fixes" onKeyDown={onKeyDown}>
        <thead>
          <tr>
            <th scope="col">Fixes</th>
            {COLUMNS.map(({ id, title }) => (
              <th key={id} scope="col">
                <span className="fixes-title">{title}</span>
                {id}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {FIX_SETS.map((fixSet, row) => (
            <Row
              key={fixSet.id}
              fixSet={fixSet}
              reached={reached - row * COLUMNS.length}
              onReach={(column) => setReached(row * COLUMNS.length + column)}
              onOpen={(column) => noteOpened(row * COLUMNS.length + column)}
            />
          ))}
        </tbody>
      </table>
      <Notes />
    </DialogFrame>
  );
}

/** What plays now is that cell, and the page says so. */
function noteOpened(at: number): void {
  const fixSet = FIX_SETS[Math.floor(at / COLUMNS.length)];
  const column = COLUMNS[at % COLUMNS.length];
  if (fixSet === undefined || column === undefined) return;
  changeUi((state) => {
    state.cell = { run: useRun.getState().run, at, name: nameOf(fixSet, column) };
  });
}

interface RowProps {
  readonly fixSet: FixSet;
  /** The column that Tab reaches; no column of the table: it is in another row. */
  readonly reached: number;
  readonly onReach: (column: number) => void;
  readonly onOpen: (column: number) => void;
}

function Row({ fixSet, reached, onReach, onOpen }: RowProps) {
  const cells = useCells(({ rows }) => rows[fixSet.id]);
  const standing = standingOf(fixSet);
  return (
    <tr data-standing={standing}>
      <th scope="row">
        {`${fixSet.title} `}
        {standing !== "tried" && <small>{standing}</small>}
      </th>
      {COLUMNS.map((column, place) => (
        <td key={column.id}>
          <CellButton
            fixSet={fixSet}
            column={column}
            isReached={place === reached}
            onReach={() => onReach(place)}
            onOpen={() => onOpen(place)}
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
  readonly isReached: boolean;
  readonly onReach: () => void;
  readonly onOpen: () => void;
}

function CellButton({ fixSet, column, cell, isReached, onReach, onOpen }: CellProps) {
  const { session, player } = useTools();

  async function play() {
    const scenario = scenarioOf(fixSet, column);
    if (!scenario.ok) {
      showBanner({ tone: "bad", topic: "refused", text: scenario.problem, remedy: "" });
      return;
    }
    closeDialog();
    if (!(await session.open(scenario.value, { step: 0, from: "" }))) return;
    onOpen();
    player.play();
  }

  const words = outcomeWords(column, cell);
  return (
    <button
      type="button"
      className="fix-cell"
      data-outcome={cell?.outcome ?? "unknown"}
      title={`${fixSet.title} in ${column.id}, ${column.title}: ${words}`}
      aria-label={`${fixSet.title}, ${column.id}: ${words}. Play it`}
      tabIndex={isReached ? 0 : -1}
      onFocus={onReach}
      onClick={() => void play()}
    >
      {cell === undefined ? (
        "·"
      ) : cell.outcome === "ok" ? (
        <Icon name="check" />
      ) : (
        counted(column, cell)
          .map((failure) => SIGNS[failure].sign)
          .join("")
      )}
    </button>
  );
}

/** The failures that the column is about. */
function counted({ counts }: Column, { failures }: Cell): readonly Failure[] {
  return counts.filter((each) => failures.includes(each));
}

function outcomeWords(column: Column, cell: Cell | undefined): string {
  if (cell === undefined) return "not run yet";
  const failures = counted(column, cell);
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

/** What the signs in the cells stand for; above them, where it is in view. */
function Key() {
  return (
    <p className="fixes-key">
      <span data-outcome="ok">
        <Icon name="check" /> holds
      </span>
      {Object.values(SIGNS).map(({ sign, words }) => (
        <span key={sign} data-outcome="X">
          <strong>{sign}</strong> {words}
        </span>
      ))}
    </p>
  );
}

/** Why some columns do not count every failure. */
function Notes() {
  return (
    <ul className="fixes-notes">
      {notedTogether().map(({ ids, ...column }) => (
        <li key={column.note} className="note">
          <strong>{ids.join(", ")}</strong>
          {` ${ids.length > 1 ? "count" : "counts"} ${countsAll(column) ? "every failure" : `only: ${column.counts.join(", ")}`}. ${column.note}`}
        </li>
      ))}
    </ul>
  );
}
