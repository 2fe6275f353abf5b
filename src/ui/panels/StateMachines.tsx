import { useMemo } from "react";
import { divergenceText } from "#ui/derived.ts";
import { Icon } from "#ui/Icon.tsx";
import { type StateRow, stateTable } from "#view/divergence.ts";
import type { RunView } from "#worker/protocol.ts";

interface Props {
  readonly views: readonly { readonly view: RunView; readonly title: string }[];
}

/** What each server's state machine holds, side by side. */
export function StateMachines({ views }: Props) {
  return (
    <section className="panel states" aria-label="State machines">
      <header className="panel-header">
        <h2>State machines</h2>
      </header>
      <div className="states-sides">
        {views.map(({ view, title }) => (
          <SideStates key={view.side} view={view} title={views.length > 1 ? title : null} />
        ))}
      </div>
    </section>
  );
}

interface SideProps {
  readonly view: RunView;
  readonly title: string | null;
}

function SideStates({ view, title }: SideProps) {
  const { frame } = view;
  const table = useMemo(() => stateTable(frame), [frame]);
  const sentence = divergenceText(frame);
  const rows = useMemo(() => [...table.rows].sort((a, b) => order(a) - order(b)), [table]);
  const down = frame.servers.filter(({ id }) => !table.servers.includes(id));
  return (
    <div className="side-states" data-diverged={sentence !== null} data-side={view.side}>
      {title !== null && <h3>{title}</h3>}
      <p className="states-verdict" data-bad={sentence !== null}>
        <Icon name={sentence === null ? "check" : "differ"} />
        {sentence ?? "They agree"}
      </p>
      <div className="states-table">
        <table>
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
              <Row key={row.key} row={row} servers={table.servers} />
            ))}
          </tbody>
        </table>
        {rows.length === 0 && <p className="note">No key has been written yet.</p>}
        {down.map(({ id }) => (
          <p
            key={id}
            className="note"
          >{`${id} is not running: its state machine is gone until it boots.`}</p>
        ))}
      </div>
    </div>
  );
}

interface RowProps {
  readonly row: StateRow;
  readonly servers: readonly string[];
}

function Row({ row, servers }: RowProps) {
  return (
    <tr data-verdict={row.verdict}>
      <th scope="row" title={row.key}>
        {row.verdict === "differs" && <Icon name="differ" />}
        {row.key}
      </th>
      {row.values.map((cell, at) => (
        <td
          key={servers[at]}
          title={cell === null ? "not there" : `${cell.value}, written by entry ${cell.index}`}
        >
          {cell === null ? "–" : cell.value}
        </td>
      ))}
    </tr>
  );
}

function order({ verdict }: StateRow): number {
  return ["differs", "behind", "same"].indexOf(verdict);
}
