import type { Frame, LinkFrame } from "#sim/frame.ts";
import { along, type Line } from "./paths.ts";
import type { Box, Point, RingLayout, Size } from "./ring.ts";

/** What partitions make of a cluster. */
export interface Partition {
  /** Servers that can still reach each other, in one direction at least; one group when there is no wall. */
  readonly groups: readonly (readonly string[])[];
  /** Links that are cut, wholly or one way, inside a group: a wall between groups does not tell of them. */
  readonly bars: readonly LinkFrame[];
}

export function partitionOf(frame: Pick<Frame, "servers" | "links">): Partition {
  const groupOf = new Map(frame.servers.map(({ id }) => [id, new Set([id])]));
  const together = new Set(frame.servers.map(({ id }) => pair(id, id)));
  for (const link of frame.links) {
    if (!link.cutForward || !link.cutBack) together.add(pair(link.a, link.b));
  }
  const known = new Set(frame.links.map((link) => pair(link.a, link.b)));
  for (const { id: a } of frame.servers) {
    for (const { id: b } of frame.servers) {
      const apart = known.has(pair(a, b)) && !together.has(pair(a, b));
      if (!apart) join(groupOf, a, b);
    }
  }
  const groups = [...new Set(groupOf.values())].map((group) => [...group]);
  const bars = frame.links.filter(
    ({ a, b, cutForward, cutBack }) => (cutForward || cutBack) && groupOf.get(a) === groupOf.get(b),
  );
  return { groups, bars };
}

/**
 * The walls between groups of machines on the ring: from the middle, through the gap between every two neighbours of
 * different groups, to the stage's edge; two lines each. `groups`: the group's number of each machine, in the order of the
 * cards.
 */
export function wallSpokes(layout: RingLayout, groups: readonly number[]): readonly Line[] {
  const { angles, cards, center, stage } = layout;
  const count = angles.length;
  return angles.flatMap((angle, at) => {
    const next = (at + 1) % count;
    const [a, b] = [cards[at], cards[next]];
    if (groups[at] === groups[next] || a === undefined || b === undefined) return [];
    const [gate, edge] = gateBetween(a, b, center, stage, angle + Math.PI / count);
    const spoke = [
      { from: center, to: gate },
      { from: gate, to: edge },
    ];
    return spoke.filter(({ from, to }) => from.x !== to.x || from.y !== to.y);
  });
}

/** The group's number of each machine: that of its first server. */
export function groupsOfMachines(
  frame: Pick<Frame, "machines">,
  partition: Partition,
): readonly number[] {
  return frame.machines.map(({ servers }) =>
    partition.groups.findIndex((group) => group.includes(servers[0] ?? "")),
  );
}

/**
 * The bar across a cut link. One that stops messages one way stands nearer to those who send them:
 * `at` is 0.5 for both ways, 0.35 when only `a` -> `b` is cut, 0.65 when only `b` -> `a` is.
 */
export function barAcross(line: Line, link: LinkFrame, length = 28): Line {
  const at = link.cutForward === link.cutBack ? 0.5 : link.cutForward ? 0.35 : 0.65;
  const middle = along(line, at);
  const dx = line.to.x - line.from.x;
  const dy = line.to.y - line.from.y;
  const size = Math.hypot(dx, dy) || 1;
  const across = { x: (-dy / size) * (length / 2), y: (dx / size) * (length / 2) };
  return {
    from: { x: middle.x - across.x, y: middle.y - across.y },
    to: { x: middle.x + across.x, y: middle.y + across.y },
  };
}

/** Where a wall enters the gap between two cards, and where it leaves the stage; `angle`: of the gap on the ring. */
function gateBetween(
  a: Box,
  b: Box,
  center: Point,
  stage: Size,
  angle: number,
): readonly [Point, Point] {
  const across = between(a.x, a.width, b.x, b.width);
  const down = between(a.y, a.height, b.y, b.height);
  if (across.gap >= down.gap) {
    const x = across.middle;
    const y = nearest(center.y, down.gap > 0 ? [down.middle, down.middle] : down.shared);
    return [
      { x, y },
      { x, y: Math.sin(angle) < 0 ? 0 : stage.height },
    ];
  }
  const y = down.middle;
  const x = nearest(center.x, across.gap > 0 ? [across.middle, across.middle] : across.shared);
  return [
    { x, y },
    { x: Math.cos(angle) < 0 ? 0 : stage.width, y },
  ];
}

/** Two stretches of one axis: the gap between them (negative: they overlap), its middle, and what they share. */
function between(
  a: number,
  aLength: number,
  b: number,
  bLength: number,
): {
  readonly gap: number;
  readonly middle: number;
  readonly shared: readonly [number, number];
} {
  const low = Math.min(a + aLength, b + bLength);
  const high = Math.max(a, b);
  return { gap: high - low, middle: (low + high) / 2, shared: [high, low] };
}

function nearest(to: number, [low, high]: readonly [number, number]): number {
  return Math.max(low, Math.min(high, to));
}

function join(groupOf: Map<string, Set<string>>, a: string, b: string): void {
  const kept = groupOf.get(a);
  const merged = groupOf.get(b);
  if (kept === undefined || merged === undefined || kept === merged) return;
  for (const id of merged) {
    kept.add(id);
    groupOf.set(id, kept);
  }
}

function pair(a: string, b: string): string {
  return a < b ? `${a}\n${b}` : `${b}\n${a}`;
}
