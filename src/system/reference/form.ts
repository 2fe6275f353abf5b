import { concatBytes } from "#base/bytes.ts";
import { entriesOf, type Reading } from "./reading.ts";
import { encodeFlush, HEAD, paddingFrom, type WalRecord } from "./record.ts";

/** How a file of records is laid out: as it should be, or as a bug has it. */
export interface Form {
  /** Records carry checksums. Not so: `no-checksum`. */
  readonly isSealed: boolean;
  /** The file begins with a sector that says where the log ends: `pointer-before-record`. */
  readonly hasPointer: boolean;
}

/** A sector: what a device writes as one. Bytes. */
const HEADER = 512;
const MAGIC = [..."wal, end"].map((letter) => letter.charCodeAt(0));
/** Of the header that means anything: the name, and the end as a 64-bit number. Bytes. */
export const POINTER = 16;

export function formOf(bugs: ReadonlySet<string>): Form {
  return { isSealed: !bugs.has("no-checksum"), hasPointer: bugs.has("pointer-before-record") };
}

/** What these bytes look like: who reads a file need not know who wrote it. */
export function formIn(bytes: Uint8Array): Form {
  const hasPointer = pointerIn(bytes) !== null;
  const first = firstRecord({ isSealed: true, hasPointer });
  const sum = bytes.subarray(first + 4, first + HEAD);
  return { isSealed: sum.length < 4 || sum.some((byte) => byte !== 0), hasPointer };
}

/** Where the first record stands. */
export function firstRecord({ hasPointer }: Form): number {
  return hasPointer ? HEADER : 0;
}

/** Where the log ends as the header says; null: there is no header. */
export function pointerIn(bytes: Uint8Array): number | null {
  if (bytes.length < POINTER || MAGIC.some((byte, at) => bytes[at] !== byte)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = view.getUint32(12, true) * 2 ** 32 + view.getUint32(8, true);
  return Number.isSafeInteger(end) ? end : null;
}

export function encodePointer(end: number): Uint8Array {
  const bytes = new Uint8Array(POINTER);
  bytes.set(MAGIC);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, end % 2 ** 32, true);
  view.setUint32(12, Math.floor(end / 2 ** 32), true);
  return bytes;
}

/** The header of a file in which the log ends at `end`; no bytes where a form has none. */
export function encodeHeader({ hasPointer }: Form, end: number): Uint8Array {
  if (!hasPointer) return new Uint8Array();
  return concatBytes([encodePointer(end), new Uint8Array(HEADER - POINTER)]);
}

/**
 * A file that says just what counts, and where its last flush begins. That one repeats the hard state alone: a record of a
 * later flush shows that all before it had been synced.
 */
export function encodeCompacted(
  form: Form,
  reading: Reading,
  unit: number,
): { readonly bytes: Uint8Array; readonly flush: number } {
  const hardState: WalRecord = {
    type: "hard-state",
    term: reading.currentTerm ?? 0,
    votedFor: reading.votedFor,
  };
  const entries = entriesOf(reading).map((entry): WalRecord => ({ type: "entry", entry }));
  const first = firstRecord(form);
  const all = encodeFlush([hardState, ...entries], first, form.isSealed);
  const flush = first + all.length;
  const seal = encodeFlush([hardState], flush, form.isSealed);
  const end = flush + seal.length;
  const rest = encodeFlush(paddingFrom(end, unit), flush, form.isSealed);
  return { bytes: concatBytes([encodeHeader(form, end + rest.length), all, seal, rest]), flush };
}
