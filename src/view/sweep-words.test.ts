import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { machineSweep, outcome } from "./sweep.testkit.ts";
import { countText, coverText, grouped, verdictText } from "./sweep-words.ts";

describe("a number of crash states", () => {
  it.each([
    ["8", "8"],
    ["36288", "36,288"],
    ["9999999", "9,999,999"],
    ["12345678", "about 1.2e7"],
    ["14123456789012345678", "about 1.4e19"],
    ["99960000", "about 1.0e8"],
  ])("%s is read as %s", (count, text) => {
    expect(countText({ count, exact: true }).short).toBe(text);
  });

  it("is given to the last digit where the short text leaves digits out", () => {
    expect(countText({ count: "12345678", exact: true }).exactly).toBe("12,345,678");
    expect(countText({ count: "1234", exact: true }).exactly).toBeNull();
  });

  it("is a lower bound when it is not exact", () => {
    expect(countText({ count: "1234", exact: false })).toEqual({
      short: "at least 1,234",
      exactly: null,
    });
    expect(countText({ count: "123400000", exact: false }).short).toBe("at least 1.2e8");
  });

  it("loses no digit by grouping, whatever its size", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 60n }), (count) => {
        expect(grouped(String(count)).replaceAll(",", "")).toBe(String(count));
      }),
    );
  });

  it("is never off by more than a twentieth in its short form", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 10n ** 8n, max: 10n ** 60n }), (count) => {
        const { short } = countText({ count: String(count), exact: true });
        const told = Number(short.replace("about ", ""));
        expect(Math.abs(told / Number(count) - 1)).toBeLessThan(0.051);
      }),
    );
  });
});

it("says that every state was tried, or how the rest was sampled", () => {
  expect(coverText(machineSweep({ recoveries: 1 }))).toBe(
    "Every state has been tried: 1 recovery tells all of them apart.",
  );
  const cap = { most: 5000, samples: [{ sampler: "edges-first", drawn: 210 } as const] };
  expect(coverText(machineSweep({ cap }))).toBe(
    "Not every state: after 5,000 recoveries the rest was sampled (edges-first 210). An outcome that no sample met is missing here.",
  );
});

it("says what checksums are trusted with", () => {
  const trusts = "One in a million is taken for damaged.";
  expect(coverText(machineSweep({ trusts }))).toMatch(
    / apart\. One in a million is taken for damaged\.$/,
  );
  const cap = { most: 5000, samples: [] };
  expect(coverText(machineSweep({ cap, trusts }))).toMatch(/ here\. One in a million is/);
});

describe("the verdict of a sweep", () => {
  const report = (more: object) => ({
    ask: { machines: ["A"], kind: "os", policy: null, most: 9 } as const,
    step: 1,
    machines: [machineSweep(more)],
    cluster: null,
  });

  it("counts what is bad", () => {
    const outcomes = [outcome("A t1", "forgot"), outcome("A t2")];
    expect(verdictText(report({ outcomes }))).toBe("A: 2 outcomes, 1 of them bad.");
  });

  it("counts apart what no design could have helped", () => {
    const outcomes = [
      outcome("A t1", "forgot", "assumption-broken"),
      outcome("A t2", "refuses", "unavailable-by-design"),
      outcome("A t3"),
    ];
    expect(verdictText(report({ outcomes }))).toBe(
      "A: 3 outcomes, none bad by the design, 1 bad by the disk, 1 where a damaged disk is refused, 1 good.",
    );
  });

  it("speaks of one combination as of one", () => {
    const cluster = { combinations: "1", distinct: "1", bad: "0", excused: "0", rows: [] };
    expect(verdictText({ ...report({}), cluster })).toBe(
      "A together: none of 1 combination is bad.",
    );
  });

  it("claims no more than was tried", () => {
    const outcomes = [outcome("A t2")];
    const cap = { most: 1, samples: [] };
    expect(verdictText(report({ outcomes }))).toBe("A: 1 outcome, every one is good.");
    expect(verdictText(report({ outcomes, cap }))).toBe("A: 1 outcome, none that was met is bad.");
  });

  it("is about all combinations where several machines fail together", () => {
    const cluster = {
      ...{ combinations: "250047", distinct: "127008", bad: "1200", excused: "0" },
      rows: [],
    };
    expect(verdictText({ ...report({}), cluster })).toBe(
      "A together: 1,200 of 250,047 combinations are bad.",
    );
  });
});
