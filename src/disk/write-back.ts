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
import { type DiskTime, PAGE_SIZE, type WriteBack } from "./types.ts";

/** Later than any time. */
const NOTHING_DIRTY: DiskTime = Number.MAX_SAFE_INTEGER;

/** With more than this pending the kernel does not wait for any timer: the part of Linux's dirty_background_ratio. */
export const PENDING_MAX = 131_072;

/** When the kernel next has something to look at; null: not as long as nothing more is pending, or never. */
export function nextWriteBack(disk: Disk): DiskTime | null {
  const { writeBack } = disk.options;
  if (writeBack === null || pendingCount(disk) === 0) return null;
  if (pendingCount(disk) > PENDING_MAX) return Math.max(disk.clock, disk.writtenUntil);
  return Math.min(nextWakeUp(disk, writeBack), nextCommit(disk, writeBack));
}

/** It sleeps until the oldest data has aged, and at least so long after it woke up last. */
function nextWakeUp(disk: Disk, { dataAge, wakeEvery }: WriteBack): DiskTime {
  const oldest = disk.pendingData > 0 ? disk.dataSince : NOTHING_DIRTY;
  if (oldest === NOTHING_DIRTY) return NOTHING_DIRTY;
  const woken = disk.wokenAt === 0 ? 0 : disk.wokenAt + wakeEvery;
  return Math.max(oldest + dataAge, woken, disk.writtenUntil + 1);
}

function nextCommit(disk: Disk, { metadataEvery }: WriteBack): DiskTime {
  if (disk.pendingMetadata === 0 && disk.awaiting.size === 0) return NOTHING_DIRTY;
  const since = disk.pendingMetadata === 0 ? 0 : disk.metadataSince;
  return multipleFrom(Math.max(since, disk.writtenUntil) + 1, metadataEvery);
}

/**
 * Lets the kernel do all that its timers ask for up to `now`: files dirty for longer than `dataAge` at each wake-up, names
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
  if (pendingCount(disk) > PENDING_MAX) {
    disk.awaiting = new Map();
    return flush(disk, null);
  }
  let written = 0;
  const wakesUp = nextWakeUp(disk, writeBack) <= at;
  if (nextCommit(disk, writeBack) <= at) written += commitMetadata(disk);
  if (wakesUp) {
    disk.wokenAt = at;
    written += writeOldFiles(disk, at, at - writeBack.dataAge);
  }
  return written;
}

/**
 * All dirty pages of every file of which one is old (Linux writes back by inode, fs/fs-writeback.c), with all they need. What
 * falls into a hole goes to new blocks, which a journalling file system gives to the file with its next commit.
 */
function writeOldFiles(disk: Disk, at: DiskTime, dirtySince: DiskTime): number {
  const old = new Set<number>();
  const last = new Map<number, number>();
  const awaiting = new Map(disk.awaiting);
  const allocatesLater = disk.options.policy === "ordered-journal" && disk.options.tear !== "none";
  let isCut = false;
  for (const inode of disk.inodes.values()) {
    const { id, log } = inode;
    if (!isOld(disk, id, log, dirtySince)) continue;
    for (let i = 0; i < log.count; i++) {
      const effect = log.items[i] as FileEffect;
      if (effect.type !== "data" || effect.since > at) continue;
      const isPlaced = inode.platterPages[Math.floor(effect.offset / PAGE_SIZE)] != null;
      if (allocatesLater && !isPlaced) awaiting.set(id, effect.sequence);
      else {
        old.add(effect.sequence);
        last.set(id, effect.sequence);
      }
    }
    isCut ||= has(log, isTruncate);
  }
  disk.awaiting = awaiting;
  const written = old.size === 0 ? 0 : settleOld(disk, old, last, isCut);
  disk.dataSince = oldestData(disk);
  return written;
}

function settleOld(
  disk: Disk,
  old: ReadonlySet<number>,
  last: ReadonlyMap<number, number>,
  isCut: boolean,
): number {
  const { policy, tear } = disk.options;
  if (policy === "per-file" && tear !== "none") {
    return settle(disk, (effect) => {
      return effect.type !== "name" && effect.sequence <= (last.get(effect.inode) ?? 0);
    });
  }
  const isChosen = (effect: Effect) => old.has(effect.sequence);
  // Without a truncate nothing ties pages to more than what was written to them.
  const isClosed = !isCut && policy !== "strict" && tear !== "none";
  return isClosed ? settle(disk, isChosen) : settleClosure(disk, isChosen);
}

function isOld(disk: Disk, id: number, log: Log<FileEffect>, dirtySince: DiskTime): boolean {
  const oldest = firstDirty(log, disk.awaiting.get(id) ?? 0);
  return oldest !== null && oldest.since <= dirtySince;
}

/** Data in blocks that now are the file's. */
function commitAwaiting(disk: Disk): number {
  const { awaiting } = disk;
  if (awaiting.size === 0) return 0;
  disk.awaiting = new Map();
  const written = settleClosure(
    disk,
    (effect) => effect.type === "data" && effect.sequence <= (awaiting.get(effect.inode) ?? 0),
  );
  disk.dataSince = oldestData(disk);
  return written;
}

/**
 * Names and truncates with all they need, then the sizes of appends that wait for no data: an append whose data is still
 * in the cache has no place on the platter yet (delayed allocation), so its size goes with a later commit.
 */
function commitMetadata(disk: Disk): number {
  const placed = commitAwaiting(disk);
  const isJournalled = (effect: Effect) => effect.type === "name" || isTruncate(effect);
  const written = placed + settleClosure(disk, isJournalled, true);
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

/** Of data that is not on its way yet. */
function oldestData(disk: Disk): DiskTime {
  let oldest = NOTHING_DIRTY;
  for (const { id, log } of disk.inodes.values()) {
    const since = firstDirty(log, disk.awaiting.get(id) ?? 0)?.since;
    if (since !== undefined) oldest = Math.min(oldest, since);
  }
  return oldest;
}

function firstData(log: Log<FileEffect>): DataEffect | null {
  return firstDirty(log, 0);
}

/** The first data after this sequence. */
function firstDirty({ items, count }: Log<FileEffect>, after: number): DataEffect | null {
  for (let i = 0; i < count; i++) {
    const effect = items[i] as FileEffect;
    if (effect.type === "data" && effect.sequence > after) return effect;
  }
  return null;
}

function multipleFrom(time: DiskTime, every: DiskTime): DiskTime {
  return Math.ceil(time / every) * every;
}
