import { unreachable } from "#base/assert.ts";
import { encodeUtf8 } from "#base/utf8.ts";
import {
  addInode,
  addReference,
  addToLog,
  type Disk,
  dropReference,
  type Inode,
  type NameEffect,
  ownInode,
} from "./disk.ts";
import {
  dirtyRange,
  dropForgottenFrom,
  forget,
  needsUnreadable,
  strike,
  usedBytes,
} from "./faults.ts";
import type { SyncCall } from "./flush.ts";
import { numbersOfData, numbersOfName } from "./numbers.ts";
import { cutBytes, putBytes, sliceBytes } from "./pages.ts";
import { synchronizeDirectory, synchronizeFile } from "./sync.ts";
import {
  type DiskOp,
  type DiskTime,
  type Errno,
  type FileRef,
  type OpResult,
  PAGE_SIZE,
  type Path,
} from "./types.ts";

/** Longer files are refused with EFBIG. Bytes. */
export const FILE_SIZE_MAX = 2 ** 30;
/** Longer names and paths are refused with ENAMETOOLONG. Bytes in UTF-8, as Linux counts them. */
export const NAME_MAX = 255;
export const PATH_MAX = 4095;

const DONE: OpResult = { ok: true, descriptor: -1 };

/**
 * Performs one system call, whole and at once. Errors as in the manual pages, and change nothing, but for two: a write that
 * finds the disk full (ENOSPC) has written what fitted, and what a failed sync (EIO) leaves is the disk's `syncFailure`. A
 * store outside of the file, which would be SIGBUS, is EINVAL. Keeps `op.bytes` without a copy: they are never to change afterwards.
 */
export function perform(disk: Disk, op: DiskOp, now: DiskTime): OpResult {
  disk.clock = now;
  switch (op.type) {
    case "open":
      return open(disk, op.file, op.create, op.truncate, now);
    case "close":
      return close(disk, op.descriptor);
    case "write":
      return write(disk, op.file, op.offset, op.bytes, now);
    case "store":
      return store(disk, op.file, op.offset, op.bytes, now);
    case "truncate":
      return truncate(disk, op.file, op.size, now);
    case "rename":
      return rename(disk, op.from, op.to, now);
    case "unlink":
      return unlink(disk, op.file, now);
    case "sync":
      return sync(disk, op.file, { covers: "file", range: null });
    case "data-sync":
      // Times and owners are not modelled, so sizes are all the metadata there is, and reading the data needs them.
      return sync(disk, op.file, { covers: "data", range: op.range ?? null });
    case "sync-directory":
      return syncNames(disk, op.directory);
    default:
      return unreachable(op);
  }
}

function open(
  disk: Disk,
  file: Path,
  create: boolean,
  truncates: boolean,
  now: DiskTime,
): OpResult {
  let id = disk.names.get(file);
  if (id === undefined) {
    const problem = cannotName(disk, file) ?? (create ? cannotCreate(disk, file) : "ENOENT");
    if (problem !== null) return refuse(problem);
    id = addInode(disk, file, [], 0).id;
    disk.names.set(file, id);
    addReference(disk, id);
    logName(disk, { inode: id, from: null, to: file, replaces: false }, now);
  } else if (truncates) {
    resize(disk, ownInode(disk, id), 0, now);
  }
  const descriptor = disk.nextDescriptor++;
  disk.descriptors.set(descriptor, id);
  addReference(disk, id);
  return { ok: true, descriptor };
}

function close(disk: Disk, descriptor: number): OpResult {
  const id = disk.descriptors.get(descriptor);
  if (id === undefined) return refuse("EBADF");
  disk.descriptors.delete(descriptor);
  dropReference(disk, id);
  return DONE;
}

function write(
  disk: Disk,
  file: FileRef,
  offset: number,
  bytes: Uint8Array,
  now: DiskTime,
): OpResult {
  const id = find(disk, file);
  if (typeof id === "string") return refuse(id);
  if (!isSize(offset)) return refuse("EINVAL");
  if (offset + bytes.length > FILE_SIZE_MAX) return refuse("EFBIG");
  if (bytes.length === 0) return DONE;
  const inode = ownInode(disk, id);
  const struck = strike(disk, "write-fails", inode);
  if (struck !== null) return refuse(struck.errno);
  const end = Math.min(offset + bytes.length, largestSize(disk, inode));
  if (end <= offset) return refuse("ENOSPC");
  if (needsUnreadable(disk, inode, offset, end)) return refuse("EIO");
  const fits = end === offset + bytes.length;
  const operation = disk.nextSequence;
  changeBytes(disk, inode, offset, fits ? bytes : bytes.subarray(0, end - offset), null, now);
  if (end > inode.liveSize) {
    logSize(disk, inode, end, operation, now);
    inode.liveSize = end;
  }
  return fits ? DONE : refuse("ENOSPC");
}

function store(
  disk: Disk,
  file: FileRef,
  offset: number,
  bytes: Uint8Array,
  now: DiskTime,
): OpResult {
  const id = find(disk, file);
  if (typeof id === "string") return refuse(id);
  const inode = ownInode(disk, id);
  if (!isSize(offset) || offset + bytes.length > inode.liveSize) return refuse("EINVAL");
  if (bytes.length === 0) return DONE;
  if (needsUnreadable(disk, inode, offset, offset + bytes.length)) return refuse("EIO");
  // A store is a copy in memory: the kernel may write a page when only a part of it is done.
  changeBytes(disk, inode, offset, bytes, disk.options.storeGrain, now);
  return DONE;
}

function truncate(disk: Disk, file: FileRef, size: number, now: DiskTime): OpResult {
  const id = find(disk, file);
  if (typeof id === "string") return refuse(id);
  if (!isSize(size)) return refuse("EINVAL");
  if (size > FILE_SIZE_MAX) return refuse("EFBIG");
  const inode = ownInode(disk, id);
  if (size > largestSize(disk, inode)) return refuse("ENOSPC");
  // The sector that the file ends in from now on gets zeros behind the end.
  const isInside = size < inode.liveSize && size % disk.options.sectorSize > 0;
  if (isInside && needsUnreadable(disk, inode, size, size + 1)) return refuse("EIO");
  resize(disk, inode, size, now);
  return DONE;
}

function rename(disk: Disk, from: Path, to: Path, now: DiskTime): OpResult {
  const id = disk.names.get(from);
  if (id === undefined) return refuse(whyMissing(disk, from));
  const replaced = disk.names.get(to);
  if (replaced === id) return DONE; // Both are names of one file.
  const problem = cannotRename(disk, from, to);
  if (problem !== null) return refuse(problem);
  logName(disk, { inode: id, from, to, replaces: replaced !== undefined }, now);
  disk.names.delete(from);
  disk.names.set(to, id);
  ownInode(disk, id).path = to;
  if (replaced !== undefined) loseName(disk, replaced, to);
  return DONE;
}

function unlink(disk: Disk, file: Path, now: DiskTime): OpResult {
  const id = disk.names.get(file);
  if (id === undefined) return refuse(whyMissing(disk, file));
  logName(disk, { inode: id, from: file, to: null, replaces: false }, now);
  disk.names.delete(file);
  loseName(disk, id, file);
  return DONE;
}

/** A file that a rename half done has left two names goes by the other one from now on. */
function loseName(disk: Disk, id: number, path: Path): void {
  const inode = ownInode(disk, id);
  if (!disk.options.renameAtomic && inode.path === path) {
    for (const [name, named] of disk.names) if (named === id) inode.path = name;
  }
  dropReference(disk, id);
}

function sync(disk: Disk, file: FileRef, call: SyncCall): OpResult {
  const id = find(disk, file);
  if (typeof id === "string") return refuse(id);
  const problem = synchronizeFile(disk, id, call);
  return problem === null ? DONE : refuse(problem);
}

function syncNames(disk: Disk, directory: Path): OpResult {
  const path = directory.endsWith("/") ? directory.slice(0, -1) : directory;
  if (disk.names.has(path) || isBelowFile(disk, path)) return refuse("ENOTDIR");
  const problem = synchronizeDirectory(disk, path);
  return problem === null ? DONE : refuse(problem);
}

/** Changes bytes of the cache, in steps of `grain` bytes (null: at once), and logs that unless the medium loses it. */
function changeBytes(
  disk: Disk,
  inode: Inode,
  offset: number,
  bytes: Uint8Array,
  grain: number | null,
  now: DiskTime,
): void {
  if (strike(disk, "lost-write", inode) !== null) {
    putPieces(offset, bytes, PAGE_SIZE, (at, piece) => {
      putBytes(inode.livePages, disk.owner, at, piece);
      forget(disk, inode, at, piece.length);
    });
  } else if (grain === null) change(disk, inode, offset, bytes, now);
  else putPieces(offset, bytes, grain, (at, piece) => change(disk, inode, at, piece, now));
  touch(disk, inode);
}

/** Logs page by page: the kernel writes a page or does not. */
function change(disk: Disk, inode: Inode, offset: number, bytes: Uint8Array, now: DiskTime): void {
  const operation = disk.nextSequence;
  putPieces(offset, bytes, PAGE_SIZE, (at, piece) => {
    putBytes(inode.livePages, disk.owner, at, piece);
    if (!disk.forgotten.has(inode.id)) {
      logData(disk, inode, at, piece, operation, now);
      return;
    }
    const { offset: from, end } = dirtyRange(disk, inode, at, at + piece.length);
    logData(disk, inode, from, sliceBytes(inode.livePages, from, end), operation, now);
  });
}

/** Takes bytes apart at the multiples of `grain`. */
function putPieces(
  offset: number,
  bytes: Uint8Array,
  grain: number,
  put: (at: number, piece: Uint8Array) => void,
): void {
  const end = offset + bytes.length;
  if (end <= offset - (offset % grain) + grain) {
    put(offset, bytes);
    return;
  }
  for (let at = offset; at < end; ) {
    const next = Math.min(end, at - (at % grain) + grain);
    put(at, bytes.subarray(at - offset, next - offset));
    at = next;
  }
}

function resize(disk: Disk, inode: Inode, size: number, now: DiskTime): void {
  if (size === inode.liveSize) return;
  logSize(disk, inode, size, null, now);
  if (size < inode.liveSize) {
    cutBytes(inode.livePages, disk.owner, size);
    dropForgottenFrom(disk, inode, size);
  }
  inode.liveSize = size;
  touch(disk, inode);
}

function touch(disk: Disk, inode: Inode): void {
  inode.liveBytes = null;
  disk.liveVersion++;
}

function logData(
  disk: Disk,
  inode: Inode,
  offset: number,
  bytes: Uint8Array,
  operation: number,
  since: DiskTime,
): void {
  const sequence = disk.nextSequence;
  addToLog(inode.log, {
    type: "data",
    sequence,
    operation,
    inode: inode.id,
    offset,
    bytes,
    since,
  });
  disk.nextSequence += numbersOfData(disk.options, offset, bytes.length);
  disk.dataSince = disk.pendingData === 0 ? since : Math.min(disk.dataSince, since);
  disk.pendingData++;
}

/** `write`: the operation whose data made the file longer; null for a truncate. */
function logSize(
  disk: Disk,
  inode: Inode,
  after: number,
  write: number | null,
  since: DiskTime,
): void {
  const { id, liveSize: before } = inode;
  const sequence = disk.nextSequence++;
  const operation = write ?? sequence;
  const cuts = write === null;
  addToLog(inode.log, { type: "size", sequence, operation, inode: id, before, after, cuts, since });
  countMetadata(disk, since);
}

/** A pending name that leads to an inode keeps it: a crash may bring it back. */
function logName(
  disk: Disk,
  change: Pick<NameEffect, "inode" | "from" | "to" | "replaces">,
  since: DiskTime,
): void {
  const sequence = disk.nextSequence;
  const { inode, from, to, replaces } = change;
  const isRename = from !== null && to !== null;
  disk.nextSequence += numbersOfName(disk.options, isRename, replaces);
  addToLog(disk.nameLog, { type: "name", sequence, inode, from, to, replaces, since });
  if (to !== null) addReference(disk, inode);
  countMetadata(disk, since);
  disk.liveVersion++;
}

function countMetadata(disk: Disk, since: DiskTime): void {
  if (disk.pendingMetadata === 0) disk.metadataSince = since;
  disk.pendingMetadata++;
}

/** The inode that a path or a descriptor leads to. */
function find(disk: Disk, file: FileRef): number | Errno {
  if (typeof file === "number") return disk.descriptors.get(file) ?? "EBADF";
  return disk.names.get(file) ?? whyMissing(disk, file);
}

function whyMissing(disk: Disk, path: Path): Errno {
  return cannotName(disk, path) ?? "ENOENT";
}

/** Why no file can have this name, as it is not one's name yet. */
function cannotName(disk: Disk, path: Path): Errno | null {
  if (path === "") return "ENOENT";
  if (isTooLong(path)) return "ENAMETOOLONG";
  if (isDirectory(disk, path)) return "EISDIR";
  return isBelowFile(disk, path) ? "ENOTDIR" : null;
}

function isTooLong(path: Path): boolean {
  if (path.length <= NAME_MAX / 3) return false; // A code unit is three bytes at most.
  if (encodeUtf8(path).length > PATH_MAX) return true;
  return path.split("/").some((name) => encodeUtf8(name).length > NAME_MAX);
}

function isBelowFile(disk: Disk, path: Path): boolean {
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
    if (disk.names.has(path.slice(0, at))) return true;
  }
  return false;
}

/** A new name takes room in its directory, which a full disk does not have. */
function cannotCreate(disk: Disk, path: Path): Errno | null {
  const isFull = disk.capacity !== null && usedBytes(disk) >= disk.capacity;
  return isFull || strike(disk, "create-fails", path) !== null ? "ENOSPC" : null;
}

function cannotRename(disk: Disk, from: Path, to: Path): Errno | null {
  if (!disk.names.has(to)) return cannotName(disk, to) ?? cannotCreate(disk, from);
  return strike(disk, "create-fails", from) === null ? null : "ENOSPC"; // In the place of the old name.
}

/** How long this file may become on what is left of the disk; a file may always be as long as it is. */
function largestSize(disk: Disk, inode: Inode): number {
  if (disk.capacity === null || disk.options.allocation === "at-sync") return FILE_SIZE_MAX;
  return inode.liveSize + Math.max(0, disk.capacity - usedBytes(disk));
}

/** Directories are there while a file is in them. */
function isDirectory(disk: Disk, path: Path): boolean {
  if (path.endsWith("/")) return true;
  const prefix = `${path}/`;
  for (const name of disk.names.keys()) if (name.startsWith(prefix)) return true;
  return false;
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function refuse(errno: Errno): OpResult {
  return { ok: false, errno };
}
