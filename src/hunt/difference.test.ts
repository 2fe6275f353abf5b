import fc from "fast-check";
import { expect, it } from "vitest";
import { draw, scale } from "#base/rng.ts";
import type { Disk } from "#disk/disk.ts";
import { createGround, decide, type Fate, type Ground, UNDECIDED } from "#disk/ground.ts";
import { histories, INSTALLED, play, testDisk } from "#disk/history.testkit.ts";
import { perform } from "#disk/perform.ts";
import { closedMasks } from "#disk/states.testkit.ts";
import { POLICIES } from "#disk/types.ts";
import { pieceText, smallestDifference } from "./difference.ts";

it("is the smallest of all between a state of one and a state of the other", () => {
  fc.assert(
    fc.property(histories(), fc.constantFrom(...POLICIES), fc.nat(), (ops, policy, seed) => {
      const disk = testDisk(policy);
      play(disk, ops);
      const ground = createGround(disk, "power");
      if (ground.implications.pieces.length > 9) return;
      const one = drawnFate(ground, seed);
      const other = drawnFate(ground, seed + 1);
      const masks = closedMasks(ground.implications);
      const distances = masks
        .filter((mask) => agrees(mask, one))
        .flatMap((a) => masks.filter((mask) => agrees(mask, other)).map((b) => distance(a, b)));
      const found = smallestDifference([one], [other]);
      expect((found?.kept.length ?? 0) + (found?.lost.length ?? 0)).toBe(Math.min(...distances));
    }),
    { numRuns: 300 },
  );
});

it("is taken over all pairs of sets, and none where there is no good one", () => {
  const fate = (...each: number[]): Fate => Uint8Array.from(each);
  expect(
    smallestDifference([fate(2, 2, 1), fate(1, 2, 0)], [fate(2, 1, 2), fate(1, 1, 2)]),
  ).toEqual({ kept: [], lost: [1], state: [0] });
  expect(smallestDifference([fate(1)], [])).toBeNull();
});

it("names pages, sectors, sizes and names", () => {
  const disk = testDisk("adversarial");
  write(disk, INSTALLED, 4096, 20);
  write(disk, INSTALLED, 4200, 20);
  write(disk, INSTALLED, 0, 600);
  perform(disk, { type: "open", file: "d/b", create: true, truncate: false }, 3);
  perform(disk, { type: "truncate", file: INSTALLED, size: 5000 }, 4);
  perform(disk, { type: "rename", from: "d/b", to: "d/c" }, 5);
  perform(disk, { type: "unlink", file: "d/c" }, 6);
  expect(namesOf(createGround(disk, "os"), "os")).toEqual([
    "the write of bytes 4096..4115 of d/a",
    "the write of bytes 4200..4219 of d/a",
    "page 0 of d/a",
    "the name d/b",
    "the cut of d/a from 8292 to 5000 bytes",
    "the rename of d/b to d/c",
    "the removal of d/c",
  ]);
  expect(namesOf(createGround(disk, "power"), "power").slice(2, 4)).toEqual([
    "sector 0 of d/a",
    "sector 1 of d/a",
  ]);
});

it("tells writes to the same bytes apart", () => {
  const disk = testDisk("adversarial");
  for (let i = 0; i < 3; i++) write(disk, INSTALLED, 36, 4);
  write(disk, INSTALLED, 40, 4);
  expect(namesOf(createGround(disk, "os"), "os")).toEqual([
    "the 1st of 3 writes of bytes 36..39 of d/a",
    "the 2nd of 3 writes of bytes 36..39 of d/a",
    "the 3rd of 3 writes of bytes 36..39 of d/a",
    "the write of bytes 40..43 of d/a",
  ]);
});

function namesOf(ground: Ground, kind: "os" | "power"): readonly string[] {
  return ground.implications.pieces.map((_, i) => pieceText(ground, kind, i));
}

function write(disk: Disk, file: string, offset: number, length: number): void {
  perform(disk, { type: "write", file, offset, bytes: new Uint8Array(length).fill(1) }, 0);
}

/** Some pieces decided, with all that follows. */
function drawnFate(ground: Ground, seed: number): Fate {
  const fate = ground.undecided.slice();
  for (let turn = 0; turn < 3; turn++) {
    const open = [...fate.keys()].filter((piece) => fate[piece] === UNDECIDED);
    const piece = open[scale(draw(seed, `piece/${turn}`), 0, Math.max(0, open.length - 1))];
    if (piece !== undefined) decide(ground, fate, piece, draw(seed, `kept/${turn}`) % 2 === 0, []);
  }
  return fate;
}

function agrees(mask: Uint8Array, fate: Fate): boolean {
  return fate.every((each, i) => each === UNDECIDED || (each === 1) === (mask[i] === 1));
}

function distance(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, each, i) => sum + (each === b[i] ? 0 : 1), 0);
}
