import type { LayerFrame, ServerFrame } from "#sim/frame.ts";

export type LayerName = "memory" | "written" | "durable";

/** One of the three layers of a card, ready to draw. */
export interface LayerRow {
  readonly name: LayerName;
  /** The layer exists: memory needs a process, the page cache power. */
  readonly present: boolean;
  /** Why a server that boots from this ends itself; null: it boots, or that is not known. */
  readonly refused: string | null;
  /** A record does not tell what is in it. */
  readonly isUntold: boolean;
  /** How far the state machine of this layer has come; "—": none is kept. Null: this server keeps none anywhere. */
  readonly applied: string | null;
  readonly cells: readonly LayerCell[];
}

export interface LayerCell {
  readonly field: "term" | "vote" | "log" | "commit";
  readonly text: string;
  /** The layer above knows better: this value, or nothing, is what a loss of the layers above leaves. */
  readonly lags: boolean;
  readonly title: string;
}

const WHERE: Readonly<Record<LayerName, string>> = {
  memory: "in memory",
  written: "written, not flushed",
  durable: "durable",
};

/** `isRecorded`: of a run that is told, of which nothing is known of the disks. */
export function layerRows(
  server: ServerFrame,
  power: "on" | "off",
  isRecorded = false,
): readonly LayerRow[] {
  const top = server.process === "up" ? server.memory : null;
  const isKept = server.written.keptTo !== undefined || server.durable.keptTo !== undefined;
  return (["memory", "written", "durable"] as const).map((name) => ({
    name,
    present: isPresent(name, server, power),
    refused: server[name].refused,
    isUntold: isRecorded && name !== "memory",
    applied: isKept ? String(appliedIn(server, name) ?? MISSING) : null,
    cells: cellsOf(server[name], top, name),
  }));
}

function appliedIn(server: ServerFrame, name: LayerName): number | undefined {
  return name === "memory" ? server.lastApplied : server[name].keptTo;
}

function isPresent(name: LayerName, server: ServerFrame, power: "on" | "off"): boolean {
  if (name === "durable") return true;
  if (power === "off") return false;
  return name === "written" || server.process === "up" || server.process === "recovering";
}

function cellsOf(layer: LayerFrame, top: LayerFrame | null, name: LayerName): LayerCell[] {
  const cell = (field: LayerCell["field"], inWords: (of: LayerFrame) => string): LayerCell => {
    const text = inWords(layer);
    if (layer.isTermFromLog === true && text !== MISSING && isHardState(field)) {
      return fromLog(field, layer, top, name);
    }
    // A commit index that is never stored is found anew: nothing is lost with it.
    const isNotKept = field === "commit" && text === MISSING;
    const lags = top !== null && top !== layer && inWords(top) !== text && !isNotKept;
    const missing = text === MISSING ? "not kept" : text;
    return { field, text, lags, title: `${field} ${WHERE[name]}: ${missing}` };
  };
  return [
    cell("term", ({ currentTerm }) => (currentTerm === null ? MISSING : String(currentTerm))),
    cell("vote", ({ votedFor, votedForKept }) => (votedForKept ? (votedFor ?? "∅") : MISSING)),
    cell("log", ({ lastIndex, lastTerm }) =>
      lastIndex === 0 ? "empty" : `${lastIndex} t${lastTerm}`,
    ),
    cell("commit", ({ commitIndex }) => (commitIndex === null ? MISSING : String(commitIndex))),
  ];
}

function isHardState(field: LayerCell["field"]): field is "term" | "vote" {
  return field === "term" || field === "vote";
}

/** What no file says, though a start would come to it: nothing is shown, and a term that the log keeps is not lost. */
function fromLog(
  field: "term" | "vote",
  { currentTerm, votedFor }: LayerFrame,
  top: LayerFrame | null,
  name: LayerName,
): LayerCell {
  const isKept =
    field === "term"
      ? top === null || (top.currentTerm ?? 0) <= (currentTerm ?? 0)
      : top === null || top.votedFor === votedFor;
  const tale = field === "term" ? `; a start takes ${currentTerm} from the log` : "";
  return { field, text: MISSING, lags: !isKept, title: `${field} ${WHERE[name]}: not kept${tale}` };
}

const MISSING = "—";
