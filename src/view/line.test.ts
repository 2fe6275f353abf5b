import { expect, it } from "vitest";
import { lineOf } from "./line.ts";

const line = lineOf([0, 200], [8, 408]);

it("puts the first and the last value at the ends of the line", () => {
  expect([line.at(0), line.at(50), line.at(200)]).toEqual([8, 108, 408]);
});

it("says which value a pixel stands for", () => {
  expect([line.valueAt(8), line.valueAt(108), line.valueAt(408)]).toEqual([0, 50, 200]);
});

it("keeps what lies outside at the nearer end", () => {
  expect([line.at(-5), line.at(999), line.valueAt(0), line.valueAt(5000)]).toEqual([
    8, 408, 0, 200,
  ]);
});
