import { expect, it } from "vitest";
import { explain, trace, verdictOn } from "#audit/trace.testkit.ts";

it("holds when entries are applied one after another, whether the index moves before or after", () => {
  const history = trace(`
    A starts term=1 log=0,1,1 commit=3 applied=1
    A applied 2
    A applies 2@1
    A applies 3@1
    A applied 3
  `);
  expect(verdictOn("C14", history).holds).toBe(true);
});

it("breaks at an entry out of turn", () => {
  const history = trace(`
    A starts term=1 log=1*3 commit=3
    A applies 2
  `);
  expect(verdictOn("C14", history).text).toBe(
    "A applied entry 2 (term 1), although entry 1 was next.",
  );
});

it("breaks when lastApplied passes entries that were not applied", () => {
  const history = trace(`
    A starts term=1 log=1*4 commit=4
    A applies 1
    A applied 4
  `);
  expect(verdictOn("C14", history).text).toBe(
    "A's lastApplied passed 2..3 without an entry being applied.",
  );
});

it("breaks when lastApplied goes back", () => {
  const history = trace(`
    A starts term=1 log=1*4 commit=4
    A applies 1
    A applied 0
  `);
  expect(verdictOn("C14", history).text).toBe("A's lastApplied went back from 1 to 0.");
});

it("breaks at an entry that the log does not hold, or holds another for", () => {
  const beyond = trace(`
    A starts term=1 log=1 commit=2
    A applies 1
    A applies 2@1
  `);
  expect(verdictOn("C14", beyond).text).toBe(
    "A applied entry 2 (term 1), which its log does not hold.",
  );
  const other = trace(`
    A starts term=1 log=1 commit=1
    A applies 1@1:x=1
  `);
  expect(verdictOn("C14", other).text).toBe(
    "A applied entry 1 (term 1), but its log holds another one there, with other bytes.",
  );
});

it("breaks when the log below an applied entry is no longer what was applied", () => {
  const history = trace(`
    A starts term=1 log=0,1 commit=2
    A applies 1
    A applies 2
    A cuts 2
    A appends 2@2 3@2
    A commit 3
    A applies 3
  `);
  const verdict = verdictOn("C14", history);
  expect(verdict).toMatchObject({ holds: false, firstStep: 7 });
  expect(explain(verdict)).toEqual([
    "A cut its entry 2 (term 1); it had already applied up to 2.",
    "A applied entry 3 (term 2), but what it had applied before is not what its log holds before that entry.",
  ]);
});
