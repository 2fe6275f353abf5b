import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { Scroller } from "#ui/Scroller.tsx";

/** A stretch of bytes and what it means. */
interface Span {
  readonly offset: number;
  readonly length: number;
  readonly kind: string;
  readonly label: string;
  readonly durable?: boolean;
}

interface Props {
  readonly bytes: Uint8Array;
  /** What a power loss would leave; null: nothing, or nobody knows. */
  readonly platter: Uint8Array | null;
  readonly spans: readonly Span[];
}

const ROW = 8;

/** Bytes beside their meaning: pointing at one shows the other. */
export function Bytes({ bytes, platter, spans }: Props) {
  const [looked, setLooked] = useState<number | null>(null);
  const scroller = useRef<HTMLElement>(null);
  const owners = useMemo(() => ownersOf(bytes.length, spans), [bytes.length, spans]);
  const rows = useVirtualizer({
    count: Math.ceil(bytes.length / ROW),
    getScrollElement: () => scroller.current,
    estimateSize: () => 18,
    overscan: 8,
  });
  const span = looked === null ? undefined : spans[looked];
  return (
    <div className="bytes">
      <Scroller className="hex" label="Bytes" ref={scroller}>
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
              looked={looked}
              onLook={setLooked}
            />
          ))}
        </div>
      </Scroller>
      <p className="span-note">
        {span === undefined ? "Point at a byte or a record" : spanText(span)}
      </p>
      {spans.length > 0 && (
        <ol className="spans" aria-label="Records">
          {spans.map((each, at) => (
            <li key={`${each.offset} ${each.kind} ${each.label}`}>
              <button
                type="button"
                className="span-line"
                data-kind={each.kind}
                data-durable={each.durable ?? true}
                data-looked={at === looked}
                onPointerEnter={() => setLooked(at)}
                onFocus={() => setLooked(at)}
                onClick={() =>
                  rows.scrollToIndex(Math.floor(each.offset / ROW), { align: "start" })
                }
              >
                <span className="span-offset">{each.offset}</span>
                <span>{each.label}</span>
              </button>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

interface HexRowProps extends Props {
  readonly top: number;
  readonly from: number;
  /** For every byte the innermost span that holds it; -1: none. */
  readonly owners: Int32Array;
  readonly looked: number | null;
  readonly onLook: (span: number | null) => void;
}

function HexRow({ top, from, bytes, platter, owners, spans, looked, onLook }: HexRowProps) {
  const offsets = Array.from({ length: Math.min(ROW, bytes.length - from) }, (_, at) => from + at);
  return (
    <div className="hex-row" style={{ transform: `translateY(${top}px)` }}>
      <span className="hex-offset">{from.toString(16).padStart(5, "0")}</span>
      {offsets.map((offset) => {
        const owner = owners[offset] ?? -1;
        const lost = platter !== null && platter[offset] !== bytes[offset];
        return (
          <span
            key={offset}
            className="byte"
            data-kind={spans[owner]?.kind ?? "none"}
            data-looked={owner >= 0 && owner === looked}
            data-lost={lost || platter === null}
            onPointerEnter={() => onLook(owner >= 0 ? owner : null)}
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
