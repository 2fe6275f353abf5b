import type { MachineFrame } from "#sim/frame.ts";

/** Pixels of the stage; x grows to the right, y grows down. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** `x`, `y`: the upper left corner. */
export interface Box extends Point, Size {}

/** Where the machines' cards stand. */
export interface RingLayout {
  readonly stage: Size;
  readonly center: Point;
  /** In the order of the machines. */
  readonly cards: readonly Box[];
  /** Where on the ring each card stands: radians, 0 is right, a quarter turn is down. */
  readonly angles: readonly number[];
  /** Which of the offered card sizes was taken: an index into them. */
  readonly variant: number;
  /** 1, unless not even the smallest size fits: then it is shrunk by this factor. */
  readonly scale: number;
}

/** Card sizes that leave room for five machines in 860 x 420 and for three in 390 x 420, largest first. */
export const CARD_SIZES: readonly Size[] = [
  { width: 216, height: 132 },
  { width: 172, height: 120 },
  { width: 132, height: 92 },
  { width: 96, height: 64 },
];

const MARGIN = 8;
const SHRINK = 0.92;
const SMALLEST = 0.02;

/**
 * Puts `count` cards on an ellipse that fills the stage, the first one on top, clockwise. Takes the largest of `sizes`
 * (largest first) with which cards keep `gap` pixels between them; shrinks the last one if none does.
 */
export function layoutRing(
  count: number,
  stage: Size,
  sizes: readonly Size[] = CARD_SIZES,
  gap = 16,
): RingLayout {
  for (const [variant, size] of sizes.entries()) {
    const layout = fitting(count, stage, size, gap, variant, 1);
    if (layout !== null) return layout;
  }
  const variant = Math.max(0, sizes.length - 1);
  const least = sizes[variant] ?? { width: 1, height: 1 };
  let scale = SHRINK;
  for (; scale > SMALLEST; scale *= SHRINK) {
    const layout = fitting(count, stage, scaled(least, scale), gap * scale, variant, scale);
    if (layout !== null) return layout;
  }
  return place(count, stage, scaled(least, scale), 0, variant, scale);
}

/** The box of every server: its machine's card, shared from top to bottom when a machine hosts several. */
export function placeServers(
  layout: RingLayout,
  machines: readonly MachineFrame[],
): ReadonlyMap<string, Box> {
  const boxes = new Map<string, Box>();
  for (const [at, machine] of machines.entries()) {
    const card = layout.cards[at];
    if (card === undefined) continue;
    const height = card.height / Math.max(1, machine.servers.length);
    for (const [nth, server] of machine.servers.entries()) {
      boxes.set(server, { x: card.x, y: card.y + nth * height, width: card.width, height });
    }
  }
  return boxes;
}

export function centerOf(box: Box): Point {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** The distance between two boxes along the axis on which they are further apart; negative when they overlap. */
export function gapBetween(a: Box, b: Box): number {
  const across = Math.max(a.x, b.x) - Math.min(a.x + a.width, b.x + b.width);
  const down = Math.max(a.y, b.y) - Math.min(a.y + a.height, b.y + b.height);
  return Math.max(across, down);
}

function fitting(
  count: number,
  stage: Size,
  card: Size,
  gap: number,
  variant: number,
  scale: number,
): RingLayout | null {
  // A half step to the side is the better use of the room for some counts; the top is preferred.
  const turns = count === 2 && stage.width > stage.height ? [0.5, 0] : [0, 0.5];
  for (const turn of turns) {
    const layout = place(count, stage, card, turn, variant, scale);
    if (fits(layout, gap)) return layout;
  }
  return null;
}

function place(
  count: number,
  stage: Size,
  card: Size,
  turn: number,
  variant: number,
  scale: number,
): RingLayout {
  const center = { x: stage.width / 2, y: stage.height / 2 };
  const across = count === 1 ? 0 : center.x - MARGIN - card.width / 2;
  const down = count === 1 ? 0 : center.y - MARGIN - card.height / 2;
  const angles = Array.from(
    { length: count },
    (_, at) => ((at - turn) / count) * 2 * Math.PI - Math.PI / 2,
  );
  const cards = angles.map((angle) => ({
    x: center.x + across * Math.cos(angle) - card.width / 2,
    y: center.y + down * Math.sin(angle) - card.height / 2,
    ...card,
  }));
  return { stage, center, cards, angles, variant, scale };
}

function fits({ cards, stage }: RingLayout, gap: number): boolean {
  return cards.every(
    (card, at) =>
      card.x >= 0 &&
      card.y >= 0 &&
      card.x + card.width <= stage.width &&
      card.y + card.height <= stage.height &&
      cards.slice(at + 1).every((other) => gapBetween(card, other) >= gap),
  );
}

function scaled(size: Size, by: number): Size {
  return { width: size.width * by, height: size.height * by };
}
