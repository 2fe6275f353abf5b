import type { LayerFrame, ServerFrame } from "#sim/frame.ts";
import { useRun } from "#ui/run-store.ts";
import { select } from "#ui/selection.ts";
import { layerRows } from "#ui/stage/layers.ts";
import { STANDING_WORDS, standingOf } from "#ui/stage/RoleMark.tsx";
import { useUi } from "#ui/ui-store.ts";
import { listed, seconds } from "#ui/words.ts";
import { hueOf } from "#view/terms.ts";
import type { RunView } from "#worker/protocol.ts";

/** All fields of the selected server, and what its disk would give back. */
export function ServerTab({ view }: { readonly view: RunView }) {
  const chosen = useUi((state) => state.selected[0]);
  const isRecorded = useRun((state) => state.scenario?.recording !== undefined);
  const { servers, machines } = view.frame;
  const server = servers.find(({ id }) => id === chosen) ?? servers[0];
  const machine = machines.find(({ id }) => id === server?.machine);
  if (server === undefined || machine === undefined) return null;
  const runs = server.process === "up" && machine.power === "on";
  return (
    <div className="server-tab">
      <ServerPicker view={view} server={server.id} />
      {server.failure !== null && (
        <p className="failure">{`Its process ended itself: ${server.failure}`}</p>
      )}
      <Layers server={server} power={machine.power} />
      {runs && !isRecorded && <p className="loss">{lossText(server)}</p>}
      <dl className="fields-list">
        <Field name="role" value={STANDING_WORDS[standingOf(server, machine)]} />
        <Field name="leader it knows" value={runs ? (server.leader ?? "nobody") : "—"} />
        <Field name="commitIndex" value={runs ? String(server.commitIndex) : "—"} />
        <Field name="lastApplied" value={runs ? String(server.lastApplied) : "—"} />
        <Field name="log" value={`${server.firstIndex}–${server.lastIndex}`} />
        <Field
          name="election timeout"
          value={
            runs && server.timer !== null
              ? `${seconds(server.timer.timeout)}, ${Math.round(100 * server.timer.elapsed)} % passed`
              : "none runs"
          }
        />
        <Field name="life" value={`no. ${server.incarnation}`} />
        <Field name="machine" value={`${machine.id}, power ${machine.power}`} />
        <Field
          name="unflushed writes"
          value={isRecorded ? "not recorded" : String(machine.pending)}
        />
        <Field name="messages held back" value={String(server.held)} />
        <Field name="state digest" value={server.stateDigest} />
      </dl>
      <Entries server={server} isRecorded={isRecorded} />
    </div>
  );
}

function ServerPicker({ view, server }: { readonly view: RunView; readonly server: string }) {
  return (
    <div className="picker" role="radiogroup" aria-label="Server">
      {view.frame.servers.map(({ id }) => (
        <label key={id} data-checked={id === server}>
          <input
            type="radio"
            className="visually-hidden"
            name="inspected"
            checked={id === server}
            onChange={() => select(view.side, [id])}
          />
          {id}
        </label>
      ))}
    </div>
  );
}

function Layers({ server, power }: { readonly server: ServerFrame; readonly power: "on" | "off" }) {
  const isRecorded = useRun((state) => state.scenario?.recording !== undefined);
  const rows = layerRows(server, power, isRecorded);
  const keepsState = rows.some(({ applied }) => applied !== null);
  return (
    <table className="layers-table">
      <thead>
        <tr>
          <th scope="col">layer</th>
          {["term", "vote", "log", "commit"].map((field) => (
            <th key={field} scope="col">
              {field}
            </th>
          ))}
          {keepsState && (
            <th scope="col" title="How far the state machine has come that is kept there">
              applied
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name} data-layer={row.name} data-present={row.present}>
            <th scope="row">{row.name}</th>
            {row.isUntold ? (
              <td colSpan={row.cells.length}>not recorded</td>
            ) : row.present && row.refused !== null ? (
              <td colSpan={row.cells.length} title={row.refused}>
                would not boot
              </td>
            ) : (
              row.cells.map((cell) => (
                <td key={cell.field} data-lags={cell.lags && row.present} title={cell.title}>
                  {row.present ? cell.text : "lost"}
                </td>
              ))
            )}
            {keepsState && <td>{row.present ? row.applied : "lost"}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Field({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Entries({
  server,
  isRecorded,
}: {
  readonly server: ServerFrame;
  readonly isRecorded: boolean;
}) {
  return (
    <details className="entries" open>
      <summary>{`Log, the last ${server.log.length} entries`}</summary>
      <ol>
        {server.log.toReversed().map((entry) => (
          <li key={entry.index} data-committed={entry.committed}>
            <span className="entry-index">{entry.index}</span>
            <span className="term-chip" data-hue={hueOf(entry.term)}>
              {entry.term}
            </span>
            <span className="entry-text" title={entry.text}>
              {entry.text}
            </span>
            <span className="entry-fate">{fateText(entry, isRecorded)}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}

/** What a power loss would take from this server now. */
function fateText(
  { durability, applied, committed }: ServerFrame["log"][number],
  isRecorded: boolean,
): string {
  const known = applied ? ["applied"] : committed ? ["committed"] : [];
  return [...(isRecorded ? [] : [durability]), ...known].join(", ");
}

function lossText({ id, memory, durable }: ServerFrame): string {
  const lost = lostFields(memory, durable);
  return lost.length === 0
    ? `If the power failed now, ${id} would come back as it is.`
    : `If the power failed now, ${id} would come back ${listed(lost)}.`;
}

function lostFields(memory: LayerFrame, durable: LayerFrame): string[] {
  const lost: string[] = [];
  if (durable.currentTerm !== memory.currentTerm) {
    const kept = durable.currentTerm === null ? "no stored term" : `term ${durable.currentTerm}`;
    lost.push(`with ${kept} instead of ${memory.currentTerm ?? "none"}`);
  }
  if (memory.votedFor !== null && durable.votedFor !== memory.votedFor) {
    lost.push(`without its vote for ${memory.votedFor}`);
  }
  if (durable.lastIndex !== memory.lastIndex || durable.lastTerm !== memory.lastTerm) {
    lost.push(`with a log up to ${durable.lastIndex} instead of ${memory.lastIndex}`);
  }
  if (durable.commitIndex !== null && durable.commitIndex !== memory.commitIndex) {
    lost.push(`with commit index ${durable.commitIndex}`);
  }
  return lost;
}
