import { expect, it } from "vitest";
import { chordOf, chordText, commandOf, digitOf, KEYS } from "./keys.ts";

const PLAIN = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false };

it("gives each chord to one command only", () => {
  const chords = KEYS.flatMap((binding) => binding.chords);
  expect(new Set(chords).size).toBe(chords.length);
});

it.each([
  ["x", false, "cut-power"],
  ["X", true, "cut-power-all"],
  [" ", false, "play"],
  ["ArrowRight", true, "next-interesting"],
  ["?", true, "help"],
  ["]", true, "faster"],
  [".", false, "play"],
  ["PageDown", false, "forward"],
])("understands %j with shift %s as %s", (key, shiftKey, command) => {
  expect(commandOf(chordOf({ ...PLAIN, key, shiftKey }) ?? "")).toBe(command);
});

it("leaves the browser's own shortcuts alone", () => {
  expect(chordOf({ ...PLAIN, key: "r", ctrlKey: true })).toBeNull();
});

it.each([
  [{ ctrlKey: true }, "z", "undo"],
  [{ metaKey: true }, "z", "undo"],
  [{ ctrlKey: true, shiftKey: true }, "Z", "undo-all"],
])("undoes as every editor does: %j with %s", (held, key, command) => {
  expect(commandOf(chordOf({ ...PLAIN, ...held, key }) ?? "")).toBe(command);
});

it("reads digits where they lie on the keyboard, whatever shift makes of them", () => {
  expect(digitOf({ code: "Digit3" })).toBe(3);
  expect(digitOf({ code: "Digit0" })).toBeNull();
  expect(digitOf({ code: "KeyA" })).toBeNull();
});

it("writes chords as they stand on a keyboard", () => {
  expect(chordText("shift+ArrowRight")).toBe("Shift + →");
  expect(chordText("?")).toBe("?");
  expect(chordText("ctrl+shift+z")).toBe("Ctrl + Shift + Z");
});
