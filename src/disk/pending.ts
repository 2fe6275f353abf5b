import { unreachable } from "#base/assert.ts";
import { type Disk, type Effect, type Inode, inodeOf } from "./disk.ts";
import {
  closeDown,
  closeUp,
  grainOf,
  type Implications,
  implicationsOf,
  markNamed,
  type Piece,
} from "./rules.ts";
import {
  type CrashKind,
  type FileView,
  PAGE_SIZE,
  type PageView,
  type Path,
  type PendingEffect,
} from "./types.ts";

/** What a crash of this kind may lose, in program order, and which of it depends on which. */
export function pendingEffects(disk: Disk, kind: CrashKind = "os"): readonly PendingEffect[] {
  const rules = implicationsOf(disk, grainOf(disk, kind));
  return rules.pieces.map((piece, i) => describe(disk, piece, needsOf(rules, i)));
}

/** These effects and all that must survive if they do, in program order. Numbers of effects no longer pending are dropped. */
export function closure(
  disk: Disk,
  effects: readonly number[],
  kind: CrashKind = "os",
): readonly number[] {
  const rules = implicationsOf(disk, grainOf(disk, kind));
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
  const rules = implicationsOf(disk, grainOf(disk, kind));
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
  const pending = new Map<number, number[]>();
  for (let i = 0; i < inode.log.count; i++) {
    const effect = inode.log.items[i];
    if (effect?.type !== "data") continue;
    const page = Math.floor(effect.offset / PAGE_SIZE);
    const known = pending.get(page);
    if (known === undefined) pending.set(page, [effect.sequence]);
    else known.push(effect.sequence);
  }
  const views: PageView[] = [];
  for (let page = 0; page * PAGE_SIZE < inode.liveSize; page++) {
    views.push({ page, state: pageState(disk, inode, page), pending: pending.get(page) ?? [] });
  }
  return views;
}

/** By what the sectors hold inside the file, not by what was written to them. */
function pageState(disk: Disk, inode: Inode, page: number): PageView["state"] {
  const start = page * PAGE_SIZE;
  const end = Math.min(inode.liveSize, start + PAGE_SIZE);
  let same = 0;
  let different = 0;
  for (let at = start; at < end; at += disk.options.sectorSize) {
    const last = Math.min(end, at + disk.options.sectorSize);
    if (agree(inode, page, at, last)) same++;
    else different++;
  }
  if (different === 0) return "clean";
  return same === 0 ? "dirty" : "torn";
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

function describe(disk: Disk, piece: Piece, needs: readonly number[]): PendingEffect {
  const { sequence, effect, offset, length } = piece;
  const kind = effect.type;
  const text = textOf(piece);
  const { since } = effect;
  return { sequence, path: pathOf(disk, effect), kind, text, offset, length, since, needs };
}

function pathOf(disk: Disk, effect: Effect): Path {
  if (effect.type === "name") return effect.to ?? effect.from ?? "";
  return inodeOf(disk, effect.inode).path;
}

function textOf({ effect, offset, length }: Piece): string {
  switch (effect.type) {
    case "data":
      return length === 1 ? `byte ${offset}` : `bytes ${offset}..${offset + length - 1}`;
    case "size":
      return `size ${effect.before} -> ${effect.after}`;
    case "name":
      if (effect.from === null) return `create ${effect.to}`;
      if (effect.to === null) return `unlink ${effect.from}`;
      return `rename ${effect.from} -> ${effect.to}`;
    default:
      return unreachable(effect);
  }
}

function needsOf({ pieces, starts, needs }: Implications, piece: number): readonly number[] {
  const numbers: number[] = [];
  for (let k = starts[piece] as number; k < (starts[piece + 1] as number); k++) {
    numbers.push((pieces[needs[k] as number] as Piece).sequence);
  }
  return numbers.sort((a, b) => a - b);
}

function numbersOf({ pieces }: Implications, marked: Uint8Array): readonly number[] {
  return pieces.filter((_, i) => marked[i] === 1).map(({ sequence }) => sequence);
}
