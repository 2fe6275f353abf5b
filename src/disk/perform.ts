import { unreachable } from "#base/assert.ts";
import {
  addInode,
  addReference,
  addToLog,
  type DataEffect,
  type Disk,
  dropReference,
  type Inode,
  type NameEffect,
  ownInode,
} from "./disk.ts";
import { syncDirectory, syncInode } from "./flush.ts";
import { numbersOfData, numbersOfName } from "./numbers.ts";
import { cutBytes, putBytes } from "./pages.ts";
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

const DONE: OpResult = { ok: true, descriptor: -1 };

/**
 * Performs one system call, whole and at once. Errors as in the manual pages, and change nothing; a store outside of the
 * file, which would be SIGBUS, is EINVAL. Keeps `op.bytes` without a copy: they are never to change afterwards.
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
    case "data-sync": {
      // Times and owners are not modelled, so a size is all the metadata there is, and reading the data needs it.
      const id = find(disk, op.file);
      if (typeof id === "string") return refuse(id);
      syncInode(disk, id);
      return DONE;
    }
    case "sync-directory":
      return synchronizeDirectory(disk, op.directory);
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
    const problem = cannotName(disk, file);
    if (problem !== null) return refuse(problem);
    if (!create) return refuse("ENOENT");
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
  const end = offset + bytes.length;
  if (end > FILE_SIZE_MAX) return refuse("EFBIG");
  if (bytes.length === 0) return DONE;
  const inode = ownInode(disk, id);
  const operation = disk.nextSequence;
  change(disk, inode, offset, bytes, now);
  if (end > inode.liveSize) {
    logSize(disk, inode, end, operation, now);
    inode.liveSize = end;
  }
  return DONE;
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
  copyBytes(disk, inode, offset, bytes, now);
  return DONE;
}

function truncate(disk: Disk, file: FileRef, size: number, now: DiskTime): OpResult {
  const id = find(disk, file);
  if (typeof id === "string") return refuse(id);
  if (!isSize(size)) return refuse("EINVAL");
  if (size > FILE_SIZE_MAX) return refuse("EFBIG");
  resize(disk, ownInode(disk, id), size, now);
  return DONE;
}

function rename(disk: Disk, from: Path, to: Path, now: DiskTime): OpResult {
  const id = disk.names.get(from);
  if (id === undefined) return refuse(isDirectory(disk, from) ? "EISDIR" : "ENOENT");
  const replaced = disk.names.get(to);
  if (replaced === id) return DONE; // Both are names of one file.
  const problem = replaced === undefined ? cannotName(disk, to) : null;
  if (problem !== null) return refuse(problem);
  logName(disk, { inode: id, from, to, replaces: replaced !== undefined }, now);
  disk.names.delete(from);
  disk.names.set(to, id);
  ownInode(disk, id).path = to;
  if (replaced !== undefined) dropReference(disk, replaced);
  return DONE;
}

function unlink(disk: Disk, file: Path, now: DiskTime): OpResult {
  const id = disk.names.get(file);
  if (id === undefined) return refuse(isDirectory(disk, file) ? "EISDIR" : "ENOENT");
  logName(disk, { inode: id, from: file, to: null, replaces: false }, now);
  disk.names.delete(file);
  dropReference(disk, id);
  return DONE;
}

function synchronizeDirectory(disk: Disk, directory: Path): OpResult {
  const path = directory.endsWith("/") ? directory.slice(0, -1) : directory;
  if (disk.names.has(path)) return refuse("ENOTDIR");
  syncDirectory(disk, path);
  return DONE;
}

/** A store is a copy in memory: the kernel may write a page when only a part of it is done. */
function copyBytes(
  disk: Disk,
  inode: Inode,
  offset: number,
  bytes: Uint8Array,
  now: DiskTime,
): void {
  const grain = disk.options.storeGrain ?? FILE_SIZE_MAX;
  const end = offset + bytes.length;
  for (let at = offset; at < end; ) {
    const next = Math.min(end, at - (at % grain) + grain);
    change(disk, inode, at, bytes.subarray(at - offset, next - offset), now);
    at = next;
  }
}

/** Changes bytes of the cache, and logs that page by page: the kernel writes a page or does not. */
function change(disk: Disk, inode: Inode, offset: number, bytes: Uint8Array, now: DiskTime): void {
  const end = offset + bytes.length;
  const operation = disk.nextSequence;
  for (let at = offset; at < end; ) {
    const next = Math.min(end, at - (at % PAGE_SIZE) + PAGE_SIZE);
    const whole = at === offset && next === end;
    const piece = whole ? bytes : bytes.subarray(at - offset, next - offset);
    putBytes(inode.livePages, disk.owner, at, piece);
    logData(disk, inode, at, piece, { operation, since: now });
    at = next;
  }
  touch(disk, inode);
}

function resize(disk: Disk, inode: Inode, size: number, now: DiskTime): void {
  if (size === inode.liveSize) return;
  logSize(disk, inode, size, null, now);
  if (size < inode.liveSize) cutBytes(inode.livePages, disk.owner, size);
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
  made: Pick<DataEffect, "operation" | "since">,
): void {
  const sequence = disk.nextSequence;
  addToLog(inode.log, { type: "data", sequence, inode: inode.id, offset, bytes, ...made });
  disk.nextSequence += numbersOfData(disk.options, offset, bytes.length);
  if (disk.pendingData === 0) disk.dataSince = made.since;
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
  const isRename = change.from !== null && change.to !== null;
  disk.nextSequence += numbersOfName(disk.options, isRename, change.replaces);
  addToLog(disk.nameLog, { type: "name", sequence, since, ...change });
  if (change.to !== null) addReference(disk, change.inode);
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
  return disk.names.get(file) ?? (isDirectory(disk, file) ? "EISDIR" : "ENOENT");
}

/** Why no file can have this new name. */
function cannotName(disk: Disk, path: Path): Errno | null {
  if (path === "") return "ENOENT";
  if (isDirectory(disk, path)) return "EISDIR";
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
    if (disk.names.has(path.slice(0, at))) return "ENOTDIR";
  }
  return null;
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
