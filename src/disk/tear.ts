import type { Disk, Effect } from "./disk.ts";
import { addMarks, sectorsOf } from "./marks.ts";
import type { Piece } from "./pieces.ts";

/** Marks the sectors in which a crash that kept these pieces has left a part of what a call wrote to a page, or garbage. */
export function markTorn(disk: Disk, pieces: readonly Piece[], kept: Uint8Array): void {
  const partly = partlyKept(pieces, kept);
  const torn = new Map<number, Set<number>>();
  for (let i = 0; i < pieces.length; i++) {
    if (kept[i] !== 1) continue;
    const { kind, parts } = pieces[i] as Piece;
    if (kind === "garble" ? kept[i + 1] === 1 : kind !== "data") continue;
    for (const part of parts) {
      if (part.effect.type !== "data") continue;
      const sectors = torn.get(part.effect.inode) ?? new Set();
      torn.set(part.effect.inode, sectors);
      const isTorn = kind === "garble" || partly.has(part.effect);
      for (const sector of sectorsOf(disk, part.offset, part.length)) {
        if (isTorn) sectors.add(sector);
        else sectors.delete(sector);
      }
    }
  }
  for (const [id, sectors] of torn) {
    const size = disk.inodes.get(id)?.platterSize ?? 0; // Its last name may have gone in this crash.
    const isInside = (sector: number) => sector * disk.options.sectorSize < size;
    addMarks(disk, "torn", id, [...sectors].filter(isInside));
  }
}

function partlyKept(pieces: readonly Piece[], kept: Uint8Array): ReadonlySet<Effect> {
  const some = new Set<Effect>();
  const lost = new Set<Effect>();
  for (let i = 0; i < pieces.length; i++) {
    const { kind, parts } = pieces[i] as Piece;
    if (kind !== "data") continue;
    for (const { effect } of parts) (kept[i] === 1 ? some : lost).add(effect);
  }
  return new Set([...some].filter((effect) => lost.has(effect)));
}
