import { unreachable } from "#base/assert.ts";
import { draw, scale } from "#base/rng.ts";
import {
  cloneDisk,
  closeAll,
  type Disk,
  type Effect,
  liveImage,
  ownInode,
  pendingCount,
  restartFromPlatter,
} from "./disk.ts";
import { flush } from "./flush.ts";
import { unswear } from "./marks.ts";
import {
  closeUp,
  grainOf,
  type Implications,
  implicationsOf,
  markNamed,
  type Piece,
} from "./rules.ts";
import { settleName, settlePart, touchPlatter } from "./settle.ts";
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
 * keeps or loses whole pages, power loss each sector; both keep a set that the policy allows, and what they keep is durable.
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
function keep(disk: Disk, kind: CrashKind, survivors: Survivors): number {
  if (pendingCount(disk) === 0) return 0;
  switch (survivors.type) {
    case "none":
      return 0;
    case "all":
      return flush(disk, null);
    case "seeded": {
      const rules = implicationsOf(disk, grainOf(disk, kind));
      return settlePieces(disk, rules, drawSurvivors(rules, survivors.draw));
    }
    case "chosen": {
      const rules = implicationsOf(disk, grainOf(disk, kind));
      const chosen = markNamed(rules, survivors.effects);
      closeUp(rules, chosen);
      return settlePieces(disk, rules, chosen);
    }
    default:
      return unreachable(survivors);
  }
}

/** Any closed set can come of this; that of everything and that of nothing often do. */
function drawSurvivors({ pieces, starts, needs }: Implications, drawn: number): Uint8Array {
  const kept = new Uint8Array(pieces.length);
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

function settlePieces(disk: Disk, { pieces }: Implications, kept: Uint8Array): number {
  const whole = new Map<Effect, boolean>();
  for (let i = 0; i < pieces.length; i++) {
    const { effect, offset, length } = pieces[i] as Piece;
    whole.set(effect, kept[i] === 1 && whole.get(effect) !== false);
    if (kept[i] !== 1 || effect.type === "name") continue;
    const inode = ownInode(disk, effect.inode);
    settlePart(disk, inode, effect, offset, length);
    touchPlatter(disk, inode);
  }
  // Names last: one may take a file along that was written to after it had lost its name.
  for (let i = 0; i < pieces.length; i++) {
    const { effect } = pieces[i] as Piece;
    if (kept[i] === 1 && effect.type === "name") settleName(disk, effect);
  }
  disk.durableVersion++;
  let count = 0;
  for (const [effect, isWhole] of whole) {
    if (!isWhole) continue;
    unswear(disk, effect.sequence);
    count++;
  }
  return count;
}
