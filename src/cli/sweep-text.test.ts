import { describe, expect, it } from "vitest";
import type { PendingEffect, Policy } from "#disk/types.ts";
import type { ClusterRow, Family, MachineSweep, Outcome, SweepReport } from "#hunt/types.ts";
import { burstText, stateText, sweepLines } from "./sweep-text.ts";

const GOOD: Outcome = outcome("g", "A: term 6, vote for B, entries 1..42", {});
const BAD: Outcome = outcome("b", "A: term 5, no vote, entries 1..41", {
  good: false,
  family: "violation",
  wrongs: [
    { check: "C8", family: "violation", server: "A", text: "A forgets its vote for B in term 6." },
  ],
  difference: "identical, except that the rename of A/meta was lost",
  witness: [3, 5],
});

describe("a sweep in words", () => {
  it("has one row a machine: what is at stake, how much was tried and what came of it", () => {
    const [table] = sweepLines([report([sweep("A", "adversarial", [BAD, GOOD])])], stakes());
    expect(table?.split("\n")).toEqual([
      "machine  not synced                 sector  policy       effects  raw states  recoveries  outcomes  bad",
      "A        2 writes to A/wal, 1 name     512  adversarial       10          84          28         2    1",
    ]);
  });

  it("says of a bad outcome why, how little it takes, and which state it is", () => {
    const text = sweepLines([report([sweep("A", "adversarial", [BAD, GOOD])])], stakes());
    expect(text.slice(1)).toEqual([
      "",
      "Outcomes of A: 2, 1 of them bad",
      "  BAD   A: term 5, no vote, entries 1..41 (3 recoveries)",
      "        C8: A forgets its vote for B in term 6.",
      "        identical, except that the rename of A/meta was lost",
      "        for example, when of what is unsynced only this survives: 3 5",
      "  good  A: term 6, vote for B, entries 1..42 (3 recoveries)",
    ]);
  });

  it("counts what is wrong with several, most first", () => {
    const [vote, term] = ["A forgets its vote.", "A forgets its term."].map((text) => {
      return { check: "C8", family: "violation", server: "A", text } as const;
    });
    const bad = [[term!], [vote!, term!], [vote!, term!], [{ ...term!, text: "Once." }]];
    const outcomes = bad.map((wrongs, i) => ({ ...BAD, id: `${i}`, wrongs }));
    const text = sweepLines([report([sweep("A", "strict", [...outcomes, GOOD])])], stakes());
    expect(text.slice(2, 6)).toEqual([
      "Outcomes of A: 5, 4 of them bad",
      "        3 of them: C8: A forgets its term.",
      "        2 of them: C8: A forgets its vote.",
      expect.stringMatching(/^ {2}BAD/),
    ]);
  });

  it("tells an outcome once, with the policies that allow it", () => {
    const reports = [
      report([sweep("A", "strict", [GOOD])]),
      report([sweep("A", "adversarial", [BAD, GOOD])]),
    ];
    const text = sweepLines(reports, stakes()).join("\n");
    expect(text).toMatch(
      /BAD .*41 [\s\S]*\n {8}under adversarial\n {2}good .*\n {8}under every policy$/,
    );
  });

  it("says where it was stopped, and how the rest was sampled", () => {
    const samples = [{ sampler: "edges-first", drawn: 21 } as const];
    const capped = { ...sweep("A", "adversarial", [GOOD]), cap: { most: 28, samples } };
    expect(sweepLines([report([capped])], stakes()).join(" ")).toMatch(
      /A under adversarial was stopped after 28 recoveries;.*tried: 21 by edges-first\. There may be more outcomes/,
    );
  });

  it("says what checksums are trusted with", () => {
    const trusting = { ...sweep("A", "adversarial", [GOOD]), trusts: "One in a million." };
    const text = sweepLines([report([trusting])], stakes());
    expect(text.slice(1, 3)).toEqual(["", "A under adversarial: One in a million."]);
  });

  it("ends with all machines together, and what their verdict is worth", () => {
    const cluster = {
      ...{ combinations: "250047", distinct: "127008", bad: "12", excused: "0" },
      rows: [
        row("violation", "entry 12 is left on one of three", "12"),
        row(null, "all is kept", "250035"),
      ],
    };
    const swept = { ...report([sweep("A", "strict", [GOOD])]), cluster };
    const text = sweepLines([swept], stakes()).join("\n");
    expect(text).toContain("All machines together, under strict: 250047 combinations, 127008 when");
    expect(text).toMatch(/^ {2}BAD {7}12 {2}entry 12 is left on one of three$/m);
    expect(text).toMatch(/^ {2}good {2}250035 {2}all is kept$/m);
    expect(text).toMatch(/static: does each server boot/);
  });

  it("sets all machines together under several policies into one table", () => {
    const cluster = {
      ...{ combinations: "25000000000000", distinct: "127008", bad: "12", excused: "0" },
      rows: [row("violation", "entry 12 is left on one of three", "12")],
    };
    const reports = (["strict", "adversarial"] as const).map((policy) => ({
      ...report([sweep("A", policy, [GOOD])]),
      cluster,
    }));
    expect(sweepLines(reports, stakes()).join("\n")).toContain(
      [
        "All machines together",
        "policy       combinations  distinct  bad  mostly",
        "strict             2.5e13    127008   12  entry 12 is left on one of three",
      ].join("\n"),
    );
  });

  it("leaves out what nobody reads, and says so", () => {
    const many = Array.from({ length: 30 }, (_, i) => ({ ...GOOD, id: `${i}` }));
    const text = sweepLines([report([sweep("A", "strict", many)])], stakes());
    expect(text.at(-1)).toBe("  and 6 more, which --json lists");
  });

  it("is never wider than the screen", () => {
    const long = { ...BAD, text: `A: ${"entries of many terms, ".repeat(20)}` };
    const wide = sweep("A", "ordered-journal", [{ ...long, difference: "x ".repeat(200) }]);
    const text = sweepLines([report([wide])], stakes()).flatMap((lines) => lines.split("\n"));
    expect(Math.max(...text.map(({ length }) => length))).toBeLessThanOrEqual(120);
  });
});

it("a big number of states is short, and not claimed to be exact when it is not", () => {
  expect(stateText({ count: "36288", exact: true })).toBe("36288");
  expect(stateText({ count: "14000000000000000000", exact: true })).toBe("1.4e19");
  expect(stateText({ count: "14000000000000000000", exact: false })).toBe(">=1.4e19");
});

it("what is not synced is told by file, within its column", () => {
  expect(burstText([])).toBe("nothing");
  expect(burstText([effect("size", "A/wal")])).toBe("1 size");
  expect(burstText([effect("name", "A/meta")])).toBe("1 name");
  const many = ["a", "b", "c"].map((file) => effect("data", `A/journal-${file}`));
  expect(burstText(many)).toBe("1 write to A/journal-a, 1 write t...");
});

it("counts apart, and marks, what is bad because of a disk", () => {
  const outcomes = [BAD, { ...BAD, id: "d", family: "assumption-broken" } as const, GOOD];
  const text = sweepLines([report([sweep("A", "strict", outcomes)])], stakes()).join("\n");
  expect(text).toMatch(/ outcomes {2}bad {2}by the disk$/m);
  expect(text).toMatch(/ 3 {4}1 {12}1$/m);
  expect(text).toContain(
    "Outcomes of A: 3, 1 of them bad by the design, 1 because the disk broke its word",
  );
  expect(text.match(/^ {2}(BAD |disk|good)/gm)).toEqual(["  BAD ", "  disk", "  good"]);
});

it("speaks of one combination as of one", () => {
  const cluster = { combinations: "1", distinct: "1", bad: "0", excused: "0" };
  const rows = [row(null, "all is kept", "1")];
  const swept = { ...report([sweep("A", "strict", [GOOD])]), cluster: { ...cluster, rows } };
  expect(sweepLines([swept], stakes()).join("\n")).toContain(
    "All machines together, under strict: 1 combination, 1 when",
  );
});

function row(family: Family | null, text: string, combinations: string): ClusterRow {
  return { good: family === null, family, text, combinations, witness: {} };
}

function outcome(id: string, text: string, more: Partial<Outcome>): Outcome {
  const plain: Omit<Outcome, "id" | "text" | "recoveries"> = {
    servers: [],
    good: true,
    family: null,
    fate: "boots",
    because: null,
    wrongs: [],
    witness: [],
    difference: null,
  };
  return { id, text, recoveries: 3, ...plain, ...more };
}

function sweep(machine: string, policy: Policy, outcomes: readonly Outcome[]): MachineSweep {
  const states = { count: "84", exact: true };
  return {
    machine,
    servers: [machine],
    policy,
    pieces: 10,
    states,
    recoveries: 28,
    cap: null,
    outcomes,
    fates: [],
  };
}

function report(machines: readonly MachineSweep[]): SweepReport {
  const ask = { machines: ["A"], kind: "os", policy: null, most: 100 } as const;
  return { ask, step: 4, machines, cluster: null };
}

function stakes() {
  const pending = [
    effect("data", "A/wal"),
    effect("size", "A/wal"),
    effect("data", "A/wal"),
    effect("name", "A/meta"),
  ];
  return new Map([["A", { sectorSize: 512, pending }]]);
}

function effect(kind: PendingEffect["kind"], path: string): PendingEffect {
  return { kind, path } as PendingEffect;
}
