import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Cluster, type Tally } from "./cluster.testkit.ts";

describe.each([3, 4, 5])(
  "in a cluster of %i, whatever is lost, doubled, reordered or crashes",
  (servers) => {
    it("Figure 3 holds, and reads see what was acknowledged before they were asked", () => {
      fc.assert(
        fc.property(fc.integer({ min: 0 }), (seed) => {
          new Cluster(seed, { servers, waitsForDisk: true }).run(2500);
        }),
        { numRuns: 80 },
      );
    });
  },
);

it("the runs that show it elect, commit, truncate, answer, and lose what was not durable", () => {
  const total = Array.from({ length: 100 }, (_, seed) =>
    new Cluster(seed, { servers: 3, waitsForDisk: true }).run(2500),
  ).reduce(sum);
  for (const [name, count] of Object.entries(total)) expect(count, name).toBeGreaterThan(20);
});

it("a protocol whose promises leave before they are durable breaks it", () => {
  const broken = Array.from({ length: 100 }, (_, seed) => {
    try {
      new Cluster(seed, { servers: 3, waitsForDisk: false }).run(2500);
      return null;
    } catch (error) {
      return String(error);
    }
  }).filter((each) => each !== null);
  expect(broken.length).toBeGreaterThan(10);
});

function sum(one: Tally, other: Tally): Tally {
  return {
    elections: one.elections + other.elections,
    committed: one.committed + other.committed,
    truncated: one.truncated + other.truncated,
    crashesThatLost: one.crashesThatLost + other.crashesThatLost,
    writesAnswered: one.writesAnswered + other.writesAnswered,
    readsAnswered: one.readsAnswered + other.readsAnswered,
  };
}
