import { expect, it } from "vitest";
import { createDisk, type Disk, liveImage, minimalImage, pendingCount } from "./disk.ts";
import { flush } from "./flush.ts";
import { perform } from "./perform.ts";
import { type DiskRecord1, deserializeDisk, serializeDisk } from "./record.ts";

it("does not change a record that it has given out", () => {
  const disk = createDisk({ policy: "strict", sectorSize: 512, writeBack: null });
  perform(disk, { type: "open", file: "A/log", create: true, truncate: false }, 1);
  const writeAndSync = (value: number) => {
    perform(disk, { type: "write", file: "A/log", offset: 0, bytes: Uint8Array.of(value) }, value);
    flush(disk, null);
  };
  writeAndSync(2);
  const record = serializeDisk(disk);
  writeAndSync(3);
  expect(minimalImage(deserializeDisk(record)).get("A/log")).toEqual(Uint8Array.of(2));
  expect(minimalImage(disk).get("A/log")).toEqual(Uint8Array.of(3));
});

it("loads what was stored before disks could fail, pending effects included", () => {
  const disk = deserializeDisk(structuredClone(VERSION_1));
  const filesOf = (image: ReturnType<typeof liveImage>) =>
    [...image].map(([path, bytes]) => [path, ...bytes]);
  expect(filesOf(liveImage(disk))).toEqual([["A/log", 7, 8, 9]]);
  expect(filesOf(minimalImage(disk))).toEqual([["A/log", 1, 2, 3]]);
  expect(pendingCount(disk)).toBe(4);
  expect([disk.flushing, disk.capacity, disk.armed]).toEqual(["honest", null, []]);
  expect(deserializeDisk(serializeDisk(disk))).toMatchObject(withoutCaches(disk));
  flush(disk, null);
  expect(filesOf(minimalImage(disk))).toEqual([["A/log", 7, 8, 9]]);
});

/** A file A/log of 1, 2, 3; A/tmp was written 7, 8, synced, written 9, and renamed to A/log. */
const VERSION_1: DiskRecord1 = {
  version: 1,
  options: { policy: "ordered-journal", sectorSize: 512, writeBack: null },
  inodes: [
    {
      id: 1,
      path: "A/log",
      references: 1,
      platterSize: 3,
      pages: [Uint8Array.of(1, 2, 3)],
      log: [],
    },
    {
      id: 2,
      path: "A/log",
      references: 4,
      platterSize: 2,
      pages: [Uint8Array.of(7, 8, ...Array(62).fill(0))],
      log: [
        { type: "data", sequence: 4, inode: 2, offset: 2, bytes: Uint8Array.of(9), since: 4 },
        { type: "size", sequence: 5, inode: 2, before: 2, after: 3, cuts: false, since: 4 },
      ],
    },
  ],
  names: [["A/log", 2]],
  platterNames: [["A/log", 1]],
  descriptors: [[3, 2]],
  nameLog: [
    {
      ...{ type: "name", sequence: 1, since: 1, inode: 2 },
      ...{ from: null, to: "A/tmp", replaces: false },
    },
    {
      ...{ type: "name", sequence: 6, since: 5, inode: 2 },
      ...{ from: "A/tmp", to: "A/log", replaces: true },
    },
  ],
  counters: {
    ...{ nextInode: 3, nextDescriptor: 4, nextSequence: 7, liveVersion: 6, durableVersion: 3 },
    ...{ pendingData: 1, pendingMetadata: 3, dataSince: 4, metadataSince: 1 },
    ...{ wokenAt: 0, writtenUntil: 0, clock: 5 },
  },
};

function withoutCaches({ names, platterNames, descriptors, clock, options }: Disk): object {
  return { names, platterNames, descriptors, clock, options };
}
