import { describe, expect, it } from "vitest";
import { systemEntry } from "#system/catalogue.ts";
import { type BugGroup, bugDifferences, bugsByRepair, fitGroups } from "./bug-differences.ts";
import { FIRST_SCENARIO } from "./first-scenario.ts";

const told = (groups: readonly BugGroup[]) =>
  groups.map(({ word, bugs }) => `${word}: ${bugs.map(({ id }) => id).join(" ")}`);
const ALONE = { ...FIRST_SCENARIO, twin: null };
const PR_202 =
  "term-not-saved vote-not-saved term-not-restored-from-log applied-truncation-unnoticed commit-index-saved-unclamped";
const ALL = systemEntry("pysyncobj")?.bugs.map(({ id }) => id) ?? [];

describe("what is said of the bugs of a side", () => {
  it("is in a twin what only it has, and what only the other has", () => {
    expect(told(bugDifferences(FIRST_SCENARIO, "main"))).toEqual([`with: ${PR_202}`]);
    expect(told(bugDifferences(FIRST_SCENARIO, "twin"))).toEqual([`without: ${PR_202}`]);
  });

  it("is nothing of a single run of a named version", () => {
    expect(bugDifferences(ALONE, "main")).toEqual([]);
  });

  it("is of any other single run how it differs from the nearest version", () => {
    const bugs = ALL.filter((id) => id !== "meta-not-synced");
    expect(told(bugDifferences({ ...ALONE, bugs }, "main"))).toEqual([
      "0.3.14 without: meta-not-synced",
    ]);
    expect(told(bugDifferences({ ...ALONE, bugs: ["meta-not-synced"] }, "main"))).toEqual([
      "with every repair there is with: meta-not-synced",
    ]);
  });

  it("keeps what was switched here, whatever it is", () => {
    expect(told(bugDifferences(ALONE, "main", ["vote-not-saved"]))).toEqual([
      "0.3.14 with: vote-not-saved",
    ]);
  });
});

it("puts first what was switched here", () => {
  const bugs = ALL.filter((id) => id !== "commit-index-saved-unclamped");
  const groups = bugDifferences({ ...FIRST_SCENARIO, bugs }, "main", [
    "commit-index-saved-unclamped",
  ]);
  expect(told(groups)).toEqual([
    "without: commit-index-saved-unclamped",
    `with: ${PR_202.replace(" commit-index-saved-unclamped", "")}`,
  ]);
});

describe("chips", () => {
  const groups = bugDifferences(FIRST_SCENARIO, "main");

  it("are as many as there is room for", () => {
    expect(fitGroups(groups, 2_000)).toEqual({ groups, more: 0 });
    const { groups: shown, more } = fitGroups(groups, 300);
    expect([told(shown), more]).toEqual([["with: term-not-saved vote-not-saved"], 3]);
  });

  it("are one at least", () => {
    expect(fitGroups(groups, 0).more).toBe(4);
  });
});

describe("the list of bugs", () => {
  it("is ordered by the first version without them, and leaves none out", () => {
    const system = systemEntry("pysyncobj");
    const groups = system === null ? [] : bugsByRepair(system);
    expect(groups.map(({ title, bugs }) => [title, bugs.length])).toEqual([
      ["Gone with PR #202: term and vote persisted", 5],
      ["Gone with PR #197: a dump's loading clamps the commit index", 1],
      ["Gone with both, and a sync of the journal before each meta", 1],
      ["Gone with both, and a sync of the journal at each write", 1],
      ["Gone with every repair there is", 6],
    ]);
  });

  it("has no titles where one version is without all of them", () => {
    const system = systemEntry("reference");
    expect(system === null ? [] : bugsByRepair(system).map(({ title }) => title)).toEqual([null]);
  });
});
