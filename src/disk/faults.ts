import { unreachable } from "#base/assert.ts";
import { type ArmedFault, type Disk, type Inode, isCached, ownInode, rereadFile } from "./disk.ts";
import { addMarks, dropMarks, marked, sectorsOf, unswear } from "./marks.ts";
import { cutBytes, type Pages, putBytes } from "./pages.ts";
import { touchPlatter } from "./settle.ts";
import { type DiskFault, type DiskTime, PAGE_SIZE, type Path } from "./types.ts";

/**
 * Puts a fault there. Null: it is; else why it cannot be ("there is no file A/wal"), and nothing has changed. A fault that
 * waits for a call need not know its file yet: names are compared when the call is made.
 */
export function injectFault(disk: Disk, fault: DiskFault, now: DiskTime): string | null {
  const problem = problemWith(disk, fault);
  if (problem !== null) return problem;
  disk.clock = now;
  switch (fault.type) {
    case "sync-fails":
    case "write-fails":
    case "create-fails":
    case "lost-write":
      disk.armed = [...disk.armed, fault];
      break;
    case "capacity":
      disk.capacity = fault.bytes;
      break;
    case "flushing":
      disk.flushing = fault.flushing;
      break;
    case "unreadable":
      makeUnreadable(disk, fileAt(disk, fault.file), fault.offset);
      break;
    case "rot":
      rot(disk, fileAt(disk, fault.file), fault.offset, fault.bit);
      break;
    case "evict":
      evict(disk, fileAt(disk, fault.file));
      break;
    default:
      return unreachable(fault);
  }
  return null;
}

/**
 * The armed fault of this kind that strikes a call on this file (or directory, by its path), which uses up one of its
 * counts; null: none does. A file without a name is only struck by what is about any.
 */
export function strike<Type extends ArmedFault["type"]>(
  disk: Disk,
  type: Type,
  file: Inode | Path,
): Extract<ArmedFault, { type: Type }> | null {
  if (disk.armed.length === 0) return null;
  const at = disk.armed.findIndex((fault) => fault.type === type && isAbout(disk, fault, file));
  const fault = disk.armed[at];
  if (fault === undefined) return null;
  const left = "count" in fault ? fault.count - 1 : 0;
  const rest = left > 0 ? [{ ...fault, count: left } as ArmedFault] : [];
  disk.armed = disk.armed.toSpliced(at, 1, ...rest);
  return fault as Extract<ArmedFault, { type: Type }>;
}

/**
 * What a failed sync does to a file. `clean`: its dirty pages count as written, so no later sync writes them; sizes are
 * metadata and stay dirty, as was measured on ext4 and XFS (Rebello et al., "Can Applications Recover from fsync
 * Failures?", ATC 2020). `revert`: the cache is what the platter holds. What a lying sync brought to the device stays there.
 */
export function failSync(disk: Disk, inode: Inode): void {
  const { syncFailure } = disk.options;
  if (syncFailure === "stay-dirty") return;
  const { items, count } = inode.log;
  const rest = [];
  const forgotten: number[] = [];
  for (let i = 0; i < count; i++) {
    const effect = items[i];
    if (effect === undefined) continue;
    const isLost = effect.type === "data" || syncFailure === "revert";
    if (!isLost || disk.inDevice.has(effect.sequence)) {
      rest.push(effect);
      continue;
    }
    if (effect.type === "data") disk.pendingData--;
    else disk.pendingMetadata--;
    unswear(disk, effect.sequence);
    if (syncFailure === "clean" && effect.type === "data") {
      forgotten.push(...sectorsOf(disk, effect.offset, effect.bytes.length));
    }
  }
  addMarks(disk, "forgotten", inode.id, forgotten);
  inode.log = { items: rest, count: rest.length };
  if (syncFailure === "clean") dropForgottenFrom(disk, inode, inode.liveSize);
  else {
    cutBytes(inode.platterPages, disk.owner, inode.platterSize);
    evict(disk, inode);
  }
  disk.liveVersion++;
}

/** From now on these bytes of the cache are clean, and nobody will write them. */
export function forget(disk: Disk, inode: Inode, offset: number, length: number): void {
  addMarks(disk, "forgotten", inode.id, sectorsOf(disk, offset, length));
}

/** The cache has been cut at this size. */
export function dropForgottenFrom(disk: Disk, inode: Inode, size: number): void {
  dropMarks(disk, "forgotten", inode.id, (sector) => sector * disk.options.sectorSize >= size);
}

/**
 * The range that becomes dirty when this one, inside one page, is written: a kernel writes pages as the cache holds them, so
 * what an earlier failure made it forget of this page goes along with the next write to it.
 */
export function dirtyRange(
  disk: Disk,
  inode: Inode,
  offset: number,
  end: number,
): { readonly offset: number; readonly end: number } {
  const { sectorSize } = disk.options;
  const known = marked(disk.forgotten, inode.id);
  const page = sectorsOf(disk, offset - (offset % PAGE_SIZE), PAGE_SIZE);
  const forgotten = page.filter((sector) => known.has(sector));
  const [first, last] = [forgotten[0], forgotten[forgotten.length - 1]];
  if (first === undefined || last === undefined) return { offset, end };
  dropMarks(disk, "forgotten", inode.id, (sector) => forgotten.includes(sector));
  return {
    offset: Math.min(offset, first * sectorSize),
    end: Math.max(end, Math.min((last + 1) * sectorSize, inode.liveSize)),
  };
}

/** A write to a part of a sector reads the rest of it first. Would that fail? */
export function needsUnreadable(disk: Disk, inode: Inode, offset: number, end: number): boolean {
  if (disk.unreadable.size === 0) return false;
  const { sectorSize } = disk.options;
  for (const sector of disk.unreadable.get(inode.id) ?? []) {
    const start = sector * sectorSize;
    const last = Math.min(start + sectorSize, inode.liveSize);
    const isTouched = offset < start + sectorSize && end > start;
    const isWhole = offset <= start && end >= last;
    if (isTouched && !isWhole && !isCached(disk, inode, sector)) return true;
  }
  return false;
}

/**
 * Bytes that count against the capacity: the sizes of all files that a name or a descriptor leads to now, holes included,
 * names and directories not.
 */
export function usedBytes(disk: Disk): number {
  let used = 0;
  for (const id of livingInodes(disk)) used += disk.inodes.get(id)?.liveSize ?? 0;
  return used;
}

/**
 * Has this file found room on the platter when what it has grown to is given a place at last? Of the other files only what
 * has reached the platter counts.
 */
export function hasPlace(disk: Disk, inode: Inode): boolean {
  if (disk.capacity === null) return true;
  let used = Math.max(inode.liveSize, inode.platterSize);
  if (used === inode.platterSize) return true;
  for (const id of livingInodes(disk)) {
    if (id !== inode.id) used += disk.inodes.get(id)?.platterSize ?? 0;
  }
  return used <= disk.capacity;
}

function livingInodes(disk: Disk): Set<number> {
  return new Set([...disk.names.values(), ...disk.descriptors.values()]);
}

function problemWith(disk: Disk, fault: DiskFault): string | null {
  switch (fault.type) {
    case "sync-fails":
    case "write-fails":
    case "create-fails":
      return isCount(fault.count) ? null : `"${fault.count}" is no number of calls`;
    case "capacity":
      return fault.bytes === null || isByte(fault.bytes)
        ? null
        : `"${fault.bytes}" is no number of bytes`;
    case "unreadable":
    case "rot":
      return problemWithByte(disk, fault);
    case "evict":
      return disk.names.has(fault.file) ? null : `there is no file ${fault.file}`;
    case "lost-write":
    case "flushing":
      return null;
    default:
      return unreachable(fault);
  }
}

function problemWithByte(
  disk: Disk,
  fault: Extract<DiskFault, { type: "unreadable" | "rot" }>,
): string | null {
  const { file, offset } = fault;
  const inode = disk.inodes.get(disk.names.get(file) ?? 0);
  if (inode === undefined) return `there is no file ${file}`;
  if (!isByte(offset) || offset >= inode.liveSize) return `the file ${file} has no byte ${offset}`;
  if (offset >= inode.platterSize) {
    return `byte ${offset} of ${file} has not reached the platter yet`;
  }
  if (fault.type === "rot" && !(isByte(fault.bit) && fault.bit < 8)) {
    return `a byte has no bit ${fault.bit}`;
  }
  return null;
}

function fileAt(disk: Disk, path: Path): Inode {
  return ownInode(disk, disk.names.get(path) ?? 0);
}

function makeUnreadable(disk: Disk, inode: Inode, offset: number): void {
  addMarks(disk, "unreadable", inode.id, [Math.floor(offset / disk.options.sectorSize)]);
  disk.liveVersion++;
  disk.durableVersion++;
}

/** The cache takes it over where it is clean: what is read anew is as rotten. */
function rot(disk: Disk, inode: Inode, offset: number, bit: number): void {
  const sector = Math.floor(offset / disk.options.sectorSize);
  flip(disk, inode.platterPages, offset, bit);
  touchPlatter(disk, inode);
  addMarks(disk, "rotten", inode.id, [sector]);
  if (disk.forgotten.get(inode.id)?.has(sector) || isDirty(inode, offset)) return;
  flip(disk, inode.livePages, offset, bit);
  inode.liveBytes = null;
  disk.liveVersion++;
}

function flip(disk: Disk, pages: Pages, offset: number, bit: number): void {
  const byte = pages[Math.floor(offset / PAGE_SIZE)]?.bytes[offset % PAGE_SIZE] ?? 0;
  putBytes(pages, disk.owner, offset, Uint8Array.of(byte ^ (1 << bit)));
}

/** Does something pending decide this byte? */
function isDirty({ log }: Inode, offset: number): boolean {
  for (let i = 0; i < log.count; i++) {
    const effect = log.items[i];
    if (effect?.type === "data") {
      if (effect.offset <= offset && offset < effect.offset + effect.bytes.length) return true;
    } else if (effect !== undefined && effect.after <= offset && effect.after < effect.before) {
      return true;
    }
  }
  return false;
}

function evict(disk: Disk, inode: Inode): void {
  rereadFile(disk, inode);
  dropMarks(disk, "forgotten", inode.id, () => true);
  disk.liveVersion++;
}

function isAbout({ names }: Disk, fault: ArmedFault, file: Inode | Path): boolean {
  if (fault.type === "create-fails" || fault.file === null) return true;
  return typeof file === "string" ? fault.file === file : names.get(fault.file) === file.id;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}

function isByte(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
