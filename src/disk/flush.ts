import {
  type Disk,
  dropReference,
  type Effect,
  type FileEffect,
  type Inode,
  inodeOf,
  type NameEffect,
  ownInode,
  type SizeEffect,
} from "./disk.ts";
import { cutBytes, putBytes, sharePage } from "./pages.ts";
import {
  closeUp,
  directoryOf,
  type Implications,
  implicationsOf,
  markNamed,
  type Piece,
} from "./rules.ts";
import { PAGE_SIZE } from "./types.ts";

/** fsync(2): what is pending on the file, and what that needs, is on the platter afterwards. Its name is not included. */
export function syncInode(disk: Disk, id: number): void {
  const { log } = inodeOf(disk, id);
  if (log.count === 0) return;
  if (disk.options.policy === "strict") {
    const { sequence } = log.items[log.count - 1] as FileEffect;
    settle(disk, (effect) => effect.sequence <= sequence);
  } else if (disk.options.policy === "ordered-journal" && hasTruncate(log.items, log.count)) {
    settleClosure(disk, (effect) => effect.type !== "name" && effect.inode === id);
  } else {
    settleFile(disk, ownInode(disk, id), everything); // No rule reaches beyond the file.
  }
}

/** fsync(2) on a directory: its names, and what they need, are on the platter afterwards. */
export function syncDirectory(disk: Disk, directory: string): void {
  const isInside = (path: string | null) => path !== null && directoryOf(path) === directory;
  const { items, count } = disk.nameLog;
  const isNamed = items.slice(0, count).some(({ from, to }) => isInside(from) || isInside(to));
  if (!isNamed) return;
  settleClosure(
    disk,
    (effect) => effect.type === "name" && (isInside(effect.from) || isInside(effect.to)),
  );
}

/** Writes these effects and what they need to the platter now; null: everything. Returns how many that were. */
export function flush(disk: Disk, effects: readonly number[] | null): number {
  if (effects === null) return settle(disk, everything);
  const rules = writingRules(disk);
  const marked = markNamed(rules, effects);
  closeUp(rules, marked);
  return settleMarked(disk, rules, marked);
}

/** The rules by which the kernel writes pages: those of the policy, and no data before the truncate that made its place. */
export function writingRules(disk: Disk): Implications {
  return implicationsOf(disk, PAGE_SIZE, false);
}

/** Writes the marked pieces, which must be closed. */
export function settleMarked(disk: Disk, { pieces }: Implications, marked: Uint8Array): number {
  const chosen = new Set<number>();
  for (let i = 0; i < pieces.length; i++) {
    if (marked[i] === 1) chosen.add((pieces[i] as Piece).sequence);
  }
  return settle(disk, (effect) => chosen.has(effect.sequence));
}

/** Puts bytes of a data effect on the platter. */
export function settleData(disk: Disk, inode: Inode, offset: number, bytes: Uint8Array): void {
  putBytes(inode.platterPages, disk.owner, offset, bytes);
}

export function settleSize(disk: Disk, inode: Inode, effect: SizeEffect): void {
  if (effect.after < effect.before) cutBytes(inode.platterPages, disk.owner, effect.after);
  inode.platterSize = effect.after;
}

/** Puts a name on the platter; what only the old name led to is gone for good. */
export function settleName(disk: Disk, effect: NameEffect): void {
  const before = effect.to === null ? undefined : disk.platterNames.get(effect.to);
  const moved = effect.from === null ? undefined : disk.platterNames.get(effect.from);
  if (effect.from !== null) disk.platterNames.delete(effect.from);
  // The reference of the pending name becomes the one of the name.
  if (effect.to !== null) disk.platterNames.set(effect.to, effect.inode);
  if (before !== undefined) dropReference(disk, before);
  if (moved !== undefined) dropReference(disk, moved);
}

/** Readers of the platter see another file from now on. */
export function touchPlatter(disk: Disk, inode: Inode): void {
  inode.platterBytes = null;
  inode.platterDigest = null;
  disk.durableVersion++;
}

function settleClosure(disk: Disk, isChosen: (effect: Effect) => boolean): number {
  const rules = writingRules(disk);
  const marked = new Uint8Array(rules.pieces.length);
  for (let i = 0; i < marked.length; i++) {
    if (isChosen((rules.pieces[i] as Piece).effect)) marked[i] = 1;
  }
  closeUp(rules, marked);
  return settleMarked(disk, rules, marked);
}

/** Moves a closed set of effects to the platter; returns how many those are. */
function settle(disk: Disk, isChosen: (effect: Effect) => boolean): number {
  let settled = 0;
  for (const inode of [...disk.inodes.values()]) {
    if (inode.log.count > 0) settled += settleFile(disk, ownInode(disk, inode.id), isChosen);
  }
  return settled + settleNames(disk, isChosen);
}

function settleNames(disk: Disk, isChosen: (effect: Effect) => boolean): number {
  const { items, count } = disk.nameLog;
  const rest: NameEffect[] = [];
  const moved: NameEffect[] = [];
  for (let i = 0; i < count; i++) {
    const effect = items[i] as NameEffect;
    (isChosen(effect) ? moved : rest).push(effect);
  }
  if (moved.length === 0) return 0;
  disk.nameLog = { items: rest, count: rest.length };
  disk.pendingMetadata -= moved.length;
  for (const effect of moved) settleName(disk, effect);
  disk.durableVersion++;
  return moved.length;
}

function settleFile(disk: Disk, inode: Inode, isChosen: (effect: Effect) => boolean): number {
  const { items, count } = inode.log;
  const rest: FileEffect[] = [];
  const cuts = earliestCuts(items, count, isChosen);
  let data = 0;
  let sizes = 0;
  for (let i = 0; i < count; i++) {
    const effect = items[i] as FileEffect;
    if (effect.type === "data") {
      if (isChosen(effect)) settleData(disk, inode, effect.offset, effect.bytes);
      else if (effect.offset < (cuts?.[i] ?? Number.POSITIVE_INFINITY)) {
        rest.push(effect);
        continue;
      }
      data++;
    } else if (isChosen(effect)) {
      settleSize(disk, inode, effect);
      sizes++;
    } else rest.push(effect);
  }
  if (data + sizes === 0) return 0;
  if (rest.length === 0) shareFullPages(items, count, inode);
  inode.log = { items: rest, count: rest.length };
  disk.pendingData -= data;
  disk.pendingMetadata -= sizes;
  touchPlatter(disk, inode);
  return data + sizes;
}

/**
 * For each effect, from which byte on a truncate after it is being written: older data there can never show again, and is
 * done with. Null when none is.
 */
function earliestCuts(
  items: readonly FileEffect[],
  count: number,
  isChosen: (effect: FileEffect) => boolean,
): readonly number[] | null {
  let cut = Number.POSITIVE_INFINITY;
  let cuts: number[] | null = null;
  for (let i = count - 1; i >= 0; i--) {
    const effect = items[i] as FileEffect;
    if (effect.type === "size" && effect.after < effect.before && isChosen(effect)) {
      cut = Math.min(cut, effect.after);
      cuts ??= [];
    }
    if (cuts !== null) cuts[i] = cut;
  }
  return cuts;
}

/** Once an appended page is full and written, cache and platter need it only once. */
function shareFullPages(items: readonly FileEffect[], count: number, inode: Inode): void {
  for (let i = 0; i < count; i++) {
    const effect = items[i] as FileEffect;
    if (effect.type !== "data" || (effect.offset + effect.bytes.length) % PAGE_SIZE !== 0) continue;
    const page = Math.floor(effect.offset / PAGE_SIZE);
    sharePage(inode.livePages, inode.platterPages, page);
  }
}

function hasTruncate(items: readonly FileEffect[], count: number): boolean {
  for (let i = 0; i < count; i++) {
    const effect = items[i] as FileEffect;
    if (effect.type === "size" && effect.cuts) return true;
  }
  return false;
}

function everything(): boolean {
  return true;
}
