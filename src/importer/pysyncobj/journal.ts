import {
  decodeJournal,
  encodeOffset,
  type FormatProblem,
  HEADER_SIZE,
  type Journal,
  type JournalRecord,
  LAST_RECORD_OFFSET_AT,
  RECORD_FRAME,
  recordOf,
} from "#system/pysyncobj/format.ts";

/** Records in order; an array is one, and so is a list that takes them apart when they are asked for. */
export interface Records extends Iterable<JournalRecord> {
  readonly length: number;
  at(place: number): JournalRecord | undefined;
}

/** A journal of any length: as `decodeJournal` has it, but that its records need not all be in memory. */
export type ScannedJournal = Omit<Journal, "records"> & { readonly records: Records };

export interface Slicing {
  /** A longer journal is read in slices, and its records are found again by their offsets. Bytes. */
  readonly shortMost: number;
  /** Bytes of records that are taken apart at a time. */
  readonly slice: number;
}

const SLICING: Slicing = { shortMost: 4 * 1024 * 1024, slice: 1024 * 1024 };
/** Behind the end, ghosts are looked for in so many bytes. */
const GHOSTS_MOST = 1024 * 1024;
/** More problems than that are counted, not kept. */
const PROBLEMS_MOST = 1000;

/** Reads a journal; yields the offset it has come to. */
export function* scanJournal(
  bytes: Uint8Array,
  { shortMost, slice }: Slicing = SLICING,
): Generator<number, ScannedJournal, void> {
  if (bytes.length <= shortMost) return decodeJournal(bytes);
  const { header, problems: ofHeader } = decodeJournal(bytes.subarray(0, HEADER_SIZE));
  const offsets = createOffsets();
  const problems = createList();
  const oddities = createList();
  for (const problem of ofHeader) if (problem.offset < HEADER_SIZE) problems.add(problem);
  for (let from = HEADER_SIZE; ; ) {
    const { to, isLast, walked } = sliceEnd(bytes, from, header.lastRecordOffset, slice);
    const end = isLast ? Math.min(bytes.length, walked + GHOSTS_MOST) : to;
    // The last record of the slice before comes along, so that the step between the two is looked at.
    const before = offsets.last();
    const start = before ?? from;
    const until = isLast ? Math.max(header.lastRecordOffset, HEADER_SIZE) : to;
    const part = decodeJournal(asJournal(bytes.subarray(start, end), until - start));
    const moved = start - HEADER_SIZE;
    for (const { offset } of part.records)
      if (offset + moved !== before) offsets.add(offset + moved);
    for (const problem of part.problems) {
      const isNew = problem.offset >= HEADER_SIZE && problem.offset + moved >= from;
      if (isNew) problems.add(movedBy(problem, moved));
    }
    for (const oddity of part.oddities) oddities.add(movedBy(oddity, moved));
    if (isLast) {
      const endOffset = part.endOffset + moved;
      if (part.loadError === null && endOffset > header.lastRecordOffset && offsets.length > 0) {
        problems.add(pastHeader(endOffset, header.lastRecordOffset));
      }
      return {
        header,
        endOffset,
        records: offsets.records(bytes),
        ghosts: part.ghosts.map((ghost) => ({ ...ghost, offset: ghost.offset + moved })),
        problems: problems.all(),
        oddities: oddities.all(),
        loadError: part.loadError,
      };
    }
    from = to;
    yield from;
  }
}

/** Where a slice ends between two records. `walked`: how far the last one says that it reaches. */
function sliceEnd(bytes: Uint8Array, from: number, lastRecordOffset: number, slice: number) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = from;
  while (at < lastRecordOffset) {
    if (at - from >= slice) return { to: at, isLast: false, walked: at };
    if (at + 4 > bytes.length) break;
    const next = at + view.getUint32(at, true) + RECORD_FRAME;
    if (next > bytes.length) return { to: at, isLast: true, walked: bytes.length };
    at = next;
  }
  return { to: at, isLast: true, walked: at };
}

/** These bytes of records as a journal of their own. */
function asJournal(records: Uint8Array, length: number): Uint8Array {
  const journal = new Uint8Array(HEADER_SIZE + records.length);
  journal.set(encodeOffset(HEADER_SIZE + length), LAST_RECORD_OFFSET_AT);
  journal.set(records, HEADER_SIZE);
  return journal;
}

function movedBy(problem: FormatProblem, by: number): FormatProblem {
  return { ...problem, offset: problem.offset + by };
}

function pastHeader(end: number, lastRecordOffset: number): FormatProblem {
  const reason = `the last record ends at ${end}, the header says ${lastRecordOffset}`;
  return { offset: LAST_RECORD_OFFSET_AT, reason };
}

function createList() {
  const kept: FormatProblem[] = [];
  let more = 0;
  return {
    add(problem: FormatProblem): void {
      if (kept.length < PROBLEMS_MOST) kept.push(problem);
      else more += 1;
    },
    all(): readonly FormatProblem[] {
      const last = kept.at(-1);
      if (last === undefined || more === 0) return kept;
      return [...kept, { offset: last.offset, reason: `and ${more} more like these behind it` }];
    },
  };
}

/** Offsets of records, four bytes each. */
function createOffsets() {
  let offsets = new Uint32Array(64 * 1024);
  let length = 0;
  return {
    get length(): number {
      return length;
    },
    add(offset: number): void {
      if (length === offsets.length) {
        const longer = new Uint32Array(2 * length);
        longer.set(offsets);
        offsets = longer;
      }
      offsets[length] = offset;
      length += 1;
    },
    last: (): number | null => (length === 0 ? null : (offsets[length - 1] ?? null)),
    records: (bytes: Uint8Array): Records => recordsAt(bytes, offsets.subarray(0, length)),
  };
}

function recordsAt(bytes: Uint8Array, offsets: Uint32Array): Records {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = (place: number): JournalRecord | undefined => {
    const offset = offsets.at(place);
    if (offset === undefined) return undefined;
    const size = view.getUint32(offset, true);
    const record = recordOf(bytes.subarray(offset + 4, offset + 4 + size), offset);
    return record === null ? undefined : { ...record, size };
  };
  return {
    length: offsets.length,
    at,
    *[Symbol.iterator]() {
      for (let place = 0; place < offsets.length; place++) {
        const record = at(place);
        if (record !== undefined) yield record;
      }
    },
  };
}
