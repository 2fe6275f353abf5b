import { type KeyboardEvent, memo, type PointerEvent, useMemo } from "react";
import type { Mark, Outline } from "#sim/frame.ts";
import { type RunState, useRun } from "#ui/run-store.ts";
import { useSize } from "#ui/stage/use-size.ts";
import { useUi } from "#ui/ui-store.ts";
import { useTools } from "#ui/use-tools.ts";
import { shownPlace, timeShown, walkOfRun } from "#ui/walking.ts";
import { seconds } from "#ui/words.ts";
import { bandsOf, termAt } from "#view/interesting.ts";
import { type Line, lineOf } from "#view/line.ts";
import { hueOf } from "#view/terms.ts";
import { sidePart } from "#view/walk.ts";
import type { Side } from "#worker/protocol.ts";

const HEIGHT = 34;
const BAND_TOP = 18;
const INSET = 8;
/** A click this near to a mark goes to the mark. Pixels. */
const SNAP = 9;

/** What each kind of mark looks like, around 0,0, and how important it is when marks crowd. */
const MARKS: Readonly<Record<Mark["kind"], { readonly path: string; readonly rank: number }>> = {
  commit: { path: "M0-3v6", rank: 0 },
  client: { path: "M-2.5 0a2.5 2.5 0 1 0 5 0 2.5 2.5 0 1 0-5 0", rank: 1 },
  action: { path: "M-3-3h6L0 3z", rank: 2 },
  boot: { path: "M0-4 4 3h-8z", rank: 3 },
  truncate: { path: "M-4-4v8M-4 0h8", rank: 4 },
  election: { path: "M0-5 1.5-1.5 5-1 2.5 1.5 3 5 0 3.2-3 5-2.5 1.5-5-1-1.5-1.5z", rank: 5 },
  crash: { path: "M-4-4 4 4M4-4-4 4", rank: 6 },
  story: { path: "M-4-4h8v6H1L0 4.5-1 2h-3z", rank: 7 },
  caution: { path: "M0-5.5 5 0 0 5.5-5 0z", rank: 8 },
  violation: { path: "M0-6 6 5H-6z", rank: 9 },
};

/** The whole run as a slider, by the steps of the side that is looked at: terms as bands, marks to click on. */
export function Scrubber() {
  const [ref, size] = useSize<HTMLDivElement>();
  const chosen = useUi((state) => state.side);
  const side = useRun((state) => (state.outlines[chosen] === undefined ? "main" : chosen));
  const outline = useRun((state) => state.outlines[side]);
  const step = useRun((state) => state.views[side]?.frame.step ?? state.step);
  const time = useRun(timeShown);
  const thumb = useRun((state) => thumbAt(state, side));
  const { player } = useTools();
  const width = size?.width ?? 0;
  const last = Math.max(1, (outline?.steps ?? 1) - 1);
  const line = useMemo(
    () => lineOf([0, last], [INSET, Math.max(INSET + 1, width - INSET)]),
    [last, width],
  );

  function seek(event: PointerEvent<HTMLDivElement>, snaps: boolean) {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const x = event.clientX - left;
    const isAtMarks = event.clientY - top < BAND_TOP;
    const near = snaps && isAtMarks ? nearestMark(outline, x, line) : null;
    player.jump(near ?? Math.round(line.valueAt(x)), side);
  }

  function onKeyDown(event: KeyboardEvent) {
    const by: Readonly<Record<string, () => void>> = {
      ArrowRight: () => (event.shiftKey ? player.toInteresting(1) : player.stepBy(1)),
      ArrowLeft: () => (event.shiftKey ? player.toInteresting(-1) : player.stepBy(-1)),
      ArrowUp: () => player.stepBy(1),
      ArrowDown: () => player.stepBy(-1),
      PageUp: () => player.stepBy(-10),
      PageDown: () => player.stepBy(10),
      Home: () => player.toStart(),
      End: () => player.toEnd(),
    };
    const go = by[event.key];
    if (go === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    go();
  }

  return (
    <div
      className="scrubber"
      ref={ref}
      role="slider"
      tabIndex={0}
      aria-label="Step"
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={step}
      aria-valuetext={`step ${step} of ${last}, ${seconds(time)}, term ${outline === undefined ? 0 : termAt(outline, step)}`}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        seek(event, true);
      }}
      onPointerMove={(event) => {
        if (event.buttons === 1) seek(event, false);
      }}
    >
      {outline !== undefined && width > 0 && (
        <svg width={width} height={HEIGHT} aria-hidden="true">
          <Bands outline={outline} line={line} />
          <Marks marks={outline.marks} line={line} />
          <g className="scrubber-thumb" transform={`translate(${line.at(thumb)} 0)`}>
            <path className="thumb-line" d={`M0 0V${HEIGHT}`} />
            <path className="thumb-knob" d={`M-5 ${HEIGHT}h10v-6l-5-5-5 5z`} />
          </g>
        </svg>
      )}
    </div>
  );
}

/** Where the thumb is: between two steps while the other side alone goes on. */
function thumbAt(state: RunState, side: Side): number {
  const walk = walkOfRun(state);
  return walk === null ? state.step : sidePart(walk, side, shownPlace(state));
}

const Bands = memo(function Bands({
  outline,
  line,
}: {
  readonly outline: Outline;
  readonly line: Line;
}) {
  return (
    <g className="bands">
      {bandsOf(outline).map(({ step, end, term }) => {
        const [left, right] = [line.at(step), line.at(Math.min(end, outline.steps - 1))];
        return (
          <g key={step} data-hue={hueOf(term)}>
            <rect
              className="band"
              x={left}
              y={BAND_TOP}
              width={Math.max(1, right - left - 1)}
              height={HEIGHT - BAND_TOP - 4}
              rx={2}
            />
            {right - left > 44 && (
              <text className="band-text" x={left + 6} y={BAND_TOP + 9.5}>{`term ${term}`}</text>
            )}
          </g>
        );
      })}
    </g>
  );
});

interface MarksProps {
  readonly marks: readonly Mark[];
  readonly line: Line;
}

const Marks = memo(function Marks({ marks, line }: MarksProps) {
  return (
    <g className="marks">
      {thinned(marks, line).map((mark) => (
        <g
          key={`${mark.step} ${mark.kind} ${mark.server ?? ""}`}
          className="mark"
          data-kind={mark.kind}
          transform={`translate(${line.at(mark.step).toFixed(1)} 9)`}
        >
          <title>{`step ${mark.step}: ${mark.text}`}</title>
          <rect className="mark-reach" x={-SNAP} y={-9} width={2 * SNAP} height={BAND_TOP} />
          <path d={MARKS[mark.kind].path} />
        </g>
      ))}
    </g>
  );
});

/** Of marks that would cover each other, the most telling one. */
function thinned(marks: readonly Mark[], line: Line): readonly Mark[] {
  const byPlace = new Map<number, Mark>();
  for (const mark of marks) {
    const place = Math.round(line.at(mark.step) / 5);
    const other = byPlace.get(place);
    if (other === undefined || MARKS[other.kind].rank <= MARKS[mark.kind].rank) {
      byPlace.set(place, mark);
    }
  }
  return [...byPlace.values()];
}

/** The mark within reach that is nearest; of those at one place, the most telling one. */
function nearestMark(outline: Outline | undefined, x: number, line: Line): number | null {
  const marks = thinned(outline?.marks ?? [], line);
  const distance = ({ step }: Mark) => Math.abs(line.at(step) - x);
  const [nearest] = marks
    .filter((mark) => distance(mark) <= SNAP)
    .sort((a, b) => distance(a) - distance(b));
  return nearest?.step ?? null;
}
