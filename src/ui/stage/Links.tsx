import { memo } from "react";
import type { Frame } from "#sim/frame.ts";
import { linkLine } from "#view/paths.ts";
import type { Box, RingLayout } from "#view/ring.ts";
import { barAcross, groupsOfMachines, partitionOf, wallSpokes } from "#view/walls.ts";

interface Props {
  readonly frame: Pick<Frame, "machines" | "servers" | "links">;
  readonly layout: RingLayout;
  readonly boxes: ReadonlyMap<string, Box>;
}

/** Who is connected with whom, and what walls stand between them. */
export const Links = memo(function Links({ frame, layout, boxes }: Props) {
  const partition = partitionOf(frame);
  const walls = wallSpokes(layout, groupsOfMachines(frame, partition));
  return (
    <g className="links">
      {frame.links.map((link) => {
        const [a, b] = [boxes.get(link.a), boxes.get(link.b)];
        if (a === undefined || b === undefined) return null;
        const { from, to } = linkLine(a, b);
        return (
          <g key={`${link.a}-${link.b}`} className="link" data-connected={link.connected}>
            <title>{`${link.a} and ${link.b} are ${link.connected ? "" : "not "}connected`}</title>
            <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} />
          </g>
        );
      })}
      {walls.map(({ from, to }) => (
        <line
          key={`${to.x} ${to.y}`}
          className="wall"
          x1={from.x}
          y1={from.y}
          x2={to.x}
          y2={to.y}
        />
      ))}
      {partition.bars.map((link) => {
        const [a, b] = [boxes.get(link.a), boxes.get(link.b)];
        if (a === undefined || b === undefined) return null;
        const { from, to } = barAcross(linkLine(a, b), link);
        return (
          <line
            key={`${link.a} ${link.b}`}
            className="wall"
            x1={from.x}
            y1={from.y}
            x2={to.x}
            y2={to.y}
          />
        );
      })}
      {frame.links.map((link) => {
        const [a, b] = [boxes.get(link.a), boxes.get(link.b)];
        if (link.connected || a === undefined || b === undefined) return null;
        const { from, to } = linkLine(a, b);
        return (
          <text
            key={`${link.a}:${link.b}`}
            className="link-label"
            x={(from.x + to.x) / 2}
            y={(from.y + to.y) / 2 + 3}
            textAnchor="middle"
          >
            not connected
          </text>
        );
      })}
    </g>
  );
});
