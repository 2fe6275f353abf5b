import type { DiskOptions } from "./types.ts";

/** `byte-prefix` cuts what a write changes of one sector into so many pieces at most. */
export const PREFIX_PIECES_MAX = 8;

type Grain = Pick<DiskOptions, "sectorSize" | "tear" | "powersafeOverwrite">;

/**
 * How many numbers a data effect takes: one for itself and, when power loss takes it apart, one more for each piece of it,
 * so that who chooses survivors can name either.
 */
export function numbersOfData(options: Grain, offset: number, length: number): number {
  const pieces = piecesOfData(options, offset, length);
  if (!options.powersafeOverwrite) return 1 + 2 * pieces;
  return pieces === 1 ? 1 : 1 + pieces;
}

/** A rename that is not atomic is its steps: unlink the destination, if there is one; unlink the source; link the destination. */
export function numbersOfName(
  options: Pick<DiskOptions, "renameAtomic">,
  isRename: boolean,
  replaces: boolean,
): number {
  return options.renameAtomic || !isRename ? 1 : replaces ? 4 : 3;
}

/** The number of the k-th data piece of an effect that has `pieces` of them. */
export function numberOfPiece(
  { powersafeOverwrite }: Pick<DiskOptions, "powersafeOverwrite">,
  sequence: number,
  k: number,
  pieces: number,
): number {
  if (!powersafeOverwrite) return sequence + 2 + 2 * k;
  return pieces === 1 ? sequence : sequence + 1 + k;
}

/** The number of the garbage that the k-th data piece may leave instead. */
export function numberOfGarbage(sequence: number, k: number): number {
  return sequence + 1 + 2 * k;
}

function piecesOfData(options: Grain, offset: number, length: number): number {
  const { sectorSize, tear } = options;
  if (tear === "none" || tear === "page") return 1;
  const first = Math.floor(offset / sectorSize);
  const last = Math.floor((offset + length - 1) / sectorSize);
  if (tear === "sector") return last - first + 1;
  let pieces = 0;
  for (let sector = first; sector <= last; sector++) {
    const from = Math.max(offset, sector * sectorSize);
    const to = Math.min(offset + length, (sector + 1) * sectorSize);
    pieces += Math.min(PREFIX_PIECES_MAX, to - from);
  }
  return pieces;
}
