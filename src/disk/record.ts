import { assert } from "#base/assert.ts";
import {
  createDisk,
  type DataEffect,
  type Disk,
  type FileEffect,
  type Inode,
  inodeOf,
  type Log,
  type NameEffect,
  NOT_SWORN,
  rereadFile,
  type SizeEffect,
} from "./disk.ts";
import { addMarks, marked } from "./marks.ts";
import { type Pages, putBytes, sliceBytes } from "./pages.ts";
import type { DiskOptions, DiskSettings, Path } from "./types.ts";

/** A disk as plain data for structured cloning: the platter, all that is pending on it, and what is wrong with it. */
export interface DiskRecord {
  readonly version: 2;
  readonly options: DiskOptions;
  readonly inodes: readonly InodeRecord[];
  readonly names: readonly (readonly [Path, number])[];
  readonly platterNames: readonly (readonly [Path, number])[];
  readonly descriptors: readonly (readonly [number, number])[];
  readonly nameLog: readonly NameEffect[];
  /** Left out by those that knew of none. */
  readonly awaiting?: readonly (readonly [number, number])[];
  readonly counters: DiskCounters;
  readonly faults: DiskFaults;
}

/** What was written before disks could fail. */
export interface DiskRecord1 extends Omit<DiskRecord, "version" | "options" | "inodes" | "faults"> {
  readonly version: 1;
  readonly options: DiskSettings;
  readonly inodes: readonly InodeRecord1[];
}

/** Effects did not know their call then. */
interface InodeRecord1
  extends Omit<InodeRecord, "log" | "rotten" | "unreadable" | "torn" | "forgotten"> {
  readonly log: readonly (Omit<DataEffect, "operation"> | Omit<SizeEffect, "operation">)[];
}

export type DiskFaults = Pick<Disk, "flushing" | "capacity" | "armed"> & {
  readonly inDevice: readonly number[];
  readonly forsworn: readonly number[];
};

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
  | "wokenAt"
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
  /** Sectors, counted from the start of the file. */
  readonly rotten: readonly number[];
  readonly unreadable: readonly number[];
  readonly torn: readonly number[];
  /** With what the cache holds of them, which is nowhere else. */
  readonly forgotten: readonly { readonly sector: number; readonly bytes: Uint8Array }[];
}

/** Shares bytes with the disk, which will not change them. */
export function serializeDisk(disk: Disk): DiskRecord {
  disk.owner = {};
  return {
    version: 2,
    options: disk.options,
    inodes: [...disk.inodes.values()].map((inode) => ({
      id: inode.id,
      path: inode.path,
      references: inode.references,
      platterSize: inode.platterSize,
      pages: inode.platterPages.map((page) => page?.bytes ?? null),
      log: inode.log.items.slice(0, inode.log.count),
      rotten: [...marked(disk.rotten, inode.id)],
      unreadable: [...marked(disk.unreadable, inode.id)],
      torn: [...marked(disk.torn, inode.id)],
      forgotten: [...marked(disk.forgotten, inode.id)].map((sector) => ({
        sector,
        bytes: sectorBytes(disk, inode, sector),
      })),
    })),
    names: [...disk.names],
    platterNames: [...disk.platterNames],
    descriptors: [...disk.descriptors],
    nameLog: disk.nameLog.items.slice(0, disk.nameLog.count),
    awaiting: [...disk.awaiting],
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
      wokenAt: disk.wokenAt,
      clock: disk.clock,
    },
    faults: {
      flushing: disk.flushing,
      capacity: disk.capacity,
      armed: disk.armed,
      inDevice: [...disk.inDevice],
      forsworn: [...disk.forsworn],
    },
  };
}

/** The disk of a record that `serializeDisk` made, of this version or an earlier one: same content, same log, same future. */
export function deserializeDisk(record: DiskRecord | DiskRecord1): Disk {
  assert(record.version === 1 || record.version === 2, "the record is of a known version");
  const disk = createDisk(record.options);
  for (const file of record.inodes) disk.inodes.set(file.id, inodeOfRecord(disk, file));
  for (const [path, id] of record.names) disk.names.set(path, id);
  for (const [path, id] of record.platterNames) disk.platterNames.set(path, id);
  for (const [descriptor, id] of record.descriptors) disk.descriptors.set(descriptor, id);
  disk.nameLog = logOf(record.nameLog);
  disk.awaiting = new Map(record.awaiting ?? []);
  Object.assign(disk, record.counters);
  if (record.version === 2) addFaults(disk, record);
  return disk;
}

function addFaults(disk: Disk, { faults, inodes }: DiskRecord): void {
  const { flushing, capacity, armed, inDevice, forsworn } = faults;
  disk.flushing = flushing;
  disk.capacity = capacity;
  disk.armed = armed;
  disk.inDevice = new Set(inDevice);
  disk.forsworn = new Set(forsworn);
  for (const { id, rotten, unreadable, torn, forgotten } of inodes) {
    addMarks(disk, "rotten", id, rotten);
    addMarks(disk, "unreadable", id, unreadable);
    addMarks(disk, "torn", id, torn);
    addMarks(
      disk,
      "forgotten",
      id,
      forgotten.map(({ sector }) => sector),
    );
    const { livePages } = inodeOf(disk, id);
    for (const { sector, bytes } of forgotten) {
      putBytes(livePages, disk.owner, sector * disk.options.sectorSize, bytes);
    }
  }
}

/** What the cache holds of a sector, up to the end of the file. */
function sectorBytes(disk: Disk, inode: Inode, sector: number): Uint8Array {
  const { sectorSize } = disk.options;
  const start = sector * sectorSize;
  return sliceBytes(inode.livePages, start, Math.min(start + sectorSize, inode.liveSize));
}

/** The live content is the platter's with the whole log on it, so no record holds it but where it was forgotten. */
function inodeOfRecord(disk: Disk, record: InodeRecord | InodeRecord1): Inode {
  const platterPages: Pages = record.pages.map((bytes) =>
    bytes === null ? null : { owner: null, bytes },
  );
  const inode: Inode = {
    owner: disk.owner,
    id: record.id,
    path: record.path,
    references: record.references,
    liveSize: record.platterSize,
    livePages: [],
    platterSize: record.platterSize,
    platterPages,
    log: logOf(record.log.map((effect) => ({ operation: effect.sequence, ...effect }))),
    sworn: NOT_SWORN,
    liveBytes: null,
    platterBytes: null,
    platterDigest: null,
  };
  rereadFile(disk, inode);
  return inode;
}

function logOf<Kind>(items: readonly Kind[]): Log<Kind> {
  return { items: [...items], count: items.length };
}
