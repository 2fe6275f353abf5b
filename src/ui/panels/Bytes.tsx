import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { Scroller } from "#ui/Scroller.tsx";
import "#ui/styles/disk.css";

/** A stretch of bytes and what it means. */
interface Span {
  readonly offset: number;
  readonly length: number;
  readonly kind: string;
  readonly label: string;
  readonly durable?: boolean;
}

/** A stretch with which something is the matter: "torn", "rotten", "unreadable". */
export interface ByteMark {
  readonly offset: number;
  readonly length: number;
  readonly state: string;
  /** What stands beside its bytes, a letter. */
  readonly letter: string;
}

interface Stretch {
  readonly offset: number;
  readonly length: number;
}

interface Props {
  readonly bytes: Uint8Array;
  /** What a power loss would leave; null: nothing, or nobody knows. */
  readonly platter: Uint8Array | null;
  readonly spans: readonly Span[];
  readonly marks?: readonly ByteMark[];
  /** What is pointed at elsewhere. */
  readonly pointed?: Stretch | null;
  /** What is pointed at here: one byte. */
  readonly onPoint?: (offset: number | null) => void;
}

const ROW = 8;
/** Pixels; as in disk.css. */
const ROW_HEIGHT = 18;
const LINE_HEIGHT = 24;
/** So many records are drawn at once, so that the browser's own search finds them; of more, those in sight. */
const ALL_LINES = 400;
const NO_MARKS: readonly ByteMark[] = [];

/** Bytes beside their meaning: pointing at one shows the other; so do the arrow keys. */
export function Bytes({ bytes, platter, spans, marks = NO_MARKS, pointed = null, onPoint }: Props) {
  const [looked, setLooked] = useState<number | null>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const scroller = useRef<HTMLElement>(null);
  const owners = useMemo(() => ownersOf(bytes.length, spans), [bytes.length, spans]);
  const rows = useVirtualizer({
    count: Math.ceil(bytes.length / ROW),
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  });
  const span = looked === null ? undefined : spans[looked];

  function look(offset: number | null) {
    onPoint?.(offset);
    const owner = offset === null ? -1 : (owners[offset] ?? -1);
    if (offset !== null) setLooked(owner >= 0 ? owner : null);
  }

  function walk(event: KeyboardEvent) {
    const step = STEPS[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    if (bytes.length === 0 || event.target !== scroller.current) return;
    event.preventDefault();
    const next = cursor === null ? 0 : Math.min(bytes.length - 1, Math.max(0, cursor + step));
    setCursor(next);
    look(next);
    rows.scrollToIndex(Math.floor(next / ROW));
  }

  return (
    <div className="bytes">
      <Scroller
        className="hex"
        label="Bytes"
        ref={scroller}
        onKeyDown={walk}
        onBlur={() => setCursor(null)}
        onPointerLeave={() => look(null)}
      >
        <div style={{ height: rows.getTotalSize() }} className="hex-all">
          {rows.getVirtualItems().map(({ index, start }) => (
            <HexRow
              key={index}
              top={start}
              from={index * ROW}
              bytes={bytes}
              platter={platter}
              owners={owners}
              spans={spans}
              marks={marks}
              pointed={pointed}
              looked={looked}
              cursor={cursor}
              onLook={look}
            />
          ))}
        </div>
      </Scroller>
      <p className="span-note" aria-live={cursor === null ? "off" : "polite"}>
        {span === undefined ? NOTHING_LOOKED_AT : spanText(span)}
        {cursor !== null && ` Byte ${cursor} is 0x${hex(bytes[cursor] ?? 0)}.`}
      </p>
      {spans.length > 0 && (
        <Records
          spans={spans}
          looked={looked}
          onLook={(at) => {
            setLooked(at);
            onPoint?.(spans[at]?.offset ?? null);
          }}
          onGo={({ offset }) => rows.scrollToIndex(Math.floor(offset / ROW), { align: "start" })}
        />
      )}
    </div>
  );
}

const NOTHING_LOOKED_AT = "Point at a byte or a record, or walk through the bytes with the arrows.";

const STEPS: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowLeft: -1,
  ArrowDown: ROW,
  ArrowUp: -ROW,
};

interface RecordsProps {
  readonly spans: readonly Span[];
  readonly looked: number | null;
  readonly onLook: (span: number) => void;
  readonly onGo: (span: Span) => void;
}

/** What the bytes mean, stretch by stretch; the one that is looked at is in sight. */
function Records({ spans, looked, onLook, onGo }: RecordsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const lines = useVirtualizer({
    count: spans.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: spans.length <= ALL_LINES ? ALL_LINES : 12,
  });
  useEffect(() => {
    const own = scroller.current?.matches(":hover, :focus-within") === true;
    if (looked !== null && !own) lines.scrollToIndex(looked);
  }, [looked, lines]);
  return (
    <div className="spans" ref={scroller}>
      <ol aria-label="Records" style={{ height: lines.getTotalSize() }}>
        {lines.getVirtualItems().map(({ index, start }) => {
          const each = spans[index];
          if (each === undefined) return null;
          return (
            <li key={index} style={{ transform: `translateY(${start}px)` }}>
              <button
                type="button"
                className="span-line"
                title={each.label}
                data-kind={each.kind}
                data-durable={each.durable ?? true}
                data-looked={index === looked}
                onPointerEnter={() => onLook(index)}
                onFocus={() => {
                  onLook(index);
                  onGo(each);
                }}
                onClick={() => onGo(each)}
              >
                <span className="span-offset">{each.offset}</span>
                <span className="span-label">{each.label}</span>
                {MARKED[each.kind] !== undefined && (
                  <small className="span-mark">{MARKED[each.kind]}</small>
                )}
              </button>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

/** Kinds of spans that say so in a word. */
const MARKED: Readonly<Record<string, string>> = { ghost: "ghost", damaged: "damaged" };

interface HexRowProps {
  readonly bytes: Uint8Array;
  readonly platter: Uint8Array | null;
  readonly spans: readonly Span[];
  readonly marks: readonly ByteMark[];
  readonly pointed: Stretch | null;
  readonly top: number;
  readonly from: number;
  /** For every byte the innermost span that holds it; -1: none. */
  readonly owners: Int32Array;
  readonly looked: number | null;
  readonly cursor: number | null;
  readonly onLook: (offset: number | null) => void;
}

function HexRow({
  top,
  from,
  bytes,
  platter,
  owners,
  spans,
  marks,
  pointed,
  looked,
  cursor,
  onLook,
}: HexRowProps) {
  const offsets = Array.from({ length: Math.min(ROW, bytes.length - from) }, (_, at) => from + at);
  const mark = marks.find((each) => isIn(from, each));
  return (
    <div className="hex-row" style={{ transform: `translateY(${top}px)` }} data-mark={mark?.state}>
      <span className="hex-offset">{from.toString(16).padStart(5, "0")}</span>
      <span className="hex-mark">{mark?.letter ?? " "}</span>
      {offsets.map((offset) => {
        const owner = owners[offset] ?? -1;
        const lost = platter !== null && platter[offset] !== bytes[offset];
        return (
          <span
            key={offset}
            className="byte"
            data-kind={spans[owner]?.kind ?? "none"}
            data-looked={owner >= 0 && owner === looked}
            data-pointed={pointed !== null && isIn(offset, pointed)}
            data-cursor={offset === cursor}
            data-lost={lost || platter === null}
            onPointerEnter={() => onLook(offset)}
          >
            {hex(bytes[offset] ?? 0)}
          </span>
        );
      })}
      <span className="hex-text">
        {offsets.map((offset) => letter(bytes[offset] ?? 0)).join("")}
      </span>
    </div>
  );
}

function isIn(offset: number, stretch: Stretch): boolean {
  return offset >= stretch.offset && offset < stretch.offset + stretch.length;
}

function spanText({ offset, length, label, kind, durable }: Span): string {
  const where = `bytes ${offset}–${offset + length - 1}`;
  return `${label} (${kind}, ${where}${durable === false ? ", not durable" : ""})`;
}

/** Shorter spans lie inside longer ones and win. */
function ownersOf(length: number, spans: readonly Span[]): Int32Array {
  const owners = new Int32Array(length).fill(-1);
  const order = spans.map((_, at) => at).sort((a, b) => lengthOf(spans, b) - lengthOf(spans, a));
  for (const at of order) {
    const span = spans[at];
    if (span !== undefined) owners.fill(at, span.offset, span.offset + span.length);
  }
  return owners;
}

function lengthOf(spans: readonly Span[], at: number): number {
  return spans[at]?.length ?? 0;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function letter(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·";
}
