import {
  type Disk,
  dropReference,
  type Effect,
  type FileEffect,
  type Inode,
  type Log,
  type NameEffect,
  ownInode,
  type SizeEffect,
} from "./disk.ts";
import { exposeUnwritten } from "./garbage.ts";
import { dropMarks, unswear } from "./marks.ts";
import { cutBytes, putBytes, sharePage } from "./pages.ts";
import { PAGE_SIZE } from "./types.ts";

/** Moves effects, which must be a closed set, to the platter. Returns how many left the log. */
export function settle(disk: Disk, isChosen: (effect: Effect) => boolean): number {
  let settled = 0;
  for (const { id, log } of [...disk.inodes.values()]) {
    if (has(log, isChosen)) settled += settleFile(disk, ownInode(disk, id), isChosen);
  }
  // Names last: one may take a file along that was written to after it had lost its name.
  return settled + settleNames(disk, isChosen);
}

/** Moves what is chosen of one file, which must be a closed set. */
export function settleFile(
  disk: Disk,
  inode: Inode,
  isChosen: (effect: FileEffect) => boolean,
): number {
  const { items, count } = inode.log;
  const cuts: SizeEffect[] = [];
  const pending: FileEffect[] = [];
  let data = 0;
  let sizes = 0;
  for (let i = 0; i < count; i++) {
    const effect = items[i] as FileEffect;
    if (!isChosen(effect)) {
      pending.push(effect);
      continue;
    }
    settlePart(disk, inode, effect);
    unswear(disk, effect.sequence);
    if (effect.type === "data") data++;
    else {
      exposeUnwritten(disk, inode, effect, pending);
      if (effect.after < effect.before) cuts.push(effect);
      sizes++;
    }
  }
  const rest = cuts.length === 0 ? pending : withoutCut(disk, pending, cuts);
  data += pending.length - rest.length;
  if (rest.length === 0 && !disk.forgotten.has(inode.id)) shareFullPages(inode);
  inode.log = { items: rest, count: rest.length };
  disk.pendingData -= data;
  disk.pendingMetadata -= sizes;
  touchPlatter(disk, inode);
  return data + sizes;
}

/** Puts one change of a file on the platter; of data, `length` bytes from `offset` of the file on. */
export function settlePart(
  disk: Disk,
  inode: Inode,
  effect: FileEffect,
  offset = 0,
  length = 0,
): void {
  if (effect.type === "size") {
    settleSize(disk, inode, effect);
    return;
  }
  const isWhole = length === 0;
  const at = isWhole ? effect.offset : offset;
  const from = at - effect.offset;
  const bytes = isWhole ? effect.bytes : effect.bytes.subarray(from, from + length);
  putBytes(inode.platterPages, disk.owner, at, bytes);
  if (!isMarked(disk)) return;
  // Of a sector cut by bytes, the parts before this one are there.
  const first = Math.max(effect.offset, at - (at % disk.options.sectorSize));
  heal(disk, inode, (start, end) => first <= start && end <= at + bytes.length);
}

/** Puts a name on the platter; what only the old name led to is gone for good. */
export function settleName(disk: Disk, effect: NameEffect): void {
  const replaced = effect.to === null ? undefined : disk.platterNames.get(effect.to);
  const moved = effect.from === null ? undefined : disk.platterNames.get(effect.from);
  if (effect.from !== null) disk.platterNames.delete(effect.from);
  // The reference of the pending name becomes the one of the name.
  if (effect.to !== null) disk.platterNames.set(effect.to, effect.inode);
  if (replaced !== undefined) dropReference(disk, replaced);
  if (moved !== undefined) dropReference(disk, moved);
}

/** Readers of the platter see another file from now on. */
export function touchPlatter(disk: Disk, inode: Inode): void {
  inode.platterBytes = null;
  inode.platterDigest = null;
  disk.durableVersion++;
}

/** Is any effect of the log so? */
export function has<Kind>({ items, count }: Log<Kind>, isSo: (effect: Kind) => boolean): boolean {
  for (let i = 0; i < count; i++) if (isSo(items[i] as Kind)) return true;
  return false;
}

function settleNames(disk: Disk, isChosen: (effect: Effect) => boolean): number {
  const { nameLog } = disk;
  if (!has(nameLog, isChosen)) return 0;
  const names = nameLog.items.slice(0, nameLog.count);
  const rest = names.filter((effect) => !isChosen(effect));
  const moved = names.filter(isChosen);
  disk.nameLog = { items: rest, count: rest.length };
  disk.pendingMetadata -= moved.length;
  for (const effect of moved) {
    settleName(disk, effect);
    unswear(disk, effect.sequence);
  }
  disk.durableVersion++;
  return moved.length;
}

function settleSize(disk: Disk, inode: Inode, effect: SizeEffect): void {
  if (effect.after < effect.before) {
    cutBytes(inode.platterPages, disk.owner, effect.after);
    if (isMarked(disk)) heal(disk, inode, (start) => start >= effect.after);
  }
  inode.platterSize = effect.after;
}

function isMarked({ rotten, unreadable, torn }: Disk): boolean {
  return rotten.size + unreadable.size + torn.size > 0;
}

/** Sectors of which nothing old is left are as good as new: those for whose bytes of the file this holds. */
function heal(disk: Disk, inode: Inode, isNew: (start: number, end: number) => boolean): void {
  const { sectorSize } = disk.options;
  const size = Math.max(inode.liveSize, inode.platterSize);
  const isHealed = (sector: number) => {
    const start = sector * sectorSize;
    return isNew(start, Math.min(start + sectorSize, size));
  };
  dropMarks(disk, "rotten", inode.id, isHealed);
  dropMarks(disk, "unreadable", inode.id, isHealed);
  dropMarks(disk, "torn", inode.id, isHealed);
}

/**
 * What stays in the log when these truncates have been written: older data in a part that one of them cut off can never
 * show again, and leaves the log as well. Both in program order.
 */
function withoutCut(
  disk: Disk,
  pending: readonly FileEffect[],
  cuts: readonly SizeEffect[],
): FileEffect[] {
  const rest: FileEffect[] = [];
  let cut = Number.POSITIVE_INFINITY;
  let next = cuts.length - 1;
  for (let i = pending.length - 1; i >= 0; i--) {
    const effect = pending[i] as FileEffect;
    for (; next >= 0 && (cuts[next] as SizeEffect).sequence > effect.sequence; next--) {
      cut = Math.min(cut, (cuts[next] as SizeEffect).after);
    }
    if (effect.type === "size" || effect.offset < cut) rest.push(effect);
    else unswear(disk, effect.sequence);
  }
  return rest.reverse();
}

/** Once an appended page is full and written, cache and platter need it only once. */
function shareFullPages({ log, livePages, platterPages }: Inode): void {
  for (let i = 0; i < log.count; i++) {
    const effect = log.items[i] as FileEffect;
    if (effect.type !== "data") continue;
    const end = effect.offset + effect.bytes.length;
    if (end % PAGE_SIZE === 0) sharePage(livePages, platterPages, end / PAGE_SIZE - 1);
  }
}
