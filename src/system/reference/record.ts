import { crc32 } from "#base/crc.ts";
import { decodeUtf8, encodeUtf8 } from "#base/utf8.ts";
import type { Seal } from "#disk/seal.ts";
import type { Entry, ServerId, Term } from "#raft/types.ts";

// One file of records, written a flush at a time at its end. A record, all numbers little endian:
//   u32  length of the body
//   u32  CRC-32 of the length and the body
//   body u8 type, u64 offset at which its flush began, then by type
//     1 entry       u64 index, u64 term, command bytes
//     2 hard state  u64 term, u8 1 and the vote in UTF-8, or u8 0
//     3 cut         u64 index: this entry and all after it are no longer in the log
//     4 padding     zeros, up to where the next flush may begin
// A flush is synced before the next is written. So a bad record inside the last flush is what a power failure leaves, and
// one that a later flush follows is damage: the offset of the flush tells the two apart.

export const HEAD = 8;
const BODY_MIN = 17;
const ENTRY = 1;
const HARD_STATE = 2;
const CUT = 3;
const PADDING = 4;

export type WalRecord =
  | { readonly type: "entry"; readonly entry: Entry }
  | { readonly type: "hard-state"; readonly term: Term; readonly votedFor: ServerId | null }
  | { readonly type: "cut"; readonly from: number }
  /** So many bytes of which nothing depends. */
  | { readonly type: "padding"; readonly length: number };

export interface PlacedRecord {
  readonly offset: number;
  readonly length: number;
  /** Where its flush began. */
  readonly flush: number;
  readonly record: WalRecord;
}

/** The bytes of one flush, to be written at `flush`. Not sealed: with zeros where the checksums belong. */
export function encodeFlush(
  records: readonly WalRecord[],
  flush: number,
  isSealed = true,
): Uint8Array {
  const bodies = records.map((record) => encodeBody(record, flush));
  const bytes = new Uint8Array(bodies.reduce((sum, body) => sum + HEAD + body.length, 0));
  let at = 0;
  for (const body of bodies) {
    setWord(bytes, at, body.length);
    if (isSealed) setWord(bytes, at + 4, checksum(bytes.subarray(at, at + 4), body));
    bytes.set(body, at + HEAD);
    at += HEAD + body.length;
  }
  return bytes;
}

/** The records and where they will stand when they are written at `flush`. */
export function placed(records: readonly WalRecord[], flush: number): readonly PlacedRecord[] {
  let offset = flush;
  return records.map((record) => {
    const length = lengthOf(record);
    offset += length;
    return { offset: offset - length, length, flush, record };
  });
}

export function lengthOf(record: WalRecord): number {
  switch (record.type) {
    case "entry":
      return HEAD + 25 + record.entry.command.length;
    case "hard-state":
      return HEAD + 18 + (record.votedFor === null ? 0 : encodeUtf8(record.votedFor).length);
    case "cut":
      return HEAD + BODY_MIN;
    case "padding":
      return record.length;
  }
}

/** Fills up from `end` to the next multiple of `unit`, or the one after it where a record needs more room. */
export function paddingFrom(end: number, unit: number): readonly WalRecord[] {
  const rest = (unit - (end % unit)) % unit;
  if (rest === 0) return [];
  const least = HEAD + BODY_MIN;
  return [
    {
      type: "padding",
      length: rest >= least ? rest : rest + unit * Math.ceil((least - rest) / unit),
    },
  ];
}

function encodeBody(record: WalRecord, flush: number): Uint8Array {
  switch (record.type) {
    case "entry": {
      const { index, term, command } = record.entry;
      const body = startBody(ENTRY, flush, 16 + command.length);
      setInteger(body, 9, index);
      setInteger(body, 17, term);
      body.set(command, 25);
      return body;
    }
    case "hard-state": {
      const vote = record.votedFor === null ? null : encodeUtf8(record.votedFor);
      const body = startBody(HARD_STATE, flush, 9 + (vote?.length ?? 0));
      setInteger(body, 9, record.term);
      if (vote !== null) {
        body[17] = 1;
        body.set(vote, 18);
      }
      return body;
    }
    case "cut": {
      const body = startBody(CUT, flush, 8);
      setInteger(body, 9, record.from);
      return body;
    }
    case "padding":
      return startBody(PADDING, flush, record.length - HEAD - 9);
  }
}

function startBody(type: number, flush: number, rest: number): Uint8Array {
  const body = new Uint8Array(9 + rest);
  body[0] = type;
  setInteger(body, 1, flush);
  return body;
}

/** What a record's head, its first eight bytes, says. */
export type Head =
  /** Nothing: the file ends before it. */
  | "end"
  /** Bytes of the whole record. */
  | number
  /** Why it is no head. */
  | { readonly reason: string };

/** The head at the start of these bytes, which go on unless the file ends. */
export function headOf(bytes: Uint8Array): Head {
  if (bytes.length === 0) return "end";
  if (bytes.length < HEAD) return { reason: "the file ends inside a record's head" };
  const size = wordAt(bytes, 0);
  if (size < BODY_MIN) return { reason: `a record of ${size} bytes cannot be` };
  return HEAD + size;
}

export const ENDS_INSIDE = "the file ends inside a record";

/** The record at this offset, or why there is none; its bytes are the first of these. Not sealed: no checksum is looked at. */
export function recordOf(
  bytes: Uint8Array,
  offset: number,
  isSealed = true,
): PlacedRecord | string {
  const length = headOf(bytes);
  if (length === "end") return "the file ends";
  if (typeof length !== "number") return length.reason;
  if (length > bytes.length) return ENDS_INSIDE;
  const body = bytes.subarray(HEAD, length);
  if (isSealed && checksum(bytes.subarray(0, 4), body) !== wordAt(bytes, 4)) {
    return "the checksum does not match";
  }
  const flush = integerAt(body, 1);
  const record = decodeBody(body);
  if (flush === null || record === null) return "the record is of no known form";
  return { offset, length, flush, record };
}

function decodeBody(body: Uint8Array): WalRecord | null {
  const first = integerAt(body, 9);
  if (first === null) return null;
  switch (body[0]) {
    case ENTRY: {
      const term = integerAt(body, 17);
      if (term === null) return null;
      return { type: "entry", entry: { index: first, term, command: body.slice(25) } };
    }
    case HARD_STATE: {
      if (body[17] === 0) {
        return body.length === 18 ? { type: "hard-state", term: first, votedFor: null } : null;
      }
      const votedFor = body[17] === 1 ? decodeUtf8(body.subarray(18)) : null;
      return votedFor === null ? null : { type: "hard-state", term: first, votedFor };
    }
    case CUT:
      return body.length === BODY_MIN ? { type: "cut", from: first } : null;
    case PADDING:
      return { type: "padding", length: HEAD + body.length };
    default:
      return null;
  }
}

export function isRecord(bytes: Uint8Array, offset: number): boolean {
  return typeof recordOf(bytes, offset) !== "string";
}

/** A stretch of the file in which records of later flushes are looked for. */
export interface Stretch {
  readonly offset: number;
  readonly length: number;
}

/** So much is looked through at a time: a sector, and what a head that begins in it has beyond. Bytes. */
const STRETCH = 512;
const OVERLAP = HEAD + BODY_MIN - 1;

/** The first stretch to look through for what follows a bad record at `offset`. */
export function firstStretch(offset: number): Stretch {
  return { offset: offset - (offset % STRETCH), length: STRETCH + OVERLAP };
}

export function nextStretch({ offset, length }: Stretch): Stretch {
  return { offset: offset + STRETCH, length };
}

/**
 * Where in a stretch records of flushes that began after `bad` may stand, by their own heads. Mostly nowhere, whatever a crash
 * left of the bytes. They are fewer where the file ends.
 */
export function tracesIn(bytes: Uint8Array, stretch: Stretch, bad: number): readonly Stretch[] {
  const places: Stretch[] = [];
  for (let i = 0; i + HEAD + BODY_MIN <= bytes.length; i++) {
    const offset = stretch.offset + i;
    if (!mayBeRecord(bytes, i)) continue;
    const flush = integerAt(bytes, i + HEAD + 1);
    if (flush === null || flush <= bad || flush > offset) continue;
    const length = HEAD + wordAt(bytes, i);
    // One that lies here whole is judged here, so that what only looks like one leaves no trace.
    if (i + length > bytes.length || isRecord(bytes.subarray(i), offset)) {
      places.push({ offset, length });
    }
  }
  return places;
}

/** By its type, its size, and the last bytes of its numbers, which are never that large. */
function mayBeRecord(bytes: Uint8Array, at: number): boolean {
  if (bytes[at + HEAD + 8] !== 0 || bytes[at + HEAD + 16] !== 0) return false;
  const type = bytes[at + HEAD] as number;
  return type >= ENTRY && type <= PADDING && wordAt(bytes, at) >= BODY_MIN;
}

/** Does a whole record of a flush that began after `bad` follow? Then what is there had been synced before. */
export function isFlushedLater(bytes: Uint8Array, bad: number): boolean {
  const { length: size } = bytes;
  for (let stretch = firstStretch(bad); stretch.offset < size; stretch = nextStretch(stretch)) {
    const { offset, length } = stretch;
    const places = tracesIn(bytes.subarray(offset, offset + length), stretch, bad);
    if (places.some((place) => isRecord(bytes.subarray(place.offset), place.offset))) return true;
  }
  return false;
}

/** The checksum of a record of that length. A record with another one is the same to every reader, by whatever bytes. */
export function sealOf(length: number): Seal {
  return {
    at: 4,
    covers: [
      [0, 4],
      [HEAD, length],
    ],
  };
}

export function checksum(length: Uint8Array, body: Uint8Array): number {
  return crc32(body, crc32(length));
}

const LOW = 0x1_0000_0000;

export function setInteger(bytes: Uint8Array, at: number, value: number): void {
  setWord(bytes, at, value % LOW);
  setWord(bytes, at + 4, Math.floor(value / LOW));
}

export function setWord(bytes: Uint8Array, at: number, value: number): void {
  for (let each = 0; each < 4; each++) bytes[at + each] = value >>> (8 * each);
}

/** Null: not there, or too large for a safe integer. */
export function integerAt(bytes: Uint8Array, at: number): number | null {
  if (at + 8 > bytes.length) return null;
  const value = wordAt(bytes, at + 4) * LOW + wordAt(bytes, at);
  return Number.isSafeInteger(value) ? value : null;
}

/** Of four bytes that are there. */
export function wordAt(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
  const high = (bytes[at + 2] as number) | ((bytes[at + 3] as number) << 8);
  return high * 0x10000 + low;
}
