import { type Box, centerOf, type Point, type Size } from "./ring.ts";

export interface Line {
  readonly from: Point;
  readonly to: Point;
}

/** The way of a message between two cards: a quadratic curve. */
export interface Flight {
  readonly from: Point;
  readonly control: Point;
  readonly to: Point;
}

/** How far a flight bows out, as part of its length, and at most, in pixels. */
const BEND = 0.14;
const BEND_MOST = 44;
const LANE = 16;

/** Where a ray from the middle of the box towards a point leaves the box. */
export function edgePoint(box: Box, toward: Point): Point {
  const middle = centerOf(box);
  const dx = toward.x - middle.x;
  const dy = toward.y - middle.y;
  if (dx === 0 && dy === 0) return middle;
  const byWidth = dx === 0 ? Number.POSITIVE_INFINITY : box.width / 2 / Math.abs(dx);
  const byHeight = dy === 0 ? Number.POSITIVE_INFINITY : box.height / 2 / Math.abs(dy);
  const part = Math.min(1, byWidth, byHeight);
  return { x: middle.x + dx * part, y: middle.y + dy * part };
}

/** The straight line between two cards, from edge to edge. */
export function linkLine(a: Box, b: Box): Line {
  return { from: edgePoint(a, centerOf(b)), to: edgePoint(b, centerOf(a)) };
}

/**
 * The way of a message from one card to another. It bows to the left of its direction, so that what goes the other way
 * flies apart from it; each further `lane` (0, 1, ...) bows more. It stays inside the stage.
 */
export function flightBetween(from: Box, to: Box, lane: number, stage: Size): Flight {
  const a = centerOf(from);
  const b = centerOf(to);
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  if (length === 0) return loop(from, stage);
  const bow = Math.min(BEND_MOST, BEND * length) + LANE * lane;
  const control = inside(
    {
      x: (a.x + b.x) / 2 + (bow * (b.y - a.y)) / length,
      y: (a.y + b.y) / 2 - (bow * (b.x - a.x)) / length,
    },
    stage,
  );
  return { from: edgePoint(from, control), control, to: edgePoint(to, control) };
}

/** Where a flight is at `part` 0..1 of its way. */
export function pointAt({ from, control, to }: Flight, part: number): Point {
  const rest = 1 - part;
  const [a, b, c] = [rest * rest, 2 * rest * part, part * part];
  return {
    x: a * from.x + b * control.x + c * to.x,
    y: a * from.y + b * control.y + c * to.y,
  };
}

/** Where a flight is heading at `part` 0..1 of its way: degrees, 0 is right, 90 is down. */
export function headingAt({ from, control, to }: Flight, part: number): number {
  const dx = (1 - part) * (control.x - from.x) + part * (to.x - control.x);
  const dy = (1 - part) * (control.y - from.y) + part * (to.y - control.y);
  return (Math.atan2(dy, dx) * 180) / Math.PI;
}

/** The `d` of an SVG path. */
export function pathOf({ from, control, to }: Flight): string {
  return `M${show(from)}Q${show(control)} ${show(to)}`;
}

/** A point of a line at `part` 0..1. */
export function along({ from, to }: Line, part: number): Point {
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

function loop(box: Box, stage: Size): Flight {
  const top = centerOf(box).x;
  const shift = box.width / 8;
  return {
    from: { x: top - shift, y: box.y },
    control: inside({ x: top, y: box.y - BEND_MOST }, stage),
    to: { x: top + shift, y: box.y },
  };
}

function inside(point: Point, stage: Size): Point {
  return {
    x: Math.max(0, Math.min(stage.width, point.x)),
    y: Math.max(0, Math.min(stage.height, point.y)),
  };
}

function show({ x, y }: Point): string {
  return `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
}
