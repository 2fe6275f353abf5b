import { describe, expect, it } from "vitest";
import { intervalOf } from "./interval.ts";
import { rebootFiles } from "./reboot-files.ts";
import { countStarts, START_PATTERNS, startOnce } from "./reboots.ts";

const RUNS = 60;

describe.each(START_PATTERNS)("$id", (pattern) => {
  const model = countStarts(pattern, 1, RUNS, rebootFiles);

  it("diverges as often as the real library may have", () => {
    const [low, high] = intervalOf(pattern.real.diverged, pattern.real.runs);
    expect((1000 * model.diverged) / RUNS).toBeGreaterThanOrEqual(low);
    expect((1000 * model.diverged) / RUNS).toBeLessThanOrEqual(high);
  });

  it("diverges whenever a second leader is elected, and never with PR #202", () => {
    const isFixed = pattern.preset === "PR #202";
    expect(model.diverged).toBe(isFixed ? 0 : model.secondLeader);
    expect(model.secondLeader).toBeGreaterThan(0);
  });
});

it("a start is the same each time for its seed", () => {
  const [pattern] = START_PATTERNS;
  if (pattern === undefined) return;
  expect(startOnce(pattern, 7, rebootFiles)).toEqual(startOnce(pattern, 7, rebootFiles));
});
