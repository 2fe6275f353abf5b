import { useLayoutEffect, useMemo, useRef } from "react";
import type { MessageFrame } from "#sim/frame.ts";
import { onMoment } from "#ui/clock.ts";
import { type Flight, flightBetween, headingAt, pathOf, pointAt } from "#view/paths.ts";
import { flightProgress } from "#view/playback.ts";
import type { Box, Size } from "#view/ring.ts";
import { hueOf } from "#view/terms.ts";
import { isReply, MessageShape, outlineOf } from "./MessageShape.tsx";

interface Props {
  readonly messages: readonly MessageFrame[];
  readonly boxes: ReadonlyMap<string, Box>;
  readonly stage: Size;
  readonly scale: number;
}

/** From so many messages on a stage they are drawn as a crowd, and values change without a show. */
export const CROWD = 40;

interface Flying {
  readonly message: MessageFrame;
  readonly flight: Flight;
}

/** Messages on their way: one by one while they can be told apart, else as a crowd. */
export function Flights({ messages, boxes, stage, scale }: Props) {
  const flying = useMemo(() => flightsOf(messages, boxes, stage), [messages, boxes, stage]);
  const Drawn = flying.length > CROWD ? Crowd : Single;
  return <Drawn flying={flying} scale={scale} />;
}

interface FlyingProps {
  readonly flying: readonly Flying[];
  readonly scale: number;
}

/**
 * A crowd: all messages that look the same are one path and one line of numbers, so that a frame of motion costs the same
 * however many they are. A broken outline stands for a promise that the disk did not back.
 */
function Crowd({ flying, scale }: FlyingProps) {
  const looks = useMemo(() => [...groupedByLook(flying)], [flying]);
  const paths = useRef<(SVGPathElement | null)[]>([]);
  const texts = useRef<(SVGTextElement | null)[]>([]);

  useLayoutEffect(
    () =>
      onMoment((time) => {
        for (const [at, [, group]] of looks.entries()) {
          let d = "";
          let xs = "";
          let ys = "";
          for (const { message, flight } of group) {
            const { x, y } = pointAt(flight, flightProgress(message, time));
            const [left, top] = [(x / scale).toFixed(1), (y / scale).toFixed(1)];
            d += `M${left} ${top}${outlineOf(message)}`;
            xs += `${left} `;
            ys += `${(y / scale + 4.5).toFixed(1)} `;
          }
          paths.current[at]?.setAttribute("d", d);
          texts.current[at]?.setAttribute("x", xs);
          texts.current[at]?.setAttribute("y", ys);
        }
      }),
    [looks, scale],
  );

  return (
    <g className="flights" data-messages={flying.length} transform={`scale(${scale})`}>
      {looks.map(([look, group], at) => {
        const [{ message } = { message: null }] = group;
        if (message === null) return null;
        return (
          <g
            key={look}
            className="message"
            data-hue={message.term === null ? "none" : hueOf(message.term)}
            data-reply={isReply(message)}
            data-backed={message.promise !== "not-durable"}
          >
            <path
              className="message-shape"
              ref={(path) => {
                paths.current[at] = path;
              }}
            />
            {message.term !== null && message.term < 10 && (
              <text
                className="message-term"
                textAnchor="middle"
                ref={(text) => {
                  texts.current[at] = text;
                }}
              >
                {String(message.term).repeat(group.length)}
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
}

function groupedByLook(flying: readonly Flying[]): Map<string, Flying[]> {
  const looks = new Map<string, Flying[]>();
  for (const each of flying) {
    const { kind, term, promise, entries } = each.message;
    const look = `${kind}/${term}/${promise === "not-durable"}/${entries === 0}`;
    const group = looks.get(look);
    if (group === undefined) looks.set(look, [each]);
    else group.push(each);
  }
  return looks;
}

/**
 * React mounts a group for each; the clock alone moves the groups, so a frame of motion costs one
 * style write for each message.
 */
function Single({ flying, scale }: FlyingProps) {
  const groups = useRef(new Map<number, SVGGElement>());

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
    <g className="flights" data-messages={flying.length}>
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
