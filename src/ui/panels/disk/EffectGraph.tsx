import { linkHorizontal } from "d3";
import {
  type CSSProperties,
  type KeyboardEvent,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { DiskFrame } from "#sim/frame.ts";
import { closureOf, dependentsOf, type Effect } from "#view/disk-choice.ts";
import { effectGraph, type GraphNode } from "#view/disk-graph.ts";
import { ruleText } from "#view/disk-words.ts";
import { placeOf } from "./EffectList.tsx";
import type { Place } from "./place.ts";
import type { Choosing } from "./use-choosing.ts";

/** Effects that are drawn at once. */
const DRAWN = 48;
const ROWS = 6;
const NODE = { width: 80, height: 34 };
const CELL = { width: 102, height: 44 };

interface Props {
  readonly disk: DiskFrame;
  readonly onPlace: (place: Place | null) => void;
  readonly choosing: Choosing | null;
}

type Part = "self" | "needed" | "lost-with" | "apart";

/** Which pending effects need which: left what is needed, right what needs it. */
export function EffectGraph({ disk, onPlace, choosing }: Props) {
  const { pending } = disk;
  const [from, setFrom] = useState(0);
  const [looked, setLooked] = useState<number | null>(null);
  const first = Math.min(from, Math.max(0, pending.length - 1));
  const effects = useMemo(() => pending.slice(first, first + DRAWN), [pending, first]);
  const graph = useMemo(() => effectGraph(effects, ROWS), [effects]);
  const own = effects.find(({ sequence }) => sequence === looked) ?? null;
  const parts = useMemo(() => partsOf(pending, own?.sequence ?? null), [pending, own]);

  function look(effect: Effect | null) {
    setLooked(effect?.sequence ?? null);
    onPlace(effect === null ? null : placeOf(effect));
  }

  const places = new Map(graph.nodes.map((node) => [node.sequence, node]));
  const size = {
    width: graph.columns * CELL.width - (CELL.width - NODE.width) + 4,
    height: graph.rows * CELL.height,
  };
  return (
    <div className="effect-graph">
      {pending.length > DRAWN && <Window first={first} all={pending.length} onFirst={setFrom} />}
      <div className="graph-scroll">
        <div className="graph-plane" style={size}>
          <svg width={size.width} height={size.height} aria-hidden="true">
            {graph.edges.map((edge) => (
              <path
                key={`${edge.from} ${edge.to}`}
                d={edgePath(places.get(edge.to), places.get(edge.from))}
                data-looked={isOnWay(parts, edge)}
              />
            ))}
          </svg>
          <Nodes
            effects={effects}
            places={places}
            parts={parts}
            looked={own?.sequence ?? null}
            onLook={look}
            choosing={choosing}
          />
        </div>
      </div>
      <GraphWords effects={pending} own={own} parts={parts} />
    </div>
  );
}

interface NodesProps {
  readonly effects: readonly Effect[];
  readonly places: ReadonlyMap<number, GraphNode>;
  readonly parts: ReadonlyMap<number, Part>;
  readonly looked: number | null;
  readonly onLook: (effect: Effect | null) => void;
  readonly choosing: Choosing | null;
}

/** One button an effect. The arrow keys walk in program order. */
function Nodes({ effects, places, parts, looked, onLook, choosing }: NodesProps) {
  const [stop, setStop] = useState<number | null>(null);
  const plane = useRef<HTMLDivElement>(null);
  const go = useRef(false);
  const own = Math.max(
    0,
    effects.findIndex(({ sequence }) => sequence === stop),
  );

  useEffect(() => {
    if (!go.current) return;
    go.current = false;
    const button = plane.current?.querySelector("[tabindex='0']");
    if (button instanceof HTMLElement) button.focus();
  });

  function walk(event: KeyboardEvent) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const next = effects[own + (step ?? 0)];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (next === undefined) return;
    go.current = true;
    setStop(next.sequence);
  }

  return (
    <div ref={plane}>
      {effects.map((effect, at) => {
        const { sequence, kind, path } = effect;
        const { column = 0, row = 0, outside = 0 } = places.get(sequence) ?? {};
        const isKept = choosing?.kept.has(sequence) ?? false;
        const left = column * CELL.width + 2;
        const top = row * CELL.height + (CELL.height - NODE.height) / 2;
        return (
          <button
            key={sequence}
            type="button"
            className="effect-node"
            style={{ left, top, ...NODE } as CSSProperties}
            tabIndex={at === own ? 0 : -1}
            data-kind={kind}
            data-part={looked === null ? "none" : (parts.get(sequence) ?? "apart")}
            data-kept={choosing === null ? "no choice" : isKept}
            aria-label={`#${sequence}, ${path}: ${effect.text}${choosing === null ? "" : isKept ? ", kept" : ", lost"}`}
            onPointerEnter={() => onLook(effect)}
            onPointerLeave={() => onLook(null)}
            onFocus={() => {
              setStop(sequence);
              onLook(effect);
            }}
            onBlur={() => onLook(null)}
            onKeyDown={walk}
            onClick={() => choosing?.set([sequence], !isKept)}
          >
            <strong>{`#${sequence} ${kind}`}</strong>
            <small>{path.slice(path.lastIndexOf("/") + 1)}</small>
            {outside > 0 && <i>{`+${outside}`}</i>}
          </button>
        );
      })}
    </div>
  );
}

interface WordsProps {
  readonly effects: readonly Effect[];
  readonly own: Effect | null;
  readonly parts: ReadonlyMap<number, Part>;
}

/** The effect that is looked at, and what stands and falls with it. */
function GraphWords({ effects, own, parts }: WordsProps) {
  if (own === null) {
    return (
      <p className="graph-words">
        An arrow says “needs”: what is right survives a crash only together with what is left. Point
        at an effect.
      </p>
    );
  }
  const { sequence, path, text, why } = own;
  const of = (part: Part) =>
    effects.filter((each) => parts.get(each.sequence) === part).map((each) => `#${each.sequence}`);
  const needed = of("needed");
  const lost = of("lost-with");
  return (
    <div className="graph-words">
      <p>{`#${sequence} ${path}: ${text}.`}</p>
      <p>
        {needed.length === 0
          ? "It can survive alone."
          : `It survives only with ${capped(needed)}${why.length > 0 ? ": " : "."}`}
        {why
          .slice(0, 3)
          .map((need) => `${ruleText(need.rule, "it", `#${need.sequence}`)}`)
          .join("; ")}
        {why.length > 0 && "."}
      </p>
      {lost.length > 0 && <p>{`Without it ${capped(lost)} cannot survive.`}</p>}
    </div>
  );
}

interface WindowProps {
  readonly first: number;
  readonly all: number;
  readonly onFirst: (first: number) => void;
}

/** Which of the effects are drawn, and the way to the others. */
function Window({ first, all, onFirst }: WindowProps) {
  const last = Math.min(all, first + DRAWN);
  return (
    <p className="graph-window">
      <button
        type="button"
        className="tool small"
        disabled={first === 0}
        onClick={() => onFirst(Math.max(0, first - DRAWN))}
      >
        Earlier
      </button>
      <span>{`${first + 1} to ${last} of ${all}; the graph draws ${DRAWN} at a time`}</span>
      <button
        type="button"
        className="tool small"
        disabled={last === all}
        onClick={() => onFirst(first + DRAWN)}
      >
        Later
      </button>
    </p>
  );
}

function partsOf(effects: readonly Effect[], looked: number | null): ReadonlyMap<number, Part> {
  const parts = new Map<number, Part>();
  if (looked === null) return parts;
  for (const sequence of dependentsOf(effects, [looked])) parts.set(sequence, "lost-with");
  for (const sequence of closureOf(effects, [looked])) parts.set(sequence, "needed");
  parts.set(looked, "self");
  return parts;
}

function isOnWay(
  parts: ReadonlyMap<number, Part>,
  { from, to }: { readonly from: number; readonly to: number },
): boolean {
  const [one, other] = [parts.get(from), parts.get(to)];
  const isUp = one === "needed" || one === "self";
  const isDown = other === "lost-with" || other === "self";
  return (isUp && other === "needed") || (isDown && one === "lost-with");
}

function edgePath(needed: GraphNode | undefined, needing: GraphNode | undefined): string {
  if (needed === undefined || needing === undefined) return "";
  const middle = (row: number) => row * CELL.height + CELL.height / 2;
  const source: [number, number] = [
    needed.column * CELL.width + NODE.width + 2,
    middle(needed.row),
  ];
  const target: [number, number] = [needing.column * CELL.width + 2, middle(needing.row)];
  return linkHorizontal()({ source, target }) ?? "";
}

function capped(names: readonly string[]): string {
  const most = 8;
  if (names.length <= most) return names.join(", ");
  return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
}
