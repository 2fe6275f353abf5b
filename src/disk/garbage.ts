import { draw, scale } from "#base/rng.ts";
import type { Disk, FileEffect, Inode, SizeEffect } from "./disk.ts";
import { PREFIX_PIECES_MAX } from "./numbers.ts";
import { putBytes } from "./pages.ts";
import type { Part } from "./pieces.ts";
import { type DiskOptions, type DiskTime, PAGE_SIZE } from "./types.ts";

/**
 * What a disk may give back where nobody wrote it: the same bytes in the same sector of the same file, whatever made them
 * garbage, for as long as the seed is the same. Integers alone, so that every engine has the same.
 */
export function garbageOf(
  { seed, sectorSize }: Pick<DiskOptions, "seed" | "sectorSize">,
  inode: number,
  offset: number,
  length: number,
): Uint8Array {
  const bytes = new Uint8Array(length);
  let sector = -1;
  let base = 0;
  for (let i = 0; i < length; i++) {
    const at = offset + i;
    const own = Math.floor(at / sectorSize);
    if (own !== sector) {
      sector = own;
      base = draw(seed, `garbage: ${inode} ${sector}`);
    }
    bytes[i] = mix(base + (at % sectorSize));
  }
  return bytes;
}

function mix(value: number): number {
  let a = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  a = Math.imul(a ^ (a >>> 15), 0x846ca68b);
  return (a ^ (a >>> 16)) & 0xff;
}

/** Puts garbage on the platter. */
export function putGarbage(disk: Disk, inode: Inode, offset: number, length: number): void {
  const bytes = garbageOf(disk.options, inode.id, offset, length);
  for (let at = offset; at < offset + length; ) {
    const next = Math.min(offset + length, at - (at % PAGE_SIZE) + PAGE_SIZE);
    putBytes(inode.platterPages, disk.owner, at, bytes.subarray(at - offset, next - offset));
    at = next;
  }
}

/**
 * A size has reached the platter without these parts of the write that made it, among others: what it shows there is what
 * the blocks held before, zeros or garbage.
 */
export function expose(disk: Disk, inode: Inode, size: SizeEffect, missing: readonly Part[]): void {
  if (disk.options.exposure === "zeros") return;
  for (const { effect, offset, length } of missing) {
    if (effect.type !== "data" || effect.operation !== size.operation) continue;
    const from = Math.max(offset, size.before);
    const to = Math.min(offset + length, size.after);
    if (from < to) putGarbage(disk, inode, from, to - from);
  }
}

/** The same for effects that stay in the log, in program order, as the size leaves it. */
export function exposeUnwritten(
  disk: Disk,
  inode: Inode,
  size: SizeEffect,
  unwritten: readonly FileEffect[],
): void {
  for (let i = unwritten.length - 1; i >= 0; i--) {
    const effect = unwritten[i];
    if (effect?.type !== "data" || effect.operation !== size.operation) return;
    const { offset, bytes } = effect;
    expose(disk, inode, size, [{ effect, offset, length: bytes.length }]);
  }
}

/**
 * Where power loss may cut what one write changes of one sector, under `byte-prefix`: offsets after which nothing of it
 * arrived, ascending. Up to `PREFIX_PIECES_MAX` bytes, after every byte; of more, at so many places, drawn one from each of
 * equal stretches. So every cut can happen, and a burst of 20 kB is still a few hundred pieces.
 */
export function cutsOf(
  seed: number,
  inode: number,
  since: DiskTime,
  from: number,
  to: number,
): readonly number[] {
  const length = to - from;
  const cuts: number[] = [];
  if (length <= PREFIX_PIECES_MAX) {
    for (let at = from + 1; at < to; at++) cuts.push(at);
    return cuts;
  }
  const stretches = PREFIX_PIECES_MAX - 1;
  for (let i = 0; i < stretches; i++) {
    const low = 1 + Math.floor((i * (length - 1)) / stretches);
    const high = Math.floor(((i + 1) * (length - 1)) / stretches);
    cuts.push(from + scale(draw(seed, `cut: ${inode} ${since} ${from} ${i}`), low, high));
  }
  return cuts;
}
