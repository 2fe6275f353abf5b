import { expect, it } from "vitest";
import { explain, trace, verdictOn } from "#audit/trace.testkit.ts";

it("holds while terms grow and come back as they were", () => {
  const history = trace(`
    A starts
    A term 3
    A asks B
    A loses power
    A starts term=3
  `);
  expect(verdictOn("C7", history).holds).toBe(true);
});

it("lets a server forget a term that it never spoke in", () => {
  const history = trace(`
    A starts
    A term 3
    A loses power
    A starts term=0
  `);
  expect(verdictOn("C7", history).holds).toBe(true);
});

it("breaks when a server comes back below a term that it spoke in", () => {
  const history = trace(`
    A starts
    A term 3
    A asks B
    A loses power
    A starts term=2
  `);
  const verdict = verdictOn("C7", history);
  expect(verdict).toMatchObject({ holds: false, firstStep: 5, family: "violation" });
  expect(explain(verdict)).toEqual([
    "A sent vote-request of term 3 to B.",
    "Power loss on machine A: 2 unsynced writes lost.",
    "A restarted at term 2, although it had spoken in term 3.",
  ]);
});

it("breaks when a server comes back below the term of its own log", () => {
  const verdict = verdictOn("C7", trace("A starts term=0 log=0,1,5"));
  expect(verdict.text).toBe(
    "A restarted at term 0, although the last entry of its log is of term 5.",
  );
});

it("finds the highest term of a log anywhere in it", () => {
  const verdict = verdictOn("C7", trace("A starts term=1 log=0,5,1"));
  expect(verdict.text).toBe("A restarted at term 1, although its log holds an entry of term 5.");
});

it("breaks when a term goes back within a life", () => {
  const history = trace(`
    A starts term=3
    A term 2
  `);
  expect(verdictOn("C7", history)).toMatchObject({
    firstStep: 2,
    text: "A went back from term 3 to term 2.",
  });
});

it("rests on a broken assumption when the disk was swapped", () => {
  const history = trace(`
    A starts term=3
    A asks B
    A gets a new disk
    A starts
  `);
  expect(verdictOn("C7", history)).toMatchObject({
    family: "assumption-broken",
    text: "A restarted at term 0, although it had spoken in term 3, on a disk that was swapped.",
  });
});

it("puts a violation before what rests on a broken assumption", () => {
  const history = trace(`
    A starts term=3
    B starts term=3
    A asks B
    B refuses A
    A gets a new disk
    A starts
    B loses power
    B starts term=0
  `);
  expect(verdictOn("C7", history)).toMatchObject({ family: "violation", firstStep: 8 });
});
