import type { Disk, SectorMarks } from "./disk.ts";

// What is noted beside a disk's content: sectors that are not as they should be, and syncs that lied. All of it is empty on
// a healthy disk, so each change looks at that first.

/** What a sector may be marked as. */
export type Mark = "rotten" | "unreadable" | "forgotten" | "torn";

const MARKS: readonly Mark[] = ["rotten", "unreadable", "forgotten", "torn"];
const NONE: ReadonlySet<number> = new Set();

/** The sectors of a file that are marked so, counted from its start. */
export function marked(marks: SectorMarks, inode: number): ReadonlySet<number> {
  return marks.get(inode) ?? NONE;
}

/** The sectors that these bytes of a file touch. */
export function sectorsOf(disk: Disk, offset: number, length: number): readonly number[] {
  const { sectorSize } = disk.options;
  const sectors: number[] = [];
  for (let at = Math.floor(offset / sectorSize); at * sectorSize < offset + length; at++) {
    sectors.push(at);
  }
  return sectors;
}

export function addMarks(disk: Disk, mark: Mark, inode: number, sectors: Iterable<number>): void {
  const known = marked(disk[mark], inode);
  const grown = new Set([...known, ...sectors]);
  if (grown.size > known.size) disk[mark] = new Map(disk[mark]).set(inode, grown);
}

/** Takes a mark off the sectors for which this holds. */
export function dropMarks(
  disk: Disk,
  mark: Mark,
  inode: number,
  isHealed: (sector: number) => boolean,
): void {
  const known = disk[mark].get(inode);
  if (known === undefined) return;
  const rest = new Set([...known].filter((sector) => !isHealed(sector)));
  if (rest.size === known.size) return;
  const marks = new Map(disk[mark]);
  if (rest.size === 0) marks.delete(inode);
  else marks.set(inode, rest);
  disk[mark] = marks;
}

/** The file is gone, and so are its sectors. */
export function dropAllMarks(disk: Disk, inode: number): void {
  for (const mark of MARKS) dropMarks(disk, mark, inode, () => true);
}

/** Notes that a sync said that these pending effects are durable; `toDevice`: they did leave the page cache. */
export function swear(disk: Disk, effects: Iterable<number>, toDevice: boolean): void {
  ownOaths(disk);
  for (const effect of effects) {
    disk.forsworn.add(effect);
    if (toDevice) disk.inDevice.add(effect);
  }
}

/** The effect is not pending any more: what was sworn about it no longer matters. */
export function unswear(disk: Disk, effect: number): void {
  if (disk.forsworn.size === 0 || !disk.forsworn.has(effect)) return;
  ownOaths(disk);
  disk.forsworn.delete(effect);
  disk.inDevice.delete(effect);
}

/** Nothing is pending any more. */
export function unswearAll(disk: Disk): void {
  disk.oathOwner = disk.owner;
  disk.forsworn = new Set();
  disk.inDevice = new Set();
}

function ownOaths(disk: Disk): void {
  if (disk.oathOwner === disk.owner) return;
  disk.oathOwner = disk.owner;
  disk.forsworn = new Set(disk.forsworn);
  disk.inDevice = new Set(disk.inDevice);
}
