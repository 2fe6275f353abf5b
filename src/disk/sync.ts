import {
  cloneDisk,
  type Disk,
  type FileEffect,
  type Inode,
  inodeOf,
  type Log,
  ownInode,
} from "./disk.ts";
import { failSync, hasPlace, strike } from "./faults.ts";
import { type SyncCall, staysInFile, syncDirectory, syncInode } from "./flush.ts";
import { swear } from "./marks.ts";
import { settle } from "./settle.ts";
import type { Errno, Path } from "./types.ts";

/**
 * fsync(2) of a file as this disk does it: honestly, not at all, or with an error. After an error no promise exists for what
 * was pending on the file, whatever a later sync returns.
 */
export function synchronizeFile(disk: Disk, id: number, call: SyncCall): Errno | null {
  const inode = ownInode(disk, id);
  if (strike(disk, "sync-fails", inode) !== null) {
    failSync(disk, inode);
    return "EIO";
  }
  if (!hasPlace(disk, inode)) return "ENOSPC";
  if (disk.flushing !== "honest" && staysInFile(disk, id, call)) promiseFile(disk, inode);
  else flushBy(disk, (each) => syncInode(each, id, call));
  return null;
}

/** fsync(2) of a directory. Names stay pending when it fails. */
export function synchronizeDirectory(disk: Disk, directory: Path): Errno | null {
  if (strike(disk, "sync-fails", directory) !== null) return "EIO";
  flushBy(disk, (each) => syncDirectory(each, directory));
  return null;
}

/** A device that flushes at last writes all of its cache, also what earlier syncs only said was written. */
function flushBy(disk: Disk, sync: (disk: Disk) => void): void {
  if (disk.flushing !== "honest") {
    swear(disk, promisedBy(disk, sync), disk.flushing === "device");
    return;
  }
  if (disk.inDevice.size > 0) {
    const inDevice = new Set(disk.inDevice);
    settle(disk, ({ sequence }) => inDevice.has(sequence));
  }
  sync(disk);
}

/** All that is pending on the file, and nothing else: the ordinary lie. */
function promiseFile(disk: Disk, inode: Inode): void {
  const { flushing } = disk;
  const { items, count } = inode.log;
  const until = inode.sworn.flushing === flushing ? inode.sworn.until : 0;
  const promised: number[] = [];
  for (let i = count - 1; i >= 0; i--) {
    const { sequence } = items[i] as FileEffect;
    if (sequence <= until) break;
    promised.push(sequence);
  }
  if (promised.length === 0) return;
  swear(disk, promised, flushing === "device");
  inode.sworn = { until: promised[0] as number, flushing };
}

/** What an honest sync would have written. */
function promisedBy(disk: Disk, sync: (disk: Disk) => void): readonly number[] {
  const honest = cloneDisk(disk);
  sync(honest);
  const promised = leftOf(disk.nameLog, honest.nameLog);
  for (const inode of disk.inodes.values()) {
    const after = honest.inodes.get(inode.id);
    if (after === inode) continue;
    promised.push(
      ...leftOf(inode.log, after === undefined ? NOTHING : inodeOf(honest, inode.id).log),
    );
  }
  return promised;
}

const NOTHING: Log<never> = { items: [], count: 0 };

/** The numbers of the effects that are in the first log and not in the second. */
function leftOf(
  before: Log<{ readonly sequence: number }>,
  after: Log<{ readonly sequence: number }>,
): number[] {
  if (before.count === after.count) return [];
  const still = new Set<number>();
  for (let i = 0; i < after.count; i++) still.add(after.items[i]?.sequence ?? 0);
  const left: number[] = [];
  for (let i = 0; i < before.count; i++) {
    const sequence = before.items[i]?.sequence ?? 0;
    if (!still.has(sequence)) left.push(sequence);
  }
  return left;
}
