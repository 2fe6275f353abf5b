import { expect, it } from "vitest";
import { imageHashOfSeeds, PINNED_IMAGES } from "./determinism.ts";

it("a browser's disks hold the same bytes as those of Node", () => {
  expect(imageHashOfSeeds(PINNED_IMAGES.seeds)).toBe(PINNED_IMAGES.hash);
});
