import type { Disk, FileEffect } from "./disk.ts";
import { pendingCount } from "./disk.ts";
import { flush, settleMarked, writingRules } from "./flush.ts";
import { closeUp, type Implications, type Piece } from "./rules.ts";
import { type DiskTime, PAGE_SIZE } from "./types.ts";

/** With more than this pending the kernel does not wait for any timer: the part of Linux's dirty_background_ratio. */
export const PENDING_MAX = 131_072;

/** When the kernel next has something to look at; null: not as long as nothing more is pending, or never. */
export function nextWriteBack(disk: Disk): DiskTime | null {
  const { writeBack } = disk.options;
  if (writeBack === null || pendingCount(disk) === 0) return null;
  if (pendingCount(disk) > PENDING_MAX) return Math.max(disk.clock, disk.writtenUntil);
  let next = Number.POSITIVE_INFINITY;
  if (disk.pendingData > 0) {
    const due = Math.max(disk.dataSince + writeBack.dataAge, disk.writtenUntil + 1);
    next = multipleFrom(due, writeBack.wakeEvery);
  }
  if (disk.pendingMetadata > 0) {
    const due = Math.max(disk.metadataSince, disk.writtenUntil) + 1;
    next = Math.min(next, multipleFrom(due, writeBack.metadataEvery));
  }
  return next;
}

/**
 * Lets the kernel do all that its timers ask for up to `now`: pages dirty for longer than `dataAge` at each wake-up, names
 * and sizes at each commit. Returns how many effects were written.
 */
export function writeBackUntil(disk: Disk, now: DiskTime): number {
  let written = 0;
  for (let at = nextWriteBack(disk); at !== null && at <= now; at = nextWriteBack(disk)) {
    written += writeBackAt(disk, at);
    disk.writtenUntil = at;
  }
  return written;
}

function writeBackAt(disk: Disk, at: DiskTime): number {
  const { writeBack } = disk.options;
  if (writeBack === null) return 0;
  if (pendingCount(disk) > PENDING_MAX) return flush(disk, null);
  let written = 0;
  if (at % writeBack.wakeEvery === 0) written += writeOldPages(disk, at - writeBack.dataAge);
  if (at % writeBack.metadataEvery === 0) written += commitMetadata(disk);
  return written;
}

/** Whole pages, what was stored to them since included. */
function writeOldPages(disk: Disk, dirtySince: DiskTime): number {
  const old = new Set<number>();
  for (const { log } of disk.inodes.values()) addOldPages(old, log.items, log.count, dirtySince);
  let written = 0;
  if (old.size > 0) {
    const rules = writingRules(disk);
    const marked = markWhere(rules, ({ sequence }) => old.has(sequence));
    closeUp(rules, marked);
    written = settleMarked(disk, rules, marked);
  }
  disk.dataSince = oldestData(disk);
  return written;
}

function addOldPages(
  old: Set<number>,
  items: readonly FileEffect[],
  count: number,
  dirtySince: DiskTime,
): void {
  const oldPages = new Set<number>();
  for (let i = 0; i < count; i++) {
    const effect = items[i] as FileEffect;
    if (effect.type !== "data") continue;
    const page = Math.floor(effect.offset / PAGE_SIZE);
    if (effect.since <= dirtySince) oldPages.add(page);
    else if (oldPages.size === 0) return; // The log is in order of time.
    if (oldPages.has(page)) old.add(effect.sequence);
  }
}

/**
 * Names and truncates with all they need, and the sizes of appends that wait for no data: an append whose data is still in
 * the cache has no place on the platter yet (delayed allocation), so its size goes with a later commit.
 */
function commitMetadata(disk: Disk): number {
  if (disk.pendingMetadata === 0) return 0;
  const rules = writingRules(disk);
  const { pieces, starts, needs } = rules;
  const marked = markWhere(rules, ({ effect }) => effect.type === "name" || isTruncate(effect));
  closeUp(rules, marked);
  const waits = new Uint8Array(pieces.length);
  for (let i = 0; i < pieces.length; i++) {
    const { effect } = pieces[i] as Piece;
    if (marked[i] === 1) continue;
    if (effect.type === "data") waits[i] = 1;
    for (let k = starts[i] as number; k < (starts[i + 1] as number); k++) {
      if (waits[needs[k] as number] === 1) waits[i] = 1;
    }
    if (waits[i] !== 1) marked[i] = 1;
  }
  return settleMarked(disk, rules, marked);
}

function isTruncate(effect: Piece["effect"]): boolean {
  return effect.type === "size" && effect.cuts;
}

function markWhere({ pieces }: Implications, isChosen: (piece: Piece) => boolean): Uint8Array {
  const marked = new Uint8Array(pieces.length);
  for (let i = 0; i < pieces.length; i++) if (isChosen(pieces[i] as Piece)) marked[i] = 1;
  return marked;
}

function oldestData(disk: Disk): DiskTime {
  let oldest = Number.POSITIVE_INFINITY;
  for (const { log } of disk.inodes.values()) {
    for (let i = 0; i < log.count; i++) {
      const effect = log.items[i] as FileEffect;
      if (effect.type !== "data") continue;
      oldest = Math.min(oldest, effect.since);
      break;
    }
  }
  return oldest;
}

function multipleFrom(time: DiskTime, every: DiskTime): DiskTime {
  return Math.ceil(time / every) * every;
}
