import { assert } from "#base/assert.ts";
import {
  createDisk,
  type Disk,
  type FileEffect,
  type Inode,
  type Log,
  type NameEffect,
} from "./disk.ts";
import { cutBytes, type Pages, putBytes, sharePages } from "./pages.ts";
import type { DiskOptions, Path } from "./types.ts";

/** A disk as plain data for structured cloning: the platter, and all that is pending on it. */
export interface DiskRecord {
  readonly version: 1;
  readonly options: DiskOptions;
  readonly inodes: readonly InodeRecord[];
  readonly names: readonly (readonly [Path, number])[];
  readonly platterNames: readonly (readonly [Path, number])[];
  readonly descriptors: readonly (readonly [number, number])[];
  readonly nameLog: readonly NameEffect[];
  readonly counters: DiskCounters;
}

export type DiskCounters = Pick<
  Disk,
  | "nextInode"
  | "nextDescriptor"
  | "nextSequence"
  | "liveVersion"
  | "durableVersion"
  | "pendingData"
  | "pendingMetadata"
  | "dataSince"
  | "metadataSince"
  | "writtenUntil"
  | "clock"
>;

export interface InodeRecord {
  readonly id: number;
  readonly path: Path;
  readonly references: number;
  readonly platterSize: number;
  /** Pages of the platter by number; null is a hole. Bytes after the last of a page are zeros. */
  readonly pages: readonly (Uint8Array | null)[];
  readonly log: readonly FileEffect[];
}

/** Shares bytes with the disk, which will not change them. */
export function serializeDisk(disk: Disk): DiskRecord {
  disk.owner = {};
  return {
    version: 1,
    options: disk.options,
    inodes: [...disk.inodes.values()].map((inode) => ({
      id: inode.id,
      path: inode.path,
      references: inode.references,
      platterSize: inode.platterSize,
      pages: inode.platterPages.map((page) => page?.bytes ?? null),
      log: inode.log.items.slice(0, inode.log.count),
    })),
    names: [...disk.names],
    platterNames: [...disk.platterNames],
    descriptors: [...disk.descriptors],
    nameLog: disk.nameLog.items.slice(0, disk.nameLog.count),
    counters: {
      nextInode: disk.nextInode,
      nextDescriptor: disk.nextDescriptor,
      nextSequence: disk.nextSequence,
      liveVersion: disk.liveVersion,
      durableVersion: disk.durableVersion,
      pendingData: disk.pendingData,
      pendingMetadata: disk.pendingMetadata,
      dataSince: disk.dataSince,
      metadataSince: disk.metadataSince,
      writtenUntil: disk.writtenUntil,
      clock: disk.clock,
    },
  };
}

/** The disk of a record that `serializeDisk` made: same content, same log, same future. */
export function deserializeDisk(record: DiskRecord): Disk {
  assert(record.version === 1, "the record is of this version");
  const disk = createDisk(record.options);
  for (const file of record.inodes) disk.inodes.set(file.id, inodeOfRecord(disk, file));
  for (const [path, id] of record.names) disk.names.set(path, id);
  for (const [path, id] of record.platterNames) disk.platterNames.set(path, id);
  for (const [descriptor, id] of record.descriptors) disk.descriptors.set(descriptor, id);
  disk.nameLog = logOf(record.nameLog);
  return Object.assign(disk, record.counters);
}

function inodeOfRecord(disk: Disk, record: InodeRecord): Inode {
  const platterPages: Pages = record.pages.map((bytes) =>
    bytes === null ? null : { owner: null, bytes },
  );
  const inode: Inode = {
    owner: disk.owner,
    id: record.id,
    path: record.path,
    references: record.references,
    liveSize: record.platterSize,
    livePages: sharePages(platterPages),
    platterSize: record.platterSize,
    platterPages,
    log: logOf(record.log),
    liveBytes: null,
    platterBytes: null,
    platterDigest: null,
  };
  for (const effect of record.log) replay(disk, inode, effect);
  return inode;
}

/** The live content is the platter's with the whole log on it, so no record holds it. */
function replay(disk: Disk, inode: Inode, effect: FileEffect): void {
  if (effect.type === "data") putBytes(inode.livePages, disk.owner, effect.offset, effect.bytes);
  else {
    if (effect.after < effect.before) cutBytes(inode.livePages, disk.owner, effect.after);
    inode.liveSize = effect.after;
  }
}

function logOf<Kind>(items: readonly Kind[]): Log<Kind> {
  return { items: [...items], count: items.length };
}
