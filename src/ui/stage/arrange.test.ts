import fc from "fast-check";
import { expect, it } from "vitest";
import { gapBetween } from "#view/ring.ts";
import { arrange, CARD } from "./arrange.ts";

const anyStage = fc.record({
  count: fc.integer({ min: 1, max: 9 }),
  width: fc.integer({ min: 340, max: 1600 }),
  height: fc.integer({ min: 200, max: 900 }),
});

it("keeps every card on the stage, and none over another", () => {
  fc.assert(
    fc.property(anyStage, ({ count, width, height }) => {
      const { cards } = arrange(count, { width, height });
      for (const [at, card] of cards.entries()) {
        expect(card.x).toBeGreaterThanOrEqual(0);
        expect(card.y).toBeGreaterThanOrEqual(0);
        expect(card.x + card.width).toBeLessThanOrEqual(width + 1e-6);
        expect(card.y + card.height).toBeLessThanOrEqual(height + 1e-6);
        for (const other of cards.slice(at + 1)) expect(gapBetween(card, other)).toBeGreaterThan(0);
      }
    }),
  );
});

it("shows three machines of a twin at a size that can be read", () => {
  const [card] = arrange(3, { width: 476, height: 240 }).cards;
  expect(card?.width).toBeGreaterThanOrEqual(CARD.width * 0.8);
});

it("leaves the links of three machines long enough for messages where there is one wide stage", () => {
  const { cards } = arrange(3, { width: 952, height: 250 });
  for (const [at, card] of cards.entries()) {
    for (const other of cards.slice(at + 1)) {
      expect(gapBetween(card, other)).toBeGreaterThanOrEqual(90);
    }
  }
});

it("shows three machines on a phone", () => {
  const [card] = arrange(3, { width: 390, height: 230 }).cards;
  expect(card?.width).toBeGreaterThanOrEqual(150);
});
