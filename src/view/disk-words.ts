import type { DiskFrame } from "#sim/frame.ts";
import type { Effect, Followed, Rule } from "./disk-choice.ts";

// What a disk holds and what a crash may leave of it, in sentences.

export type DiskFile = DiskFrame["files"][number];
export type Page = DiskFile["pages"][number];
export type Sector = Page["sectors"][number];
export type SectorState = Sector["state"];

/** A crash as the start of a sentence. */
const CRASHES = {
  process: "a killed process",
  os: "a system crash",
  power: "a power cut",
} as const;

export function crashWords(kind: DiskFrame["kind"]): string {
  return CRASHES[kind];
}

export interface StateWords {
  /** One letter, for those who do not tell fills apart. */
  readonly letter: string;
  readonly name: string;
  readonly about: string;
}

export const SECTOR_STATES: Readonly<Record<SectorState, StateWords>> = {
  durable: { letter: "D", name: "durable", about: "cache and platter agree" },
  written: {
    letter: "W",
    name: "written",
    about: "newer in the cache, and no sync has covered it",
  },
  "in-flight": {
    letter: "F",
    name: "in flight",
    about: "a sync said that it is durable, but it has only reached the device",
  },
  forgotten: {
    letter: "G",
    name: "given up",
    about:
      "newer in the cache, yet the kernel counts it as clean: its sync failed or its write was lost, and no sync writes it until the page changes again",
  },
  torn: { letter: "T", name: "torn", about: "a crash left only a part of a write here" },
  rotten: { letter: "R", name: "rotten", about: "a bit of it has flipped on the platter" },
  unreadable: {
    letter: "E",
    name: "unreadable",
    about: "reading it fails with EIO until it is written anew",
  },
};

/** "bytes 512 to 1023" */
export function rangeText(offset: number, length: number): string {
  return length === 1 ? `byte ${offset}` : `bytes ${offset} to ${offset + length - 1}`;
}

/** "Sector 3, bytes 1536 to 2047: written; newer in the cache, and no sync has covered it." */
export function sectorText(sector: Sector, sectorSize: number): string {
  const { name, about } = SECTOR_STATES[sector.state];
  const where = `Sector ${sector.sector}, ${rangeText(sector.sector * sectorSize, sectorSize)}`;
  return `${where}: ${name}; ${about}.`;
}

/**
 * What a crash of this kind may leave of a sector, given the effects on it: "A power cut may leave any of 3 versions: the
 * durable one, #12 or #15."
 */
export function versionsText(
  sector: Sector,
  kind: DiskFrame["kind"],
  effects: readonly Effect[],
): string {
  const crash = sentenceCase(crashWords(kind));
  const forced = effects.findLast((effect) => effect.forced);
  const free = effects.filter((effect) => effect.kind === "data" && !effect.forced);
  if (free.length === 0) {
    if (sector.state === "forgotten") return `${crash} takes it back to what the platter holds.`;
    return forced === undefined
      ? `${crash} leaves it as it is.`
      : `${crash} leaves it as it is: the device's own cache holds #${forced.sequence}.`;
  }
  const named = free.slice(0, NAMED).map(({ sequence }) => `#${sequence}`);
  if (free.length > NAMED) named.push(`${free.length - NAMED} more`);
  if (effects.some((effect) => effect.kind === "garble")) named.push("garbage");
  const least = forced === undefined ? "the durable one" : `#${forced.sequence}`;
  // Sectors are counted for a power loss; a crash of the system keeps or loses what the list names.
  const count = kind === "power" ? Math.max(sector.versions, 1 + free.length) : 1 + free.length;
  return `${crash} may leave any of ${count} versions: ${orList([least, ...named])}.`;
}

/** "Page 0 is clean.", and what that does not say of the platter. */
export function pageText({ page, state, pending, sectors }: Page): string {
  const isGivenUp = sectors.some((sector) => sector.state === "forgotten");
  if (isGivenUp && pending.length === 0) {
    return `The kernel counts page ${page} as clean, although the platter differs.`;
  }
  const rest = isGivenUp ? ", and the kernel has given up a part of it" : "";
  return `Page ${page} is ${PAGE_STATES[state]}${rest}.`;
}

const PAGE_STATES = { clean: "clean", dirty: "not flushed", torn: "partly flushed" };

/** "2 dirty, 1 differs from the platter"; empty: all pages agree. */
export function pagesText(pages: readonly Page[]): string {
  const differing = pages.filter(({ state }) => state !== "clean");
  const dirty = differing.filter(({ pending }) => pending.length > 0).length;
  const others = differing.length - dirty;
  return [
    ...(dirty > 0 ? [`${dirty} dirty`] : []),
    ...(others > 0 ? [`${others} unlike the platter`] : []),
  ].join(", ");
}

/** With nothing pending: does every crash leave what readers see now? By the bytes, and file by file if not. */
export function agreementText(files: readonly DiskFile[]): string {
  const unlike = files.filter(({ bytes, durableBytes }) => !isSame(bytes, durableBytes));
  if (unlike.length === 0) return "Cache and platter agree: every crash leaves the same.";
  const names = listOf(unlike.map(({ path }) => path));
  return `Nothing waits to be written, but the platter holds other bytes of ${names}: the kernel has given up what is newer, and a crash takes it.`;
}

function isSame(bytes: Uint8Array, durable: Uint8Array | null): boolean {
  return bytes.length === durable?.length && bytes.every((byte, at) => byte === durable[at]);
}

/** What a choice of survivors leaves of a sector, given the effects on it in program order. */
export function leftText(effects: readonly Effect[], kept: ReadonlySet<number>): string {
  const newest = effects.findLast(({ sequence }) => kept.has(sequence));
  if (newest === undefined) return "With this choice it keeps its durable bytes.";
  if (newest.kind === "garble") return "With this choice it holds garbage.";
  return `With this choice #${newest.sequence} is the newest on it.`;
}

/** Why an effect survives only with another, as a clause: "it writes where the truncate #9 cut off older data". */
export function ruleText(rule: Rule | null, effect: string, need: string): string {
  return rule === null ? `${effect} needs ${need}` : RULES[rule](effect, need);
}

const RULES: Readonly<Record<Rule, (effect: string, need: string) => string>> = {
  "same-cell": (effect, need) =>
    `${effect} was made on top of ${need}, and a sector, size or name survives with all that made it`,
  "first-name": (effect, need) => `${effect} names a file that is there only with ${need}`,
  "truncate-first": (effect, need) =>
    `${effect} writes where the truncate ${need} cut off older data`,
  "whole-page": (effect, need) => `${effect} is written as one page, and ${need} lies in that page`,
  "program-order": (effect, need) =>
    `this disk writes in the order of the calls, and ${effect} came after ${need}`,
  "file-order": (effect, need) =>
    `this disk writes each file in the order of the calls, and ${effect} came after ${need}`,
  "directory-order": (effect, need) =>
    `names of one directory change in their order, and ${effect} came after ${need}`,
  "data-before-metadata": (effect, need) =>
    `all earlier data goes before ${effect}, and ${need} is such data`,
  "metadata-order": (effect, need) =>
    `names and sizes are written in their order, and ${effect} came after ${need}`,
  "exposed-data": (effect, need) => `${effect} lets readers see the bytes of ${need}`,
  "replaced-file": (effect, need) =>
    `${effect} puts a file in another's place, and ${need} is what that file holds`,
  "byte-order": (effect, need) => `${effect} comes after ${need} in a sector that tears at a byte`,
};

/** Why something followed a choice: "#9 was kept too: #14 lets readers see the bytes of it.". */
export function followedText({ sequence, because, rule }: Followed, kept: boolean): string {
  return kept
    ? `#${sequence} was kept too: ${ruleText(rule, `#${because}`, "it")}.`
    : `#${sequence} was dropped too: ${ruleText(rule, "it", `#${because}`)}.`;
}

/** "keeps 5 of 9" */
export function choiceText(kept: ReadonlySet<number>, effects: readonly Effect[]): string {
  if (effects.length === 0) return "nothing is pending";
  if (kept.size === 0) return `loses all ${effects.length}`;
  if (kept.size === effects.length) return `keeps all ${effects.length}`;
  return `keeps ${kept.size} of ${effects.length}`;
}

/** The effects on this stretch of a file, in program order. */
export function effectsAt(
  effects: readonly Effect[],
  path: string,
  offset: number,
  length: number,
): readonly Effect[] {
  return effects.filter(
    (effect) =>
      effect.path === path &&
      (effect.kind === "data" || effect.kind === "garble") &&
      effect.offset < offset + length &&
      effect.offset + effect.length > offset,
  );
}

/** The slabs of a sector, the durable one first; the newest at most `most` of them, and how many are left out. */
export function slabsOf(
  { state, versions, pending }: Sector,
  most: number,
): { readonly slabs: readonly SectorState[]; readonly more: number } {
  const newer = Math.max(versions - 1, pending.length);
  const above = Math.min(newer, most - 1);
  const under: SectorState = newer > 0 && OVER_DURABLE.includes(state) ? "durable" : state;
  const top: SectorState = OVER_DURABLE.includes(state) ? state : "written";
  // What is newer and will never be written has no effect pending: it still lies over the durable bytes.
  if (state === "forgotten" && newer === 0) return { slabs: ["durable", "forgotten"], more: 0 };
  return {
    slabs: [under, ...Array.from({ length: above }, () => top)],
    more: newer - above,
  };
}

/** States that lie over what the platter holds, and are not what it holds. */
const OVER_DURABLE: readonly SectorState[] = ["written", "in-flight", "forgotten"];

const NAMED = 6;

function orList(names: readonly string[]): string {
  return listOf(names, "or");
}

function listOf(names: readonly string[], last = "and"): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} ${last} ${names.at(-1)}`;
}

function sentenceCase(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
