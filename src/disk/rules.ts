import { unreachable } from "#base/assert.ts";
import type { DataEffect, Disk, Effect, FileEffect, NameEffect, SizeEffect } from "./disk.ts";
import { type CrashKind, PAGE_SIZE, type Path, type Policy } from "./types.ts";

/**
 * What survives or is lost as one: an effect, or one sector of it when power fails. Effects are logged as finely as they
 * happen; that a kernel writes whole pages only is said here, by taking the sectors of an effect as one piece.
 */
export interface Piece {
  /** The effect's number; a single sector of several has its own. */
  readonly sequence: number;
  /** The last number that names it: of its last sector, when it is several. */
  readonly lastSequence: number;
  readonly effect: Effect;
  /** Byte range of data in its file; 0, 0 otherwise. */
  readonly offset: number;
  readonly length: number;
}

/**
 * The pieces in program order, and for each the pieces that survive if it does. Those are always earlier ones, so one pass
 * over the order closes a set.
 */
export interface Implications {
  readonly pieces: readonly Piece[];
  /** The direct needs of piece i are `needs[starts[i]]` up to before `needs[starts[i + 1]]`. */
  readonly starts: readonly number[];
  readonly needs: readonly number[];
}

/** A process crash loses nothing; what it would be asked about is answered as for a crash of the system. */
export function grainOf(disk: Disk, kind: CrashKind): number {
  return kind === "power" ? disk.options.sectorSize : PAGE_SIZE;
}

/** What is pending on these files and on names, in program order. */
function piecesOf(disk: Disk, grain: number, files: ReadonlySet<number> | null): Piece[] {
  const pieces: Piece[] = [];
  for (const { id, log } of disk.inodes.values()) {
    if (files !== null && !files.has(id)) continue;
    for (let i = 0; i < log.count; i++) {
      const effect = log.items[i] as FileEffect;
      if (effect.type === "data") splitData(pieces, effect, disk.options.sectorSize, grain);
      else pieces.push(wholePiece(effect));
    }
  }
  for (let i = 0; i < disk.nameLog.count; i++) {
    pieces.push(wholePiece(disk.nameLog.items[i] as NameEffect));
  }
  return pieces.sort((a, b) => a.sequence - b.sequence);
}

function wholePiece(effect: SizeEffect | NameEffect): Piece {
  const { sequence } = effect;
  return { sequence, lastSequence: sequence, effect, offset: 0, length: 0 };
}

function splitData(pieces: Piece[], effect: DataEffect, sectorSize: number, grain: number): void {
  const { offset, bytes, sequence } = effect;
  const { length } = bytes;
  const first = Math.floor(offset / sectorSize);
  const last = Math.floor((offset + length - 1) / sectorSize);
  if (first === last || grain !== sectorSize) {
    const lastSequence = sequence + (first === last ? 0 : last - first + 1);
    pieces.push({ sequence, lastSequence, effect, offset, length });
    return;
  }
  for (let sector = first; sector <= last; sector++) {
    const at = Math.max(offset, sector * sectorSize);
    const end = Math.min(offset + length, (sector + 1) * sectorSize);
    const own = sequence + 1 + sector - first;
    pieces.push({ sequence: own, lastSequence: own, effect, offset: at, length: end - at });
  }
}

/**
 * The rules of a policy on what is pending, at this grain (bytes). `resurrects`: new data may survive without the truncate
 * that cut off the old data in its place; a crash under `adversarial` allows that, the kernel's own writing does not.
 * `files`: of files, these alone (null: all).
 */
export function implicationsOf(
  disk: Disk,
  grain: number,
  resurrects: boolean = disk.options.policy === "adversarial",
  files: ReadonlySet<number> | null = null,
): Implications {
  const pieces = piecesOf(disk, grain, files);
  const past: Past = {
    pieces,
    policy: disk.options.policy,
    grain,
    resurrects,
    needs: [],
    neededBy: [],
    files: new Map(),
    names: new Map(),
    directories: new Map(),
    firstLinks: new Map(),
    lastMetadata: NONE,
  };
  const starts = [0];
  for (let i = 0; i < pieces.length; i++) {
    addNeeds(past, i, (pieces[i] as Piece).effect);
    starts.push(past.needs.length);
  }
  return { pieces, starts, needs: past.needs };
}

/** The pieces that these numbers name: by their own, by that of their effect, or by that of a sector of theirs. */
export function markNamed({ pieces }: Implications, numbers: readonly number[]): Uint8Array {
  const marked = new Uint8Array(pieces.length);
  const named = new Set(numbers);
  for (let i = 0; i < pieces.length; i++) {
    const { effect, sequence, lastSequence } = pieces[i] as Piece;
    let isNamed = named.has(effect.sequence);
    for (let number = sequence; number <= lastSequence && !isNamed; number++) {
      isNamed = named.has(number);
    }
    if (isNamed) marked[i] = 1;
  }
  return marked;
}

/** Marks what the marked pieces need, in place. */
export function closeUp({ pieces, starts, needs }: Implications, kept: Uint8Array): void {
  for (let i = pieces.length - 1; i >= 0; i--) {
    if (kept[i] !== 1) continue;
    for (let k = starts[i] as number; k < (starts[i + 1] as number); k++) {
      kept[needs[k] as number] = 1;
    }
  }
}

/** Marks what cannot survive without the marked pieces, in place. */
export function closeDown({ pieces, starts, needs }: Implications, lost: Uint8Array): void {
  for (let i = 0; i < pieces.length; i++) {
    for (let k = starts[i] as number; k < (starts[i + 1] as number); k++) {
      if (lost[needs[k] as number] === 1) lost[i] = 1;
    }
  }
}

const NONE = -1;

/** The last pieces so far, in program order, that a later one may need, as indices; `NONE` where there is none. */
interface Past {
  readonly pieces: readonly Piece[];
  readonly policy: Policy;
  readonly grain: number;
  readonly resurrects: boolean;
  readonly needs: number[];
  /** By piece: who needed it last, so that nobody lists a need twice. */
  readonly neededBy: number[];
  readonly files: Map<number, FilePast>;
  readonly names: Map<Path, number>;
  readonly directories: Map<Path, number>;
  /** By inode: the effect that gave it its first name. */
  readonly firstLinks: Map<number, number>;
  /** Of the metadata journal: names and truncates. */
  lastMetadata: number;
}

interface FilePast {
  /** By cell, a page or a sector: the last piece that wrote it since it was last cut off. */
  readonly cells: Map<number, number>;
  /** Truncates that made the file shorter, and the first cell that each cut off. */
  readonly cuts: { readonly piece: number; readonly cell: number }[];
  readonly data: number[];
  size: number;
  last: number;
}

function addNeeds(past: Past, piece: number, effect: Effect): void {
  if (past.policy === "strict") {
    need(past, piece, piece - 1);
    return;
  }
  switch (effect.type) {
    case "data":
      addDataNeeds(past, piece, filePast(past, effect.inode));
      break;
    case "size":
      addSizeNeeds(past, piece, effect, filePast(past, effect.inode));
      break;
    case "name":
      addNameNeeds(past, piece, effect);
      break;
    default:
      unreachable(effect);
  }
}

function addDataNeeds(past: Past, piece: number, file: FilePast): void {
  const cell = Math.floor((past.pieces[piece] as Piece).offset / past.grain);
  need(past, piece, file.cells.get(cell));
  if (!past.resurrects) need(past, piece, file.cuts.findLast((cut) => cut.cell <= cell)?.piece);
  if (past.policy === "per-file") need(past, piece, file.last);
  file.cells.set(cell, piece);
  file.data.push(piece);
  file.last = piece;
}

function addSizeNeeds(past: Past, piece: number, effect: SizeEffect, file: FilePast): void {
  need(past, piece, file.size);
  if (effect.after < effect.before) cutOff(past, piece, effect.after, file);
  if (past.policy === "per-file") need(past, piece, file.last);
  if (past.policy === "ordered-journal") {
    if (effect.cuts) chainMetadata(past, piece);
    else needExposed(past, piece, effect, file);
  }
  file.size = piece;
  file.last = piece;
}

/** A truncate writes zeros to the rest of the cell it ends in, and starts a new generation of all cells after it. */
function cutOff(past: Past, piece: number, size: number, file: FilePast): void {
  const cell = Math.ceil(size / past.grain);
  for (const written of [...file.cells.keys()]) if (written >= cell) file.cells.delete(written);
  file.cuts.push({ piece, cell });
  if (size % past.grain === 0) return;
  need(past, piece, file.cells.get(cell - 1));
  file.cells.set(cell - 1, piece);
}

/** What a write past the end exposes is the last it wrote: nothing else can lie there. */
function needExposed(past: Past, piece: number, effect: SizeEffect, file: FilePast): void {
  for (let k = file.data.length - 1; k >= 0; k--) {
    const written = file.data[k] as number;
    const { offset, length } = past.pieces[written] as Piece;
    if (offset + length <= effect.before || offset >= effect.after) return;
    need(past, piece, written);
  }
}

function addNameNeeds(past: Past, piece: number, effect: NameEffect): void {
  if (effect.from === null) past.firstLinks.set(effect.inode, piece);
  else if (effect.to !== null) need(past, piece, past.firstLinks.get(effect.inode));
  for (const path of [effect.from, effect.to]) {
    if (path === null) continue;
    need(past, piece, past.names.get(path));
    past.names.set(path, piece);
    if (past.policy !== "per-file") continue;
    const directory = directoryOf(path);
    need(past, piece, past.directories.get(directory));
    past.directories.set(directory, piece);
  }
  if (past.policy !== "ordered-journal") return;
  chainMetadata(past, piece);
  if (effect.replaces) needWholeFile(past, piece, filePast(past, effect.inode));
}

function needWholeFile(past: Past, piece: number, file: FilePast): void {
  need(past, piece, file.size);
  for (const written of file.cells.values()) need(past, piece, written);
}

function chainMetadata(past: Past, piece: number): void {
  need(past, piece, past.lastMetadata);
  past.lastMetadata = piece;
}

function need(past: Past, piece: number, needed: number | undefined): void {
  if (needed === undefined || needed < 0 || needed === piece) return;
  if (past.neededBy[needed] === piece) return;
  past.neededBy[needed] = piece;
  past.needs.push(needed);
}

function filePast(past: Past, inode: number): FilePast {
  let file = past.files.get(inode);
  if (file === undefined) {
    file = { cells: new Map(), cuts: [], data: [], size: NONE, last: NONE };
    past.files.set(inode, file);
  }
  return file;
}

/** "" for a path without a directory. */
export function directoryOf(path: Path): Path {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
