import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { abstractRun, type Flaw } from "./abstract-raft.testkit.ts";
import { brokenBy, judge } from "./trace.testkit.ts";

it("has nothing to say against Raft, whatever is lost, repeated, overtaken or crashed", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      expect(brokenBy(abstractRun(seed, 400, null))).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

it.each(["with terms", "without terms"] as const)(
  "has nothing to say against Raft with snapshots, %s",
  (snapshots) => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const history = abstractRun(seed, 400, null, snapshots);
        for (const each of history) seen.add("reason" in each ? each.reason : each.type);
        expect(brokenBy(history)).toEqual([]);
      }),
      { numRuns: 150 },
    );
    expect([...seen]).toEqual(expect.arrayContaining(["compaction", "snapshot", "restored"]));
  },
);

it("is not silent because nothing happens", () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 20; seed++) {
    for (const { type } of abstractRun(seed, 400, null)) seen.add(type);
  }
  const needed = ["apply", "commit", "crash", "recovered", "return", "role", "send", "truncate"];
  expect([...seen]).toEqual(expect.arrayContaining(needed));
});

describe.each<[Flaw, string[]]>([
  ["forgets its term", ["C1", "C2", "C4", "C7"]],
  ["forgets its vote", ["C1", "C2"]],
  ["votes for any log", ["C5", "C6", "C11", "C13", "C15"]],
  ["votes twice", ["C1", "C2", "C4"]],
  ["cuts what it has applied", ["C12", "C13"]],
  ["cuts as a leader", ["C3"]],
  ["answers before commit", ["C11"]],
  ["skips an entry", ["C14", "C15"]],
  ["applies what it likes", ["C6", "C14", "C15"]],
  ["restores commitIndex", ["C12"]],
  ["loses its last entries", ["C5", "C6", "C11", "C15"]],
])("a Raft that %s", (flaw, checks) => {
  const found = new Map<string, number>();
  for (let seed = 0; seed < 400; seed++) {
    for (const id of brokenBy(abstractRun(seed, 600, flaw))) {
      found.set(id, (found.get(id) ?? 0) + 1);
    }
  }
  it.each(checks)("is caught by %s", (id) => {
    expect(found.get(id)).toBeGreaterThan(0);
  });
});

describe.each<[Flaw, string[]]>([
  ["votes for any log", ["C5", "C6", "C11", "C13", "C15"]],
  ["applies what it likes", ["C6", "C14", "C15"]],
  ["loses its last entries", ["C5", "C6", "C11", "C15"]],
])("a Raft with snapshots that %s", (flaw, checks) => {
  const found = new Set<string>();
  for (let seed = 0; seed < 200; seed++) {
    for (const id of brokenBy(abstractRun(seed, 600, flaw, "without terms"))) found.add(id);
  }
  it.each(checks)("is caught by %s", (id) => {
    expect([...found]).toContain(id);
  });
});

it("explains any break in at most twelve sentences, the last about the breaking step", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      for (const { explanation, firstStep, holds } of judge(
        abstractRun(seed, 400, "votes for any log"),
      )) {
        if (holds) continue;
        expect(explanation.length).toBeLessThanOrEqual(12);
        expect(explanation.at(-1)?.step).toBe(firstStep);
      }
    }),
    { numRuns: 30 },
  );
});
