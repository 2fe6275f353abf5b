import { describe, expect, it } from "vitest";
import { type LitmusTable, litmusMatrix, voteMatrix } from "#disk/litmus.ts";
import { answerTo } from "./commands.ts";
import { litmusLines } from "./litmus.ts";

describe("litmus", () => {
  it("prints both tables, no line wider than 120 columns", async () => {
    const { exit, out, err } = await answerTo(["litmus"]);
    expect({ exit, err }).toEqual({ exit: 0, err: "" });
    for (const { title, rows } of [litmusMatrix(), voteMatrix()]) {
      expect(out).toContain(title);
      for (const { id, lesson } of rows) {
        expect(out).toMatch(new RegExp(`^${id} `, "m"));
        expect(out.replace(/\n +/g, " ")).toContain(lesson);
      }
    }
    expect(Math.max(...out.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(120);
  });

  it("prints the same as JSON", async () => {
    const { out } = await answerTo(["litmus", "--json"]);
    expect(JSON.parse(out)).toEqual({ tables: [litmusMatrix(), voteMatrix()] });
  });

  it("sets an outcome under every policy that allows it, marked where it does harm", () => {
    const small: LitmusTable = {
      ...{ id: "litmus", title: "Small", policies: ["strict", "adversarial"] },
      rows: [
        {
          ...{ id: "LT1", title: "Writes", steps: ["write A", "write B"], lesson: "Sync." },
          outcomes: [
            [harmless("neither"), harmless("both")],
            [harmless("neither"), { text: "B alone", harmful: true }, harmless("both")],
          ],
        },
      ],
    };
    const line = (one: string, two: string) => `${" ".repeat(5)}${one.padEnd(58)}${two}`;
    expect(litmusLines(small)).toEqual([
      "Small",
      "",
      line("strict", "adversarial"),
      "",
      "LT1  Writes",
      "     write A; write B",
      line("  neither", "  neither"),
      line("  both", "  both"),
      line("", "! B alone"),
      "     Sync.",
    ]);
  });

  it("refuses what it does not know", async () => {
    expect(await answerTo(["litmus", "--policy", "strict"])).toMatchObject({
      exit: 2,
      err: expect.stringMatching(/[Uu]nknown option/),
    });
  });
});

function harmless(text: string) {
  return { text, harmful: false };
}
