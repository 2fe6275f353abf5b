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

/** How far a flight keeps from what flies the other way, and lanes from each other. Pixels. */
const APART = 14;
const LANE = 16;
/** How far a flight bows, as part of its length. */
const BEND = 0.08;
/** At most this part of a card's smaller side lies between where flights leave it and the middle of its edge. */
const SPREAD = 0.35;

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
 * The way of a message from one card to another: apart from what goes the other way, both on the side of the line between the
 * cards that faces the middle of the stage, where no third card is. Each further `lane` (0, 1, ...) is further in.
 */
export function flightBetween(from: Box, to: Box, lane: number, stage: Size): Flight {
  const a = centerOf(from);
  const b = centerOf(to);
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  if (length === 0) return loop(from, stage);
  const ahead = { x: (b.x - a.x) / length, y: (b.y - a.y) / length };
  const left = { x: ahead.y, y: -ahead.x };
  const inward =
    (stage.width / 2 - (a.x + b.x) / 2) * left.x + (stage.height / 2 - (a.y + b.y) / 2) * left.y;
  // To the left of the direction when positive.
  const off = offset(inward, lane);
  const most = SPREAD * Math.min(from.width, from.height, to.width, to.height);
  const atCards = Math.max(-most, Math.min(most, off));
  const start = exit(from, beside(a, left, atCards), ahead);
  const end = exit(to, beside(b, left, atCards), { x: -ahead.x, y: -ahead.y });
  const bow = Math.sign(off) * BEND * Math.hypot(end.x - start.x, end.y - start.y);
  const middle = { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 };
  const control = inside(beside(middle, left, 2 * (off - atCards) + bow), stage);
  return { from: start, control, to: end };
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

/** Of two flights that meet, the one whose left side is the inner one keeps to it; the other takes the straight line. */
function offset(inward: number, lane: number): number {
  if (Math.abs(inward) < 1) return APART / 2 + lane * LANE;
  return inward > 0 ? APART + lane * LANE : -lane * LANE;
}

function beside(point: Point, left: Point, by: number): Point {
  return { x: point.x + left.x * by, y: point.y + left.y * by };
}

/** Where a ray from a point inside the box leaves it. */
function exit(box: Box, start: Point, ahead: Point): Point {
  const across = ahead.x > 0 ? box.x + box.width - start.x : box.x - start.x;
  const down = ahead.y > 0 ? box.y + box.height - start.y : box.y - start.y;
  const byWidth = ahead.x === 0 ? Number.POSITIVE_INFINITY : across / ahead.x;
  const byHeight = ahead.y === 0 ? Number.POSITIVE_INFINITY : down / ahead.y;
  const far = Math.min(byWidth, byHeight);
  return { x: start.x + ahead.x * far, y: start.y + ahead.y * far };
}

function loop(box: Box, stage: Size): Flight {
  const top = centerOf(box).x;
  const shift = box.width / 8;
  return {
    from: { x: top - shift, y: box.y },
    control: inside({ x: top, y: box.y - box.height / 3 }, stage),
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
