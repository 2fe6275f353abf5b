import { expect, it } from "vitest";
import { EVERY_ACTION } from "#scenario/scenario.testkit.ts";
import { actionText, anchorText, listed, seconds, versionText } from "./words.ts";

it("writes times in seconds", () => {
  expect(seconds(2_250_000)).toBe("2.250 s");
});

it.each([
  [[], ""],
  [["A"], "A"],
  [["A", "B", "C"], "A, B and C"],
])("lists %j as %j", (names, text) => {
  expect(listed(names)).toBe(text);
});

it("has words for every action", () => {
  for (const action of EVERY_ACTION) {
    expect(actionText(action)).toMatch(/^[a-z].{5,}$/);
    expect(actionText(action)).not.toMatch(/undefined|null|\[object/);
  }
});

it("says what an anchor waits for", () => {
  const match = { type: "role", server: "A", to: "leader" };
  expect(anchorText({ type: "when", match, count: 1, delay: 200_000 })).toBe(
    "0.200 s after the first “role, server A, to leader”",
  );
  expect(anchorText({ type: "at", time: 1_000_000, order: 0 })).toBe("at 1.000 s");
});

it("calls an explicit list of bugs by the version that has exactly these", () => {
  const title = versionText("pysyncobj", { preset: "0.3.14", bugs: null });
  expect(versionText("pysyncobj", { preset: "0.3.14", bugs: ["vote-not-saved"] })).toBe(
    "own choice of bugs (1 on)",
  );
  expect(versionText("pysyncobj", { preset: "PR #202", bugs: null })).not.toBe(title);
});
