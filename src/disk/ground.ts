import { alwaysKept } from "./components.ts";
import { settlePieces } from "./crash.ts";
import {
  addInode,
  cloneDisk,
  createDisk,
  type Disk,
  inodeOf,
  ownInode,
  readRange,
  restartFromPlatter,
} from "./disk.ts";
import type { Pages } from "./pages.ts";
import type { Implications, Piece } from "./pieces.ts";
import { implicationsOf } from "./rules.ts";
import { type CrashKind, type Errno, PAGE_SIZE, type Path } from "./types.ts";

/** By piece: is it kept, lost, or not decided yet? What is decided is closed under the rules, both ways. */
export type Fate = Uint8Array;
export const UNDECIDED = 0;
export const KEPT = 1;
export const LOST = 2;

/** What has been asked of a disk, for whoever keeps an eye on it. */
export interface Effort {
  /** What the answers have cost so far, about a nanosecond each; the same on every machine. */
  spent: number;
  /** Is told on which pieces an answer depends, before it is given. */
  asked: ((pieces: readonly number[]) => void) | null;
}

/** A disk at the moment of a crash, prepared to be asked what it may hold afterwards. Never changes, but for what that cost. */
export interface Ground {
  /** A clone of its own, as it was before the crash. */
  readonly disk: Disk;
  readonly implications: Implications;
  /** By piece: the pieces that need it directly. */
  readonly neededBy: readonly (readonly number[])[];
  readonly files: ReadonlyMap<number, GroundFile>;
  /** By path: the pieces that change it, in program order. */
  readonly names: ReadonlyMap<Path, readonly number[]>;
  /** Every path that may exist afterwards. */
  readonly paths: readonly Path[];
  /** Those of these names that nothing pending can change, on a disk of their own; its bytes mean nothing. */
  readonly skeleton: Disk;
  /** Nothing is decided but what survives every crash. */
  readonly undecided: Fate;
  readonly effort: Effort;
}

/** Pieces that change one file, in program order. */
export interface GroundFile {
  readonly id: number;
  /** `data` and `garble`. */
  readonly contents: readonly number[];
  /** A chain: each needs the one before. */
  readonly sizes: readonly number[];
  /** By sector: those of the contents that reach into it, in program order. */
  readonly sectors: ReadonlyMap<number, readonly number[]>;
  /** By byte range, what it depends on, and what it was found to hold. */
  readonly ranges: Map<string, GroundRange>;
}

/** What the bytes of a range depend on. */
export interface GroundRange {
  readonly offset: number;
  readonly end: number;
  /** In the order in which they are best decided: how far the file goes comes before what it holds. */
  readonly pieces: readonly number[];
  /** Those of them that say how far it goes. */
  readonly sizes: readonly number[];
  /** Data and garbage in the range, in program order, also what survives every crash. */
  readonly contents: readonly number[];
  readonly found: Map<string, Found>;
}

/** What a range holds. `bytes` ends where the file does. */
export interface Found {
  readonly bytes: Uint8Array;
  readonly errno: Errno | null;
}

export function createGround(disk: Disk, kind: Exclude<CrashKind, "process">): Ground {
  const own = cloneDisk(disk);
  const implications = implicationsOf(own, kind);
  const { pieces, starts, needs } = implications;
  const neededBy: number[][] = pieces.map(() => []);
  const files = new Map<number, { id: number; contents: number[]; sizes: number[] }>();
  const names = new Map<Path, number[]>();
  for (const id of own.inodes.keys()) files.set(id, { id, contents: [], sizes: [] });
  for (const [index, piece] of pieces.entries()) {
    for (let k = starts[index] as number; k < (starts[index + 1] as number); k++) {
      neededBy[needs[k] as number]?.push(index);
    }
    const effect = piece.parts[0]?.effect;
    if (effect === undefined) continue;
    if (effect.type === "name") {
      for (const path of [effect.from, effect.to]) {
        if (path === null) continue;
        const known = names.get(path);
        if (known === undefined) names.set(path, [index]);
        else known.push(index);
      }
    } else {
      const file = files.get(effect.inode);
      if (piece.kind === "size") file?.sizes.push(index);
      else file?.contents.push(index);
    }
  }
  const undecided = alwaysKept(implications);
  const paths = [...new Set([...own.platterNames.keys(), ...names.keys()])].sort();
  const grounds = [...files].map(([id, file]): [number, GroundFile] => [
    id,
    { ...file, sectors: bySector(own, implications, file.contents), ranges: new Map() },
  ]);
  const skeleton = createSkeleton(own, names);
  return {
    ...{ disk: own, implications, neededBy, files: new Map(grounds), names, paths, skeleton },
    undecided,
    effort: { spent: 0, asked: null },
  };
}

function createSkeleton(disk: Disk, changed: ReadonlyMap<Path, unknown>): Disk {
  const { policy, sectorSize } = disk.options;
  const skeleton = createDisk({ policy, sectorSize, writeBack: null });
  skeleton.nextDescriptor = disk.nextDescriptor;
  skeleton.nextInode = disk.nextInode;
  for (const [path, id] of disk.platterNames) if (!changed.has(path)) addName(skeleton, path, id);
  return skeleton;
}

/** Gives a name to an inode of that number. */
export function addName(skeleton: Disk, path: Path, id: number): void {
  if (skeleton.inodes.has(id)) ownInode(skeleton, id).references += 2;
  else {
    const { nextInode } = skeleton;
    skeleton.nextInode = id;
    addInode(skeleton, path, [], 0).references = 2;
    skeleton.nextInode = nextInode;
  }
  skeleton.names.set(path, id);
  skeleton.platterNames.set(path, id);
}

/**
 * Decides a piece that is undecided, and all that follows from it, in place; what was decided is added to `trail`. Always
 * possible: had a need of it been lost, or a piece that needs it been kept, it would be decided already.
 */
export function decide(
  { implications: { starts, needs }, neededBy }: Ground,
  fate: Fate,
  piece: number,
  isKept: boolean,
  trail: number[],
): void {
  const value = isKept ? KEPT : LOST;
  let at = trail.length;
  fate[piece] = value;
  trail.push(piece);
  for (; at < trail.length; at++) {
    const next = trail[at] as number;
    if (isKept) {
      for (let k = starts[next] as number; k < (starts[next + 1] as number); k++) {
        const needed = needs[k] as number;
        if (fate[needed] !== UNDECIDED) continue;
        fate[needed] = value;
        trail.push(needed);
      }
    } else {
      for (const dependent of neededBy[next] as readonly number[]) {
        if (fate[dependent] !== UNDECIDED) continue;
        fate[dependent] = value;
        trail.push(dependent);
      }
    }
  }
}

/** Takes back what was decided since the trail was this long. */
export function undecide(fate: Fate, trail: number[], length: number): void {
  while (trail.length > length) fate[trail.pop() as number] = UNDECIDED;
}

/** The pieces that one state keeps, by number: the one that keeps least, or most, of those not told apart. */
export function stateOf({ implications }: Ground, fate: Fate, which: "least" | "most"): number[] {
  return implications.pieces
    .filter((_, i) => fate[i] === KEPT || (which === "most" && fate[i] === UNDECIDED))
    .map(({ sequence }) => sequence);
}

/** The disk after a crash that keeps these pieces, a closed set. */
export function crashedTo({ disk, implications }: Ground, kept: Uint8Array): Disk {
  const crashed = cloneDisk(disk);
  settlePieces(crashed, implications.pieces, kept);
  restartFromPlatter(crashed);
  return crashed;
}

/** The inode that a path leads to; null: none. All pieces of the path must be decided. */
export function namedBy(
  { disk, implications, names }: Ground,
  fate: Fate,
  path: Path,
): number | null {
  let inode = disk.platterNames.get(path) ?? null;
  for (const index of names.get(path) ?? []) {
    if (fate[index] !== KEPT) continue;
    const effect = implications.pieces[index]?.parts[0]?.effect;
    if (effect?.type !== "name") continue;
    if (effect.from === path) inode = null;
    if (effect.to === path) inode = effect.inode;
  }
  return inode;
}

/** What the bytes from `offset` up to before `end` of a file depend on. */
export function rangeOf(
  ground: Ground,
  file: GroundFile,
  offset: number,
  end: number,
): GroundRange {
  const key = `${offset} ${end}`;
  let range = file.ranges.get(key);
  if (range === undefined) {
    const isOpen = (piece: number): boolean => ground.undecided[piece] !== KEPT;
    const sizes = sizesThatMatter(ground, file, offset, end).filter(isOpen);
    const contents = contentsWithin(ground, file, offset, end);
    const pieces = [...sizes, ...contents.filter(isOpen)];
    range = { offset, end, pieces, sizes, contents, found: new Map() };
    file.ranges.set(key, range);
  }
  return range;
}

/** Bytes that a file may have afterwards, at most. */
export function sizeMost({ disk, implications }: Ground, { id, sizes }: GroundFile): number {
  let most = inodeOf(disk, id).platterSize;
  for (const index of sizes) {
    const effect = implications.pieces[index]?.parts[0]?.effect;
    if (effect?.type === "size") most = Math.max(most, effect.after);
  }
  return most;
}

const LOOK_COST = 200;
const PIECE_COST = 10;
/** Of a range that has not been put together before; and of each piece and byte of it. */
const SETTLE_COST = 3000;
const SETTLED_PIECE_COST = 100;

/** What the range holds when all that it depends on is decided; what is not counts as lost. */
export function lookAt(ground: Ground, file: GroundFile, range: GroundRange, fate: Fate): Found {
  const { pieces, found } = range;
  ground.effort.spent += LOOK_COST + pieces.length * PIECE_COST;
  let key = "";
  for (let i = 0; i < pieces.length; i++) key += fate[pieces[i] as number] === KEPT ? "1" : "0";
  let known = found.get(key);
  if (known === undefined) {
    known = settleRange(ground, file, range, fate);
    found.set(key, known);
  }
  return known;
}

/**
 * Of a chain of sizes those that change what is seen of the range: where the file ends in it, and what was cut off. Each
 * stands for all sizes between it and the next.
 */
function sizesThatMatter(
  { disk, implications }: Ground,
  { id, sizes }: GroundFile,
  offset: number,
  end: number,
): readonly number[] {
  const matter: number[] = [];
  const clip = (size: number): number => Math.max(offset, Math.min(end, size));
  let size = clip(inodeOf(disk, id).platterSize);
  for (const index of sizes) {
    const effect = implications.pieces[index]?.parts[0]?.effect;
    if (effect?.type !== "size") continue;
    const after = clip(effect.after);
    const cuts = effect.after < effect.before && effect.after < end;
    if (after !== size || cuts) matter.push(index);
    size = after;
  }
  return matter;
}

function bySector(
  { options: { sectorSize } }: Disk,
  { pieces }: Implications,
  contents: readonly number[],
): ReadonlyMap<number, readonly number[]> {
  const sectors = new Map<number, number[]>();
  for (const index of contents) {
    for (const { offset, length } of (pieces[index] as Piece).parts) {
      const last = Math.floor((offset + length - 1) / sectorSize);
      for (let sector = Math.floor(offset / sectorSize); sector <= last; sector++) {
        const known = sectors.get(sector);
        if (known === undefined) sectors.set(sector, [index]);
        else if (known[known.length - 1] !== index) known.push(index);
      }
    }
  }
  return sectors;
}

/** Data pieces and garbage that reach into the range; with garbage always the data that undoes it. */
function contentsWithin(
  { disk, implications }: Ground,
  { sectors }: GroundFile,
  offset: number,
  end: number,
): readonly number[] {
  const { sectorSize } = disk.options;
  // A sector is healed by a write of all of it: then also what lies beside the range matters.
  const isWide = disk.unreadable.size > 0;
  const from = isWide ? offset - (offset % sectorSize) : offset;
  const to = isWide ? Math.ceil(end / sectorSize) * sectorSize : end;
  const inside = new Set<number>();
  for (const index of piecesIn(
    sectors,
    Math.floor(from / sectorSize),
    Math.ceil(to / sectorSize),
  )) {
    const { kind, parts } = implications.pieces[index] as Piece;
    const isInside = parts.some((part) => part.offset < to && part.offset + part.length > from);
    if (!isInside) continue;
    inside.add(index);
    if (kind === "garble") inside.add(index + 1);
  }
  return [...inside].sort((a, b) => a - b);
}

/** Of the sectors from one on, up to before another; one piece may come several times. */
function* piecesIn(
  sectors: ReadonlyMap<number, readonly number[]>,
  from: number,
  to: number,
): Generator<number> {
  if (to - from > sectors.size) {
    for (const [sector, pieces] of sectors) if (sector >= from && sector < to) yield* pieces;
  } else {
    for (let sector = from; sector < to; sector++) yield* sectors.get(sector) ?? [];
  }
}

/** Puts what is kept of the range on a platter of its own, as the crash would, and looks. */
function settleRange(
  ground: Ground,
  file: GroundFile,
  { offset, end, contents }: GroundRange,
  fate: Fate,
): Found {
  const { disk, implications } = ground;
  const last = file.sizes.findLastIndex((piece) => fate[piece] === KEPT);
  const chosen = [...file.sizes.slice(0, last + 1), ...contents].sort((a, b) => a - b);
  const kept = Uint8Array.from(chosen, (piece) =>
    fate[piece] === KEPT || implications.pieces[piece]?.kind === "size" ? 1 : 0,
  );
  const scratch = scratchDisk(disk, file.id);
  const parts = chosen.map((piece) => implications.pieces[piece] as Piece);
  ground.effort.spent += SETTLE_COST + chosen.length * SETTLED_PIECE_COST;
  settlePieces(scratch, parts, kept);
  restartFromPlatter(scratch);
  if (scratch.unreadable.size > 0) {
    const result = readRange(scratch, PATH, offset, end - offset);
    if (!result.ok) return { bytes: new Uint8Array(), errno: result.errno };
  }
  const { livePages, liveSize } = inodeOf(scratch, file.id);
  ground.effort.spent += Math.max(0, Math.min(end, liveSize) - offset);
  const bytes = joinRange(livePages, offset, Math.max(offset, Math.min(end, liveSize)));
  return { bytes, errno: null };
}

const PATH: Path = "file";

/** This one file, under a name of its own. */
function scratchDisk(disk: Disk, id: number): Disk {
  return {
    ...disk,
    owner: {},
    inodes: new Map([[id, inodeOf(disk, id)]]),
    names: new Map(),
    platterNames: new Map([[PATH, id]]),
    descriptors: new Map(),
    nameLog: { items: [], count: 0 },
  };
}

function joinRange(pages: Pages, offset: number, end: number): Uint8Array {
  const bytes = new Uint8Array(end - offset);
  for (let at = offset; at < end; ) {
    const index = Math.floor(at / PAGE_SIZE);
    const start = index * PAGE_SIZE;
    const next = Math.min(end, start + PAGE_SIZE);
    const page = pages[index];
    if (page !== null && page !== undefined) {
      bytes.set(page.bytes.subarray(at - start, next - start), at - offset);
    }
    at = next;
  }
  return bytes;
}
