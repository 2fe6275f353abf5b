import { type Disk, type Effect, inodeOf, ownInode } from "./disk.ts";
import {
  closeUp,
  directoryOf,
  type Implications,
  implicationsOf,
  markNamed,
  type Piece,
} from "./rules.ts";
import { has, settle, settleFile } from "./settle.ts";
import { PAGE_SIZE, type Path } from "./types.ts";

/** fsync(2): what is pending on the file, and what that needs, is on the platter afterwards. Its name is not included. */
export function syncInode(disk: Disk, id: number): void {
  const { log } = inodeOf(disk, id);
  if (log.count === 0) return;
  const { policy } = disk.options;
  if (policy === "strict" || (policy === "ordered-journal" && has(log, isTruncate))) {
    settleClosure(disk, (effect) => effect.type !== "name" && effect.inode === id);
  } else {
    settleFile(disk, ownInode(disk, id), everything); // No rule reaches beyond the file.
  }
}

/** fsync(2) on a directory: its names, and what they need, are on the platter afterwards. */
export function syncDirectory(disk: Disk, directory: Path): void {
  const isInside = (path: Path | null) => path !== null && directoryOf(path) === directory;
  settleClosure(
    disk,
    (effect) => effect.type === "name" && (isInside(effect.from) || isInside(effect.to)),
  );
}

/** Writes these effects and what they need to the platter now; null: everything. Returns how many that were. */
export function flush(disk: Disk, effects: readonly number[] | null): number {
  if (effects === null) return settle(disk, everything);
  const rules = implicationsOf(disk, PAGE_SIZE, false);
  const marked = markNamed(rules, effects);
  closeUp(rules, marked);
  return settleMarked(disk, rules, marked);
}

/**
 * Writes the chosen effects and what they need. The kernel writes by the rules of the policy, and in none of them data
 * before the truncate that made its place.
 */
export function settleClosure(disk: Disk, isChosen: (effect: Effect) => boolean): number {
  if (disk.options.policy === "strict") {
    const last = lastSequence(disk, isChosen);
    return settle(disk, ({ sequence }) => sequence <= last);
  }
  const files = filesConcerned(disk, isChosen);
  if (files.size === 0 && !has(disk.nameLog, isChosen)) return 0;
  const rules = implicationsOf(disk, PAGE_SIZE, false, files);
  const { pieces } = rules;
  const marked = new Uint8Array(pieces.length);
  for (let i = 0; i < marked.length; i++) {
    if (isChosen((pieces[i] as Piece).effect)) marked[i] = 1;
  }
  closeUp(rules, marked);
  return settleMarked(disk, rules, marked);
}

/** By truncate(2): its sizes go through the journal of metadata. */
export function isTruncate(effect: Effect): boolean {
  return effect.type === "size" && effect.cuts;
}

function settleMarked(disk: Disk, { pieces }: Implications, marked: Uint8Array): number {
  const chosen = new Set<number>();
  for (let i = 0; i < marked.length; i++) {
    if (marked[i] === 1) chosen.add((pieces[i] as Piece).sequence);
  }
  return settle(disk, (effect) => chosen.has(effect.sequence));
}

/** Files that the closure can reach: those chosen from, and those that the journal of metadata ties to its names. */
function filesConcerned(disk: Disk, isChosen: (effect: Effect) => boolean): Set<number> {
  const files = new Set<number>();
  const isJournalled = disk.options.policy === "ordered-journal";
  for (const { id, log } of disk.inodes.values()) {
    if (has(log, isChosen) || (isJournalled && has(log, isTruncate))) files.add(id);
  }
  for (let i = 0; isJournalled && i < disk.nameLog.count; i++) {
    const effect = disk.nameLog.items[i];
    if (effect?.replaces === true) files.add(effect.inode);
  }
  return files;
}

function lastSequence(disk: Disk, isChosen: (effect: Effect) => boolean): number {
  let last = 0;
  for (const { log } of [...disk.inodes.values(), { log: disk.nameLog }]) {
    for (let i = log.count - 1; i >= 0; i--) {
      const effect = log.items[i] as Effect;
      if (effect.sequence <= last) break;
      if (isChosen(effect)) last = effect.sequence;
    }
  }
  return last;
}

function everything(): boolean {
  return true;
}
