import type { EntryFrame, Frame, ServerFrame, Tombstone } from "#sim/frame.ts";
import { type TermStyle, termStyles } from "./terms.ts";

/** Which indices the log matrix shows. `last` null: it follows the tail. */
export interface MatrixWindow {
  readonly last: number | null;
  /** How many columns. */
  readonly width: number;
}

/** Index x server: the logs side by side, under columns that all rows share. */
export interface LogMatrix {
  /** What is shown, both included; `last` < `first` when there is nothing. */
  readonly first: number;
  readonly last: number;
  /** What there is to scroll through. */
  readonly lowest: number;
  readonly highest: number;
  readonly columns: readonly MatrixColumn[];
  readonly rows: readonly MatrixRow[];
  /** The styles of all terms in it. */
  readonly terms: ReadonlyMap<number, TermStyle>;
}

export interface MatrixColumn {
  readonly index: number;
  /** Servers hold different entries at this index. */
  readonly differs: boolean;
}

export interface MatrixRow {
  readonly server: string;
  readonly process: ServerFrame["process"];
  readonly commitIndex: number;
  readonly lastApplied: number;
  /** One for each column. */
  readonly cells: readonly MatrixCell[];
}

export interface MatrixCell {
  readonly index: number;
  readonly entry: MatrixEntry | null;
  /** Why there is no entry: the log ends before; it was compacted; the frame does not reach back so far. */
  readonly absent: "none" | "compacted" | "not-shown" | null;
  /** What stood here and was lost, oldest first. */
  readonly tombstones: readonly Tombstone[];
}

export interface MatrixEntry extends EntryFrame {
  readonly style: TermStyle;
  /** Another server holds another entry at this index. */
  readonly differs: boolean;
}

export function logMatrix(frame: Frame, window: MatrixWindow): LogMatrix {
  const { lowest, highest } = reach(frame);
  const width = Math.max(1, window.width);
  const wanted = window.last ?? highest;
  const last = Math.min(highest, Math.max(wanted, Math.min(highest, lowest + width - 1)));
  const first = Math.max(lowest, last - width + 1);
  const indices = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);

  const logs = frame.servers.map(({ log }) => new Map(log.map((entry) => [entry.index, entry])));
  const columns = indices.map((index) => ({ index, differs: differsAt(logs, index) }));
  const terms = termStyles(termsOf(frame, first, last));
  const rows = frame.servers.map((server, row) => ({
    server: server.id,
    process: server.process,
    commitIndex: server.commitIndex,
    lastApplied: server.lastApplied,
    cells: columns.map(({ index, differs }) => {
      const entry = logs[row]?.get(index) ?? null;
      return {
        index,
        entry: entry && { ...entry, style: styleOf(terms, entry.term), differs },
        absent: entry ? null : absence(server, index),
        tombstones: frame.tombstones.filter(
          (lost) => lost.server === server.id && lost.index === index,
        ),
      };
    }),
  }));
  return { first, last, lowest, highest, columns, rows, terms };
}

/** A window moved by so many columns: it follows the tail again once it reaches it. */
export function scrollBy(matrix: LogMatrix, by: number): MatrixWindow["last"] {
  const span = matrix.last - matrix.first;
  const last = Math.max(matrix.lowest + span, matrix.last + by);
  return last >= matrix.highest ? null : last;
}

/** Every server that holds an entry at the index holds the same one, as far as the frame tells. */
function differsAt(logs: readonly ReadonlyMap<number, EntryFrame>[], index: number): boolean {
  const held = logs.flatMap((log) => log.get(index) ?? []);
  const [one] = held;
  return held.some((other) => other.term !== one?.term || other.text !== one.text);
}

function reach({ servers, tombstones }: Frame): { lowest: number; highest: number } {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = 0;
  for (const { log } of servers) {
    lowest = Math.min(lowest, log[0]?.index ?? lowest);
    highest = Math.max(highest, log.at(-1)?.index ?? 0);
  }
  for (const { index } of tombstones) {
    highest = Math.max(highest, index);
    lowest = Math.min(lowest, index);
  }
  return { lowest: Number.isFinite(lowest) ? lowest : 1, highest };
}

function absence(server: ServerFrame, index: number): "none" | "compacted" | "not-shown" {
  if (index < server.firstIndex) return "compacted";
  const shown = server.log[0]?.index ?? Number.POSITIVE_INFINITY;
  return index < shown && index <= server.lastIndex ? "not-shown" : "none";
}

function* termsOf({ servers, tombstones }: Frame, first: number, last: number): Generator<number> {
  for (const { log } of servers) {
    for (const { index, term } of log) if (index >= first && index <= last) yield term;
  }
  for (const { index, term } of tombstones) if (index >= first && index <= last) yield term;
}

function styleOf(styles: ReadonlyMap<number, TermStyle>, term: number): TermStyle {
  return styles.get(term) ?? { term, hue: 0, pattern: 0 };
}
