import { unreachable } from "#base/assert.ts";
import {
  type DataEffect,
  type Disk,
  type Effect,
  type Inode,
  inodeOf,
  type NameEffect,
} from "./disk.ts";
import { marked } from "./marks.ts";
import { PREFIX_PIECES_MAX } from "./numbers.ts";
import type { Implications, Part, Piece } from "./pieces.ts";
import { closeDown, closeUp, implicationsOf, markNamed } from "./rules.ts";
import {
  type CrashKind,
  type FileView,
  type Need,
  PAGE_SIZE,
  type PageView,
  type Path,
  type PendingEffect,
  type Rule,
  type SectorView,
} from "./types.ts";

/** Each rule in a sentence, said of what survives only together with something earlier. */
export const RULE_WORDS: Readonly<Record<Rule, string>> = {
  "same-cell": "it changes what an earlier change left there, and comes after it",
  "first-name": "a file has no other name before the one it was created under",
  "truncate-first": "it lies where a truncate cut off older data, and waits for that truncate",
  "whole-page": "the kernel writes a page whole, with all that was written to it before",
  "program-order": "everything is written in the order in which it was done",
  "file-order": "all changes of one file are written in the order in which they were made",
  "directory-order":
    "all names of one directory are written in the order in which they were changed",
  "data-before-metadata": "names and sizes wait for all data written before them, of every file",
  "metadata-order": "the journal writes names and truncates in the order in which they were made",
  "exposed-data": "the new size waits for the data that it makes part of the file",
  "replaced-file": "the rename over an existing name waits for all data of the file it moves",
  "byte-order": "the bytes of one write to a sector arrive from the first to the last",
};

/** What a crash of this kind may lose, in program order, and which of it depends on which. */
export function pendingEffects(disk: Disk, kind: CrashKind = "os"): readonly PendingEffect[] {
  const rules = implicationsOf(disk, lossOf(kind));
  return rules.pieces.map((piece, i) =>
    describe(disk, piece, needsOf(rules, i), rules.forced[i] === 1),
  );
}

/** These effects and all that must survive if they do, in program order. Numbers of effects no longer pending are dropped. */
export function closure(
  disk: Disk,
  effects: readonly number[],
  kind: CrashKind = "os",
): readonly number[] {
  const rules = implicationsOf(disk, lossOf(kind));
  const marked = markNamed(rules, effects);
  closeUp(rules, marked);
  return numbersOf(rules, marked);
}

/** These effects and all that is lost along with them, in program order. */
export function dependents(
  disk: Disk,
  effects: readonly number[],
  kind: CrashKind = "os",
): readonly number[] {
  const rules = implicationsOf(disk, lossOf(kind));
  const marked = markNamed(rules, effects);
  closeDown(rules, marked);
  return numbersOf(rules, marked);
}

/** Every file that is live, page by page, by path. */
export function fileViews(disk: Disk): readonly FileView[] {
  return [...disk.names.keys()].sort().map((path) => {
    const inode = inodeOf(disk, disk.names.get(path) ?? 0);
    const platterId = disk.platterNames.get(path);
    return {
      path,
      size: inode.liveSize,
      durableSize: platterId === undefined ? null : inodeOf(disk, platterId).platterSize,
      pages: pageViews(disk, inode),
    };
  });
}

function pageViews(disk: Disk, inode: Inode): readonly PageView[] {
  const pending = pendingBySector(disk, inode);
  const views: PageView[] = [];
  for (let page = 0; page * PAGE_SIZE < inode.liveSize; page++) {
    views.push(pageView(disk, inode, page, pending));
  }
  return views;
}

function pageView(
  disk: Disk,
  inode: Inode,
  page: number,
  pending: ReadonlyMap<number, readonly DataEffect[]>,
): PageView {
  const { sectorSize } = disk.options;
  const end = Math.min(inode.liveSize, (page + 1) * PAGE_SIZE);
  const sectors: SectorView[] = [];
  let durable = 0;
  for (let at = page * PAGE_SIZE; at < end; at += sectorSize) {
    const sector = at / sectorSize;
    const isDurable = agree(inode, page, at, Math.min(end, at + sectorSize));
    const effects = pending.get(sector) ?? NO_EFFECTS;
    if (isDurable) durable++;
    sectors.push({
      sector,
      state: sectorState(disk, inode, sector, isDurable, effects),
      versions: 1 + versionsOf(disk, sector, effects),
      pending: effects.map(({ sequence }) => sequence),
    });
  }
  // By what the sectors hold inside the file, not by what was written to them.
  const state = durable === sectors.length ? "clean" : durable === 0 ? "dirty" : "torn";
  return { page, state, pending: [...new Set(sectors.flatMap((each) => each.pending))], sectors };
}

const NO_EFFECTS: readonly DataEffect[] = [];

/** Data effects by the sectors that they touch. */
function pendingBySector(disk: Disk, inode: Inode): ReadonlyMap<number, readonly DataEffect[]> {
  const { sectorSize } = disk.options;
  const pending = new Map<number, DataEffect[]>();
  for (let i = 0; i < inode.log.count; i++) {
    const effect = inode.log.items[i];
    if (effect?.type !== "data") continue;
    const end = effect.offset + effect.bytes.length;
    for (let sector = Math.floor(effect.offset / sectorSize); sector * sectorSize < end; sector++) {
      const known = pending.get(sector);
      if (known === undefined) pending.set(sector, [effect]);
      else known.push(effect);
    }
  }
  return pending;
}

function sectorState(
  disk: Disk,
  inode: Inode,
  sector: number,
  isDurable: boolean,
  pending: readonly DataEffect[],
): SectorView["state"] {
  if (marked(disk.unreadable, inode.id).has(sector)) return "unreadable";
  if (marked(disk.rotten, inode.id).has(sector)) return "rotten";
  if (!isDurable) {
    const last = pending[pending.length - 1];
    if (last === undefined) {
      return marked(disk.forgotten, inode.id).has(sector) ? "forgotten" : "written";
    }
    return disk.forsworn.has(last.sequence) ? "in-flight" : "written";
  }
  return marked(disk.torn, inode.id).has(sector) ? "torn" : "durable";
}

/** How many versions these writes may leave of the sector when power fails. */
function versionsOf({ options }: Disk, sector: number, pending: readonly DataEffect[]): number {
  const start = sector * options.sectorSize;
  let versions = 0;
  for (const { offset, bytes } of pending) {
    const from = Math.max(offset, start);
    const to = Math.min(offset + bytes.length, start + options.sectorSize);
    versions += options.tear === "byte-prefix" ? Math.min(PREFIX_PIECES_MAX, to - from) : 1;
    if (!options.powersafeOverwrite) versions++;
  }
  return versions;
}

function agree(inode: Inode, page: number, from: number, to: number): boolean {
  if (to > inode.platterSize) return false;
  const live = inode.livePages[page] ?? null;
  const platter = inode.platterPages[page] ?? null;
  if (live === platter) return true;
  for (let at = from % PAGE_SIZE; at < to - page * PAGE_SIZE; at++) {
    if ((live?.bytes[at] ?? 0) !== (platter?.bytes[at] ?? 0)) return false;
  }
  return true;
}

/** A process crash loses nothing; what it would be asked about is answered as for a crash of the system. */
function lossOf(kind: CrashKind): "os" | "power" {
  return kind === "power" ? "power" : "os";
}

function describe(disk: Disk, piece: Piece, why: readonly Need[], forced: boolean): PendingEffect {
  const { sequence, kind, parts } = piece;
  const { effect } = parts[0] as Part;
  const { offset, length } = rangeOf(parts);
  return {
    sequence,
    path: pathOf(disk, effect),
    kind,
    text: textOf(piece, offset, length),
    offset,
    length,
    since: effect.since,
    needs: why.map((need) => need.sequence),
    why,
    forsworn: parts.some((part) => disk.forsworn.has(part.effect.sequence)),
    forced,
  };
}

/** Parts of one call lie side by side. */
function rangeOf(parts: readonly Part[]): { readonly offset: number; readonly length: number } {
  const { offset } = parts[0] as Part;
  const last = parts[parts.length - 1] as Part;
  return { offset, length: last.offset + last.length - offset };
}

function pathOf(disk: Disk, effect: Effect): Path {
  if (effect.type === "name") return effect.to ?? effect.from ?? "";
  return inodeOf(disk, effect.inode).path;
}

function textOf({ kind, sequence, parts }: Piece, offset: number, length: number): string {
  const { effect } = parts[0] as Part;
  switch (effect.type) {
    case "data": {
      const bytes = length === 1 ? `byte ${offset}` : `bytes ${offset}..${offset + length - 1}`;
      return kind === "garble" ? `garbage in ${bytes}` : bytes;
    }
    case "size":
      return `size ${effect.before} -> ${effect.after}`;
    case "name":
      return sequence === effect.sequence ? nameText(effect) : `${stepText(effect)} of a rename`;
    default:
      return unreachable(effect);
  }
}

function nameText({ from, to }: NameEffect): string {
  if (from === null) return `create ${to}`;
  return to === null ? `unlink ${from}` : `rename ${from} -> ${to}`;
}

function stepText({ from, to }: NameEffect): string {
  return from === null ? `link ${to}` : `unlink ${from}`;
}

function needsOf({ pieces, starts, needs, rules }: Implications, piece: number): readonly Need[] {
  const why: Need[] = [];
  for (let k = starts[piece] as number; k < (starts[piece + 1] as number); k++) {
    const { sequence } = pieces[needs[k] as number] as Piece;
    why.push({ sequence, rule: rules[k] as Rule });
  }
  return why.sort((a, b) => a.sequence - b.sequence);
}

function numbersOf({ pieces }: Implications, marked: Uint8Array): readonly number[] {
  return pieces.filter((_, i) => marked[i] === 1).map(({ sequence }) => sequence);
}
