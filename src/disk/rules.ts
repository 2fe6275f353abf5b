import { unreachable } from "#base/assert.ts";
import type { Disk, Effect, NameEffect, SizeEffect } from "./disk.ts";
import type { Implications, Part, Piece } from "./pieces.ts";
import { kernelShape, piecesOf, type Shape, shapeOf } from "./split.ts";
import { type DiskOptions, PAGE_SIZE, type Path, type Policy, type Rule } from "./types.ts";

interface ImplicationOptions {
  /**
   * New data may survive without the truncate that cut off the old data in its place. A crash under `adversarial` allows
   * that, and no other policy does.
   */
  readonly resurrects?: boolean;
  /** Of files, these alone; null: all. Names always. */
  readonly files?: ReadonlySet<number> | null;
}

/** The rules of the disk's policy on what is pending, for a crash of this kind. */
export function implicationsOf(
  disk: Disk,
  kind: "os" | "power",
  options: ImplicationOptions = {},
): Implications {
  const { resurrects = disk.options.policy === "adversarial", files = null } = options;
  const shape = shapeOf(disk.options, kind);
  const pieces = piecesOf(disk, shape, files);
  const rules = relate(disk.options, shape, pieces, resurrects);
  if (kind === "os" && disk.inDevice.size > 0) forceDevice(disk, rules);
  return rules;
}

/** The rules by which the kernel writes on its own: whole effects, and no data before the truncate that made its place. */
export function kernelImplications(
  disk: Disk,
  files: ReadonlySet<number> | null = null,
): Implications {
  const shape = kernelShape(disk.options);
  const pieces = piecesOf(disk, shape, files);
  return relate(disk.options, shape, pieces, false);
}

/** The device drains its cache when the system crashes. */
function forceDevice(disk: Disk, rules: Implications): void {
  const { pieces, forced } = rules;
  for (let i = 0; i < forced.length; i++) {
    const { parts } = pieces[i] as Piece;
    if (parts.every(({ effect }) => disk.inDevice.has(effect.sequence))) forced[i] = 1;
  }
  closeUp(rules, forced);
}

/** The pieces that these numbers name: by their own, by that of an effect of theirs, or by that of a piece of it. */
export function markNamed({ pieces }: Implications, numbers: readonly number[]): Uint8Array {
  const marked = new Uint8Array(pieces.length);
  const named = new Set(numbers);
  for (let i = 0; i < pieces.length; i++) {
    const { sequence, lastSequence, parts } = pieces[i] as Piece;
    let isNamed = parts.some(({ effect }) => named.has(effect.sequence));
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
  readonly cell: number;
  readonly sectorSize: number;
  readonly resurrects: boolean;
  readonly needs: number[];
  readonly rules: Rule[];
  /** By piece: who needed it last, so that nobody lists a need twice. */
  readonly neededBy: number[];
  readonly files: Map<number, FilePast>;
  readonly names: Map<Path, number>;
  readonly directories: Map<Path, number>;
  /** By inode: the effect that gave it its first name. */
  readonly firstLinks: Map<number, number>;
  /** Of the journal of metadata. */
  lastMetadata: number;
  /** Data since then, of all files. */
  freshData: number[];
}

interface FilePast {
  /** By cell: the last piece that wrote it since it was last cut off. */
  readonly cells: Map<number, number>;
  /** Truncates that made the file shorter, and the first cell that each cut off. */
  readonly cuts: { readonly piece: number; readonly cell: number }[];
  readonly data: number[];
  size: number;
  last: number;
}

function relate(
  options: DiskOptions,
  { cell }: Shape,
  pieces: readonly Piece[],
  resurrects: boolean,
): Implications {
  const past: Past = {
    pieces,
    policy: options.policy,
    cell,
    sectorSize: options.sectorSize,
    resurrects,
    needs: [],
    rules: [],
    neededBy: [],
    files: new Map(),
    names: new Map(),
    directories: new Map(),
    firstLinks: new Map(),
    lastMetadata: NONE,
    freshData: [],
  };
  const starts = [0];
  for (let i = 0; i < pieces.length; i++) {
    addNeeds(past, i, pieces[i] as Piece);
    starts.push(past.needs.length);
  }
  const { needs, rules } = past;
  return { pieces, starts, needs, rules, forced: new Uint8Array(pieces.length) };
}

function addNeeds(past: Past, piece: number, { kind, parts }: Piece): void {
  if (past.policy === "strict") {
    need(past, piece, piece - 1, "program-order");
    return;
  }
  const { effect } = parts[0] as Part;
  if (kind === "garble") addWritingNeeds(past, piece, parts, filePast(past, effect));
  else if (effect.type === "data") addDataNeeds(past, piece, parts, filePast(past, effect));
  else if (effect.type === "size") addSizeNeeds(past, piece, effect, filePast(past, effect));
  else if (effect.type === "name") addNameNeeds(past, piece, effect);
  else unreachable(effect);
}

/** What must have been written before the writing of these cells can begin. */
function addWritingNeeds(past: Past, piece: number, parts: readonly Part[], file: FilePast): void {
  for (const { offset } of parts) {
    const cell = Math.floor(offset / past.cell);
    const last = file.cells.get(cell);
    if (last !== undefined) need(past, piece, last, cellRule(past, piece, last, offset));
    if (past.resurrects) continue;
    need(past, piece, file.cuts.findLast((cut) => cut.cell <= cell)?.piece, "truncate-first");
  }
  if (past.policy === "per-file") need(past, piece, file.last, "file-order");
}

function addDataNeeds(past: Past, piece: number, parts: readonly Part[], file: FilePast): void {
  addWritingNeeds(past, piece, parts, file);
  if (past.pieces[piece - 1]?.kind === "garble") need(past, piece, piece - 1, "same-cell");
  for (const { offset } of parts) file.cells.set(Math.floor(offset / past.cell), piece);
  file.data.push(piece);
  file.last = piece;
  if (past.policy === "data-first") past.freshData.push(piece);
}

/** Why a write to a cell needs the one before it there: both touch one sector, or both only one page. */
function cellRule(past: Past, piece: number, last: number, offset: number): Rule {
  const before = past.pieces[last] as Piece;
  const effect = before.parts[0]?.effect;
  if (effect?.type !== "data") return "same-cell";
  if (effect === past.pieces[piece]?.parts[0]?.effect) return "byte-order";
  if (past.cell === past.sectorSize) return "same-cell";
  const page = Math.floor(offset / PAGE_SIZE);
  const inPage = ({ offset: at }: Part) => Math.floor(at / PAGE_SIZE) === page;
  const [one, other] = [before.parts.find(inPage), past.pieces[piece]?.parts.find(inPage)];
  if (one === undefined || other === undefined) return "whole-page";
  const sector = (at: number) => Math.floor(at / past.sectorSize);
  const isBefore = sector(one.offset + one.length - 1) < sector(other.offset);
  const isAfter = sector(one.offset) > sector(other.offset + other.length - 1);
  return isBefore || isAfter ? "whole-page" : "same-cell";
}

function addSizeNeeds(past: Past, piece: number, effect: SizeEffect, file: FilePast): void {
  need(past, piece, file.size, "same-cell");
  if (effect.after < effect.before) cutOff(past, piece, effect.after, file);
  if (past.policy === "per-file") need(past, piece, file.last, "file-order");
  if (effect.cuts || past.policy === "data-first") addMetadataNeeds(past, piece);
  else if (past.policy === "ordered-journal") needExposed(past, piece, effect, file);
  file.size = piece;
  file.last = piece;
}

/** A truncate writes zeros to the rest of the cell it ends in, and starts a new generation of all cells after it. */
function cutOff(past: Past, piece: number, size: number, file: FilePast): void {
  const cell = Math.ceil(size / past.cell);
  for (const written of [...file.cells.keys()]) if (written >= cell) file.cells.delete(written);
  file.cuts.push({ piece, cell });
  if (size % past.cell === 0) return;
  need(past, piece, file.cells.get(cell - 1), "same-cell");
  file.cells.set(cell - 1, piece);
}

/** What a write past the end exposes is what it wrote there: nothing else can lie behind the old end. */
function needExposed(past: Past, piece: number, effect: SizeEffect, file: FilePast): void {
  for (let k = file.data.length - 1; k >= 0; k--) {
    const written = file.data[k] as number;
    const { parts } = past.pieces[written] as Piece;
    if (!parts.some((part) => isOfCall(part, effect))) return;
    const isExposed = parts.some(
      ({ offset, length }) => offset + length > effect.before && offset < effect.after,
    );
    if (isExposed) need(past, piece, written, "exposed-data");
  }
}

function isOfCall({ effect }: Part, { operation }: SizeEffect): boolean {
  return effect.type === "data" && effect.operation === operation;
}

function addNameNeeds(past: Past, piece: number, effect: NameEffect): void {
  const { inode, from, to } = effect;
  const firstLink = past.firstLinks.get(inode);
  if (to !== null) {
    need(past, piece, firstLink, "first-name");
    // The last step of a rename is no creation; it has a number other than its effect's.
    const isCreation = from === null && past.pieces[piece]?.sequence === effect.sequence;
    if (isCreation) past.firstLinks.set(inode, piece);
  }
  for (const path of [from, to]) {
    if (path === null) continue;
    need(past, piece, past.names.get(path), "same-cell");
    past.names.set(path, piece);
    if (past.policy !== "per-file") continue;
    const directory = directoryOf(path);
    need(past, piece, past.directories.get(directory), "directory-order");
    past.directories.set(directory, piece);
  }
  addMetadataNeeds(past, piece);
  if (past.policy !== "ordered-journal" || !effect.replaces) return;
  needWholeFile(past, piece, filePast(past, effect));
}

function needWholeFile(past: Past, piece: number, file: FilePast): void {
  need(past, piece, file.size, "replaced-file");
  for (const written of file.cells.values()) need(past, piece, written, "replaced-file");
}

/** Three policies have a journal of metadata; in one of them it waits for all data. */
function addMetadataNeeds(past: Past, piece: number): void {
  if (past.policy === "per-file" || past.policy === "adversarial") return;
  need(past, piece, past.lastMetadata, "metadata-order");
  past.lastMetadata = piece;
  for (const data of past.freshData) need(past, piece, data, "data-before-metadata");
  past.freshData = [];
}

function need(past: Past, piece: number, needed: number | undefined, rule: Rule): void {
  if (needed === undefined || needed < 0 || needed === piece) return;
  if (past.neededBy[needed] === piece) return;
  past.neededBy[needed] = piece;
  past.needs.push(needed);
  past.rules.push(rule);
}

function filePast(past: Past, { inode }: Effect): FilePast {
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
