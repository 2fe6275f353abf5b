import { expect, it } from "vitest";
import { compareFrames, firstDifferingStep } from "./compare.ts";
import { frame, outline } from "./frames.testkit.ts";

it("finds no difference between equal frames", () => {
  const one = ["A leader t2 vote=A log=1@1,2@2 commit=2 applied=2 state=x:1@2", "B down"];
  expect(compareFrames(frame(one), frame(one))).toEqual([]);
});

it("says who leads and in which term", () => {
  const found = compare("A leader t2 vote=A", "A follower t5 of=B vote=B");
  expect(found).toEqual([
    ["A", "role", "leader", "follower of B"],
    ["A", "term", "term 2", "term 5"],
    ["A", "vote", "voted for A", "voted for B"],
  ]);
});

it("says that a server is down on one side only, and not what follows from that", () => {
  expect(compare("A down", "A follower t1")).toEqual([["A", "process", "down", "up"]]);
});

it("says how the logs end", () => {
  expect(compare("A follower log=1@0,2@1,3@1", "A follower log=1@0,2@1,3@2,4@2")).toEqual([
    [
      "A",
      "log",
      "log up to 3: 1 of term 0, 2..3 of term 1",
      "log up to 4: 1 of term 0, 2 of term 1, 3..4 of term 2",
    ],
  ]);
});

it("names the keys on which the state machines differ", () => {
  expect(compare("A follower state=x:1@1,y:1@1", "A follower state=x:2@1,y:1@1")).toEqual([
    ["A", "state", "x = 1", "x = 2"],
  ]);
  expect(compare("A follower state=x:1@1", "A follower")).toEqual([
    ["A", "state", "x = 1", "no x"],
  ]);
});

it("finds the step at which two runs part by their times", () => {
  expect(firstDifferingStep(outline([0, 1, 2, 3]), outline([0, 1, 5, 6]))).toBe(2);
});

it("finds the step at which two runs part by what is marked", () => {
  const times = [0, 1, 2, 3];
  expect(
    firstDifferingStep(
      outline(times, ["1 boot", "2 election A"]),
      outline(times, ["1 boot", "3 election B"]),
    ),
  ).toBe(2);
});

it("finds the step at which two runs part by their terms", () => {
  const times = [0, 1, 2, 3];
  expect(
    firstDifferingStep(outline(times, [], ["0 t0", "3 t1"]), outline(times, [], ["0 t0", "2 t5"])),
  ).toBe(2);
});

it("finds the end of the shorter run", () => {
  expect(firstDifferingStep(outline([0, 1]), outline([0, 1, 2]))).toBe(2);
});

it("finds none between runs that never part", () => {
  expect(firstDifferingStep(outline([0, 1], ["1 boot"]), outline([0, 1], ["1 boot"]))).toBeNull();
});

function compare(left: string, right: string): string[][] {
  return compareFrames(frame([left]), frame([right])).map((each) => [
    each.server,
    each.what,
    each.left,
    each.right,
  ]);
}
