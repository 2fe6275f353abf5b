import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, memo, useEffect, useMemo, useRef, useState } from "react";
import type { FeedLine, Mark } from "#sim/frame.ts";
import { useRun } from "#ui/run-store.ts";
import { isTold, type Telling } from "#ui/telling.ts";
import { useUi } from "#ui/ui-store.ts";
import { useCalm } from "#ui/use-calm.ts";
import { useMade } from "#ui/use-made.ts";
import { useTools } from "#ui/use-tools.ts";
import { seconds } from "#ui/words.ts";
import { type FeedItem, feedItems, lastItemAt } from "./feed-items.ts";

/** Playback may show dozens of steps in a second; nobody reads that fast. Milliseconds. */
const CALM = 200;

/** What happened, in sentences. A click goes there. */
export function Feed() {
  const side = useUi((state) => state.side);
  const lines = useRun((state) => state.lines[side]);
  const marks = useRun((state) => state.outlines[side]?.marks ?? NONE);
  const step = useRun((state) => state.views[side]?.frame.step ?? 0);
  const telling = useMade(side);
  const known = useMemo(() => ({ lines, marks, step, telling }), [lines, marks, step, telling]);
  return <FeedList {...useCalm(known, CALM)} />;
}

const NONE: readonly Mark[] = [];

interface ListProps {
  readonly lines: ReadonlyMap<number, readonly FeedLine[]>;
  readonly marks: readonly Mark[];
  readonly step: number;
  readonly telling: Telling;
}

const FeedList = memo(function FeedList({ lines, marks, step, telling }: ListProps) {
  const items = useMemo(() => {
    const all = feedItems(lines, marks);
    return all.filter((item) => item.tone !== "story" || isTold(telling, item));
  }, [lines, marks, telling]);
  const now = lastItemAt(items, step);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 36,
    overscan: 4,
    useFlushSync: false,
    getItemKey: (at) => items[at]?.key ?? at,
  });

  // One tab stop for the whole list: where the arrows have gone, else the step shown.
  const [walked, setWalked] = useState<number | null>(null);
  const shown = rows.getVirtualItems();
  const wanted = walked ?? Math.max(0, now);
  const stop = shown.some(({ index }) => index === wanted) ? wanted : shown[0]?.index;
  useEffect(() => {
    if (now >= -1) setWalked(null);
  }, [now]);

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = event.target instanceof Element ? event.target.closest("[data-index]") : null;
    if (by === undefined || row === null) return;
    event.preventDefault();
    const to = Math.max(0, Math.min(items.length - 1, Number(row.getAttribute("data-index")) + by));
    setWalked(to);
    rows.scrollToIndex(to);
    scroller.current?.querySelector<HTMLElement>(`[data-index="${to}"] button`)?.focus();
  }

  useEffect(() => {
    if (now >= 0) rows.scrollToIndex(now, { align: "end" });
    else rows.scrollToOffset(0);
  }, [now, rows]);

  return (
    <section className="panel feed" aria-label="Events">
      <header className="panel-header">
        <h2>Events</h2>
      </header>
      <div className="feed-window" ref={scroller}>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: the buttons in it hear the arrows. */}
        <div style={{ height: rows.getTotalSize() }} className="feed-all" onKeyDown={onKeyDown}>
          {shown.map(({ index, key, start }) => {
            const item = items[index];
            return (
              item !== undefined && (
                <div
                  key={key}
                  ref={rows.measureElement}
                  data-index={index}
                  className="feed-row"
                  style={{ transform: `translateY(${start}px)` }}
                >
                  <Line item={item} when={whenOf(item, step)} isStop={index === stop} />
                </div>
              )
            );
          })}
        </div>
      </div>
    </section>
  );
});

function whenOf(item: FeedItem, step: number): LineProps["when"] {
  if (item.step === step) return "now";
  return item.step > step ? "later" : "past";
}

interface LineProps {
  readonly item: FeedItem;
  readonly when: "past" | "now" | "later";
  /** Tab comes to it. */
  readonly isStop: boolean;
}

const Line = memo(function Line({ item, when, isStop }: LineProps) {
  const { player } = useTools();
  const side = useUi((state) => state.side);
  return (
    <button
      type="button"
      className="feed-line"
      data-tone={item.tone}
      data-when={when}
      tabIndex={isStop ? 0 : -1}
      {...(when === "now" ? { "aria-current": "step" as const } : {})}
      title={`Go to step ${item.step}, ${seconds(item.time)}`}
      onClick={() => player.jump(item.step, side)}
    >
      <span className="feed-step">{item.step}</span>
      <span>{item.text}</span>
    </button>
  );
});
