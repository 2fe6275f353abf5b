import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { DiskFrame, FileFrame } from "#sim/frame.ts";
import { writeBack } from "#ui/actions.ts";
import { Icon } from "#ui/Icon.tsx";
import { useTools } from "#ui/use-tools.ts";
import {
  effectsAt,
  leftText,
  type Page,
  pageText,
  type Sector,
  sectorText,
  versionsText,
} from "#view/disk-words.ts";
import { overlaps, type Place } from "./disk/place.ts";
import { SectorMark } from "./disk/SectorMark.tsx";
import type { Choosing } from "./disk/use-choosing.ts";

/** Pixels; as in disk.css. */
const ROW_HEIGHT = 36;
/** Of pages that are one sector each. */
const PAGES_IN_ROW = 8;

interface Props {
  readonly file: FileFrame;
  readonly disk: DiskFrame;
  readonly place: Place | null;
  /** A sector was pointed at, or got the focus; null: the pointer has left. */
  readonly onPlace: (place: Place | null) => void;
  /** The sector that others speak of. */
  readonly chosen: number | null;
  readonly onChoose: (sector: number) => void;
  readonly choosing: Choosing | null;
}

/** A file's pages, each as its sectors; one of them in words, and its page to be flushed. */
export function Pages({ file, disk, place, onPlace, chosen, onChoose, choosing }: Props) {
  const { session } = useTools();
  const [pointed, setPointed] = useState<number | null>(null);
  const { sectorSize } = disk.options;
  const sectors = file.pages.flatMap((page) => page.sectors.map((sector) => ({ page, sector })));
  const own =
    sectors.find(({ sector }) => sector.sector === chosen) ??
    sectors.find(({ sector }) => sector.state !== "durable") ??
    sectors[0];
  const told = sectors.find(({ sector }) => sector.sector === pointed) ?? own;
  const effectsOf = ({ sector }: Sector) =>
    effectsAt(disk.pending, file.path, sector * sectorSize, sectorSize);
  const keptOn = (sector: Sector) =>
    effectsOf(sector).some(({ sequence }) => choosing?.kept.has(sequence));
  const point = (sector: Sector | null) => {
    setPointed(sector?.sector ?? null);
    onPlace(
      sector === null
        ? null
        : { path: file.path, offset: sector.sector * sectorSize, length: sectorSize },
    );
  };
  if (own === undefined || told === undefined) {
    return <p className="note">The file is empty: it has no pages.</p>;
  }
  return (
    <div className="pages">
      <SectorRows
        file={file}
        sectorSize={sectorSize}
        place={place}
        own={own.sector.sector}
        isKept={choosing === null ? null : keptOn}
        onPoint={point}
        onChoose={onChoose}
      />
      <p className="sector-words">
        {`${sectorText(told.sector, sectorSize)} ${versionsText(told.sector, disk.kind, effectsOf(told.sector))}`}
        {choosing !== null && ` ${leftText(effectsOf(told.sector), choosing.kept)}`}
      </p>
      <p className="page-tools">
        <span>{pageText(own.page)}</span>
        {own.page.pending.length > 0 && (
          <button
            type="button"
            className="tool small"
            title="Write it to the platter now"
            onClick={() => void session.act(writeBack(disk.machine, own.page.pending))}
          >
            <Icon name="flush" />
            <span>Flush this page</span>
          </button>
        )}
        {choosing !== null && (
          <KeepPage file={file} page={own.page} disk={disk} choosing={choosing} />
        )}
      </p>
    </div>
  );
}

interface KeepProps {
  readonly file: FileFrame;
  readonly page: Page;
  readonly disk: DiskFrame;
  readonly choosing: Choosing;
}

/** All that is pending on a page, kept or lost at once. */
function KeepPage({ file, page, disk, choosing }: KeepProps) {
  const effects = effectsAt(disk.pending, file.path, page.page * PAGE_SIZE, PAGE_SIZE)
    .filter(({ kind }) => kind === "data")
    .map(({ sequence }) => sequence);
  if (effects.length === 0) return null;
  const isKept = effects.every((effect) => choosing.kept.has(effect));
  return (
    <button type="button" className="tool small" onClick={() => choosing.set(effects, !isKept)}>
      <Icon name={isKept ? "cross" : "check"} />
      <span>{isKept ? "Lose this page" : "Keep this page"}</span>
    </button>
  );
}

interface RowsProps {
  readonly file: FileFrame;
  readonly sectorSize: number;
  readonly place: Place | null;
  readonly own: number;
  /** Does the choice of survivors keep something on it? Null: none is made. */
  readonly isKept: ((sector: Sector) => boolean) | null;
  readonly onPoint: (sector: Sector | null) => void;
  readonly onChoose: (sector: number) => void;
}

/** Rows of sectors; the arrow keys walk through them. */
function SectorRows(props: RowsProps) {
  const { file, sectorSize, own, onChoose } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const wanted = useRef<number | null>(null);
  const perPage = Math.max(1, Math.floor(PAGE_SIZE / sectorSize));
  const inRow = perPage === 1 ? PAGES_IN_ROW : 1;
  const perRow = perPage * inRow;
  const last = file.pages.at(-1)?.sectors.at(-1)?.sector ?? 0;
  const rows = useVirtualizer({
    count: Math.ceil(file.pages.length / inRow),
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 4,
  });

  useEffect(() => {
    if (wanted.current === null) return;
    const button = scroller.current?.querySelector(`[data-sector="${wanted.current}"]`);
    if (!(button instanceof HTMLElement)) return;
    button.focus();
    wanted.current = null;
  });

  function walk(event: KeyboardEvent) {
    const step = STEPS[event.key]?.(perRow);
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const next = Math.min(last, Math.max(0, own + step));
    wanted.current = next;
    rows.scrollToIndex(Math.floor(next / perRow));
    onChoose(next);
  }

  return (
    <div className="sector-rows" ref={scroller}>
      <ul style={{ height: rows.getTotalSize() }} aria-label="Pages">
        {rows.getVirtualItems().map(({ index, start }) => {
          const pages = file.pages.slice(index * inRow, (index + 1) * inRow);
          return (
            <li
              key={index}
              className="sector-row"
              data-many={inRow > 1}
              style={{ transform: `translateY(${start}px)` }}
            >
              <span className="page-number">{pages[0]?.page}</span>
              {pages.map((page) => (
                <PageOfSectors key={page.page} {...props} page={page} onWalk={walk} />
              ))}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function PageOfSectors({
  page,
  file,
  sectorSize,
  place,
  own,
  isKept,
  onPoint,
  onChoose,
  onWalk,
}: RowsProps & { readonly page: Page; readonly onWalk: (event: KeyboardEvent) => void }) {
  return (
    <span className="page" data-state={page.state}>
      {page.sectors.map((sector) => (
        <button
          key={sector.sector}
          type="button"
          className="sector"
          data-sector={sector.sector}
          data-state={sector.state}
          data-kept={isKept?.(sector) ?? "no choice"}
          data-looked={overlaps(place, file.path, sector.sector * sectorSize, sectorSize)}
          tabIndex={sector.sector === own ? 0 : -1}
          aria-pressed={sector.sector === own}
          aria-label={`Page ${page.page}. ${sectorText(sector, sectorSize)}`}
          onPointerEnter={() => onPoint(sector)}
          onFocus={() => onPoint(sector)}
          onPointerLeave={() => onPoint(null)}
          onBlur={() => onPoint(null)}
          onKeyDown={onWalk}
          onClick={() => onChoose(sector.sector)}
        >
          <SectorMark sector={sector} />
        </button>
      ))}
    </span>
  );
}

/** Bytes of a page. */
const PAGE_SIZE = 4096;

const STEPS: Readonly<Record<string, (perRow: number) => number>> = {
  ArrowRight: () => 1,
  ArrowLeft: () => -1,
  ArrowDown: (perRow) => perRow,
  ArrowUp: (perRow) => -perRow,
};
