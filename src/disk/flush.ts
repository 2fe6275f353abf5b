import {
  type Disk,
  type Effect,
  type FileEffect,
  inodeOf,
  type NameEffect,
  ownInode,
} from "./disk.ts";
import type { Piece } from "./pieces.ts";
import { closeUp, directoryOf, kernelImplications, markNamed } from "./rules.ts";
import { has, settle, settleFile } from "./settle.ts";
import { type ByteRange, PAGE_SIZE, type Path } from "./types.ts";

/** Which of the pending effects a call writes. */
type Cover = (effect: Effect) => boolean;

/** `data`: fdatasync(2) or msync(2), which cover no name whatever the scope; `range`: the pages that these bytes touch. */
export interface SyncCall {
  readonly covers: "file" | "data";
  readonly range: ByteRange | null;
}

const FSYNC: SyncCall = { covers: "file", range: null };

/** fsync(2): what is pending on the file, what the scope adds, and what all that needs, is on the platter afterwards. */
export function syncInode(disk: Disk, id: number, call: SyncCall = FSYNC): void {
  if (staysInFile(disk, id, call)) {
    if (inodeOf(disk, id).log.count > 0) settleFile(disk, ownInode(disk, id), everything);
  } else {
    settleCovered(disk, coverOfSync(disk, id, call));
  }
}

/** fsync(2) on a directory: its names, and what they need, are on the platter afterwards. */
export function syncDirectory(disk: Disk, directory: Path): void {
  settleCovered(disk, coverOfDirectorySync(disk, directory));
}

/** What a sync of this file would write now. */
function coverOfSync(disk: Disk, id: number, call: SyncCall = FSYNC): Cover {
  if (staysInFile(disk, id, call)) return (effect) => isOf(effect, id);
  const { range } = call;
  const scope = call.covers === "data" ? "posix" : disk.options.syncScope;
  const isChosen = (effect: Effect) => {
    if (isOf(effect, id)) return range === null || touches(effect, range);
    if (scope === "whole-journal") return effect.type !== "data";
    return scope === "new-dent" && isCreationOf(effect, id);
  };
  return closureOf(disk, isChosen, range === null);
}

/** What a sync of this directory would write now. */
function coverOfDirectorySync(disk: Disk, directory: Path): Cover {
  const isInside = (path: Path | null) => path !== null && directoryOf(path) === directory;
  const takesJournal = disk.options.syncScope === "whole-journal";
  const isChosen = (effect: Effect) =>
    effect.type === "name"
      ? takesJournal || isInside(effect.from) || isInside(effect.to)
      : takesJournal && effect.type === "size";
  return !takesJournal && stayNames(disk, isChosen) ? isChosen : closureOf(disk, isChosen, true);
}

/** Writes these effects and what they need to the platter now; null: everything. Returns how many that were. */
export function flush(disk: Disk, effects: readonly number[] | null): number {
  if (effects === null) return settle(disk, everything);
  const rules = kernelImplications(disk);
  const marked = markNamed(rules, effects);
  closeUp(rules, marked);
  return settle(disk, coverOfMarked(rules.pieces, marked));
}

/**
 * Writes the chosen effects and what they need, by the rules by which the kernel writes. Returns how many that were.
 * `isFilewise`: of a file's data all is chosen, with its sizes, or nothing.
 */
export function settleClosure(disk: Disk, isChosen: Cover, isFilewise = false): number {
  return settleCovered(disk, closureOf(disk, isChosen, isFilewise));
}

function settleCovered(disk: Disk, isCovered: Cover): number {
  return isCovered === nothing ? 0 : settle(disk, isCovered);
}

/** By truncate(2): its sizes go through the journal of metadata. */
export function isTruncate(effect: Effect): boolean {
  return effect.type === "size" && effect.cuts;
}

/** Is all that an fsync of this file writes pending on the file itself? The ordinary sync of an ordinary log. */
export function staysInFile(disk: Disk, id: number, { covers, range }: SyncCall): boolean {
  const { policy, syncScope } = disk.options;
  if (range !== null || (covers === "file" && syncScope !== "posix")) return false;
  const { log } = inodeOf(disk, id);
  switch (policy) {
    case "strict":
      return log.count === 0;
    case "data-first":
      return !has(log, isSize);
    case "ordered-journal":
    case "metadata-first":
      return !has(log, isTruncate);
    default:
      return true;
  }
}

/** Is every pending name chosen, and needs none of them more than names? The ordinary sync of an ordinary directory. */
function stayNames({ options, nameLog, inodes }: Disk, isChosen: Cover): boolean {
  if (has(nameLog, (effect) => !isChosen(effect))) return false;
  switch (options.policy) {
    case "per-file":
    case "adversarial":
      return true;
    case "metadata-first":
    case "ordered-journal":
      for (const { log } of inodes.values()) if (has(log, isTruncate)) return false;
      return (
        options.policy === "metadata-first" || !has(nameLog, (effect) => waits(effect, inodes))
      );
    default:
      return false;
  }
}

/** Does this rename wait for data or sizes of the file it moves? */
function waits({ replaces, inode }: NameEffect, inodes: Disk["inodes"]): boolean {
  return replaces && (inodes.get(inode)?.log.count ?? 0) > 0;
}

function closureOf(disk: Disk, isChosen: Cover, isFilewise: boolean): Cover {
  const { policy } = disk.options;
  if (policy === "strict") return upTo(endOfCall(disk, lastSequence(disk, isChosen)));
  if (policy === "data-first" && isFilewise) {
    // Names and sizes bring along everything before them, and other data chosen here needs nothing more.
    const last = lastSequence(disk, (effect) => effect.type !== "data" && isChosen(effect));
    return (effect) => effect.sequence <= last || isChosen(effect);
  }
  const files = policy === "data-first" ? null : filesConcerned(disk, isChosen);
  if (files?.size === 0 && !has(disk.nameLog, isChosen)) return nothing;
  const rules = kernelImplications(disk, files);
  const { pieces } = rules;
  const marked = new Uint8Array(pieces.length);
  for (let i = 0; i < marked.length; i++) {
    if ((pieces[i] as Piece).parts.some(({ effect }) => isChosen(effect))) marked[i] = 1;
  }
  closeUp(rules, marked);
  return coverOfMarked(pieces, marked);
}

function coverOfMarked(pieces: readonly Piece[], marked: Uint8Array): Cover {
  const chosen = new Set<number>();
  for (let i = 0; i < marked.length; i++) {
    if (marked[i] !== 1) continue;
    for (const { effect } of (pieces[i] as Piece).parts) chosen.add(effect.sequence);
  }
  return ({ sequence }) => chosen.has(sequence);
}

/** Files that the closure can reach: those chosen from, and those that the journal of metadata ties to its names. */
function filesConcerned(disk: Disk, isChosen: Cover): Set<number> {
  const files = new Set<number>();
  const { policy } = disk.options;
  const isJournalled = policy === "ordered-journal" || policy === "metadata-first";
  for (const { id, log } of disk.inodes.values()) {
    if (has(log, isChosen) || (isJournalled && has(log, isTruncate))) files.add(id);
  }
  for (let i = 0; policy === "ordered-journal" && i < disk.nameLog.count; i++) {
    const effect = disk.nameLog.items[i];
    if (effect?.replaces === true) files.add(effect.inode);
  }
  return files;
}

function lastSequence(disk: Disk, isChosen: Cover): number {
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

/** The last number of the call that this effect is of, where the disk promises not to tear calls. */
function endOfCall(disk: Disk, sequence: number): number {
  if (disk.options.tear !== "none") return sequence;
  const call = callOf(disk, sequence);
  const isOfCall = (effect: Effect) => effect.type === "data" && effect.operation === call;
  return Math.max(sequence, lastSequence(disk, isOfCall));
}

function callOf(disk: Disk, sequence: number): number | null {
  for (const { log } of disk.inodes.values()) {
    for (let i = 0; i < log.count; i++) {
      const effect = log.items[i] as FileEffect;
      if (effect.sequence === sequence) return effect.operation;
    }
  }
  return null;
}

function isOf(effect: Effect, id: number): boolean {
  return effect.type !== "name" && effect.inode === id;
}

function isCreationOf(effect: Effect, id: number): boolean {
  return effect.type === "name" && effect.inode === id && effect.from === null;
}

function isSize(effect: Effect): boolean {
  return effect.type === "size";
}

/** Sizes always: without them the range may not be there to read. */
function touches(effect: Effect, { offset, length }: ByteRange): boolean {
  if (effect.type !== "data") return true;
  const page = Math.floor(effect.offset / PAGE_SIZE);
  return page >= Math.floor(offset / PAGE_SIZE) && page * PAGE_SIZE < offset + length;
}

function upTo(last: number): Cover {
  return ({ sequence }) => sequence <= last;
}

function everything(): boolean {
  return true;
}

function nothing(): boolean {
  return false;
}
