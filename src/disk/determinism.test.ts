import { expect, it } from "vitest";
import { imageHashOfSeed, imageHashOfSeeds, PINNED_IMAGES } from "./determinism.ts";

it("leaves the same bytes of the same seeds, here and in every browser", () => {
  expect(imageHashOfSeeds(PINNED_IMAGES.seeds)).toBe(PINNED_IMAGES.hash);
});

it("leaves other bytes of other seeds", () => {
  const hashes = Array.from({ length: 200 }, (_, seed) => imageHashOfSeed(seed));
  expect(new Set(hashes).size).toBe(200);
});
