import { expect, it } from "vitest";
import { answerTo } from "./commands.ts";
import { settledWords } from "./words.ts";

it("leaves words as they are that need no care", () => {
  const words = ["run", "pysyncobj-201", "--disk", "policy=strict", "--bugs", "", "--json"];
  expect(settledWords(words)).toEqual({ ok: true, value: words });
});

it("takes a negative number for the value of the option before it", () => {
  expect(settledWords(["sweep", "x", "--step", "-1", "--json"])).toEqual({
    ok: true,
    value: ["sweep", "x", "--step=-1", "--json"],
  });
});

it("names the option that is given nothing, and says what to do", async () => {
  const remedy = "--disk is given nothing. Say what it is to be (--disk VALUE), or leave it out.";
  for (const words of [["--disk", ""], ["--disk="]]) {
    expect(await answerTo(["run", "pysyncobj-201", ...words])).toEqual({
      exit: 2,
      out: "",
      err: remedy,
    });
  }
});

it("names the option whose number is out of range", async () => {
  const { exit, err } = await answerTo(["sweep", "pysyncobj-201", "--step", "-1"]);
  expect(exit).toBe(2);
  expect(err).toMatch(/^--step .*-1/);
});
