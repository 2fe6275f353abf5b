import { unreachable } from "#base/assert.ts";
import { draw, scale } from "#base/rng.ts";
import {
  cloneDisk,
  closeAll,
  type Disk,
  liveImage,
  ownInode,
  pendingCount,
  restartFromPlatter,
} from "./disk.ts";
import { flush } from "./flush.ts";
import { expose, putGarbage } from "./garbage.ts";
import { unswear } from "./marks.ts";
import type { Implications, Part, Piece } from "./pieces.ts";
import { closeUp, implicationsOf, markNamed } from "./rules.ts";
import { settleName, settlePart, touchPlatter } from "./settle.ts";
import { markTorn } from "./tear.ts";
import type { CrashKind, Image, Survivors } from "./types.ts";

/** Pending effects that a crash kept in full, and those it took all or a part of. */
export interface CrashToll {
  readonly kept: number;
  readonly lost: number;
  /** Of those lost: how many a sync had said were durable. */
  readonly forsworn: number;
}

/**
 * What is left after a crash, in place. A process crash takes the descriptors alone: the cache is the system's. An OS crash
 * keeps or loses whole pages, power loss what the tear of the disk says; both keep a set that the policy allows, and what
 * they keep is durable.
 */
export function crash(disk: Disk, kind: CrashKind, survivors: Survivors): CrashToll {
  const pending = pendingCount(disk);
  if (kind === "process") {
    closeAll(disk, [...disk.descriptors.keys()]);
    return { kept: pending, lost: 0, forsworn: 0 };
  }
  const kept = keep(disk, kind, survivors);
  const forsworn = disk.forsworn.size;
  restartFromPlatter(disk);
  return { kept, lost: pending - kept, forsworn };
}

/** The files that a crash keeping these effects, and what they need, would leave. The disk stays as it is. */
export function crashImage(disk: Disk, keep: readonly number[], kind: CrashKind = "os"): Image {
  const copy = cloneDisk(disk);
  crash(copy, kind, { type: "chosen", effects: keep });
  return liveImage(copy);
}

/** Puts the survivors on the platter; returns how many effects survived in full. */
function keep(disk: Disk, kind: "os" | "power", survivors: Survivors): number {
  if (pendingCount(disk) === 0) return 0;
  if (survivors.type === "all") return flush(disk, null);
  if (survivors.type === "none" && (kind === "power" || disk.inDevice.size === 0)) return 0;
  const rules = implicationsOf(disk, kind);
  const kept = survivorsOf(rules, survivors);
  closeUp(rules, kept);
  const whole = settlePieces(disk, rules.pieces, kept);
  if (kind === "power") markTorn(disk, rules.pieces, kept);
  return whole;
}

function survivorsOf(rules: Implications, survivors: Survivors): Uint8Array {
  const { forced } = rules;
  switch (survivors.type) {
    case "none":
      return forced.slice();
    case "all":
      return forced.slice().fill(1);
    case "seeded":
      return drawSurvivors(rules, survivors.draw);
    case "chosen":
      return markNamed(rules, survivors.effects).map((named, i) => named | (forced[i] as number));
    default:
      return unreachable(survivors);
  }
}

/** Any closed set can come of this; that of everything and that of nothing often do. */
function drawSurvivors({ pieces, starts, needs, forced }: Implications, drawn: number): Uint8Array {
  const kept = forced.slice();
  const middle = scale(draw(drawn, "survivors: middle"), 0, pieces.length);
  const early = pick(EARLY_PER_MILLE, draw(drawn, "survivors: early"));
  const late = pick(LATE_PER_MILLE, draw(drawn, "survivors: late"));
  for (let i = 0; i < kept.length; i++) {
    let isPossible = true;
    for (let k = starts[i] as number; k < (starts[i + 1] as number); k++) {
      if (kept[needs[k] as number] !== 1) isPossible = false;
    }
    if (!isPossible) continue;
    const coin = scale(draw(drawn, `survivors: ${(pieces[i] as Piece).sequence}`), 0, 999);
    if (coin < (i < middle ? early : late)) kept[i] = 1;
  }
  return kept;
}

/** How likely an effect is kept when what it needs is: before and after a point of the log that is drawn as well. */
const EARLY_PER_MILLE = [1000, 1000, 990, 900, 500];
const LATE_PER_MILLE = [0, 0, 100, 500, 900];

function pick(rates: readonly number[], drawn: number): number {
  return rates[scale(drawn, 0, rates.length - 1)] as number;
}

/** Puts these pieces, a closed set of all, on the platter. Returns of how many effects nothing is missing. */
export function settlePieces(disk: Disk, pieces: readonly Piece[], kept: Uint8Array): number {
  const isWhole = new Map<number, boolean>();
  const missing: Part[] = [];
  for (let i = 0; i < pieces.length; i++) {
    const { kind, parts } = pieces[i] as Piece;
    const isKept = kept[i] === 1;
    if (kind === "garble") {
      if (isKept && kept[i + 1] !== 1) garble(disk, parts);
      continue;
    }
    if (isKept) for (const part of parts) settleWith(disk, part, missing);
    else if (kind === "data") missing.push(...parts);
    if (kind === "size") missing.length = 0;
    for (const { effect } of parts) {
      isWhole.set(effect.sequence, isKept && isWhole.get(effect.sequence) !== false);
    }
  }
  // Names last: one may take a file along that was written to after it had lost its name.
  for (let i = 0; i < pieces.length; i++) {
    const effect = (pieces[i] as Piece).parts[0]?.effect;
    if (kept[i] === 1 && effect?.type === "name") settleName(disk, effect);
  }
  disk.durableVersion++;
  let count = 0;
  for (const [sequence, whole] of isWhole) {
    if (!whole) continue;
    unswear(disk, sequence);
    count++;
  }
  return count;
}

/** `missing`: what was lost of the data before it, since the last size. */
function settleWith(disk: Disk, { effect, offset, length }: Part, missing: readonly Part[]): void {
  if (effect.type === "name") return;
  const inode = ownInode(disk, effect.inode);
  settlePart(disk, inode, effect, offset, length);
  if (effect.type === "size") expose(disk, inode, effect, missing);
  touchPlatter(disk, inode);
}

/** Power failed while these sectors were being written. */
function garble(disk: Disk, sectors: readonly Part[]): void {
  for (const { effect, offset, length } of sectors) {
    if (effect.type === "name") continue;
    const inode = ownInode(disk, effect.inode);
    putGarbage(disk, inode, offset, length);
    touchPlatter(disk, inode);
  }
}
