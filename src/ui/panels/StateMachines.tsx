import { memo, useMemo } from "react";
import type { Frame, ServerFrame } from "#sim/frame.ts";
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
  const first = views
    .flatMap(({ view }) => tableOf(view.frame).rows.filter(({ verdict }) => verdict === "differs"))
    .toSorted((one, other) => absent(one) - absent(other) || newest(other) - newest(one))
    .map(({ key }) => key)
    .join("\n");
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
      <Verdict frame={frame} rows={rows} sentence={sentence} />
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
        {rows.length === 0 && table.servers.length > 0 && (
          <p className="note">No key has been written yet.</p>
        )}
        {down.length > 0 && (
          <p className="note">
            {`${listed(down.map(({ id }) => id))}: not running, so there is no state machine until it boots.`}
          </p>
        )}
      </Scroller>
    </div>
  );
}

interface VerdictProps {
  readonly frame: Frame;
  readonly rows: readonly StateRow[];
  /** What is wrong; null: nothing. */
  readonly sentence: string | null;
}

/** One state machine, or none, has nothing to agree with. */
function Verdict({ frame, rows, sentence }: VerdictProps) {
  const up = frame.servers.filter(({ process }) => process === "up");
  const running = up.length;
  if (running === 0) {
    return (
      <p className="states-verdict" data-bad="none">
        No server is running
      </p>
    );
  }
  if (sentence === null && running === 1) {
    return (
      <p className="states-verdict" data-bad="none">
        Only one server is running
      </p>
    );
  }
  return (
    <p className="states-verdict" data-bad={sentence !== null}>
      <Icon name={sentence === null ? "check" : "differ"} />
      {sentence ?? agreement(up, rows)}
    </p>
  );
}

/** Those that have applied less are not wrong, but what they show is older. */
function agreement(up: readonly ServerFrame[], rows: readonly StateRow[]): string {
  if (rows.every(({ verdict }) => verdict !== "behind")) return "They agree";
  const least = Math.min(...up.map(({ lastApplied }) => lastApplied));
  const slow = up.filter(({ lastApplied }) => lastApplied === least).map(({ id }) => id);
  return `They agree as far as ${listed(slow)} ${slow.length === 1 ? "has" : "have"} come (entry ${least})`;
}

interface RowProps {
  readonly row: StateRow;
  readonly servers: readonly string[];
  /** There is little room: what all long values of the row begin with is left out. */
  readonly narrow: boolean;
}

const Row = memo(function Row({ row, servers, narrow }: RowProps) {
  const from = narrow ? partingAt(row) : 0;
  return (
    <tr data-verdict={row.verdict}>
      <th scope="row" title={row.key}>
        <span className="two-lines">
          {row.verdict === "differs" && <span className="differs-sign">{"≠\u00a0"}</span>}
          {row.key}
        </span>
      </th>
      {row.values.map((cell, at) => (
        <td
          key={servers[at]}
          title={cell === null ? "not there" : `${cell.value}, written by entry ${cell.index}`}
        >
          <span className="two-lines">
            {cell === null ? "–" : from === 0 ? cell.value : `…${cell.value.slice(from)}`}
          </span>
        </td>
      ))}
    </tr>
  );
});

/** How many servers do not have the key: values that contradict each other say more than a gap. */
function absent({ values }: StateRow): number {
  return values.filter((cell) => cell === null).length;
}

/** What differs first, then what was written last. */
function ordered(rows: readonly StateRow[], first: readonly string[]): readonly StateRow[] {
  const rank = ({ key }: StateRow) => (first.includes(key) ? first.indexOf(key) : first.length);
  return rows.toSorted((one, other) => rank(one) - rank(other) || newest(other) - newest(one));
}

function newest({ values }: StateRow): number {
  return Math.max(...values.map((cell) => cell?.index ?? 0));
}

/** The last character that the row's long values have in common before they part; 0: there is nothing to leave out. */
function partingAt({ values }: StateRow): number {
  const texts = values.flatMap((cell) => (cell === null ? [] : [cell.value]));
  const [one = "", ...others] = texts;
  if (others.every((other) => other === one)) return 0;
  if (texts.every(({ length }) => length <= SHORT)) return 0;
  let same = 0;
  while (same < one.length && others.every((other) => other[same] === one[same])) same += 1;
  return same < 3 ? 0 : same - 1;
}

/** A value that fits beside its neighbours. Characters. */
const SHORT = 6;
