import { describe, expect, it } from "vitest";
import { journalBursts, sweepAll, walBurst } from "#hunt/bench.ts";
import { memoryAfterAppends } from "./bench-disk.ts";

describe("what the bench measures", () => {
  it("is a log that recovers as one of its prefixes from every state of the burst", () => {
    const [machine] = sweepAll(walBurst()).machines;
    expect(machine).toMatchObject({ policy: "adversarial", cap: null });
    expect(machine?.states.count).toMatch(/^\d{20}$/);
    expect(machine?.outcomes).toHaveLength(33);
    expect(machine?.outcomes.every(({ good }) => good)).toBe(true);
  });

  it("is a table of what three mapped journals may come to together", () => {
    const { machines, cluster } = sweepAll(journalBursts());
    const product = machines.reduce((all, { outcomes }) => all * outcomes.length, 1);
    expect(cluster?.combinations).toBe(`${product}`);
    expect(product).toBeGreaterThan(1000);
  });

  it("is a disk on which nothing is synced", () => {
    const [some, more] = memoryAfterAppends([100, 200]);
    expect(some?.pending).toBeGreaterThan(100);
    expect(more?.pending).toBe(2 * (some?.pending ?? 0) - 1);
  });
});
