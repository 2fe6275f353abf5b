import { expect, it } from "vitest";
import { explain, trace, verdictOn } from "#audit/trace.testkit.ts";

it("holds when equal applied prefixes give equal state, whoever is ahead", () => {
  const history = trace(`
    A starts
    B starts
    A applies 1@1:x=1
    A applies 2@1:x=2
    B applies 1@1:x=1
    B applies 2@1:x=2
  `);
  expect(verdictOn("C15", history).holds).toBe(true);
});

it("breaks when states differ at the same index, and shows the keys that do", () => {
  const history = trace(`
    A starts
    B starts
    A applies 1@1:x=1
    B applies 1@1:x=2
  `);
  const verdict = verdictOn("C15", history);
  expect(verdict).toMatchObject({ holds: false, firstStep: 4 });
  expect(explain(verdict)).toEqual([
    "A applied set x = 1 (1, term 1).",
    'A and B have both applied their logs up to 1, but their state machines differ: x is "1" on A and "2" on B.',
  ]);
});

it("breaks even when the entries that are applied agree", () => {
  const history = trace(`
    A starts
    B starts applied=1
    A applies 1@1:x=1
    A applies 2@1:y=1
    B applies 2@1:y=1
  `);
  expect(explain(verdictOn("C15", history))).toEqual([
    'A and B have both applied their logs up to 2, but their state machines differ: x is "1" on A and absent on B.',
  ]);
});

it("breaks when lastApplied moves on and the state does not", () => {
  const history = trace(`
    A starts
    B starts
    A applies 1@1:x=1
    A applies 2@1:x=2
    B applies 1@1:x=1
    B applied 3
  `);
  expect(verdictOn("C15", history)).toMatchObject({ holds: false, firstStep: 6 });
});

it("breaks when a server applies its log again to another end", () => {
  const history = trace(`
    A starts
    A applies 1@1:x=1
    A stops
    A starts
    A applies 1@2:x=2
  `);
  expect(explain(verdictOn("C15", history)).at(-1)).toBe(
    'A has applied its log up to 1 again, and its state machine is not what it was then: x is "1" then and "2" now.',
  );
});
