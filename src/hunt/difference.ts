import { type Fate, type Ground, KEPT, LOST, UNDECIDED } from "#disk/ground.ts";
import type { Part, Piece } from "#disk/pieces.ts";
import { PAGE_SIZE } from "#disk/types.ts";
import type { OutcomeClass } from "./machine-sweep.ts";

/** Comparisons of one piece in two states, at most, in looking for the smallest difference. */
const WORK_MOST = 20_000_000;
/** Pieces that are named in a sentence. */
const NAMED_MOST = 3;

/** Pieces that a bad state keeps and a good one loses, and the other way round. */
export interface Difference {
  readonly kept: readonly number[];
  readonly lost: readonly number[];
  /** The pieces that such a bad state keeps, no more than must be: the good one beside it differs in nothing else. */
  readonly state: readonly number[];
}

/** The same in words, and the effects that a bad state so close to a good one keeps. */
export interface ToldDifference {
  readonly text: string;
  /** Pieces in which the two differ. */
  readonly pieces: number;
  readonly witness: readonly number[];
}

/**
 * How little a bad outcome differs from those beside it, in words. Null: there is none. `beside`: what those are; `meaning`: what
 * a piece puts into its file, which is told where it is the only one.
 */
export function differenceOf(
  ground: Ground,
  kind: "os" | "power",
  bad: OutcomeClass,
  good: readonly OutcomeClass[],
  beside = "a good state",
  meaning: (piece: number) => string | null = () => null,
): ToldDifference | null {
  const { honest } = bad;
  const found = smallestDifference(
    // A state that no lie has brought about says more of a design.
    ground.disk.forsworn.size > 0 && honest !== null ? [allKept(honest)] : bad.fates,
    good.flatMap(({ fates }) => fates),
  );
  if (found === null) return null;
  const isSingle = found.kept.length + found.lost.length === 1;
  const words = (pieces: readonly number[], verb: string): readonly string[] => {
    if (pieces.length === 0) return [];
    const names = namesOf(ground, kind, pieces);
    const means = isSingle ? meaning(pieces[0] as number) : null;
    const named = names.slice(0, NAMED_MOST).map((name) => {
      return means === null ? name : `${name} (${means})`;
    });
    if (names.length > NAMED_MOST) named.push(`${names.length - NAMED_MOST} more`);
    const isOne = names.length === 1 && !/^\d/.test(names[0] ?? "");
    return [`${listed(named)} ${isOne ? "was" : "were"} ${verb}`];
  };
  const parts = [...words(found.kept, "kept"), ...words(found.lost, "lost")];
  return {
    text: `identical to ${beside}, except that ${parts.join(" and ")}`,
    pieces: found.kept.length + found.lost.length,
    witness: found.state.map((piece) => (ground.implications.pieces[piece] as Piece).sequence),
  };
}

/** With all that is open kept. */
function allKept(fate: Fate): Fate {
  return fate.map((each) => (each === UNDECIDED ? KEPT : each));
}

/**
 * The smallest difference between a state of these and a state of those. Two sets of states can be completed alike wherever
 * one of them leaves a piece open: what the first keeps and the second does not lose can be kept in both, and the other way
 * round, and both stay closed. So they differ at least, and at best, in what one of them keeps and the other loses.
 */
export function smallestDifference(bad: readonly Fate[], good: readonly Fate[]): Difference | null {
  let best: readonly [Fate, Fate] | null = null;
  let least = Number.POSITIVE_INFINITY;
  let work = WORK_MOST;
  for (const one of bad) {
    for (const other of good) {
      work -= one.length;
      if (work < 0 && best !== null) break;
      const distance = distanceOf(one, other, least);
      if (distance >= least) continue;
      least = distance;
      best = [one, other];
    }
  }
  if (best === null) return null;
  const [one, other] = best;
  const kept: number[] = [];
  const lost: number[] = [];
  const state: number[] = [];
  for (let i = 0; i < one.length; i++) {
    if (one[i] === KEPT && other[i] === LOST) kept.push(i);
    if (one[i] === LOST && other[i] === KEPT) lost.push(i);
    if (one[i] === KEPT || (one[i] !== LOST && other[i] === KEPT)) state.push(i);
  }
  return { kept, lost, state };
}

/** Stops at `most`. */
function distanceOf(one: Fate, other: Fate, most: number): number {
  let distance = 0;
  for (let i = 0; i < one.length && distance < most; i++) {
    if (
      (one[i] as number) + (other[i] as number) === KEPT + LOST &&
      one[i] !== 0 &&
      other[i] !== 0
    ) {
      distance++;
    }
  }
  return distance;
}

/** By piece; the sizes of one file together. */
function namesOf(ground: Ground, kind: "os" | "power", pieces: readonly number[]): string[] {
  const names: string[] = [];
  const sizes = new Map<number, number[]>();
  for (const index of pieces) {
    const effect = ground.implications.pieces[index]?.parts[0]?.effect;
    if (effect?.type !== "size") {
      names.push(pieceText(ground, kind, index));
      continue;
    }
    const known = sizes.get(effect.inode);
    if (known === undefined) sizes.set(effect.inode, [index]);
    else known.push(index);
  }
  return [...[...sizes.values()].map((chain) => sizesText(ground, chain)), ...severally(names)];
}

/** Several of the writes to one place said once: "3 of 13 writes of bytes 36..39 of A/raft.journal". */
function severally(names: readonly string[]): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const alike = name.replace(/^the \d+\w\w of (?=\d+ writes )/, "");
    const group = groups.get(alike);
    if (group === undefined) groups.set(alike, [name]);
    else group.push(name);
  }
  return [...groups].map(([alike, group]) => {
    return group.length === 1 ? (group[0] ?? alike) : `${group.length} of ${alike}`;
  });
}

/** "the growth of A/wal from 1024 to 2048 bytes" */
function sizesText({ disk, implications }: Ground, chain: readonly number[]): string {
  const first = implications.pieces[chain[0] as number]?.parts[0]?.effect;
  const last = implications.pieces[chain.at(-1) as number]?.parts[0]?.effect;
  if (first?.type !== "size" || last?.type !== "size") return "a size";
  const path = disk.inodes.get(first.inode)?.path ?? "a file without a name";
  const verb = last.after < first.before ? "cut" : "growth";
  return `the ${verb} of ${path} from ${first.before} to ${last.after} bytes`;
}

/** "page 0 of A/wal", "the rename of A/meta.tmp to A/meta" */
export function pieceText(ground: Ground, kind: "os" | "power", index: number): string {
  const { disk, implications } = ground;
  const { kind: what, parts } = implications.pieces[index] as Piece;
  const { effect } = parts[0] as Part;
  if (effect.type === "name") {
    const { from, to } = effect;
    if (from !== null && to !== null) return `the rename of ${from} to ${to}`;
    return to === null ? `the removal of ${from}` : `the name ${to}`;
  }
  if (effect.type === "size") return sizesText(ground, [index]);
  const path = disk.inodes.get(effect.inode)?.path ?? "a file without a name";
  const cell = kind === "os" ? PAGE_SIZE : disk.options.sectorSize;
  const first = Math.floor((parts[0] as Part).offset / cell);
  const { offset, length } = parts.at(-1) as Part;
  const last = Math.floor((offset + length - 1) / cell);
  const noun = kind === "os" ? "page" : "sector";
  const cells = first === last ? `${noun} ${first}` : `${noun}s ${first} to ${last}`;
  if (what === "garble") return `garbage in ${cells} of ${path}`;
  if (isOnlyOne(ground, index, cell)) return `${cells} of ${path}`;
  const [place, count] = placeOf(ground, index);
  const which = count === 1 ? "the write" : `the ${ordinal(place)} of ${count} writes`;
  return `${which} of bytes ${(parts[0] as Part).offset}..${offset + length - 1} of ${path}`;
}

/** Which of the waiting writes to exactly its bytes it is, from 1 on, and how many they are. */
function placeOf({ implications, files }: Ground, index: number): readonly [number, number] {
  const { parts } = implications.pieces[index] as Piece;
  const { effect } = parts[0] as Part;
  if (effect.type === "name") return [1, 1];
  const same = (files.get(effect.inode)?.contents ?? []).filter((other) => {
    const piece = implications.pieces[other] as Piece;
    return (
      piece.kind !== "garble" &&
      piece.parts[0]?.offset === parts[0]?.offset &&
      endOf(piece.parts) === endOf(parts)
    );
  });
  return [same.indexOf(index) + 1, same.length];
}

function endOf(parts: readonly Part[]): number {
  const last = parts.at(-1);
  return last === undefined ? 0 : last.offset + last.length;
}

function ordinal(place: number): string {
  const teen = place % 100 >= 11 && place % 100 <= 13;
  const ending = teen ? undefined : ["th", "st", "nd", "rd"][place % 10];
  return `${place}${ending ?? "th"}`;
}

/** Is it the only write to its cells? Then they can be named instead. */
function isOnlyOne({ implications, files }: Ground, index: number, cell: number): boolean {
  const { parts } = implications.pieces[index] as Piece;
  const { effect } = parts[0] as Part;
  if (effect.type === "name") return true;
  const cells = new Set(parts.map(({ offset }) => Math.floor(offset / cell)));
  for (const other of files.get(effect.inode)?.contents ?? []) {
    const piece = implications.pieces[other] as Piece;
    if (other === index || piece.kind === "garble") continue;
    if (piece.parts.some(({ offset }) => cells.has(Math.floor(offset / cell)))) return false;
  }
  return true;
}

function listed(words: readonly string[]): string {
  if (words.length <= 1) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
