import type { FilePart, FileState } from "#importer/contract.ts";
import { HEADER_SIZE, type JournalRecord, RECORD_FRAME } from "#system/pysyncobj/format.ts";
import type { Records, ScannedJournal } from "./journal.ts";
import { problemsOf, type ReadFile } from "./read.ts";

/** A file, run by run: what is intact, torn, ghost, and what nobody looks at. */
export function fileState(read: ReadFile, server: string | null): FileState {
  const { path, bytes } = read.file;
  const isWhole = problemsOf(read).length === 0;
  const isUnreadable = read.kind === "journal" ? read.journal.loadError !== null : !isWhole;
  return {
    path,
    kind: `pysyncobj ${read.kind}`,
    server,
    size: bytes.length,
    condition: isWhole ? "intact" : isUnreadable ? "unreadable" : "torn",
    parts: read.kind === "journal" ? journalParts(read.journal, bytes) : [onePart(read)],
  };
}

function onePart(read: ReadFile): FilePart {
  const [problem] = problemsOf(read);
  const { length } = read.file.bytes;
  return {
    condition: problem === undefined ? "intact" : "torn",
    offset: 0,
    length,
    records: null,
    text: problem === undefined ? read.kind : `byte ${problem.offset}: ${problem.reason}`,
  };
}

function journalParts(journal: ScannedJournal, bytes: Uint8Array): FilePart[] {
  const parts: FilePart[] = [];
  const add = (part: FilePart): void => void (part.length > 0 && parts.push(part));
  const { ghosts, header, endOffset } = journal;
  const isHeaderTorn = journal.problems.some(({ offset }) => offset < HEADER_SIZE);
  const library = `header of library ${header.libraryVersion || "unknown"}`;
  add({
    condition: isHeaderTorn ? "torn" : "intact",
    offset: 0,
    length: Math.min(HEADER_SIZE, bytes.length),
    records: null,
    text: `${library}, lastRecordOffset ${header.lastRecordOffset}`,
  });
  for (const part of recordRuns(journal, bytes.length)) add(part);
  const until = Math.min(bytes.length, Math.max(HEADER_SIZE, endOffset));
  if (journal.loadError !== null) {
    const { name, text } = journal.loadError;
    const stop = Math.min(bytes.length, Math.max(until, header.lastRecordOffset));
    const reason = `the loader stops here: ${name}: ${text}`;
    add({ condition: "torn", offset: until, length: stop - until, records: null, text: reason });
    add(unused(stop, bytes));
    return parts;
  }
  const last = ghosts.at(-1);
  const ghostEnd = last === undefined ? until : last.offset + last.size + RECORD_FRAME;
  add({
    condition: "ghost",
    offset: until,
    length: ghostEnd - until,
    records: rangeOf(ghosts),
    text: "cut off, still readable",
  });
  add(unused(ghostEnd, bytes));
  return parts;
}

/** Records without and with a problem of their own, in turns. */
function recordRuns({ records, problems }: ScannedJournal, size: number): FilePart[] {
  const offsets = problems.map(({ offset }) => offset).filter((offset) => offset >= HEADER_SIZE);
  const torn = new Set<number>();
  let next = 0;
  if (offsets.length > 0) {
    for (const { offset, size: length } of records) {
      const end = offset + length + RECORD_FRAME;
      while (next < offsets.length && (offsets[next] ?? 0) < end) {
        torn.add(offset);
        next += 1;
      }
      if (next === offsets.length) break;
    }
  }
  if (torn.size === 0) return runOf(records, 0, records.length, "intact", size);
  const parts: FilePart[] = [];
  let from = 0;
  let wasTorn = false;
  let place = 0;
  for (const { offset } of records) {
    const isTorn = torn.has(offset);
    if (place > from && isTorn !== wasTorn) {
      parts.push(...runOf(records, from, place, wasTorn ? "torn" : "intact", size));
      from = place;
    }
    wasTorn = isTorn;
    place += 1;
  }
  parts.push(...runOf(records, from, place, wasTorn ? "torn" : "intact", size));
  return parts;
}

function runOf(
  records: Records,
  from: number,
  to: number,
  condition: FilePart["condition"],
  size: number,
): FilePart[] {
  const [first, last] = [records.at(from), records.at(to - 1)];
  if (to <= from || first === undefined || last === undefined) return [];
  const end = Math.min(size, last.offset + last.size + RECORD_FRAME);
  const range = { count: to - from, first: position(first), last: position(last) };
  const text = condition === "torn" ? "with something wrong in them" : "records";
  return [{ condition, offset: first.offset, length: end - first.offset, records: range, text }];
}

function rangeOf(records: readonly JournalRecord[]): FilePart["records"] {
  const [first, last] = [records[0], records.at(-1)];
  if (first === undefined || last === undefined) return null;
  return { count: records.length, first: position(first), last: position(last) };
}

function position({ index, term }: JournalRecord) {
  return { index: String(index), term: String(term) };
}

function unused(offset: number, bytes: Uint8Array): FilePart {
  const isZero = isAllZero(bytes, offset);
  const text = isZero ? "zeros" : "left over from older records";
  return { condition: "unused", offset, length: bytes.length - offset, records: null, text };
}

function isAllZero(bytes: Uint8Array, from: number): boolean {
  for (let at = from; at < bytes.length; at++) if (bytes[at] !== 0) return false;
  return true;
}
