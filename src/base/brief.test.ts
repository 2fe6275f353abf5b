import fc from "fast-check";
import { expect, it } from "vitest";
import { brief, briefly, legible } from "./brief.ts";

it("control characters are shown as escapes", () => {
  expect(legible("a\u0000b\nc\u009f")).toBe("a\\x00b\\x0ac\\x9f");
});

it("no control character is ever left, and all else stays", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(legible(text)).not.toMatch(/\p{Cc}/u);
      expect(legible(text).replace(/\\x[0-9a-f]{2}/g, "")).toBe(
        text.replace(/\\x[0-9a-f]{2}/g, "").replace(/\p{Cc}/gu, ""),
      );
    }),
  );
});

it.each([
  ["1", "1"],
  ["x".repeat(40), "x".repeat(40)],
  ["All the king's horses ".repeat(30), "All the king's horses … (660 characters)"],
  ["x".repeat(41), `${"x".repeat(24)} … (41 characters)`],
  ["\u0000".repeat(600), `${"\\x00".repeat(24)} … (600 characters)`],
  ["🐎".repeat(50), `${"🐎".repeat(24)} … (50 characters)`],
])("a value is told with its length where it is long: %j", (value, told) => {
  expect(brief(value)).toBe(told);
});

it("of words about a value, the value alone is shortened", () => {
  expect(briefly(`set rhyme = ${"x".repeat(600)}`)).toBe(
    `set rhyme = ${"x".repeat(24)} … (600 characters)`,
  );
  expect(briefly("no-op")).toBe("no-op");
});
