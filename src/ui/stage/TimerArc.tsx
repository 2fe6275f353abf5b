import { arc } from "d3";
import type { ServerFrame } from "#sim/frame.ts";

const RADIUS = 8;
const path = arc<number>()
  .innerRadius(RADIUS - 3)
  .outerRadius(RADIUS)
  .startAngle(0)
  .endAngle((part) => part * 2 * Math.PI);

interface Props {
  readonly timer: NonNullable<ServerFrame["timer"]>;
  /** There is room for the timeout in figures. */
  readonly isNamed: boolean;
}

/** The election timer as an arc that fills, with the timeout that was drawn for it. */
export function TimerArc({ timer, isNamed }: Props) {
  const part = Math.min(1, Math.max(0, timer.elapsed));
  return (
    <g className="timer">
      <title>{`Election timer: ${Math.round(part * 100)} % of ${seconds(timer.timeout)} s`}</title>
      <circle className="timer-face" r={RADIUS - 1.5} />
      <path className="timer-arc" d={path(part) ?? ""} />
      {isNamed && (
        <text className="timer-text" x={-RADIUS - 4} y={4} textAnchor="end">
          {`${seconds(timer.timeout)} s`}
        </text>
      )}
    </g>
  );
}

function seconds(micros: number): string {
  return (micros / 1_000_000).toFixed(2);
}
