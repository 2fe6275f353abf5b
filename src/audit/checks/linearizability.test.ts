import { describe, expect, it } from "vitest";
import { catchUp, createAuditor, verdicts } from "#audit/auditor.ts";
import { exchange } from "#audit/linearizability/calls.testkit.ts";
import { explain, verdictOn } from "#audit/trace.testkit.ts";
import type { Observation } from "#sim/observation.ts";

describe("holds", () => {
  it.each<[string, string]>([
    ["nobody asked for anything", ""],
    ["a read sees the last write", `${WRITTEN} r1 asks A for x sees 1`],
    ["a key that nobody wrote is absent", "r1 asks A for x sees absent"],
    [
      "a read beside a write sees it, and another one that was asked at the same time does not",
      "w1 asks A to set x = 1 \n r1 asks A for x \n r2 asks A for x \n r1 sees 1 \n r2 sees absent \n w1 ok",
    ],
    [
      "a write whose end nobody knows is seen late",
      "w1 asks A to set x = 1 \n w1 unknown \n r1 asks A for x sees absent \n r2 asks A for x sees 1",
    ],
    [
      "a write that is never answered is seen",
      "w1 asks A to set x = 1 \n r1 asks A for x sees absent \n r2 asks A for x sees 1",
    ],
    [
      "writes at the same time took effect in the other order",
      "w1 asks A to set x = 1 \n w2 asks A to set x = 2 \n w2 ok at 6 \n w1 ok at 5 \n r1 asks A for x sees 1",
    ],
    [
      "a compare-and-set finds what was written, and the next one does not",
      `${WRITTEN} c1 asks A to set x = 2 if 1 \n c1 ok \n c2 asks A to set x = 3 if 1 \n c2 misses 2`,
    ],
    [
      "increments add up, one whose end nobody knows included",
      "i1 asks A to add 2 to x \n i1 unknown \n i2 asks A to add 3 to x \n i2 makes 5",
    ],
    ["keys do not know of each other", `${WRITTEN} r1 asks A for y sees absent`],
  ])("when %s", (_, text) => {
    expect(verdictOn("C18", exchange(text))).toMatchObject({ holds: true, text: "" });
  });
});

describe("breaks", () => {
  it.each<[string, number, string]>([
    ["a read does not see what was acknowledged", 3, `${WRITTEN} r1 asks A for x sees absent`],
    ["a read sees what nobody wrote", 1, "r1 asks A for x sees 7"],
    [
      "a read sees what was overwritten before it was asked",
      5,
      `${WRITTEN} w2 asks A to set x = 2 \n w2 ok \n r1 asks B for x sees 1`,
    ],
    [
      "a read goes back behind another one",
      4,
      "w1 asks A to set x = 1 \n w1 unknown \n r1 asks A for x sees 1 \n r2 asks B for x sees absent",
    ],
    ["what failed is seen", 3, "w1 asks A to set x = 1 \n w1 failed \n r1 asks A for x sees 1"],
    [
      "what was seen is said to have failed",
      3,
      "w1 asks A to set x = 1 \n r1 asks A for x sees 1 \n w1 failed",
    ],
    [
      "two compare-and-sets find the same",
      4,
      "c1 asks A to set x = 1 if absent \n c2 asks B to set x = 2 if absent \n c1 ok \n c2 ok",
    ],
    [
      "an increment counts twice",
      4,
      "i1 asks A to add 1 to x \n i1 makes 1 \n i2 asks A to add 1 to x \n i2 makes 3",
    ],
    [
      "a write whose end nobody knows happens twice",
      6,
      `w1 asks A to set x = 1 \n w1 unknown \n r1 asks A for x sees 1
       w2 asks A to set x = 2 \n w2 ok \n r2 asks A for x sees 1`,
    ],
  ])("when %s", (_, firstStep, text) => {
    const history = exchange(text);
    expect(verdictOn("C18", history)).toMatchObject({ holds: false, firstStep });
    expect(verdictOn("C18", history.slice(0, -1)).holds).toBe(true);
  });

  it("and goes on judging from what was seen", () => {
    const history = exchange(`${WRITTEN}
      r1 asks A for x sees absent
      r2 asks A for x sees absent
      r3 asks A for x sees 1
    `);
    expect(breaksOf(history)).toBe(2);
  });
});

it("tells which answers cannot be put in an order, and no others", () => {
  const verdict = verdictOn(
    "C18",
    exchange(`
      w0 asks A to set leader = B
      w0 ok
      r0 asks A for leader
      r0 sees B
      w1 asks A to set leader = A
      w2 asks A to set other = 1
      w2 ok
      w1 ok
      r1 asks B for leader
      r1 sees B
    `),
  );
  expect(verdict).toMatchObject({
    firstStep: 10,
    family: "violation",
    text: 'B told client-r1 that leader is "B", which was asked at step 9; but before that, at step 8, A answered OK to client-w1: set leader = A: no order of what was asked about leader explains both.',
  });
  expect(explain(verdict)).toEqual([
    "client-w0 asked A to set leader = B.",
    "A answered OK to client-w0: set leader = B.",
    "client-w1 asked A to set leader = A.",
    "A answered OK to client-w1: set leader = A.",
    "client-r1 asked B what leader is.",
    verdict.text,
  ]);
});

it("tells of writes that others had followed long before", () => {
  const { text, explanation } = verdictOn(
    "C18",
    exchange(`
      w1 asks A to set x = one
      w1 ok
      w2 asks A to set x = two
      w2 ok
      r1 asks A for x
      r1 sees one
    `),
  );
  expect(text).toContain("at step 4, A answered OK to client-w2: set x = two");
  expect(explanation.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
});

it("says that nobody had asked for what a read sees", () => {
  const { text } = verdictOn("C18", exchange(`${WRITTEN} r1 asks A for x \n r1 sees 7`));
  expect(text).toBe(
    'A told client-r1 that x is "7", which was asked at step 3; nobody had ever asked to set it so.',
  );
});

it("does not judge what was asked before it lost the thread", () => {
  const history = exchange(`
    w1 asks A to set x = 1
    w1 ok
    late asks A for x
    w2 asks A to set x = 2
    w2 ok
    r1 asks A for x sees 9
    r2 asks A for x sees 2
    late sees 1
  `);
  expect(breaksOf(history)).toBe(1);
});

it("says of a read that it was answered without asking anybody", () => {
  const { text } = verdictOn("C18", exchange(`${WRITTEN} r1 asks B for x sees absent`));
  expect(text).toContain("and answered at once, without asking the others");
});

it("knows nothing of what lay on given disks, and holds nothing against it", () => {
  const history = exchange(
    "r1 asks A for x sees 5 \n w1 asks A to set x = 6 \n w1 ok \n r2 asks A for x sees 5",
  );
  expect(judged(history.slice(0, 2), true)).toMatchObject({ holds: true });
  expect(judged(history.slice(0, 2), false)).toMatchObject({ holds: false });
  expect(judged(history, true)).toMatchObject({ holds: false, firstStep: 4 });
});

it("says what it did not decide, while it holds", () => {
  const many = Array.from({ length: 18 }, (_, at) => at);
  const history = exchange(`
    ${many.map((at) => `i${at} asks A to add ${2 ** at} to x`).join("\n")}
    ${many.map((at) => `i${at} ok`).join("\n")}
    r1 asks A for x sees 7
    r2 asks A for y sees absent
  `);
  const verdict = verdictOn("C18", history);
  expect(verdict.holds).toBe(true);
  expect(verdict.text).toBe(
    "Not decided within the bound for some answers about x: too many questions overlap. Nothing speaks against the others.",
  );
});

it("decides any number of writes and reads beside a question that is never answered", () => {
  const rounds = Array.from({ length: 300 }, (_, at) => at);
  const text = rounds.map(
    (at) => `w${at} asks A to set x = ${at} \n w${at} ok \n r${at} asks A for x sees ${at}`,
  );
  const history = exchange(`r asks A for x \n w asks A to set x = never \n ${text.join("\n")}`);
  expect(verdictOn("C18", history)).toMatchObject({ holds: true, text: "" });
  const stale = exchange(
    `w asks A to set x = never \n ${text.join("\n")} \n z asks A for x sees 7`,
  );
  expect(verdictOn("C18", stale)).toMatchObject({ holds: false });
});

const WRITTEN = "w1 asks A to set x = 1 \n w1 ok \n";

function judged(history: readonly Observation[], given: boolean) {
  const servers = ["A", "B", "C"].map((id) => ({ id, machine: id, given }));
  const auditor = createAuditor({ servers });
  catchUp(auditor, { observations: history, looks: [] });
  return verdicts(auditor, history).find(({ id }) => id === "C18");
}

function breaksOf(history: readonly Observation[]): number | undefined {
  const auditor = createAuditor({ servers: [] });
  catchUp(auditor, { observations: history, looks: [] });
  return auditor.records.find(({ id }) => id === "C18")?.count;
}
