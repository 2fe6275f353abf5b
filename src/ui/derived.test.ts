import { expect, it } from "vitest";
import { brokenChecks, divergenceText, gravest, standingAt, verdictSentence } from "./derived.ts";
import { frame, server, verdict } from "./frames.testkit.ts";

const holding = (id: string, value: string) =>
  server(id, { state: [{ key: "leader", value, index: 1 }] });
const torn = [holding("A", "A"), holding("B", "B")];

it("says that a check breaks later while it has not broken yet", () => {
  expect([4, 5, 6].map((step) => standingAt(verdict("C1", 5), step))).toEqual([
    "breaks-later",
    "broken",
    "broken",
  ]);
  expect(standingAt(verdict("C1", null), 9)).toBe("holds");
});

it("puts what users suffer before what is newer: lost writes, then divergence, then two leaders", () => {
  const view = {
    side: "main",
    frame: frame([server("A")], { step: 9 }),
    verdicts: [verdict("C1", 2), verdict("C12", 8), verdict("C11", 3), verdict("C15", 7)],
  } as const;
  expect(brokenChecks(view).map(({ id }) => id)).toEqual(["C11", "C15", "C1", "C12"]);
});

it("puts the newest break first where none is suffered", () => {
  const view = {
    side: "main",
    frame: frame([server("A")], { step: 9 }),
    verdicts: [verdict("C7", 1), verdict("C13", 8), verdict("C5", 4), verdict("C1", 10)],
  } as const;
  expect(brokenChecks(view).map(({ id }) => id)).toEqual(["C13", "C5", "C7"]);
});

it("says the gravest of what is broken, however early something lighter broke", () => {
  const promise = { ...verdict("C9", 1, "A spoke too soon."), family: "broken-promise" } as const;
  const violation = verdict("C1", 5, "Two leaders.");
  const at = (step: number) => ({
    side: "main" as const,
    frame: frame([server("A")], { step }),
    verdicts: [promise, violation],
  });
  expect([at(3), at(6)].map(verdictSentence)).toEqual([
    "Nothing is lost so far, but promises were made before they would survive a crash.",
    "Two leaders.",
  ]);
  expect([at(0), at(3), at(6)].map(gravest)).toEqual([null, "broken-promise", "violation"]);
});

it("says whether the logs agree where the state machines do not", () => {
  expect(divergenceText(frame(torn))).toBe("State machines differ although the logs agree");
  const longer = server("B", { ...torn[1], lastIndex: 2 });
  expect(divergenceText(frame([torn[0]!, longer]))).toBe("State machines differ");
  expect(divergenceText(frame([holding("A", "A"), holding("B", "A")]))).toBeNull();
});

it("names what is wrong now and how it began, in one sentence", () => {
  const verdicts = [verdict("C15", 8, "They differ."), verdict("C7", 1, "B forgot its term.")];
  expect(verdictSentence({ side: "main", frame: frame(torn, { step: 9 }), verdicts })).toBe(
    "State machines differ although the logs agree: B forgot its term.",
  );
  expect(verdictSentence({ side: "main", frame: frame(torn.slice(1)), verdicts })).toBe(
    "All checks hold so far.",
  );
});
