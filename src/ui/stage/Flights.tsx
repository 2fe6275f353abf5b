import { useLayoutEffect, useMemo, useRef } from "react";
import type { MessageFrame } from "#sim/frame.ts";
import { onMoment } from "#ui/clock.ts";
import { type Flight, flightBetween, headingAt, pathOf, pointAt } from "#view/paths.ts";
import { flightProgress } from "#view/playback.ts";
import type { Box, Size } from "#view/ring.ts";
import { MessageShape } from "./MessageShape.tsx";

interface Props {
  readonly messages: readonly MessageFrame[];
  readonly boxes: ReadonlyMap<string, Box>;
  readonly stage: Size;
  readonly scale: number;
}

interface Flying {
  readonly message: MessageFrame;
  readonly flight: Flight;
}

/**
 * Messages on their way. React mounts a group for each; the clock alone moves the groups, so a frame of motion costs one
 * style write for each message.
 */
export function Flights({ messages, boxes, stage, scale }: Props) {
  const groups = useRef(new Map<number, SVGGElement>());
  const flying = useMemo(() => flightsOf(messages, boxes, stage), [messages, boxes, stage]);

  useLayoutEffect(
    () =>
      onMoment((time) => {
        for (const { message, flight } of flying) {
          const group = groups.current.get(message.id);
          if (group === undefined) continue;
          const { x, y } = pointAt(flight, flightProgress(message, time));
          group.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) scale(${scale})`;
        }
      }),
    [flying, scale],
  );

  return (
    <g className="flights">
      {flying.map(({ message }) => (
        <g
          key={message.id}
          ref={(group) => {
            if (group === null) groups.current.delete(message.id);
            else groups.current.set(message.id, group);
          }}
        >
          <MessageShape message={message} />
        </g>
      ))}
    </g>
  );
}

/** For less motion: each message is an arrow along its whole way, its mark in the middle. */
export function Arrows({ messages, boxes, stage, scale }: Props) {
  const flying = useMemo(() => flightsOf(messages, boxes, stage), [messages, boxes, stage]);
  return (
    <g className="arrows">
      {flying.map(({ message, flight }) => {
        const { x, y } = pointAt(flight, 0.5);
        const head = `translate(${flight.to.x} ${flight.to.y}) rotate(${headingAt(flight, 1)})`;
        return (
          <g key={message.id}>
            <path className="arrow-line" d={pathOf(flight)} />
            <path className="arrow-head" d="M0 0-9-5v10z" transform={head} />
            <g transform={`translate(${x} ${y}) scale(${scale})`}>
              <MessageShape message={message} />
            </g>
          </g>
        );
      })}
    </g>
  );
}

/** Messages between the same two servers fly in lanes of their own. */
function flightsOf(
  messages: readonly MessageFrame[],
  boxes: ReadonlyMap<string, Box>,
  stage: Size,
): Flying[] {
  const lanes = new Map<string, number>();
  return messages.flatMap((message) => {
    const [from, to] = [boxes.get(message.from), boxes.get(message.to)];
    if (from === undefined || to === undefined) return [];
    const way = `${message.from}\n${message.to}\n${message.sent}`;
    const lane = lanes.get(way) ?? 0;
    lanes.set(way, lane + 1);
    return [{ message, flight: flightBetween(from, to, lane % 3, stage) }];
  });
}
