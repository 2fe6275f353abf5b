import {
  decide,
  type Fate,
  type Ground,
  type GroundFile,
  type GroundRange,
  KEPT,
  lookAt,
  rangeOf,
  UNDECIDED,
} from "./ground.ts";
import type { Piece } from "./pieces.ts";
import { changeOf, choicesOf, mismatchOf, type Seal, type Weights, weightsOf } from "./seal.ts";

/** States of a range of which all bytes match their checksum, and are the same; or of which none match. */
export interface SealedCube {
  readonly fate: Fate;
  readonly matches: boolean;
}

export interface SealedStates {
  /** Together all states there are; no state is in two. */
  readonly cubes: readonly SealedCube[];
  /**
   * There are mixtures of old and new that match by accident, and they are too many to be told apart, as more than 32
   * independent sectors under a checksum of 32 bits always have: they are taken for such as do not match.
   */
  readonly trusts: boolean;
}

/** Pieces that are decided independently of all others of the range. */
interface Part {
  readonly pieces: readonly number[];
  /** The sets of them that may be kept, by place. */
  readonly sets: readonly Uint8Array[];
  /** By set, and by what the bytes are then: where in `changes`. */
  readonly options: readonly number[];
  /** By how much each differs in the mismatch from all of them lost. */
  readonly changes: readonly number[];
}

/** Sets of one part, at most, and of all parts; bytes in them; and of all parts those that match, unless they are of some moment. */
const SETS_MOST = 4096;
const ALL_SETS_MOST = 16_384;
const BYTES_MOST = 32_000_000;
const MATCHES_MOST = 32;

/**
 * The states of a range that is under a checksum, told apart by whether it matches. How far the file goes must be decided.
 * Independent parts change the checksum independently, so what matches is the solution of a system of equations, and states
 * are counted by the power of two without being looked at. Null: the parts have too many states of their own.
 */
export function sealedStates(
  ground: Ground,
  file: GroundFile,
  range: GroundRange,
  fate: Fate,
  seal: Seal,
): SealedStates | null {
  const { bytes } = lookAt(ground, file, range, fate);
  if (bytes.length < range.end - range.offset) {
    return { cubes: [{ fate, matches: false }], trusts: false };
  }
  const weights = weightsOf(seal, bytes.length);
  const parts: Part[] = [];
  const room: Room = { sets: ALL_SETS_MOST, bytes: BYTES_MOST };
  for (const pieces of partsOf(ground, range, fate)) {
    const part = partOf(ground, file, range, fate, pieces, weights, room);
    if (part === null) return null;
    if (part.changes.length > 1) parts.push(part);
  }
  const target = mismatchOf(seal, bytes);
  const lists = parts.map(({ changes }) => changes);
  const all = choicesOf(lists, target, MATCHES_MOST, ground.effort);
  const matching = all ?? momentsOf(parts, target);
  return { cubes: cubesOf(ground, parts, fate, matching), trusts: all === null };
}

/** The undecided contents of a range, each list with all that a rule ties to it and all that changes the same sectors. */
function partsOf(ground: Ground, range: GroundRange, fate: Fate): readonly (readonly number[])[] {
  const { needs } = orderOf(ground, range);
  const { sectorSize } = ground.disk.options;
  const open = range.contents.filter((piece) => fate[piece] === UNDECIDED);
  const roots = new Map(open.map((piece) => [piece, piece]));
  const rootOf = (piece: number): number => {
    let root = piece;
    for (let at = roots.get(root); at !== undefined && at !== root; at = roots.get(root)) root = at;
    return root;
  };
  for (const piece of open) {
    // Decided ones are kept: they tie nothing.
    for (const needed of needs.get(piece) ?? []) {
      if (fate[needed] === UNDECIDED) roots.set(rootOf(piece), rootOf(needed));
    }
  }
  const sectors = new Map<number, number>();
  for (const piece of open) {
    for (const { offset, length } of (ground.implications.pieces[piece] as Piece).parts) {
      const last = Math.floor((offset + length - 1) / sectorSize);
      for (let sector = Math.floor(offset / sectorSize); sector <= last; sector++) {
        const other = sectors.get(sector);
        if (other === undefined) sectors.set(sector, piece);
        else roots.set(rootOf(piece), rootOf(other));
      }
    }
  }
  const parts = new Map<number, number[]>();
  for (const piece of open) {
    const root = rootOf(piece);
    const known = parts.get(root);
    if (known === undefined) parts.set(root, [piece]);
    else known.push(piece);
  }
  return [...parts.values()];
}

/** Which contents of a range need which others, through whatever lies between. */
interface Order {
  /** The nearest ones. */
  readonly needs: ReadonlyMap<number, readonly number[]>;
}

const ORDERS = new WeakMap<GroundRange, Order>();

function orderOf({ implications: { starts, needs: all } }: Ground, range: GroundRange): Order {
  const known = ORDERS.get(range);
  if (known !== undefined) return known;
  const inside = new Set(range.contents);
  const through = new Map<number, ReadonlySet<number>>();
  const nearest = (piece: number): ReadonlySet<number> => {
    const found = new Set<number>();
    for (let k = starts[piece] as number; k < (starts[piece + 1] as number); k++) {
      const needed = all[k] as number;
      if (inside.has(needed)) found.add(needed);
      else for (const each of through.get(needed) ?? NONE) found.add(each);
    }
    return found;
  };
  const needs = new Map<number, readonly number[]>();
  const first = range.contents[0] ?? 0;
  const last = range.contents[range.contents.length - 1] ?? -1;
  for (let piece = first; piece <= last; piece++) {
    const found = nearest(piece);
    if (inside.has(piece)) needs.set(piece, [...found]);
    else if (found.size > 0) through.set(piece, found);
  }
  const order = { needs };
  ORDERS.set(range, order);
  return order;
}

const NONE: ReadonlySet<number> = new Set();

/** What is left for parts to come. */
interface Room {
  sets: number;
  bytes: number;
}

function partOf(
  ground: Ground,
  file: GroundFile,
  range: GroundRange,
  fate: Fate,
  pieces: readonly number[],
  weights: Weights,
  room: Room,
): Part | null {
  const sets = closedSets(orderOf(ground, range), pieces);
  if (sets === null) return null;
  const [from, to] = spanOf(ground, range, pieces);
  room.sets -= sets.length;
  room.bytes -= sets.length * (to - from);
  if (room.sets < 0 || room.bytes < 0) return null;
  const own = rangeOf(ground, file, from, to);
  const before = lookAt(ground, file, own, fate).bytes;
  const scratch = fate.slice();
  const contents: Uint8Array[] = [];
  const changes: number[] = [];
  const options = sets.map((set) => {
    for (const [place, piece] of pieces.entries()) scratch[piece] = set[place] === 1 ? KEPT : 0;
    const { bytes } = lookAt(ground, file, own, scratch);
    const change = changeOf(weights, before, bytes, from - range.offset);
    const known = changes.findIndex((each, i) => each === change && isSame(contents[i], bytes));
    if (known >= 0) return known;
    contents.push(bytes);
    return changes.push(change) - 1;
  });
  return { pieces, sets, options, changes };
}

/** Every set of these that holds with each all that it needs of them, the empty one first. Null: too many. */
function closedSets({ needs }: Order, pieces: readonly number[]): readonly Uint8Array[] | null {
  const places = new Map(pieces.map((piece, place) => [piece, place]));
  const own = pieces.map((piece) =>
    (needs.get(piece) ?? []).flatMap((needed) => places.get(needed) ?? []),
  );
  const sets: Uint8Array[] = [];
  const set = new Uint8Array(pieces.length);
  const add = (at: number): boolean => {
    if (at === pieces.length) return sets.push(set.slice()) <= SETS_MOST;
    set[at] = 0;
    if (!add(at + 1)) return false;
    if ((own[at] as readonly number[]).some((needed) => set[needed] !== 1)) return true;
    set[at] = 1;
    const isDone = add(at + 1);
    set[at] = 0;
    return isDone;
  };
  return add(0) ? sets : null;
}

/** The bytes of the range that these may change, and maybe others between. */
function spanOf(
  { implications }: Ground,
  { offset, end }: GroundRange,
  pieces: readonly number[],
): readonly [number, number] {
  let [from, to] = [end, offset];
  for (const index of pieces) {
    const { parts } = implications.pieces[index] as Piece;
    const before = implications.pieces[index - 1];
    // Data undoes the garbage of its sectors, also beside it.
    const garbled = before?.kind === "garble" ? before.parts : [];
    for (const part of [...parts, ...garbled]) {
      if (part.offset >= end || part.offset + part.length <= offset) continue;
      from = Math.min(from, Math.max(offset, part.offset));
      to = Math.max(to, Math.min(end, part.offset + part.length));
    }
  }
  return from < to ? [from, to] : [offset, offset];
}

function isSame(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one?.length === other.length && other.every((byte, i) => byte === one[i]);
}

/**
 * Of the moments of the run, as far as these pieces go, those at which the checksum matched: by part, which option. What is
 * whole is among them: a record as it was written, also where another one was written over it later.
 */
function momentsOf(parts: readonly Part[], target: number): readonly (readonly number[])[] {
  const order = parts
    .flatMap(({ pieces }, at) => pieces.map((piece, place) => ({ piece, at, place })))
    .sort((a, b) => a.piece - b.piece);
  const kept = parts.map(({ pieces }) => new Uint8Array(pieces.length));
  const places = parts.map(({ sets }) => new Map(sets.map((set, i) => [set.join(""), i])));
  const chosen = parts.map(({ options }) => options[0] as number);
  const found = new Map<string, readonly number[]>();
  const note = (): void => {
    const sum = parts.reduce((rest, { changes }, i) => rest ^ at(changes, at(chosen, i)), target);
    if (sum === 0) found.set(chosen.join(), chosen.slice());
  };
  note();
  for (const { at: part, place } of order) {
    const set = kept[part] as Uint8Array;
    set[place] = 1;
    const which = places[part]?.get(set.join(""));
    if (which === undefined) continue;
    chosen[part] = at((parts[part] as Part).options, which);
    note();
  }
  return [...found.values()];
}

function at(numbers: readonly number[], place: number): number {
  return numbers[place] as number;
}

const OTHER = -1;

/** As few cubes as can be had easily: those of the matching choices, and those of all others. */
function cubesOf(
  ground: Ground,
  parts: readonly Part[],
  start: Fate,
  matching: readonly (readonly number[])[],
): readonly SealedCube[] {
  const cubes: SealedCube[] = [];

  /** `left`: the matching choices that agree with what is decided in the parts before this one. */
  function goOn(fate: Fate, part: number, left: readonly (readonly number[])[]): void {
    const next = parts[part];
    if (left.length === 0) cubes.push({ fate, matches: false });
    else if (next === undefined) cubes.push({ fate, matches: true });
    else {
      const wanted = new Set(left.map((choice) => at(choice, part)));
      const classes = next.options.map((option) => (wanted.has(option) ? option : OTHER));
      const all = next.sets.map((_, i) => i);
      cut(next, classes, fate, all, (own, option) => {
        const agreeing = left.filter((choice) => choice[part] === option);
        goOn(own, part + 1, agreeing);
      });
    }
  }

  goOn(start.slice(), 0, matching);
  return cubes;

  /** Decides pieces of a part until what is left of its sets is all of one class. */
  function cut(
    part: Part,
    classes: readonly number[],
    fate: Fate,
    sets: readonly number[],
    then: (fate: Fate, option: number) => void,
  ): void {
    const first = classes[sets[0] as number] as number;
    if (sets.every((set) => classes[set] === first)) {
      then(fate, first);
      return;
    }
    const place = dividing(part, classes, sets);
    for (const isKept of [true, false]) {
      const own = fate.slice();
      decide(ground, own, part.pieces[place] as number, isKept, []);
      const left = sets.filter((set) => (part.sets[set]?.[place] === 1) === isKept);
      cut(part, classes, own, left, then);
    }
  }
}

/** A piece that sets one of a matching class apart from others: the last that it keeps, or the first that it loses. */
function dividing(
  { pieces, sets }: Part,
  classes: readonly number[],
  left: readonly number[],
): number {
  const target = sets[left.find((set) => classes[set] !== OTHER) as number] as Uint8Array;
  const differ = (place: number): boolean =>
    left.some((set) => sets[set]?.[place] !== target[place]);
  for (let place = pieces.length - 1; place >= 0; place--) {
    if (target[place] === 1 && differ(place)) return place;
  }
  return pieces.findIndex((_, place) => target[place] === 0 && differ(place));
}
