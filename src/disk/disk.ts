import { assert } from "#base/assert.ts";
import { addText, createDigest, digestOfBytes, digestText } from "#base/digest.ts";
import { dropAllMarks, marked, unswear, unswearAll } from "./marks.ts";
import { cutBytes, joinPages, type Pages, putBytes, sharePages, splitPages } from "./pages.ts";
import {
  type Descriptor,
  DISK_DEFAULTS,
  type DiskFault,
  type DiskOptions,
  type DiskSettings,
  type DiskTime,
  type Flushing,
  type Image,
  type Path,
  type ReadResult,
} from "./types.ts";

/**
 * A change that has not reached the platter: immutable, so that clones share it. One that power loss can take apart takes
 * a number for itself and one more for each piece, in order (numbers.ts).
 */
export type Effect = FileEffect | NameEffect;
export type FileEffect = DataEffect | SizeEffect;

/** Bytes of one page, as one store or one piece of a write changed them. */
export interface DataEffect {
  readonly type: "data";
  readonly sequence: number;
  /** The number of the first effect of the same call: those of one write may survive or be lost as one. */
  readonly operation: number;
  readonly inode: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly since: DiskTime;
}

/** `cuts`: by truncate(2), in either direction; otherwise a write past the end made the file longer. */
export interface SizeEffect {
  readonly type: "size";
  readonly sequence: number;
  readonly operation: number;
  readonly inode: number;
  readonly before: number;
  readonly after: number;
  readonly cuts: boolean;
  readonly since: DiskTime;
}

/** A create has no `from`, an unlink no `to`; a rename is one effect on two names. */
export interface NameEffect {
  readonly type: "name";
  readonly sequence: number;
  readonly inode: number;
  readonly from: Path | null;
  readonly to: Path | null;
  /** A rename onto a name that was there. */
  readonly replaces: boolean;
  readonly since: DiskTime;
}

/**
 * Effects in program order. Clones share the array, each sees its first `count`; who finds the array longer than its own
 * count copies it before adding.
 */
export interface Log<Kind> {
  items: Kind[];
  count: number;
}

export interface Inode {
  owner: object;
  readonly id: number;
  /** The last name it had. */
  path: Path;
  /** Names, descriptors and pending names that lead here; at zero nobody can ever see it again. */
  references: number;
  liveSize: number;
  livePages: Pages;
  platterSize: number;
  /** May hold bytes beyond `platterSize`, written before the size was. */
  platterPages: Pages;
  log: Log<FileEffect>;
  /** What lying syncs have said of all of the log up to this number: not looked at twice. */
  sworn: { readonly until: number; readonly flushing: Flushing };
  /** What readers were given, until it changes. */
  liveBytes: Uint8Array | null;
  platterBytes: Uint8Array | null;
  platterDigest: string | null;
}

/** A fault that waits for the call it is about; paths are compared when that call is made. */
export type ArmedFault = Extract<
  DiskFault,
  { type: "sync-fails" | "write-fails" | "create-fails" | "lost-write" }
>;

/** Sectors by inode, counted from the start of the file. Replaced, never changed, so that clones share them. */
export type SectorMarks = ReadonlyMap<number, ReadonlySet<number>>;

/**
 * The disk of one machine: files as every process sees them (live), files as the platter holds them, and the effects
 * between the two. Plain data; `cloneDisk` is the cheap copy.
 */
export interface Disk {
  readonly options: DiskOptions;
  /** Changes whenever a clone is taken, which makes all that was there until then copy-on-write. */
  owner: object;
  readonly inodes: Map<number, Inode>;
  readonly names: Map<Path, number>;
  readonly platterNames: Map<Path, number>;
  readonly descriptors: Map<Descriptor, number>;
  nameLog: Log<NameEffect>;
  nextInode: number;
  nextDescriptor: Descriptor;
  nextSequence: number;
  /** Changes whenever the live image may have changed. */
  liveVersion: number;
  /** Changes whenever the minimal image may have changed. */
  durableVersion: number;
  pendingData: number;
  pendingMetadata: number;
  /** No pending data that is not awaiting its commit (no pending metadata) is older than this. */
  dataSince: DiskTime;
  metadataSince: DiskTime;
  /** Timed write-back is done up to here. */
  writtenUntil: DiskTime;
  /** When it last looked for old data. */
  wokenAt: DiskTime;
  /**
   * By inode: its data up to this sequence is written, to blocks that the next commit gives to the file; until then a reader
   * after a crash finds a hole. Replaced, never changed.
   */
  awaiting: ReadonlyMap<number, number>;
  /** Time of the last operation. */
  clock: DiskTime;
  /** What syncs do from now on; starts as the options say, like `capacity`. */
  flushing: Flushing;
  capacity: number | null;
  /** Replaced, never changed. */
  armed: readonly ArmedFault[];
  /** Pending effects that a lying sync brought to the device's own cache. Changed by `swear` and `unswear` alone. */
  inDevice: Set<number>;
  /** Pending effects that a sync said were durable. */
  forsworn: Set<number>;
  /** Whose the two sets above are to change in place. */
  oathOwner: object;
  /** A bit of the platter has flipped here. */
  rotten: SectorMarks;
  /** The platter does not give these back. */
  unreadable: SectorMarks;
  /** Newer in the cache, with nothing pending that would write it: readers see it until an eviction or a crash. */
  forgotten: SectorMarks;
  /** A crash left a part of a write here, or garbage in place of one. */
  torn: SectorMarks;
  liveCache: CachedImage | null;
  minimalCache: CachedImage | null;
}

interface CachedImage {
  readonly version: number;
  readonly image: Image;
}

export function createDisk(settings: DiskSettings): Disk {
  const options: DiskOptions = { ...DISK_DEFAULTS, ...settings };
  const { writeBack } = options;
  assert(
    writeBack === null || (writeBack.wakeEvery >= 1 && writeBack.metadataEvery >= 1),
    "write-back wakes up at least a microsecond apart",
  );
  const { storeGrain } = options;
  assert(
    storeGrain === null || (Number.isInteger(storeGrain) && storeGrain >= 1),
    "a store is written in pieces of a byte at least",
  );
  const owner = {};
  return {
    options,
    owner,
    inodes: new Map(),
    names: new Map(),
    platterNames: new Map(),
    descriptors: new Map(),
    nameLog: { items: [], count: 0 },
    nextInode: 1,
    nextDescriptor: 3,
    nextSequence: 1,
    liveVersion: 1,
    durableVersion: 1,
    pendingData: 0,
    pendingMetadata: 0,
    dataSince: 0,
    metadataSince: 0,
    writtenUntil: 0,
    wokenAt: 0,
    awaiting: new Map(),
    clock: 0,
    flushing: options.flushing,
    capacity: options.capacity,
    armed: [],
    inDevice: new Set(),
    forsworn: new Set(),
    oathOwner: owner,
    rotten: new Map(),
    unreadable: new Map(),
    forgotten: new Map(),
    torn: new Map(),
    liveCache: null,
    minimalCache: null,
  };
}

/** A second disk with the same content and the same future. Costs a pointer a file; pages are copied when changed. */
export function cloneDisk(disk: Disk): Disk {
  disk.owner = {};
  return {
    ...disk,
    owner: {},
    inodes: new Map(disk.inodes),
    names: new Map(disk.names),
    platterNames: new Map(disk.platterNames),
    descriptors: new Map(disk.descriptors),
    nameLog: { ...disk.nameLog },
  };
}

/** Puts a file where it is live and durable at once, in place of what had the name. For before the first boot. */
export function installFile(disk: Disk, path: Path, bytes: Uint8Array): void {
  const pages = splitPages(bytes);
  const inode = addInode(disk, path, pages, bytes.length);
  inode.references = 2;
  const before = disk.names.get(path);
  const platterBefore = disk.platterNames.get(path);
  disk.names.set(path, inode.id);
  disk.platterNames.set(path, inode.id);
  if (before !== undefined) dropReference(disk, before);
  if (platterBefore !== undefined) dropReference(disk, platterBefore);
  disk.liveVersion++;
  disk.durableVersion++;
}

/** What a process reads now; null when there is no such file. Never changed afterwards; not to be written to. */
export function readFile(disk: Disk, path: Path): Uint8Array | null {
  const id = disk.names.get(path);
  return id === undefined ? null : liveBytes(inodeOf(disk, id));
}

/**
 * What a process reads of a file from `offset` on: `length` bytes, fewer where the file ends. EIO when a sector of it is
 * unreadable and the cache does not hold it.
 */
export function readRange(disk: Disk, path: Path, offset: number, length: number): ReadResult {
  const id = disk.names.get(path);
  if (id === undefined) return { ok: false, errno: "ENOENT" };
  const inode = inodeOf(disk, id);
  const end = Math.min(inode.liveSize, offset + length);
  if (disk.unreadable.size > 0 && hasUnreadable(disk, inode, offset, end)) {
    return { ok: false, errno: "EIO" };
  }
  return { ok: true, bytes: liveBytes(inode).subarray(offset, Math.max(offset, end)) };
}

/** Does the cache hold something for this sector that the platter does not: dirty, cut off, or forgotten? */
export function isCached(disk: Disk, inode: Inode, sector: number): boolean {
  if (marked(disk.forgotten, inode.id).has(sector)) return true;
  const { sectorSize } = disk.options;
  const start = sector * sectorSize;
  const end = start + sectorSize;
  const { items, count } = inode.log;
  for (let i = 0; i < count; i++) {
    const effect = items[i] as FileEffect;
    if (effect.type === "data") {
      if (effect.offset < end && effect.offset + effect.bytes.length > start) return true;
    } else if (effect.after < effect.before && effect.after < end) return true;
  }
  return false;
}

/** Reads the file anew: the cache is the platter's with the whole log on it. */
export function rereadFile(disk: Disk, inode: Inode): void {
  inode.livePages = sharePages(inode.platterPages);
  inode.liveSize = inode.platterSize;
  inode.liveBytes = null;
  for (let i = 0; i < inode.log.count; i++) {
    const effect = inode.log.items[i] as FileEffect;
    if (effect.type === "data") putBytes(inode.livePages, disk.owner, effect.offset, effect.bytes);
    else {
      if (effect.after < effect.before) cutBytes(inode.livePages, disk.owner, effect.after);
      inode.liveSize = effect.after;
    }
  }
}

/** Bytes; null when there is no such file. */
export function fileSize(disk: Disk, path: Path): number | null {
  const id = disk.names.get(path);
  return id === undefined ? null : inodeOf(disk, id).liveSize;
}

/** Paths that begin with `prefix`, in code unit order. */
export function listFiles(disk: Disk, prefix: Path): readonly Path[] {
  return [...disk.names.keys()].filter((path) => path.startsWith(prefix)).sort();
}

/** All files as processes see them, by path in code unit order. */
export function liveImage(disk: Disk): Image {
  if (disk.liveCache?.version === disk.liveVersion) return disk.liveCache.image;
  const image = imageOf(disk, disk.names, liveBytes);
  disk.liveCache = { version: disk.liveVersion, image };
  return image;
}

/** All files as the platter holds them: what a crash that keeps nothing unsynced leaves. */
export function minimalImage(disk: Disk): Image {
  if (disk.minimalCache?.version === disk.durableVersion) return disk.minimalCache.image;
  const image = imageOf(disk, disk.platterNames, platterBytes);
  disk.minimalCache = { version: disk.durableVersion, image };
  return image;
}

/** Tells platters apart: names and bytes, nothing pending. */
export function platterDigest(disk: Disk): string {
  const digest = createDigest();
  for (const path of [...disk.platterNames.keys()].sort()) {
    const inode = inodeOf(disk, disk.platterNames.get(path) ?? 0);
    addText(digest, path);
    inode.platterDigest ??= digestOfBytes(platterBytes(inode));
    addText(digest, inode.platterDigest);
  }
  return digestText(digest);
}

/** How many effects the next crash may lose. */
export function pendingCount(disk: Disk): number {
  return disk.pendingData + disk.pendingMetadata;
}

/** Closes what a process had open; those already closed are passed over. */
export function closeAll(disk: Disk, descriptors: Iterable<Descriptor>): void {
  for (const descriptor of descriptors) {
    const id = disk.descriptors.get(descriptor);
    if (id === undefined) continue;
    disk.descriptors.delete(descriptor);
    dropReference(disk, id);
  }
}

/** Makes what the platter holds all that there is: memory is gone, and with it descriptors and everything pending. */
export function restartFromPlatter(disk: Disk): void {
  disk.names.clear();
  disk.descriptors.clear();
  const named = new Map<number, Path>();
  for (const [path, id] of disk.platterNames) {
    named.set(id, path);
    disk.names.set(path, id);
  }
  for (const id of [...disk.inodes.keys()]) {
    const path = named.get(id);
    if (path === undefined) {
      disk.inodes.delete(id);
      dropAllMarks(disk, id);
    } else loseMemory(disk, ownInode(disk, id), path);
  }
  // A name is a reference of memory and one of the platter; a rename half done leaves two names.
  for (const id of disk.names.values()) inodeOf(disk, id).references += 2;
  disk.nameLog = { items: [], count: 0 };
  disk.pendingData = 0;
  disk.awaiting = new Map();
  disk.pendingMetadata = 0;
  disk.forgotten = new Map();
  unswearAll(disk);
  disk.liveVersion++;
}

function loseMemory(disk: Disk, inode: Inode, path: Path): void {
  cutBytes(inode.platterPages, disk.owner, inode.platterSize);
  inode.path = path;
  inode.references = 0;
  inode.liveSize = inode.platterSize;
  inode.livePages = sharePages(inode.platterPages);
  inode.log = { items: [], count: 0 };
  inode.liveBytes = inode.platterBytes;
}

export const NOT_SWORN: Inode["sworn"] = { until: 0, flushing: "honest" };

/** An inode with nothing pending whose live and durable content are these pages. */
export function addInode(disk: Disk, path: Path, pages: Pages, size: number): Inode {
  const inode: Inode = {
    owner: disk.owner,
    id: disk.nextInode++,
    path,
    references: 0,
    liveSize: size,
    livePages: pages,
    platterSize: size,
    platterPages: pages.slice(),
    log: { items: [], count: 0 },
    sworn: NOT_SWORN,
    liveBytes: null,
    platterBytes: null,
    platterDigest: null,
  };
  disk.inodes.set(inode.id, inode);
  return inode;
}

export function inodeOf(disk: Disk, id: number): Inode {
  const inode = disk.inodes.get(id);
  assert(inode !== undefined, `inode ${id} is there while something leads to it`);
  return inode;
}

/** The inode to change: copied first when a clone shares it. */
export function ownInode(disk: Disk, id: number): Inode {
  const inode = inodeOf(disk, id);
  if (inode.owner === disk.owner) return inode;
  const own: Inode = {
    ...inode,
    owner: disk.owner,
    livePages: inode.livePages.slice(),
    platterPages: inode.platterPages.slice(),
    log: { ...inode.log },
  };
  disk.inodes.set(id, own);
  return own;
}

export function addReference(disk: Disk, id: number): void {
  ownInode(disk, id).references++;
}

/** The last reference takes the inode along, and all that is pending on it: no crash state could show it. */
export function dropReference(disk: Disk, id: number): void {
  const inode = ownInode(disk, id);
  inode.references--;
  if (inode.references > 0) return;
  for (let i = 0; i < inode.log.count; i++) {
    const effect = inode.log.items[i] as FileEffect;
    if (effect.type === "data") disk.pendingData--;
    else disk.pendingMetadata--;
    unswear(disk, effect.sequence);
  }
  disk.inodes.delete(id);
  dropAllMarks(disk, id);
}

export function addToLog<Kind>(log: Log<Kind>, effect: Kind): void {
  if (log.items.length !== log.count) log.items = log.items.slice(0, log.count);
  log.items.push(effect);
  log.count++;
}

function imageOf(
  disk: Disk,
  names: ReadonlyMap<Path, number>,
  bytesOf: (inode: Inode) => Uint8Array,
): Image {
  const image = new Map<Path, Uint8Array>();
  for (const path of [...names.keys()].sort()) {
    image.set(path, bytesOf(inodeOf(disk, names.get(path) ?? 0)));
  }
  return image;
}

function hasUnreadable(disk: Disk, inode: Inode, offset: number, end: number): boolean {
  const { sectorSize } = disk.options;
  for (const sector of marked(disk.unreadable, inode.id)) {
    const isTouched = sector * sectorSize < end && (sector + 1) * sectorSize > offset;
    if (isTouched && !isCached(disk, inode, sector)) return true;
  }
  return false;
}

function liveBytes(inode: Inode): Uint8Array {
  inode.liveBytes ??= joinPages(inode.livePages, inode.liveSize);
  return inode.liveBytes;
}

function platterBytes(inode: Inode): Uint8Array {
  inode.platterBytes ??= joinPages(inode.platterPages, inode.platterSize);
  return inode.platterBytes;
}
