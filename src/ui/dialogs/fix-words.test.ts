import { describe, expect, test } from "vitest";
import { COLUMNS } from "#matrix/columns.ts";
import { FIX_SETS } from "#matrix/fix-sets.ts";
import { nameOf, standingOf } from "./fix-words.ts";

describe("what the table of fixes says in few words", () => {
  test("one row is the released version, three are proposals", () => {
    const released = FIX_SETS.filter((each) => standingOf(each) === "released");
    expect(released.map(({ fixes }) => fixes)).toEqual([[]]);
    const proposed = FIX_SETS.filter((each) => standingOf(each) === "proposed");
    expect(proposed.map(({ title }) => title)).toEqual([
      "PR #202 = a + b + c + d",
      "PR #197: clamp in dump load",
      "PR #202 + PR #197",
    ]);
  });

  test("a cell is named by its column and the short title of its row", () => {
    const fourth = COLUMNS.filter(({ id }) => id === "S4");
    const names = fourth.flatMap((column) => FIX_SETS.map((each) => nameOf(each, column)));
    expect(names).toContain("S4 · PR #202");
    expect(names).toContain("S4 · PR #197");
    expect(names).toContain("S4 · PR #202 + PR #197");
    expect(new Set(names).size).toBe(FIX_SETS.length);
  });
});
