import {
  type DataEffect,
  type Disk,
  type Effect,
  type FileEffect,
  type Log,
  pendingCount,
  type SizeEffect,
} from "./disk.ts";
import { flush, isTruncate, settleClosure } from "./flush.ts";
import { has, settle } from "./settle.ts";
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

/** Whole pages, what was stored to them since included, with all they need. */
function writeOldPages(disk: Disk, dirtySince: DiskTime): number {
  const written = settleOldPages(disk, dirtySince);
  disk.dataSince = oldestData(disk);
  return written;
}

function settleOldPages(disk: Disk, dirtySince: DiskTime): number {
  const old = new Set<number>();
  const last = new Map<number, number>();
  let isCut = false;
  for (const { id, log } of disk.inodes.values()) {
    const sequence = addOldPages(old, log, dirtySince);
    if (sequence === 0) continue;
    last.set(id, sequence);
    isCut ||= has(log, isTruncate);
  }
  if (old.size === 0) return 0;
  const { policy, tear } = disk.options;
  if (policy === "per-file" && tear !== "none") {
    return settle(disk, (effect) => {
      return effect.type !== "name" && effect.sequence <= (last.get(effect.inode) ?? 0);
    });
  }
  const isOld = (effect: Effect) => old.has(effect.sequence);
  // Without a truncate nothing ties pages to more than what was written to them.
  const isClosed = !isCut && policy !== "strict" && tear !== "none";
  return isClosed ? settle(disk, isOld) : settleClosure(disk, isOld);
}

/** Returns the last number it added, 0 for none. */
function addOldPages(old: Set<number>, log: Log<FileEffect>, dirtySince: DiskTime): number {
  const oldPages = new Set<number>();
  let last = 0;
  for (let i = 0; i < log.count; i++) {
    const effect = log.items[i] as FileEffect;
    if (effect.type !== "data") continue;
    const page = Math.floor(effect.offset / PAGE_SIZE);
    if (effect.since <= dirtySince) oldPages.add(page);
    else if (oldPages.size === 0) return 0; // The log is in order of time.
    if (!oldPages.has(page)) continue;
    old.add(effect.sequence);
    last = effect.sequence;
  }
  return last;
}

/**
 * Names and truncates with all they need, then the sizes of appends that wait for no data: an append whose data is still
 * in the cache has no place on the platter yet (delayed allocation), so its size goes with a later commit.
 */
function commitMetadata(disk: Disk): number {
  const isJournalled = (effect: Effect) => effect.type === "name" || isTruncate(effect);
  const written = settleClosure(disk, isJournalled, true);
  const ready = new Set<number>();
  const firstData = firstDataSequence(disk);
  for (const { log } of disk.inodes.values()) addReadySizes(ready, disk, log, firstData);
  return ready.size === 0 ? written : written + settle(disk, ({ sequence }) => ready.has(sequence));
}

/** No truncate is left by now, so what a size waits for is its data, or data before it, by the policy. */
function addReadySizes(
  ready: Set<number>,
  disk: Disk,
  { items, count }: Log<FileEffect>,
  firstData: number,
): void {
  const { policy } = disk.options;
  for (let i = 0; i < count; i++) {
    const effect = items[i] as FileEffect;
    if (effect.type === "data") {
      if (policy === "per-file") return;
      continue;
    }
    const isChained = policy === "strict" || policy === "data-first";
    if (isChained && effect.sequence > firstData) return;
    if (policy === "ordered-journal" && exposes(effect, items[i - 1])) return;
    ready.add(effect.sequence);
  }
}

/** Does the size show bytes that this effect, the one before it, has still to write? */
function exposes(size: SizeEffect, effect: FileEffect | undefined): boolean {
  return effect?.type === "data" && effect.offset + effect.bytes.length > size.before;
}

function firstDataSequence(disk: Disk): number {
  let first = Number.POSITIVE_INFINITY;
  for (const { log } of disk.inodes.values()) {
    const sequence = firstData(log)?.sequence;
    if (sequence !== undefined) first = Math.min(first, sequence);
  }
  return first;
}

function oldestData(disk: Disk): DiskTime {
  let oldest = Number.POSITIVE_INFINITY;
  for (const { log } of disk.inodes.values()) {
    const since = firstData(log)?.since;
    if (since !== undefined) oldest = Math.min(oldest, since);
  }
  return oldest;
}

function firstData({ items, count }: Log<FileEffect>): DataEffect | null {
  for (let i = 0; i < count; i++) {
    const effect = items[i] as FileEffect;
    if (effect.type === "data") return effect;
  }
  return null;
}

function multipleFrom(time: DiskTime, every: DiskTime): DiskTime {
  return Math.ceil(time / every) * every;
}
