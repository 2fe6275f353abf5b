import { memo, useMemo, useState } from "react";
import type { MachineFrame, ServerFrame } from "#sim/frame.ts";
import { useRun } from "#ui/run-store.ts";
import { hueOf } from "#view/terms.ts";
import { CARD } from "./arrange.ts";
import { figuresWidth, fitHead, shortened } from "./fit.ts";
import { type LayerCell, type LayerRow, layerRows } from "./layers.ts";
import { RoleMark, STANDING_WORDS, standingOf } from "./RoleMark.tsx";
import { TimerArc } from "./TimerArc.tsx";

interface Props {
  readonly server: ServerFrame;
  readonly power: MachineFrame["power"];
  readonly offBy: MachineFrame["offBy"];
  readonly selected: boolean;
  /** Its state machine contradicts another one. */
  readonly differs: boolean;
}

const COLUMNS: Readonly<Record<LayerCell["field"], number>> = {
  term: 78,
  vote: 106,
  log: 141,
  commit: 176,
};
const ROW_TOP = 44;
const ROW = 20;
/** Where it is said that a server would not boot, or that nothing is known: the middle of the columns. */
const REFUSED = (COLUMNS.term + COLUMNS.commit) / 2;

/** One server as a card of three layers: what it believes, what it has written, and what would survive now. */
export const ServerCard = memo(function ServerCard({
  server,
  power,
  offBy,
  selected,
  differs,
}: Props) {
  const standing = standingOf(server, { power, offBy });
  const term = server.memory.currentTerm ?? 0;
  const runs = power === "on" && server.process === "up";
  const words = STANDING_WORDS[standing];
  const hasTimer = runs && server.timer !== null;
  const head = fitHead(server.id, words, hasTimer);
  const isRecorded = useRun((state) => state.scenario?.recording !== undefined);
  const rows = useMemo(() => layerRows(server, power, isRecorded), [server, power, isRecorded]);
  return (
    <g className="card" data-standing={standing} data-selected={selected} data-power={power}>
      <rect className="card-back" width={CARD.width} height={CARD.height} rx={8} />
      <rect
        className="card-term"
        data-hue={runs ? hueOf(term) : "none"}
        width={5}
        height={CARD.height - 16}
        x={0}
        y={8}
        rx={2}
      />
      <g transform="translate(21 16)">
        <RoleMark standing={standing} />
      </g>
      <text className="card-name" x={35} y={21.5}>
        {head.name}
        <title>{server.id}</title>
        <tspan className="card-role" dx={7}>
          {words}
        </tspan>
      </text>
      {runs && server.timer !== null && (
        <g transform={`translate(${CARD.width - 16} 16)`}>
          <TimerArc timer={server.timer} isNamed={head.hasTime} />
        </g>
      )}
      {(["term", "vote", "log", "commit"] as const).map((field) => (
        <text key={field} className="card-head" x={COLUMNS[field]} y={38} textAnchor="middle">
          {field}
        </text>
      ))}
      {rows.map((row, at) => (
        <LayerLine key={row.name} row={row} y={ROW_TOP + at * ROW} />
      ))}
      {differs && <DiffersMark />}
    </g>
  );
});

function LayerLine({ row, y }: { readonly row: LayerRow; readonly y: number }) {
  // What is gone is drawn as it last was, so that it can be seen to go.
  const [last, setLast] = useState(row);
  if (row.present && row !== last) setLast(row);
  const cells = row.present ? row.cells : last.cells;
  return (
    <g className="layer" data-layer={row.name} transform={`translate(0 ${y})`}>
      <rect className="layer-back" x={9} width={CARD.width - 14} height={ROW - 2} rx={3} />
      <text className="layer-name" x={14} y={13}>
        {row.name}
      </text>
      {row.isUntold ? (
        <text className="layer-untold" x={REFUSED} y={13.5} textAnchor="middle">
          not recorded
        </text>
      ) : row.present && row.refused !== null ? (
        <text className="layer-refused" x={REFUSED} y={13.5} textAnchor="middle">
          would not boot
          <title>{row.refused}</title>
        </text>
      ) : (
        <g className={row.present ? "layer-values" : "layer-values gone"}>
          {cells.map((cell) => (
            <Cell key={cell.field} cell={cell} gone={!row.present} />
          ))}
        </g>
      )}
    </g>
  );
}

function Cell({ cell, gone }: { readonly cell: LayerCell; readonly gone: boolean }) {
  const x = COLUMNS[cell.field];
  const wide = cell.field === "log" ? 42 : 24;
  const text = cell.field === "vote" ? shortened(cell.text, 3) : cell.text;
  const room = wide - 3;
  const lags = cell.lags && !gone;
  return (
    <g>
      <title>{cell.title}</title>
      {lags && (
        <rect className="cell-lags" x={x - wide / 2} y={1.5} width={wide} height={ROW - 5} rx={2} />
      )}
      {/* A new value makes a new element, and so plays its landing. */}
      <text
        key={cell.text}
        className="cell-text"
        x={x}
        y={13.5}
        textAnchor="middle"
        {...(figuresWidth(text, 13.5) > room && {
          textLength: room,
          lengthAdjust: "spacingAndGlyphs",
        })}
      >
        {text}
      </text>
    </g>
  );
}

/** The badge of a violated state machine, on the card's upper edge. */
function DiffersMark() {
  return (
    <g className="differs-mark" transform={`translate(${CARD.width / 2 - 43} -9)`}>
      <rect width={86} height={18} rx={9} />
      <text x={43} y={13} textAnchor="middle">
        ≠ state differs
      </text>
    </g>
  );
}
