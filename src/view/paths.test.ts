import fc from "fast-check";
import { expect, it } from "vitest";
import { along, edgePoint, flightBetween, headingAt, linkLine, pathOf, pointAt } from "./paths.ts";
import { type Box, centerOf, layoutRing, type Point } from "./ring.ts";

const STAGE = { width: 860, height: 420 };
const BOX = { x: 100, y: 100, width: 200, height: 100 };

it("leaves a card at the edge that faces the other one", () => {
  expect(edgePoint(BOX, { x: 900, y: 150 })).toEqual({ x: 300, y: 150 });
  expect(edgePoint(BOX, { x: 200, y: 0 })).toEqual({ x: 200, y: 100 });
  expect(edgePoint(BOX, { x: 400, y: 250 })).toEqual({ x: 300, y: 200 });
});

it("starts on the edge of one card and ends on that of the other", () => {
  anyPair((from, to) => {
    const flight = flightBetween(from, to, 0, STAGE);
    expect(onEdge(from, pointAt(flight, 0))).toBe(true);
    expect(onEdge(to, pointAt(flight, 1))).toBe(true);
  });
});

it("stays on the stage all the way", () => {
  anyPair((from, to, lane, part) => {
    const { x, y } = pointAt(flightBetween(from, to, lane, STAGE), part);
    expect(x).toBeGreaterThanOrEqual(0);
    expect(y).toBeGreaterThanOrEqual(0);
    expect(x).toBeLessThanOrEqual(STAGE.width);
    expect(y).toBeLessThanOrEqual(STAGE.height);
  });
});

it("flies apart from what goes the other way", () => {
  anyPair((from, to) => {
    const there = pointAt(flightBetween(from, to, 0, STAGE), 0.5);
    const back = pointAt(flightBetween(to, from, 0, STAGE), 0.5);
    expect(Math.hypot(there.x - back.x, there.y - back.y)).toBeGreaterThan(4);
  });
});

it("bows more in a further lane", () => {
  const [, b, , , e] = layoutRing(5, STAGE).cards;
  if (!b || !e) throw new Error("five cards were asked for");
  const line = linkLine(b, e);
  const off = [0, 1, 2].map((lane) => {
    const { x, y } = pointAt(flightBetween(b, e, lane, STAGE), 0.5);
    const middle = along(line, 0.5);
    return Math.hypot(x - middle.x, y - middle.y);
  });
  expect(off).toEqual([...off].sort((one, other) => one - other));
  expect(new Set(off).size).toBe(3);
});

it("crosses no third card between five machines on a desk", () => {
  const { cards } = layoutRing(5, STAGE);
  for (const from of cards) {
    for (const to of cards) {
      if (from === to) continue;
      const flight = flightBetween(from, to, 0, STAGE);
      for (let part = 0; part <= 1; part += 0.02) {
        const point = pointAt(flight, part);
        const hit = cards.filter((card) => card !== from && card !== to && within(card, point));
        expect(hit).toEqual([]);
      }
    }
  }
});

it("heads from one card to the other", () => {
  const to = { ...BOX, x: 600 };
  const flight = flightBetween(BOX, to, 0, STAGE);
  expect(Math.abs(headingAt(flight, 0.5))).toBeLessThan(1);
  expect(Math.abs(headingAt(flightBetween(to, BOX, 0, STAGE), 0.5))).toBeGreaterThan(179);
});

it("is written as one curve", () => {
  expect(pathOf({ from: { x: 0, y: 1 }, control: { x: 2.04, y: 3 }, to: { x: 4, y: 5.55 } })).toBe(
    "M0 1Q2 3 4 5.6",
  );
});

it("makes a loop of a way that ends where it began", () => {
  const flight = flightBetween(BOX, BOX, 0, STAGE);
  const middle = pointAt(flight, 0.5);
  expect(middle.y).toBeLessThan(BOX.y);
  expect(Number.isFinite(headingAt(flight, 0.5))).toBe(true);
});

it("draws a link from edge to edge", () => {
  anyPair((a, b) => {
    const { from, to } = linkLine(a, b);
    expect(onEdge(a, from) && onEdge(b, to)).toBe(true);
  });
});

function anyPair(check: (from: Box, to: Box, lane: number, part: number) => void): void {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 9 }),
      fc.nat(8),
      fc.integer({ min: 1, max: 8 }),
      fc.nat(4),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (count, at, by, lane, part) => {
        const { cards } = layoutRing(count, STAGE);
        const from = cards[at % count];
        const to = cards[(at + 1 + (by % (count - 1))) % count];
        if (from && to) check(from, to, lane, part);
      },
    ),
  );
}

function onEdge(box: Box, { x, y }: Point): boolean {
  const middle = centerOf(box);
  const across = Math.abs(x - middle.x) / (box.width / 2);
  const down = Math.abs(y - middle.y) / (box.height / 2);
  return Math.abs(Math.max(across, down) - 1) < 1e-6;
}

function within(box: Box, { x, y }: Point): boolean {
  return x > box.x && x < box.x + box.width && y > box.y && y < box.y + box.height;
}
