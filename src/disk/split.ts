import type { DataEffect, Disk, Effect, FileEffect, NameEffect, SizeEffect } from "./disk.ts";
import { cutsOf } from "./garbage.ts";
import { numberOfGarbage, numberOfPiece, numbersOfData, numbersOfName } from "./numbers.ts";
import type { Part, Piece } from "./pieces.ts";
import { type DiskOptions, PAGE_SIZE, type Tear } from "./types.ts";

/** How finely what is pending may be kept or lost. */
export interface Shape {
  /** A cell of so many bytes survives with all that was written to it before. */
  readonly cell: number;
  readonly tear: Tear;
  readonly garbles: boolean;
  readonly splitsRenames: boolean;
}

/**
 * As the kernel itself writes: whole pages of a write and whole renames. What a disk promises never to tear it is not made
 * to tear by writing early: then all of a write.
 */
export function kernelShape({ tear }: Pick<DiskOptions, "tear">): Shape {
  return {
    cell: PAGE_SIZE,
    tear: tear === "none" ? "none" : "page",
    garbles: false,
    splitsRenames: false,
  };
}

export function shapeOf(options: DiskOptions, kind: "os" | "power"): Shape {
  const splitsRenames = !options.renameAtomic;
  if (kind === "os") return { cell: PAGE_SIZE, tear: "page", garbles: false, splitsRenames };
  const { tear, sectorSize } = options;
  const cell = tear === "none" || tear === "page" ? PAGE_SIZE : sectorSize;
  return { cell, tear, garbles: !options.powersafeOverwrite, splitsRenames };
}

/** What is pending on names and on these files (null: on all), in program order. */
export function piecesOf(disk: Disk, shape: Shape, files: ReadonlySet<number> | null): Piece[] {
  const pieces: Piece[] = [];
  const effects = effectsOf(disk, files);
  for (let i = 0; i < effects.length; ) {
    const effect = effects[i] as Effect;
    let end = i + 1;
    if (effect.type === "name") addName(pieces, disk.options, shape, effect);
    else if (effect.type === "size") pieces.push(wholePiece("size", effect));
    else if (shape.tear === "none") {
      while (isOfSameCall(effects[end], effect)) end++;
      addWhole(pieces, disk.options, shape, effects.slice(i, end) as DataEffect[]);
    } else if (shape.tear === "page") addWhole(pieces, disk.options, shape, [effect]);
    else addSectors(pieces, disk.options, shape, effect);
    i = end;
  }
  return pieces;
}

function effectsOf(disk: Disk, files: ReadonlySet<number> | null): readonly Effect[] {
  const effects: Effect[] = [];
  for (const { id, log } of disk.inodes.values()) {
    if (files !== null && !files.has(id)) continue;
    for (let i = 0; i < log.count; i++) effects.push(log.items[i] as FileEffect);
  }
  for (let i = 0; i < disk.nameLog.count; i++) effects.push(disk.nameLog.items[i] as NameEffect);
  return effects.sort((a, b) => a.sequence - b.sequence);
}

function isOfSameCall(effect: Effect | undefined, { operation }: DataEffect): boolean {
  return effect?.type === "data" && effect.operation === operation;
}

function wholePiece(kind: "size" | "name", effect: SizeEffect | NameEffect, last = 0): Piece {
  const { sequence } = effect;
  const lastSequence = Math.max(last, sequence);
  return { sequence, lastSequence, kind, parts: [{ effect, offset: 0, length: 0 }] };
}

/** A rename that is not atomic leaves its steps, each a change of one name, in the order of ALICE's file systems. */
function addName(
  pieces: Piece[],
  options: DiskOptions,
  { splitsRenames }: Shape,
  effect: NameEffect,
): void {
  const { sequence, from, to, replaces } = effect;
  const isRename = from !== null && to !== null;
  if (!isRename || !splitsRenames) {
    const last = sequence + numbersOfName(options, isRename, replaces) - 1;
    pieces.push(wholePiece("name", effect, last));
    return;
  }
  const steps: NameEffect[] = [
    { ...effect, to: null, replaces: false },
    { ...effect, from: null },
  ];
  if (replaces) steps.unshift({ ...effect, from: to, to: null, replaces: false });
  for (const [k, step] of steps.entries()) {
    const number = sequence + 1 + k;
    const parts = [{ effect: step, offset: 0, length: 0 }];
    pieces.push({ sequence: number, lastSequence: number, kind: "name", parts });
  }
}

/** These effects of one call as one piece. */
function addWhole(
  pieces: Piece[],
  options: DiskOptions,
  { garbles }: Shape,
  effects: readonly DataEffect[],
): void {
  const first = effects[0] as DataEffect;
  const last = effects[effects.length - 1] as DataEffect;
  const parts = effects.map(
    (effect): Part => ({ effect, offset: effect.offset, length: effect.bytes.length }),
  );
  if (garbles) pieces.push(garbleOf(options, parts, numberOfGarbage(first.sequence, 0)));
  pieces.push({
    sequence: garbles ? numberOfPiece(options, first.sequence, 0, 1) : first.sequence,
    lastSequence: last.sequence + numbersOfData(options, last.offset, last.bytes.length) - 1,
    kind: "data",
    parts,
  });
}

/** The sectors of an effect, and under `byte-prefix` their pieces, each by itself. */
function addSectors(
  pieces: Piece[],
  options: DiskOptions,
  { garbles }: Shape,
  effect: DataEffect,
): void {
  const { sectorSize } = options;
  const { sequence, offset } = effect;
  const end = offset + effect.bytes.length;
  const starts: number[] = [];
  for (let from = offset; from < end; ) {
    const to = Math.min(end, from - (from % sectorSize) + sectorSize);
    starts.push(from);
    if (options.tear === "byte-prefix") {
      starts.push(...cutsOf(options.seed, effect.inode, effect.since, from, to));
    }
    from = to;
  }
  for (let k = 0; k < starts.length; k++) {
    const from = starts[k] as number;
    const parts = [{ effect, offset: from, length: (starts[k + 1] ?? end) - from }];
    if (garbles && (k === 0 || from % sectorSize === 0)) {
      pieces.push(garbleOf(options, parts, numberOfGarbage(sequence, k)));
    }
    const number = numberOfPiece(options, sequence, k, starts.length);
    pieces.push({ sequence: number, lastSequence: number, kind: "data", parts });
  }
}

/** Whole sectors: also what lies in them beside the write. */
function garbleOf({ sectorSize }: DiskOptions, data: readonly Part[], sequence: number): Piece {
  const parts = data.map(({ effect, offset, length }): Part => {
    const from = offset - (offset % sectorSize);
    const to = Math.ceil((offset + length) / sectorSize) * sectorSize;
    return { effect, offset: from, length: to - from };
  });
  return { sequence, lastSequence: sequence, kind: "garble", parts };
}
