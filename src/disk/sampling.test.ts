import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { histories, play, testDisk } from "./history.testkit.ts";
import type { Implications } from "./pieces.ts";
import { implicationsOf } from "./rules.ts";
import { closureCoin, edgesFirst, uniformState } from "./sampling.ts";
import { closedMasks, implied } from "./states.testkit.ts";
import { POLICIES } from "./types.ts";

const SAMPLERS = { "uniform-state": uniformState, "closure-coin": closureCoin };

describe.each(Object.entries(SAMPLERS))("%s", (_, sample) => {
  it.each(POLICIES)("draws members only: %s", (policy) => {
    fc.assert(
      fc.property(histories(), fc.constantFrom("os" as const, "power" as const), (ops, kind) => {
        const disk = testDisk(policy);
        play(disk, ops);
        const rules = implicationsOf(disk, kind);
        for (let drawn = 0; drawn < 5; drawn++) expectClosed(rules, sample(rules, drawn));
      }),
      { numRuns: 100 },
    );
  });

  it("draws every state of ten pieces sooner or later", () => {
    const rules = implied([[], [0], [], [1, 2], [], [], [5], [6], [4, 7], []]);
    const missing = new Set(closedMasks(rules).map((mask) => mask.join("")));
    for (let drawn = 0; drawn < 20_000 && missing.size > 0; drawn++) {
      missing.delete(sample(rules, drawn).join(""));
    }
    expect(missing.size).toBe(0);
  });

  it("draws what survives every crash each time", () => {
    const rules = implied([[], [0], [], []], [1]);
    for (let drawn = 0; drawn < 50; drawn++) {
      expect([...sample(rules, drawn)].slice(0, 2)).toEqual([1, 1]);
    }
  });

  it("draws the same again from the same number", () => {
    const rules = implied([[], [0], [], [1, 2], []]);
    expect(sample(rules, 7)).toEqual(sample(rules, 7));
  });
});

describe("uniform-state", () => {
  it("draws each state about equally often", () => {
    const rules = implied([[], [0], [0], [1, 2], [], [4]]);
    const counts = new Map<string, number>();
    const states = closedMasks(rules).length;
    const draws = 200 * states;
    for (let drawn = 0; drawn < draws; drawn++) {
      const key = uniformState(rules, drawn).join("");
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(states);
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(80);
  });

  it("draws every length of a chain of a thousand as likely", () => {
    const rules = implied(Array.from({ length: 1000 }, (_, i) => (i === 0 ? [] : [i - 1])));
    const short = Array.from({ length: 400 }, (_, drawn) =>
      uniformState(rules, drawn).reduce((sum, each) => sum + each, 0),
    ).filter((length) => length <= 500);
    expect(Math.abs(short.length - 200)).toBeLessThan(50);
  });
});

describe("edges-first", () => {
  it("begins with nothing and everything", () => {
    const rules = implied([[], [0], []]);
    expect([...edgesFirst(rules)].slice(0, 2).map((kept) => kept.join(""))).toEqual(["000", "111"]);
  });

  it("drops each piece with what needs it, and keeps each with what it needs, each state once", () => {
    const rules = implied([[], [0], []]);
    const states = [...edgesFirst(rules)].map((kept) => kept.join(""));
    expect([...states].sort()).toEqual(
      ["000", "001", "100", "101", "110", "111"].filter((state) => states.includes(state)).sort(),
    );
    expect(states).toContain("001");
    expect(states).toContain("110");
    expect(states).toContain("100");
    expect(states).toContain("101");
    expect(new Set(states).size).toBe(states.length);
  });

  it.each(POLICIES)("has members only: %s", (policy) => {
    fc.assert(
      fc.property(histories(), (ops) => {
        const disk = testDisk(policy);
        play(disk, ops);
        const rules = implicationsOf(disk, "power");
        for (const kept of edgesFirst(rules)) expectClosed(rules, kept);
      }),
      { numRuns: 60 },
    );
  });
});

function expectClosed({ pieces, starts, needs, forced }: Implications, kept: Uint8Array): void {
  for (let i = 0; i < pieces.length; i++) {
    if (forced[i] === 1) expect(kept[i]).toBe(1);
    if (kept[i] !== 1) continue;
    for (const needed of needs.slice(starts[i], starts[i + 1])) expect(kept[needed]).toBe(1);
  }
}
