import { expect, it } from "vitest";
import { wrapped } from "./text.ts";

it("a text is broken between words, and a word only where it is too wide itself", () => {
  expect(wrapped("one two three", 7)).toEqual(["one two", "three"]);
  expect(wrapped("no abcdefghij", 4)).toEqual(["no", "abcd", "efgh", "ij"]);
  expect(wrapped("", 4)).toEqual([""]);
});
