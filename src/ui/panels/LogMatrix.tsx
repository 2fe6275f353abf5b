import { memo, useState } from "react";
import { Icon } from "#ui/Icon.tsx";
import { Later } from "#ui/later.tsx";
import { useRun } from "#ui/run-store.ts";
import { Scroller } from "#ui/Scroller.tsx";
import { shortened } from "#ui/stage/fit.ts";
import { useSize } from "#ui/stage/use-size.ts";
import { useSettled } from "#ui/use-settled.ts";
import {
  logMatrix,
  type LogMatrix as Matrix,
  type MatrixCell,
  type MatrixRow,
  scrollBy,
} from "#view/matrix.ts";
import type { RunView } from "#worker/protocol.ts";

/** Letters of a name that fit beside a log. */
const NAME_MOST = 3;

const CELL = 32;
const HEAD = 46;

/** Index by server: every entry by its term, and how far it has sunk towards the platter. */
export function LogMatrix({ view }: { readonly view: RunView }) {
  const [ref, size] = useSize<HTMLElement>();
  const [last, setLast] = useState<number | null>(null);
  const isRecorded = useRun((state) => state.scenario?.recording !== undefined);
  const [looked, setLooked] = useState<{ row: MatrixRow; cell: MatrixCell } | null>(null);
  const width = Math.max(1, Math.floor(((size?.width ?? 320) - HEAD - 2) / CELL));
  const matrix = useSettled(logMatrix(view.frame, { last, width }));
  const scroll = (by: number) => setLast(scrollBy(matrix, by));

  return (
    <section className="panel log-matrix" aria-label="Logs">
      <header className="panel-header">
        <h2>Logs</h2>
        <span className="range">{rangeText(matrix)}</span>
        <Later.Legend />
        <div className="group">
          <button
            type="button"
            className="tool small"
            aria-label="Earlier entries"
            disabled={matrix.first <= matrix.lowest}
            onClick={() => scroll(-Math.max(1, width - 2))}
          >
            <Icon name="play" />
          </button>
          <button
            type="button"
            className="tool small"
            aria-label="Later entries"
            disabled={matrix.last >= matrix.highest}
            onClick={() => scroll(Math.max(1, width - 2))}
          >
            <Icon name="play" />
          </button>
        </div>
      </header>
      <Scroller
        label="Log entries by index and server"
        className="matrix-window"
        ref={ref}
        onWheel={(event) => {
          const by = Math.sign(event.deltaX || (event.shiftKey ? event.deltaY : 0));
          if (by !== 0) scroll(by);
        }}
        onPointerLeave={() => setLooked(null)}
      >
        <table className="matrix" data-dense={densityOf(matrix)}>
          <thead>
            <tr>
              <th scope="col">index</th>
              {matrix.columns.map(({ index, differs }) => (
                <th
                  key={index}
                  scope="col"
                  data-differs={differs}
                  title={differs ? `Servers hold different entries at ${index}` : undefined}
                >
                  {index}
                  {differs && <span className="differs-sign">≠</span>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {matrix.rows.map((row) => (
              <tr key={row.server} data-process={row.process}>
                <th scope="row" title={row.server} aria-label={row.server}>
                  {shortened(row.server, NAME_MOST)}
                </th>
                {row.cells.map((cell) => (
                  <td key={cell.index} onPointerEnter={() => setLooked({ row, cell })}>
                    <Cell cell={cell} server={row.server} isRecorded={isRecorded} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
      <p className="matrix-note">
        {looked === null ? noteOf(matrix) : cellText(looked.row.server, looked.cell, isRecorded)}
      </p>
    </section>
  );
}

const Cell = memo(function Cell({
  cell,
  server,
  isRecorded,
}: {
  readonly cell: MatrixCell;
  readonly server: string;
  /** Nothing is known of the disks. */
  readonly isRecorded: boolean;
}) {
  const { entry, tombstones } = cell;
  const lost = tombstones.some(({ acknowledged }) => acknowledged);
  const title = cellText(server, cell, isRecorded);
  const durability = entry === null ? "none" : isRecorded ? "untold" : entry.durability;
  return (
    <div
      className="cell"
      title={title}
      data-hue={entry?.style.hue ?? "none"}
      data-pattern={entry?.style.pattern ?? 0}
      data-durability={durability}
      data-committed={entry?.committed ?? false}
      data-absent={cell.absent ?? "no"}
    >
      <span aria-hidden="true">{entry === null ? absentSign(cell) : entry.term}</span>
      <span className="visually-hidden">{title}</span>
      {entry?.applied === true && <i className="applied" />}
      {tombstones.length > 0 && (
        <i className="tombstone" data-acknowledged={lost}>
          <Icon name="grave" />
        </i>
      )}
    </div>
  );
});

function absentSign({ absent }: MatrixCell): string {
  if (absent === "compacted") return "▒";
  return absent === "not-shown" ? "…" : "";
}

function cellText(
  server: string,
  { index, entry, absent, tombstones }: MatrixCell,
  isRecorded: boolean,
): string {
  const lost = tombstones.map(
    ({ term, text, acknowledged, applied, step }) =>
      `lost at step ${step}: “${text}” of term ${term}${applied ? ", applied" : ""}${acknowledged ? ", a client had been told OK" : ""}`,
  );
  if (entry === null) {
    const why = { none: "nothing", compacted: "compacted", "not-shown": "further back" };
    return [`${server} ${index}: ${why[absent ?? "none"]}`, ...lost].join("; ");
  }
  const where = {
    durable: "durable",
    written: "written, not flushed",
    memory: "in memory only",
  }[entry.durability];
  const known = entry.committed
    ? entry.applied
      ? "committed and applied"
      : "committed"
    : "not known committed";
  const kept = isRecorded ? "" : `${where}; `;
  return [
    `${server} ${index}: “${entry.text}” of term ${entry.term}; ${kept}${known}`,
    ...lost,
  ].join("; ");
}

/** How low the rows have to be for all servers to be seen. */
function densityOf({ rows }: Matrix): "no" | "some" | "very" {
  if (rows.length > 4) return "very";
  return rows.length > 3 ? "some" : "no";
}

function rangeText({ first, last, highest }: Matrix): string {
  return last < first ? "empty" : `${first}–${last} of ${highest}`;
}

function noteOf({ columns, rows }: Matrix): string {
  const differing = columns.filter(({ differs }) => differs).map(({ index }) => index);
  if (differing.length > 0) return `Logs differ at ${differing.join(", ")}`;
  const graves = rows.some(({ cells }) => cells.some(({ tombstones }) => tombstones.length > 0));
  return graves ? "Gravestones mark entries that were cut off" : "Point at an entry to read it";
}
