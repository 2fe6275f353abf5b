import {
  type KeyboardEvent,
  type PointerEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { Icon } from "#ui/Icon.tsx";
import type { Kind } from "#ui/panels/sweep/trials.ts";
import { notchText } from "#view/sweep-notches.ts";
import type { NotchReport } from "#worker/protocol.ts";

/** The height of a notch with a step of one line after it. Pixels; the style sheet knows it too. */
const ROW = 30;

interface Props {
  /** Of one machine, in order. */
  readonly notches: readonly NotchReport[];
  /** Where the handle is. */
  readonly at: number;
  readonly kind: Kind;
  readonly onMove: (at: number) => void;
}

/** Time runs down: notches on a line, the steps between them, and a handle to drag from notch to notch. */
export function NotchLine({ notches, at, kind, onMove }: Props) {
  const line = useRef<HTMLDivElement>(null);
  const tops = useTops(line, notches);
  const last = notches.length - 1;
  const go = (place: number) => onMove(Math.max(0, Math.min(last, place)));

  function drag(event: PointerEvent<HTMLElement>) {
    const top = line.current?.getBoundingClientRect().top ?? 0;
    const y = event.clientY - top - ROW / 2;
    const beyond = tops.findIndex((each, place) => y < (each + (tops[place + 1] ?? each)) / 2);
    go(beyond < 0 ? last : beyond);
  }

  function onKeyDown(event: KeyboardEvent) {
    const to: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowRight: at + 1,
      ArrowUp: at - 1,
      ArrowLeft: at - 1,
      PageDown: nextUnsafe(notches, at, 1),
      PageUp: nextUnsafe(notches, at, -1),
      Home: 0,
      End: last,
    };
    const place = to[event.key];
    if (place === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    byKey.current = true;
    go(place);
  }

  const handle = useRef<HTMLDivElement>(null);
  /** What a pointer drags must not scroll away under it. */
  const byKey = useRef(false);
  useEffect(() => {
    if (at >= 0 && byKey.current) handle.current?.scrollIntoView({ block: "nearest" });
    byKey.current = false;
  }, [at]);

  return (
    <div className="notch-line" ref={line}>
      <ol>
        {notches.map(({ notch, kind: step, text, verdict }, place) => (
          <li key={notch} data-verdict={verdict} data-done={place < at}>
            <button
              type="button"
              className="notch"
              tabIndex={-1}
              aria-label={`Notch ${place + 1}, ${verdict}`}
              onClick={() => go(place)}
            >
              <Icon name={verdict === "safe" ? "check" : "cross"} />
              <span>{verdict}</span>
            </button>
            <span className="micro-step" data-kind={step} title={text ?? ""}>
              {text === null ? <em>the event is over</em> : text}
            </span>
          </li>
        ))}
      </ol>
      <div
        className="notch-handle"
        ref={handle}
        role="slider"
        tabIndex={0}
        aria-label="Where power fails"
        aria-orientation="vertical"
        aria-valuemin={1}
        aria-valuemax={notches.length}
        aria-valuenow={at + 1}
        aria-valuetext={notchText(notches, at, kind)}
        style={{ transform: `translateY(${tops[at] ?? at * ROW}px)` }}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          event.currentTarget.focus();
        }}
        onPointerMove={(event) => {
          if (event.buttons === 1) drag(event);
        }}
      >
        <Icon name="power" />
      </div>
    </div>
  );
}

/** Where each notch is below the first. Pixels: a step of many words takes more than one line. */
function useTops(
  line: RefObject<HTMLElement | null>,
  notches: readonly NotchReport[],
): readonly number[] {
  const [tops, setTops] = useState<readonly number[]>([]);
  useLayoutEffect(() => {
    const list = line.current?.querySelector("ol");
    if (list == null || notches.length === 0) return;
    const measure = () =>
      setTops(Array.from(list.children, (row) => (row instanceof HTMLElement ? row.offsetTop : 0)));
    const observer = new ResizeObserver(measure);
    observer.observe(list);
    measure();
    return () => observer.disconnect();
  }, [line, notches]);
  return tops;
}

/** The nearest unsafe notch this way; none: the end of the line. */
function nextUnsafe(notches: readonly NotchReport[], at: number, way: 1 | -1): number {
  for (let place = at + way; place >= 0 && place < notches.length; place += way) {
    if (notches[place]?.verdict === "unsafe") return place;
  }
  return way > 0 ? notches.length - 1 : 0;
}
