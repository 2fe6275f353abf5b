import type { Scenario } from "#scenario/types.ts";
import {
  type BugEntry,
  type PresetEntry,
  type SystemEntry,
  systemEntry,
} from "#system/catalogue.ts";
import type { Side } from "#worker/protocol.ts";
import { bugsOn } from "./bugs.ts";

// What is worth saying of the bugs of a side, where there are too many to show them all.

export interface BugGroup {
  /** Read before the names: "without". */
  readonly word: string;
  readonly bugs: readonly BugEntry[];
}

/**
 * How a side differs: of a twin from the other side, of a single run from the version that it is nearest to; a named version
 * differs in nothing. `touched`: bugs that are shown whatever they are, to be switched back.
 */
export function bugDifferences(
  scenario: Scenario,
  side: Side,
  touched: readonly string[] = [],
): readonly BugGroup[] {
  const system = systemEntry(scenario.system);
  const choice = side === "main" ? scenario : scenario.twin;
  if (system === null || choice === null) return [];
  const on = bugsOn(system, choice);
  const beside = side === "main" ? scenario.twin : scenario;
  if (beside !== null) return groupsOf(system, on, bugsOn(system, beside), touched, "");
  const near = nearestPreset(system, on);
  return near === null ? [] : groupsOf(system, on, near.bugs, touched, shortTitle(near.title));
}

/** "0.3.14" of "0.3.14, as released". */
export function shortTitle(title: string): string {
  return title.replace(/[:,] .*$/, "");
}

/** Bugs by the first version that is without them, in the catalogue's order; under no title when one group has them all. */
export function bugsByRepair({ bugs, presets }: SystemEntry): readonly {
  readonly title: string | null;
  readonly bugs: readonly BugEntry[];
}[] {
  const groups = presets.map(({ title }, place) => ({
    title: `Gone ${title}`,
    bugs: bugs.filter(({ id }) => presets.findIndex((each) => !each.bugs.includes(id)) === place),
  }));
  const filled = groups.filter((group) => group.bugs.length > 0);
  return filled.length < 2 ? [{ title: null, bugs }] : filled;
}

function groupsOf(
  system: SystemEntry,
  on: readonly string[],
  others: readonly string[],
  touched: readonly string[],
  base: string,
): readonly BugGroup[] {
  const shown = system.bugs
    .filter(({ id }) => on.includes(id) !== others.includes(id) || touched.includes(id))
    // What was switched here is never pushed out of view by what was not.
    .toSorted((a, b) => Number(touched.includes(b.id)) - Number(touched.includes(a.id)));
  const groups = [
    { word: "with", bugs: shown.filter(({ id }) => on.includes(id)) },
    { word: "without", bugs: shown.filter(({ id }) => !on.includes(id)) },
  ];
  const isTouched = ({ bugs }: BugGroup) => bugs.some(({ id }) => touched.includes(id));
  return groups
    .filter(({ bugs }) => bugs.length > 0)
    .toSorted((a, b) => Number(isTouched(b)) - Number(isTouched(a)))
    .map((group, place) =>
      place > 0 ? group : { ...group, word: `${base} ${group.word}`.trim() },
    );
}

/** The version whose bugs differ in the fewest; among equals the first. */
function nearestPreset({ presets }: SystemEntry, on: readonly string[]): PresetEntry | null {
  const distance = ({ bugs }: PresetEntry) =>
    bugs.filter((bug) => !on.includes(bug)).length + on.filter((bug) => !bugs.includes(bug)).length;
  return presets.toSorted((a, b) => distance(a) - distance(b))[0] ?? null;
}

/** As many as fit in this width, in pixels, but at least one; and how many do not. */
export function fitGroups(
  groups: readonly BugGroup[],
  width: number,
): { readonly groups: readonly BugGroup[]; readonly more: number } {
  const all = groups.reduce((sum, { bugs }) => sum + bugs.length, 0);
  for (let count = all; count > 1; count--) {
    const shown = firstOf(groups, count);
    if (widthOf(shown) + (count < all ? MORE_WIDTH : 0) <= width) {
      return { groups: shown, more: all - count };
    }
  }
  return { groups: firstOf(groups, 1), more: Math.max(0, all - 1) };
}

/** What a bug is called on a chip. */
export function chipText(id: string): string {
  return id.replaceAll("-", " ");
}

function firstOf(groups: readonly BugGroup[], count: number): readonly BugGroup[] {
  let left = count;
  return groups.flatMap(({ word, bugs }) => {
    const shown = bugs.slice(0, left);
    left -= shown.length;
    return shown.length === 0 ? [] : [{ word, bugs: shown }];
  });
}

function widthOf(groups: readonly BugGroup[]): number {
  const chips = groups.flatMap(({ bugs }) => bugs.map(({ id }) => chipText(id)));
  const words = groups.map(({ word }) => word);
  const letters = [...chips, ...words].join("").length;
  return letters * LETTER + chips.length * CHIP_EDGES + words.length * GAP;
}

/** Of a letter on a chip, on average. */
const LETTER = 5.9;
const GAP = 4;
const CHIP_EDGES = 16 + GAP;
const MORE_WIDTH = 36 + GAP;
