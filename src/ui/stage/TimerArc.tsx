import type { ServerFrame } from "#sim/frame.ts";

const RADIUS = 8;

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
      <circle
        className="timer-arc"
        r={RADIUS - 1.5}
        pathLength={1}
        strokeDasharray={`${part} 1`}
        transform="rotate(-90)"
      />
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
