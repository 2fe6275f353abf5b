import fc from "fast-check";
import { expect, it } from "vitest";
import { frame } from "./frames.testkit.ts";
import {
  CARD_SIZES,
  centerOf,
  gapBetween,
  layoutRing,
  placeServers,
  type RingLayout,
} from "./ring.ts";

const DESK = { width: 860, height: 420 };
const PHONE = { width: 390, height: 420 };

it("has room for five cards of full size on a desk", () => {
  expect(layoutRing(5, DESK)).toMatchObject({ variant: 0, scale: 1 });
  expect(overlaps(layoutRing(5, DESK), 16)).toEqual([]);
});

it("has room for three cards on a phone, none of them shrunk", () => {
  expect(layoutRing(3, PHONE).scale).toBe(1);
  expect(overlaps(layoutRing(3, PHONE), 16)).toEqual([]);
});

it("keeps one to nine cards apart and inside, whatever the stage", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 120, max: 2000 }),
      fc.integer({ min: 120, max: 2000 }),
      (count, width, height) => {
        const layout = layoutRing(count, { width, height });
        expect(layout.cards).toHaveLength(count);
        expect(overlaps(layout, 0)).toEqual([]);
        for (const { x, y, width: wide, height: high } of layout.cards) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(y).toBeGreaterThanOrEqual(0);
          expect(x + wide).toBeLessThanOrEqual(width);
          expect(y + high).toBeLessThanOrEqual(height);
        }
      },
    ),
  );
});

it("takes a smaller card only when a larger one has no room", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 300, max: 1500 }),
      (count, width) => {
        const narrow = layoutRing(count, { width, height: 500 });
        const wide = layoutRing(count, { width: width + 400, height: 900 });
        expect(wide.variant).toBeLessThanOrEqual(narrow.variant);
      },
    ),
  );
});

it("puts the first machine on top and goes on clockwise", () => {
  const [a, b, c] = layoutRing(3, DESK).cards.map(centerOf);
  expect(a).toMatchObject({ x: DESK.width / 2 });
  expect(b?.x).toBeGreaterThan(DESK.width / 2);
  expect(c?.x).toBeLessThan(DESK.width / 2);
  expect(a?.y).toBeLessThan(b?.y ?? 0);
});

it("puts two machines side by side where the stage is wide", () => {
  const [a, b] = layoutRing(2, DESK).cards.map(centerOf);
  expect(a?.y).toBeCloseTo(b?.y ?? 0);
  expect(a?.x).toBeLessThan(b?.x ?? 0);
});

it("puts a lone machine in the middle", () => {
  expect(layoutRing(1, DESK).cards.map(centerOf)).toEqual([{ x: 430, y: 210 }]);
});

it("offers cards from the largest to the smallest", () => {
  expect(CARD_SIZES.map(({ width }) => width)).toEqual(
    CARD_SIZES.map(({ width }) => width).sort((a, b) => b - a),
  );
});

it("shares a card among the servers of one machine", () => {
  const machines = [
    { id: "m1", power: "on" as const, offBy: null, servers: ["A", "B"], pending: 0 },
    { id: "m2", power: "on" as const, offBy: null, servers: ["C"], pending: 0 },
  ];
  const layout = layoutRing(2, DESK);
  const places = placeServers(layout, machines);
  const [a, b, c] = ["A", "B", "C"].map((id) => places.get(id));
  expect(a && b && a.y + a.height).toBe(b?.y);
  expect(a?.height).toBe((layout.cards[0]?.height ?? 0) / 2);
  expect(c).toEqual(layout.cards[1]);
});

it("gives a server the card of its machine", () => {
  const { machines } = frame(["A", "B", "C"]);
  const layout = layoutRing(3, DESK);
  expect([...placeServers(layout, machines).values()]).toEqual(layout.cards);
});

function overlaps({ cards }: RingLayout, gap: number): string[] {
  return cards.flatMap((card, at) =>
    cards
      .slice(at + 1)
      .flatMap((other, k) => (gapBetween(card, other) < gap ? [`${at} and ${at + 1 + k}`] : [])),
  );
}
