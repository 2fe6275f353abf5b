import { describe, expect, it } from "vitest";
import { meterRow } from "./sweep.testkit.ts";
import { cellText, meterTable, telling, whyText } from "./sweep-meter.ts";

const RELEASED = [
  meterRow("strict os 0/5"),
  meterRow("strict power 0/5"),
  meterRow("adversarial os 7/12", "the vote is forgotten"),
  meterRow("adversarial power 1/4000", "the vote is forgotten"),
];
const CORRECT = [meterRow("strict os 0/3"), meterRow("adversarial os 0/3+")];

it("puts two designs side by side, by policy and kind of crash", () => {
  const table = meterTable([RELEASED, CORRECT]);
  expect(table.kinds).toEqual(["os", "power"]);
  const told = table.rows.map(({ policy, cells }) => [
    policy,
    ...cells.map((cell) => cell.map((each) => each && `${each.row.bad}/${each.row.outcomes}`)),
  ]);
  expect(told).toEqual([
    ["strict", ["0/5", "0/3"], ["0/5", null]],
    ["adversarial", ["7/12", "0/3"], ["1/4000", null]],
  ]);
});

describe("the bar of the bad share", () => {
  const shares = (text: string) =>
    meterTable([[meterRow(text)]]).rows[0]?.cells[0]?.[0]?.badPerMille;

  it("is in per mille, and not empty when anything is bad", () => {
    expect(shares("strict os 6/12")).toBe(500);
    expect(shares("strict os 1/4000")).toBe(1);
    expect(shares("strict os 0/12")).toBe(0);
  });
});

it("claims no more than was tried", () => {
  expect(cellText(meterRow("strict os 0/8"))).toBe("8 good");
  expect(cellText(meterRow("strict os 0/8+"))).toBe("8+ good");
  expect(cellText(meterRow("strict os 3/8"))).toBe("3/8 bad");
  expect(whyText(meterRow("strict os 0/8+"))[0]).toContain("not every state was tried");
  expect(whyText(meterRow("strict os 0/8"))[0]).toContain("all 8 outcomes are good");
});

it("says that nothing is at stake where no write waits, and not that this is good", () => {
  const idle = { ...meterRow("strict os 0/1"), pieces: 0 };
  expect(cellText(idle)).toBe("nothing at stake");
  expect(whyText(idle)[0]).toContain("No write waits");
  expect(telling([idle, ...CORRECT])).toBe(CORRECT[0]);
  expect(cellText({ ...idle, excused: 1 })).not.toContain("nothing");
});

it("gives each reason with how many outcomes it makes bad", () => {
  expect(whyText(meterRow("strict os 2/8", "the vote is forgotten", "it does not boot"))).toEqual([
    "the vote is forgotten (1 outcome)",
    "it does not boot (1 outcome)",
  ]);
});

it("opens with what is bad", () => {
  expect(telling(RELEASED)?.policy).toBe("adversarial");
  expect(telling(CORRECT)?.policy).toBe("strict");
  expect(telling([])).toBeNull();
});
