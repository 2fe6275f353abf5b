import fc from "fast-check";
import { expect, it } from "vitest";
import { frame, links } from "./frames.testkit.ts";
import { along, type Line, linkLine } from "./paths.ts";
import { type Box, layoutRing, type Size } from "./ring.ts";
import { barAcross, groupsOfMachines, partitionOf, wallSpokes } from "./walls.ts";

const STAGE = { width: 860, height: 420 };
const FIVE = ["A", "B", "C", "D", "E"];

it("is one group when nothing is cut", () => {
  expect(partition()).toEqual({ groups: [FIVE], bars: [] });
});

it("makes two groups of a cut through the middle", () => {
  const { groups, bars } = partition("A|C", "A|D", "A|E", "B|C", "B|D", "B|E");
  expect(groups).toEqual([
    ["A", "B"],
    ["C", "D", "E"],
  ]);
  expect(bars).toEqual([]);
});

it("makes three groups", () => {
  const cuts = ["A|B", "A|C", "A|D", "A|E", "B|D", "B|E", "C|D", "C|E"];
  expect(partition(...cuts).groups).toEqual([["A"], ["B", "C"], ["D", "E"]]);
});

it("puts a bar on a link that is cut inside a group", () => {
  const { groups, bars } = partition("A|B");
  expect(groups).toHaveLength(1);
  expect(bars).toMatchObject([{ a: "A", b: "B" }]);
});

it("does not part those whom one direction still joins", () => {
  const frames = frame(["A", "B"], { links: links(["A", "B"], "A>B") });
  expect(partitionOf(frames).groups).toEqual([["A", "B"]]);
  expect(partitionOf(frames).bars).toMatchObject([{ cutForward: true, cutBack: false }]);
});

it("draws a wall through the gap of every two neighbours of different groups", () => {
  const layout = layoutRing(5, STAGE);
  expect(ends(wallSpokes(layout, [0, 0, 1, 1, 1]), STAGE)).toHaveLength(2);
  expect(ends(wallSpokes(layout, [0, 1, 0, 1, 1]), STAGE)).toHaveLength(4);
  expect(wallSpokes(layout, [0, 0, 0, 0, 0])).toEqual([]);
});

it("draws walls from the middle to the edge of the stage, through no card", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 9 }),
      fc.integer({ min: 360, max: 1400 }),
      fc.integer({ min: 360, max: 900 }),
      (count, width, height) => {
        const stage = { width, height };
        const layout = layoutRing(count, stage);
        const walls = wallSpokes(
          layout,
          layout.cards.map((_, at) => at),
        );
        expect(ends(walls, stage)).toHaveLength(count);
        for (const wall of walls) {
          expect(layout.cards.filter((card) => crosses(wall, card))).toEqual([]);
        }
      },
    ),
  );
});

it("parts two machines side by side by an upright wall", () => {
  const walls = wallSpokes(layoutRing(2, STAGE), [0, 1]);
  expect(walls.map(({ from, to }) => [from, to].map(({ x }) => Math.round(x)))).toEqual([
    [430, 430],
    [430, 430],
  ]);
  expect(walls.map(({ to }) => Math.round(to.y)).sort((a, b) => a - b)).toEqual([0, 420]);
});

it("gives each machine the group of its servers", () => {
  const found = frame(FIVE, { links: links(FIVE, "A|B", "A|C", "A|D", "A|E") });
  expect(groupsOfMachines(found, partitionOf(found))).toEqual([0, 1, 1, 1, 1]);
});

it("puts a one-way bar nearer to those who cannot be heard", () => {
  const [a, b] = layoutRing(2, STAGE).cards;
  if (!a || !b) throw new Error("two cards were asked for");
  const line = linkLine(a, b);
  const middle = (cut: string) => {
    const [link] = links(["A", "B"], cut);
    if (!link) throw new Error("a link was asked for");
    const { from, to } = barAcross(line, link);
    return (from.x + to.x) / 2;
  };
  expect(middle("A>B")).toBeLessThan(middle("A|B"));
  expect(middle("B>A")).toBeGreaterThan(middle("A|B"));
});

it("draws a bar across its link, not along it", () => {
  const line = { from: { x: 0, y: 0 }, to: { x: 100, y: 0 } };
  const [link] = links(["A", "B"], "A|B");
  expect(link && barAcross(line, link, 20)).toEqual({
    from: { x: 50, y: -10 },
    to: { x: 50, y: 10 },
  });
});

function partition(...cuts: string[]) {
  return partitionOf(frame(FIVE, { links: links(FIVE, ...cuts) }));
}

/** Where walls reach the edge of the stage. */
function ends(walls: readonly Line[], { width, height }: Size): Line["to"][] {
  return walls
    .map(({ to }) => to)
    .filter(({ x, y }) => [x, width - x, y, height - y].some((by) => Math.abs(by) < 1e-6));
}

function crosses(wall: Line, { x, y, width, height }: Box): boolean {
  return Array.from({ length: 101 }, (_, at) => along(wall, at / 100)).some(
    (point) => point.x > x && point.x < x + width && point.y > y && point.y < y + height,
  );
}
