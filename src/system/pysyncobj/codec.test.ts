import { describe, expect, it } from "vitest";
import { codec, restored } from "./codec.ts";
import { filesIn } from "./fixtures.testkit.ts";

const ALL = new Set(["term-not-saved", "vote-not-saved", "term-not-restored-from-log"]);
const saved = { currentTerm: 3, votedFor: "B" };

describe("what is made of the hard state at a start", () => {
  it("is nothing in 0.3.14, whatever the file says", () => {
    expect(restored(saved, 5, ALL)).toEqual({ currentTerm: null, votedFor: null });
  });

  it("is the term of the last entry when that is higher, unless it is not looked at", () => {
    expect(restored(saved, 5, new Set())).toEqual({ currentTerm: 5, votedFor: "B" });
    expect(restored(saved, 5, new Set(["term-not-restored-from-log"]))).toEqual(saved);
    expect(restored(saved, 2, new Set())).toEqual(saved);
  });
});

it("files are read with the eyes of the version that would start on them", () => {
  const path = "02-simultaneous-restart/before";
  const files = new Map(filesIn(path).map(({ path: name, bytes }) => [name, bytes]));
  expect(codec.inspect(files, "A/").currentTerm).toBe(null);
  expect(codec.inspect(files, "A/", ALL).currentTerm).toBe(null);
  const lastTerm = codec.inspect(files, "A/").entries.at(-1)?.term;
  expect(codec.inspect(files, "A/", new Set()).currentTerm).toBe(lastTerm);
});
