import { crc32 } from "#base/crc.ts";

/**
 * A checksum in the bytes that one read asks for: the CRC-32 of some stretches of them, one after the other, stands as four
 * bytes, little endian, at `at`. Where it does not match, or the file ends before the last byte asked for, the reader makes
 * one and the same of all bytes of that length: who says so of a read says it of what it takes from the bytes.
 */
export interface Seal {
  readonly at: number;
  /** From, up to before; offsets in what is read, disjoint, and not those of the checksum. */
  readonly covers: readonly (readonly [from: number, to: number])[];
}

/** Of all bytes that a read may find: which change of which byte changes what of the checksum. CRCs are linear in that. */
export interface Weights {
  readonly length: number;
  /** By byte and bit: what it changes in the difference between the checksum that is due and the one that stands there. */
  readonly bits: Uint32Array;
}

const BITS = 8;
/** What one byte makes of a register of zeros. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => ~crc32(Uint8Array.of(byte), ~0));

/** The checksum that is due XOR the one that stands there: zero where they match. */
export function mismatchOf({ at, covers }: Seal, bytes: Uint8Array): number {
  let due = 0;
  for (const [from, to] of covers) due = crc32(bytes.subarray(from, to), due);
  for (let k = 0; k < 4; k++) due ^= (bytes[at + k] as number) << (BITS * k);
  return due >>> 0;
}

export function weightsOf({ at, covers }: Seal, length: number): Weights {
  const bits = new Uint32Array(BITS * length);
  const register = Uint32Array.from({ length: BITS }, (_, bit) => TABLE[1 << bit] as number);
  for (const [from, to] of [...covers].reverse()) {
    for (let byte = to - 1; byte >= from; byte--) {
      bits.set(register, BITS * byte);
      for (let bit = 0; bit < BITS; bit++) {
        const before = register[bit] as number;
        register[bit] = (TABLE[before & 255] as number) ^ (before >>> BITS);
      }
    }
  }
  for (let k = 0; k < 4; k++) {
    for (let bit = 0; bit < BITS; bit++) bits[BITS * (at + k) + bit] = (1 << bit) << (BITS * k);
  }
  return { length, bits };
}

/** By how much the mismatch changes when these bytes, `offset` bytes into the read, become those others. */
export function changeOf(
  { bits }: Weights,
  before: Uint8Array,
  after: Uint8Array,
  offset: number,
): number {
  let change = 0;
  for (let i = 0; i < after.length; i++) {
    let differing = (before[i] as number) ^ (after[i] as number);
    for (let bit = BITS * (offset + i); differing > 0; bit++, differing >>>= 1) {
      if ((differing & 1) === 1) change ^= bits[bit] as number;
    }
  }
  return change >>> 0;
}

/** Choices that are gone through before it is given up, so that nobody waits for long; and what one costs (`Effort.spent`). */
const WORK_MOST = 250_000;
const CHOICE_COST = 40;

/**
 * Of each list one number, so that all of them come to `target` under XOR: every such choice, as places in the lists. Null:
 * there are more than `most`, or they cannot be gone through. What the numbers to come cannot make good is not followed:
 * all that they can make is the span of their differences, so numbers that are linearly independent cost no search at all.
 * What the search costs is added to `effort`.
 */
export function choicesOf(
  lists: readonly (readonly number[])[],
  target: number,
  most: number,
  effort: { spent: number } = { spent: 0 },
): readonly (readonly number[])[] | null {
  const order = lists.map((_, i) => i).sort((a, b) => sizeAt(lists, b) - sizeAt(lists, a));
  const sorted = order.map((i) => lists[i] as readonly number[]);
  const spans = spansFrom(sorted);
  const last = sorted.length - 1;
  const places = new Map<number, number[]>();
  for (const [place, value] of (sorted[last] ?? []).entries()) {
    const known = places.get(value);
    if (known === undefined) places.set(value, [place]);
    else known.push(place);
  }
  const found: number[][] = [];
  const chosen: number[] = [];
  let work = 0;

  function choose(at: number, rest: number): boolean {
    if (at === last) {
      for (const place of places.get(rest) ?? []) {
        const choice: number[] = [];
        for (const [k, i] of order.entries())
          choice[i] = k === last ? place : (chosen[k] as number);
        found.push(choice);
      }
      return found.length <= most;
    }
    const { first, span } = spans[at + 1] as Span;
    for (const [place, value] of (sorted[at] as readonly number[]).entries()) {
      if (++work > WORK_MOST) return false;
      const next = (rest ^ value) >>> 0;
      if (!isIn(span, (next ^ first) >>> 0)) continue;
      chosen[at] = place;
      if (!choose(at + 1, next)) return false;
    }
    return true;
  }

  if (lists.length === 0) return target === 0 ? [[]] : [];
  const isDone = choose(0, target >>> 0);
  effort.spent += work * CHOICE_COST;
  return isDone ? found : null;
}

function sizeAt(lists: readonly (readonly number[])[], at: number): number {
  return lists[at]?.length ?? 0;
}

/** What the lists from one on can make lies in `first` XOR the span. */
interface Span {
  readonly first: number;
  /** By highest bit: a number that has it, or 0. */
  readonly span: Uint32Array;
}

function spansFrom(lists: readonly (readonly number[])[]): readonly Span[] {
  const spans: Span[] = [];
  let first = 0;
  let span = new Uint32Array(32);
  for (let at = lists.length - 1; at >= 0; at--) {
    const [one = 0, ...others] = lists[at] as readonly number[];
    first = (first ^ one) >>> 0;
    span = span.slice();
    for (const other of others) {
      const rest = reduced(span, (one ^ other) >>> 0);
      if (rest !== 0) span[31 - Math.clz32(rest)] = rest;
    }
    spans[at] = { first, span };
  }
  return spans;
}

function isIn(span: Uint32Array, value: number): boolean {
  return reduced(span, value) === 0;
}

function reduced(span: Uint32Array, value: number): number {
  let rest = value;
  while (rest !== 0) {
    const by = span[31 - Math.clz32(rest)] as number;
    if (by === 0) return rest;
    rest = (rest ^ by) >>> 0;
  }
  return rest;
}
