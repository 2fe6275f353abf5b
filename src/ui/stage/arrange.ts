import { type Box, layoutRing, type RingLayout, type Size } from "#view/ring.ts";

/** The card that everything on it is drawn for; other sizes are this one scaled. */
export const CARD: Size = { width: 200, height: 108 };

const SCALES = [1.35, 1.2, 1.1, 1, 0.94, 0.88, 0.85, 0.82, 0.79, 0.76, 0.73, 0.7];
const SIZES = SCALES.map((by) => ({ width: CARD.width * by, height: CARD.height * by }));
const GAP = 14;
const MARGIN = 8;
/** From edge to edge, of cards at full size. Pixels. */
const LINK = 90;

/**
 * The largest cards that leave room between them, on a ring that uses the whole stage: a ring of an odd number does not
 * reach as far to the sides and down as its circle does, so it is laid out on a larger stage of which no more is shown.
 */
export function arrange(count: number, stage: Size): RingLayout {
  for (const size of SIZES) {
    const layout = filling(count, stage, size);
    if (layout !== null && isInside(layout, stage) && leavesRoom(layout, stage, size))
      return layout;
  }
  return layoutRing(count, stage, SIZES.slice(-1), GAP);
}

/** The scale at which a card that was drawn for `CARD` fits this box. */
export function scaleOf(box: Box): number {
  return Math.min(box.width / CARD.width, box.height / CARD.height);
}

function filling(count: number, stage: Size, size: Size): RingLayout | null {
  const { across, down } = reach(count);
  const virtual = {
    width: grown(stage.width, size.width, across),
    height: down === 1 ? stage.height : grownDown(stage.height, size.height, down),
  };
  const layout = layoutRing(count, virtual, [size], GAP);
  if (layout.scale !== 1) return null;
  const shift = (stage.width - virtual.width) / 2;
  const cards = layout.cards.map((card) => ({ ...card, x: card.x + shift }));
  return { ...layout, stage, center: { ...layout.center, x: layout.center.x + shift }, cards };
}

/** How far the corners of a regular polygon with its first corner on top reach, on a unit circle. */
function reach(count: number): { readonly across: number; readonly down: number } {
  if (count < 3) return { across: 1, down: 1 };
  const angles = Array.from({ length: count }, (_, at) => (at / count) * 2 * Math.PI);
  return {
    across: Math.max(...angles.map((angle) => Math.abs(Math.sin(angle)))),
    down: Math.max(...angles.map((angle) => -Math.cos(angle))),
  };
}

/** Of a stage on which the outermost cards, at `part` of the radius, touch the margins of the real one. */
function grown(length: number, card: number, part: number): number {
  const inner = length / 2 - MARGIN - card / 2;
  return 2 * (inner / part + MARGIN + card / 2);
}

/** The same downwards, where the top card stays at the top margin. */
function grownDown(length: number, card: number, part: number): number {
  const inner = (length - 2 * MARGIN - card) / (1 + part);
  return 2 * (inner + MARGIN + card / 2);
}

/** A ring that was turned by half a step reaches elsewhere than the larger stage was made for. */
function isInside({ cards }: RingLayout, stage: Size): boolean {
  return cards.every(
    ({ x, y, width, height }) =>
      x >= 0 && y >= 0 && x + width <= stage.width + 1e-6 && y + height <= stage.height + 1e-6,
  );
}

/**
 * Messages need some way to fly. Cards grow beyond their own size only where every link stays long; smaller ones keep what
 * the stage has: of cards that stand above each other, one is well below the other.
 */
function leavesRoom({ cards }: RingLayout, stage: Size, size: Size): boolean {
  if (size.width >= CARD.width) {
    return cards.every((card, at) =>
      cards.slice(at + 1).every((other) => lengthBetween(card, other) >= LINK),
    );
  }
  const least = Math.min(64, stage.height * 0.11);
  return cards.every((card, at) =>
    cards.slice(at + 1).every((other) => {
      const isAbove = Math.abs(card.x - other.x) < card.width / 2;
      return !isAbove || Math.abs(card.y - other.y) - card.height >= least;
    }),
  );
}

function lengthBetween(a: Box, b: Box): number {
  const across = Math.max(a.x, b.x) - Math.min(a.x + a.width, b.x + b.width);
  const down = Math.max(a.y, b.y) - Math.min(a.y + a.height, b.y + b.height);
  return Math.hypot(Math.max(0, across), Math.max(0, down));
}
