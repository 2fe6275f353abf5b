import { describe, expect, it } from "vitest";
import type { BootFate, Compared, FateCount } from "#hunt/types.ts";
import { fateCells, fatesMet, fateTable, fateWords, shareText } from "./sweep-fates.ts";

describe("fates across", () => {
  it("are those that something leads to, the mildest first", () => {
    expect(fatesMet([count("stuck", "1"), count("boots", "2"), count("stuck", "3")])).toEqual([
      "boots",
      "stuck",
    ]);
  });

  it("have a cell each, with states and their share, of several machines together", () => {
    const counts = [count("boots", "1"), count("stuck", "5", 2), count("stuck", "2", 3)];
    expect(fateCells(["boots", "stuck", "refuses"], counts)).toEqual([
      { fate: "boots", outcomes: 1, states: "1", perMille: 125 },
      { fate: "stuck", outcomes: 5, states: "7", perMille: 875 },
      { fate: "refuses", outcomes: 0, states: "0", perMille: 0 },
    ]);
  });

  it("have no share where not every state is known, and never one of 0 for some", () => {
    const [boots, stuck] = fateCells(
      ["boots", "stuck"],
      [count("boots", null), count("stuck", "4")],
    );
    expect(boots).toMatchObject({ states: null, perMille: null });
    expect(stuck).toMatchObject({ states: "4", perMille: null });
    const few = [count("boots", "9".repeat(30)), count("stuck", "1")];
    expect(fateCells(["stuck"], few)[0]?.perMille).toBe(1);
  });
});

it("a share is told in per cent, down to a tenth", () => {
  expect([0, 1, 20, 86, 999, 1000].map(shareText)).toEqual([
    "none",
    "0.1 % or less",
    "2 %",
    "8.6 %",
    "99.9 %",
    "all",
  ]);
});

it("presets go down, and say where not every state was tried", () => {
  const table = fateTable([
    compared("0.3.14", [count("boots", "1"), count("stuck", "3")]),
    compared("all fixes", [count("boots", "4")], true),
  ]);
  expect(table.fates).toEqual(["boots", "stuck"]);
  expect(table.rows.map(({ of, capped }) => [of.preset, capped])).toEqual([
    ["0.3.14", false],
    ["all fixes", true],
  ]);
  expect(table.rows[1]?.cells.map(({ states }) => states)).toEqual(["4", "0"]);
});

it("a fate has words of its own", () => {
  const words = table().map((fate) => fateWords(fate).short);
  expect(new Set(words).size).toBe(words.length);
});

function table(): readonly BootFate[] {
  return ["boots", "boots-having-lost", "stuck", "refuses", "poisons-term"];
}

function count(fate: BootFate, states: string | null, outcomes = 1): FateCount {
  return { fate, outcomes, recoveries: outcomes, states, smallest: null };
}

function compared(preset: string, fates: readonly FateCount[], capped = false): Compared {
  const states = { count: "4", exact: true };
  const machine = { machine: "A", pieces: 3, states, recoveries: 4, capped, fates };
  return { preset, title: preset, isOwn: false, step: 4, time: 1000, machines: [machine] };
}
