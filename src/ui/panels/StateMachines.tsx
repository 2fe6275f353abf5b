import { memo, useMemo } from "react";
import { divergenceText, tableOf } from "#ui/derived.ts";
import { Icon } from "#ui/Icon.tsx";
import { Scroller } from "#ui/Scroller.tsx";
import { useSettled } from "#ui/use-settled.ts";
import { listed } from "#ui/words.ts";
import type { StateRow } from "#view/divergence.ts";
import type { RunView } from "#worker/protocol.ts";

interface Props {
  readonly views: readonly { readonly view: RunView; readonly title: string }[];
}

/** What each server's state machine holds, side by side. */
export function StateMachines({ views }: Props) {
  // What differs on one side stands on top on both, so that the eye finds it.
  const first = views.flatMap(({ view }) => tableOf(view.frame).differing).join("\n");
  return (
    <section className="panel states" aria-label="State machines">
      <header className="panel-header">
        <h2>State machines</h2>
      </header>
      <div className="states-sides">
        {views.map(({ view, title }) => (
          <SideStates
            key={view.side}
            view={view}
            title={views.length > 1 ? title : null}
            first={first}
          />
        ))}
      </div>
    </section>
  );
}

interface SideProps {
  readonly view: RunView;
  /** Null when there is no other side to tell it from. */
  readonly title: string | null;
  /** Keys that stand on top, one a line. */
  readonly first: string;
}

function SideStates({ view, title, first }: SideProps) {
  const { frame } = view;
  const table = useSettled(tableOf(frame));
  const sentence = divergenceText(frame);
  const rows = useMemo(() => ordered(table.rows, first.split("\n")), [table, first]);
  const down = frame.servers.filter(({ id }) => !table.servers.includes(id));
  return (
    <div className="side-states" data-diverged={sentence !== null} data-side={view.side}>
      {title !== null && <h3>{title}</h3>}
      <p className="states-verdict" data-bad={sentence !== null}>
        <Icon name={sentence === null ? "check" : "differ"} />
        {sentence ?? "They agree"}
      </p>
      <Scroller
        className="states-table"
        label={title === null ? "Keys and values" : `Keys and values, ${title}`}
      >
        <table data-narrow={title !== null}>
          <thead>
            <tr>
              <th scope="col">key</th>
              {table.servers.map((server) => (
                <th key={server} scope="col">
                  {server}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.key} row={row} servers={table.servers} narrow={title !== null} />
            ))}
          </tbody>
        </table>
        {rows.length === 0 && <p className="note">No key has been written yet.</p>}
        {down.length > 0 && (
          <p className="note">
            {`${listed(down.map(({ id }) => id))}: not running, so there is no state machine until it boots.`}
          </p>
        )}
      </Scroller>
    </div>
  );
}

interface RowProps {
  readonly row: StateRow;
  readonly servers: readonly string[];
  /** There is little room: long values are shown by their ends. */
  readonly narrow: boolean;
}

const Row = memo(function Row({ row, servers, narrow }: RowProps) {
  return (
    <tr data-verdict={row.verdict}>
      <th scope="row" title={row.key}>
        {row.verdict === "differs" && <span className="differs-sign">≠ </span>}
        {row.key}
      </th>
      {row.values.map((cell, at) => (
        <td
          key={servers[at]}
          title={cell === null ? "not there" : `${cell.value}, written by entry ${cell.index}`}
        >
          {cell === null ? "–" : shortened(cell.value, narrow ? 5 : 24)}
        </td>
      ))}
    </tr>
  );
});

/** What differs first, then what was written last. */
function ordered(rows: readonly StateRow[], first: readonly string[]): readonly StateRow[] {
  const rank = (row: StateRow) => (first.includes(row.key) ? 0 : 1);
  return rows.toSorted((one, other) => rank(one) - rank(other) || newest(other) - newest(one));
}

function newest({ values }: StateRow): number {
  return Math.max(...values.map((cell) => cell?.index ?? 0));
}

function shortened(value: string, most: number): string {
  if (value.length <= most) return value;
  const half = Math.floor(most / 2);
  return `${value.slice(0, most - half - 1)}…${value.slice(-half)}`;
}
