import { crc32 } from "#base/crc.ts";
import { decodeUtf8, encodeUtf8 } from "#base/utf8.ts";
import type { Image, Path } from "#disk/types.ts";
import type { Entry, ServerId, Term } from "#raft/types.ts";
import type { Codec, DiskContents, FileProblem, Span } from "#system/contract.ts";

// One file of records, written a flush at a time at its end. A record, all numbers little endian:
//   u32  length of the body
//   u32  CRC-32 of the length and the body
//   body u8 type, u64 offset at which its flush began, then by type
//     1 entry       u64 index, u64 term, command bytes
//     2 hard state  u64 term, u8 1 and the vote in UTF-8, or u8 0
//     3 cut         u64 index: this entry and all after it are no longer in the log
// A flush is synced before the next is written. So a bad record inside the last flush is what a power failure leaves, and
// one that a later flush follows is damage: the offset of the flush tells the two apart.

export const WAL = "wal";

const HEAD = 8;
const BODY_MIN = 17;
const ENTRY = 1;
const HARD_STATE = 2;
const CUT = 3;

export type WalRecord =
  | { readonly type: "entry"; readonly entry: Entry }
  | { readonly type: "hard-state"; readonly term: Term; readonly votedFor: ServerId | null }
  | { readonly type: "cut"; readonly from: number };

export interface PlacedRecord {
  readonly offset: number;
  readonly length: number;
  /** Where its flush began. */
  readonly flush: number;
  readonly record: WalRecord;
}

/** What a file of records says. */
export interface WalContents {
  /** Null: no record says. */
  readonly currentTerm: Term | null;
  readonly votedFor: ServerId | null;
  /** The log, from index 1. */
  readonly entries: readonly Entry[];
  /** All records in order, those of entries that were cut again included. */
  readonly records: readonly PlacedRecord[];
  /** Where the whole records end. */
  readonly end: number;
  /** What is wrong there; null when the file ends there. */
  readonly problem: { readonly offset: number; readonly reason: string } | null;
  /** A power failure during the last flush explains the problem: nothing from `end` on was ever promised. */
  readonly isTorn: boolean;
}

/** The bytes of one flush, to be written at `flush`. */
export function encodeFlush(records: readonly WalRecord[], flush: number): Uint8Array {
  const bodies = records.map((record) => encodeBody(record, flush));
  const bytes = new Uint8Array(bodies.reduce((sum, body) => sum + HEAD + body.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const body of bodies) {
    view.setUint32(at, body.length, true);
    view.setUint32(at + 4, checksum(bytes.subarray(at, at + 4), body), true);
    bytes.set(body, at + HEAD);
    at += HEAD + body.length;
  }
  return bytes;
}

/**
 * Reads a file of records. A file that begins as one read not long ago is read on from where they part: the moments of one
 * run, which the interface looks at one after the other, mostly differ in their ends. Keeps `bytes` for that: they are never
 * to change afterwards.
 */
export function decodeWal(bytes: Uint8Array): WalContents {
  const contents = decode(bytes, knownStart(bytes));
  recent.unshift({ bytes, records: contents.records });
  recent.length = Math.min(recent.length, RECENT);
  return contents;
}

const RECENT = 12;
const recent: { readonly bytes: Uint8Array; readonly records: readonly PlacedRecord[] }[] = [];

/** Records that are known to be at the start of these bytes: the longest such list among the files read lately. */
function knownStart(bytes: Uint8Array): readonly PlacedRecord[] {
  let best: readonly PlacedRecord[] = [];
  for (const { bytes: other, records } of recent) {
    if (records.length <= best.length) continue;
    const most = Math.min(bytes.length, other.length);
    let same = 0;
    while (same < most && bytes[same] === other[same]) same += 1;
    let count = records.length;
    while (count > 0 && endOf(records[count - 1]) > same) count -= 1;
    if (count > best.length) best = count === records.length ? records : records.slice(0, count);
  }
  return best;
}

function endOf(placed: PlacedRecord | undefined): number {
  return placed === undefined ? 0 : placed.offset + placed.length;
}

function decode(bytes: Uint8Array, known: readonly PlacedRecord[]): WalContents {
  const records: PlacedRecord[] = [];
  const log = { currentTerm: null as Term | null, votedFor: null as ServerId | null };
  const entries: Entry[] = [];
  let end = 0;
  let flush = 0;
  while (end < bytes.length) {
    const placed = known[records.length] ?? recordAt(bytes, end);
    const wrong = typeof placed === "string" ? placed : misplaced(placed, flush, entries);
    if (typeof placed === "string" || wrong !== null) {
      const problem = { offset: end, reason: wrong ?? "" };
      const isTorn = typeof placed === "string" && !isFlushedLater(bytes, end);
      return { ...log, entries, records, end, problem, isTorn };
    }
    const { record } = placed;
    if (record.type === "entry") entries.push(record.entry);
    if (record.type === "cut") entries.length = record.from - 1;
    if (record.type === "hard-state") {
      log.currentTerm = record.term;
      log.votedFor = record.votedFor;
    }
    records.push(placed);
    flush = placed.flush;
    end += placed.length;
  }
  return { ...log, entries, records, end, problem: null, isTorn: false };
}

export const codec: Codec = {
  inspect(files: Image, directory: Path): DiskContents {
    const path = directory + WAL;
    const bytes = files.get(path) ?? new Uint8Array();
    const { currentTerm, votedFor, entries, problem } = decodeWal(bytes);
    const problems: FileProblem[] = problem === null ? [] : [{ path, ...problem }];
    return { currentTerm, votedFor, commitIndex: null, baseIndex: 0, entries, problems };
  },
  annotate(file: Path, bytes: Uint8Array): readonly Span[] {
    if (file !== WAL && !file.endsWith(`/${WAL}`)) return [];
    const { records, entries, end, problem } = decodeWal(bytes);
    const spans = records.map((placed) => spanOf(placed, entries));
    if (problem !== null) {
      const length = bytes.length - end;
      spans.push({ offset: end, length, kind: "damaged", label: problem.reason, entry: null });
    }
    return spans;
  },
};

function spanOf({ offset, length, record }: PlacedRecord, log: readonly Entry[]): Span {
  switch (record.type) {
    case "entry": {
      const { entry } = record;
      const isInLog = log[entry.index - 1] === entry;
      const name = `entry ${entry.index} of term ${entry.term}`;
      return isInLog
        ? { offset, length, kind: "record", label: name, entry }
        : { offset, length, kind: "ghost", label: `${name}, cut later`, entry };
    }
    case "hard-state": {
      const vote = record.votedFor === null ? "no vote" : `vote for ${record.votedFor}`;
      const label = `term ${record.term}, ${vote}`;
      return { offset, length, kind: "value", label, entry: null };
    }
    case "cut": {
      const label = `the log is cut from entry ${record.from} on`;
      return { offset, length, kind: "value", label, entry: null };
    }
  }
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
  }
}

function startBody(type: number, flush: number, rest: number): Uint8Array {
  const body = new Uint8Array(9 + rest);
  body[0] = type;
  setInteger(body, 1, flush);
  return body;
}

/** The record at this offset, or why there is none. */
function recordAt(bytes: Uint8Array, offset: number): PlacedRecord | string {
  if (offset + HEAD > bytes.length) return "the file ends inside a record's head";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = view.getUint32(offset, true);
  if (size < BODY_MIN) return `a record of ${size} bytes cannot be`;
  const length = HEAD + size;
  if (offset + length > bytes.length) return "the file ends inside a record";
  const body = bytes.subarray(offset + HEAD, offset + length);
  if (checksum(bytes.subarray(offset, offset + 4), body) !== view.getUint32(offset + 4, true)) {
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
    default:
      return null;
  }
}

/** Why a whole record does not belong where it stands; null when it does. */
function misplaced(
  { offset, flush, record }: PlacedRecord,
  flushBefore: number,
  entries: readonly Entry[],
): string | null {
  if (flush !== offset && flush !== flushBefore) return "the record belongs to another place";
  const next = entries.length + 1;
  if (record.type === "entry" && record.entry.index !== next) {
    return `entry ${record.entry.index} stands where entry ${next} should`;
  }
  if (record.type === "cut" && (record.from < 1 || record.from >= next)) {
    return `a cut from entry ${record.from} on, in a log of ${entries.length}`;
  }
  return null;
}

/** Does a whole record of a flush that began after `offset` follow? Then what is there had been synced before. */
function isFlushedLater(bytes: Uint8Array, offset: number): boolean {
  for (let at = offset + 1; at + HEAD + BODY_MIN <= bytes.length; at++) {
    const flush = integerAt(bytes, at + HEAD + 1);
    if (flush === null || flush <= offset || flush > at) continue;
    if (typeof recordAt(bytes, at) !== "string") return true;
  }
  return false;
}

function checksum(length: Uint8Array, body: Uint8Array): number {
  return crc32(body, crc32(length));
}

const LOW = 0x1_0000_0000;

function setInteger(bytes: Uint8Array, at: number, value: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  view.setUint32(at, value % LOW, true);
  view.setUint32(at + 4, Math.floor(value / LOW), true);
}

/** Null: not there, or too large for a safe integer. */
function integerAt(bytes: Uint8Array, at: number): number | null {
  if (at + 8 > bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const value = view.getUint32(at + 4, true) * LOW + view.getUint32(at, true);
  return Number.isSafeInteger(value) ? value : null;
}
