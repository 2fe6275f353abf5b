import { brief } from "#base/brief.ts";
import type { Image, Path } from "#disk/types.ts";
import type { Entry, ServerId, StateImage, Term } from "#raft/types.ts";
import type { Codec, DiskContents, FileProblem, Span } from "#system/contract.ts";
import { type Form, firstRecord, formIn, formOf, POINTER, pointerIn } from "./form.ts";
import {
  APPLIED,
  APPLIED_NEW,
  decodeApplied,
  decodeKept,
  isIndexApart,
  type Kept,
  STATE,
  STATE_NEW,
  usable,
} from "./kept.ts";
import { cloneReading, entriesOf, type Reading, startReading, take } from "./reading.ts";
import { isFlushedLater, type PlacedRecord, recordOf } from "./record.ts";
import { decodeVote, HARD_STATE, HARD_STATE_NEW, type HardState, hasVoteApart } from "./vote.ts";

export const WAL = "wal";
/** What is to take its place, while it is written. */
export const WAL_NEW = "wal.new";

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
  /** The same, to be read on from a copy. */
  readonly reading: Reading;
  readonly form: Form;
}

/**
 * Reads a file of records. A file that begins as one read not long ago is read on from where they part: the moments of one
 * run, which the interface looks at one after the other, mostly differ in their ends. Keeps `bytes` for that: they are never
 * to change afterwards.
 *
 * `bugs`: of who wrote it. Left out: whether its records carry checksums is told by the first of them.
 */
export function decodeWal(bytes: Uint8Array, bugs?: ReadonlySet<string>): WalContents {
  const looks = formIn(bytes);
  const isSealed = bugs === undefined ? looks.isSealed : formOf(bugs).isSealed;
  const contents = readOn(bytes, { ...looks, isSealed });
  recent.unshift({ bytes, contents });
  recent.length = Math.min(recent.length, RECENT);
  return contents;
}

const RECENT = 12;
const recent: { readonly bytes: Uint8Array; readonly contents: WalContents }[] = [];

/** The longest start of these bytes that was read lately, as a file or the start of one. */
function knownStart(bytes: Uint8Array, form: Form): { reading: Reading; records: PlacedRecord[] } {
  let best: { readonly contents: WalContents; readonly count: number } | null = null;
  for (const { bytes: other, contents } of recent) {
    const { records, end, form: its } = contents;
    if (its.isSealed !== form.isSealed || its.hasPointer !== form.hasPointer) continue;
    if (records.length <= (best?.count ?? 0)) continue;
    const most = Math.min(bytes.length, end);
    let same = 0;
    while (same < most && bytes[same] === other[same]) same += 1;
    let count = records.length;
    while (count > 0 && endOf(records[count - 1]) > same) count -= 1;
    if (count > (best?.count ?? 0)) best = { contents, count };
  }
  if (best === null) return { reading: startReading(firstRecord(form)), records: [] };
  const { contents, count } = best;
  const records = contents.records.slice(0, count);
  if (count === contents.records.length)
    return { reading: cloneReading(contents.reading), records };
  const reading = startReading(firstRecord(form));
  for (const placed of records) take(reading, placed);
  return { reading, records };
}

function endOf(placed: PlacedRecord | undefined): number {
  return placed === undefined ? 0 : placed.offset + placed.length;
}

function readOn(bytes: Uint8Array, form: Form): WalContents {
  const pointer = form.hasPointer ? pointerIn(bytes) : null;
  const { reading, records } = knownStart(bytes, form);
  let problem: WalContents["problem"] = null;
  let isTorn = false;
  while (problem === null && reading.end < (pointer ?? bytes.length)) {
    const offset = reading.end;
    const placed = recordOf(bytes.subarray(offset), offset, form.isSealed);
    const reason = typeof placed === "string" ? placed : take(reading, placed);
    if (reason !== null) problem = { offset, reason };
    if (typeof placed !== "string") {
      if (reason === null) records.push(placed);
    } else if (pointer === null) isTorn = !form.isSealed || !isFlushedLater(bytes, offset);
  }
  const { currentTerm, votedFor, end } = reading;
  const entries = entriesOf(reading);
  return { currentTerm, votedFor, entries, records, end, problem, isTorn, reading, form };
}

export const codec: Codec = {
  inspect(files: Image, directory: Path, bugs?: ReadonlySet<string>): DiskContents {
    const path = directory + WAL;
    const bytes = files.get(path) ?? new Uint8Array();
    const { currentTerm, votedFor, entries, problem, isTorn } = decodeWal(bytes, bugs);
    const isRefused = !isTorn && bugs?.has("cut-at-bad-record") !== true;
    const problems: FileProblem[] = [];
    if (problem !== null) problems.push({ path, ...problem, ...(isRefused && { isRefused }) });
    const state = stateIn(files, directory, entries.length, bugs, problems);
    const kept = state === null ? {} : { state };
    const rest = { commitIndex: null, ...kept, baseIndex: 0, entries, problems };
    const votePath = directory + HARD_STATE;
    const vote = files.get(votePath);
    const isApart = bugs === undefined ? vote !== undefined : hasVoteApart(bugs);
    if (!isApart) return { currentTerm, votedFor, ...rest };
    const found = vote === undefined ? null : decodeVote(vote);
    if (typeof found !== "string") {
      return { currentTerm: found?.term ?? null, votedFor: found?.votedFor ?? null, ...rest };
    }
    problems.push({ path: votePath, offset: 0, reason: found });
    return { currentTerm: null, votedFor: null, ...rest };
  },

  annotate(file: Path, bytes: Uint8Array): readonly Span[] {
    const name = file.slice(file.lastIndexOf("/") + 1);
    if (name === WAL || name === WAL_NEW) return annotateWal(bytes);
    if (name === STATE || name === STATE_NEW) return annotateKept(bytes);
    if (name === APPLIED || name === APPLIED_NEW) return annotateApplied(bytes);
    return name === HARD_STATE || name === HARD_STATE_NEW ? annotateVote(bytes) : [];
  },
};

/** The state machine that recovery would start with, where it looks for one. */
function stateIn(
  files: Image,
  directory: Path,
  last: number,
  bugs: ReadonlySet<string> | undefined,
  problems: FileProblem[],
): StateImage | null {
  const path = directory + STATE;
  const bytes = files.get(path);
  if (bytes === undefined) return null;
  const kept = decodeKept(bytes);
  const index = files.get(directory + APPLIED);
  const isApart = bugs === undefined ? index !== undefined : isIndexApart(bugs);
  const applied = index === undefined ? 0 : decodeApplied(index);
  const number = typeof applied === "number" ? applied : 0;
  const found = typeof kept === "string" ? kept : usable(kept, isApart ? number : null, last);
  if (typeof found !== "string") return found;
  problems.push({ path, offset: 0, reason: found });
  return null;
}

function annotateWal(bytes: Uint8Array): readonly Span[] {
  const { records, entries, end, problem, form } = decodeWal(bytes);
  const spans: Span[] = [];
  const first = Math.min(bytes.length, firstRecord(form));
  if (first > 0) {
    const label = `the log ends at ${pointerIn(bytes)}`;
    spans.push({ offset: 0, length: POINTER, kind: "header", label, entry: null });
    const length = first - POINTER;
    if (length > 0) spans.push(span(POINTER, length, "padding", "the rest of the header's sector"));
  }
  spans.push(...records.map((placed) => spanOf(placed, entries)));
  const length = bytes.length - end;
  if (problem !== null && length > 0) spans.push(span(end, length, "damaged", problem.reason));
  else if (length > 0) spans.push(span(end, length, "padding", "behind the end of the log"));
  return spans;
}

function annotateVote(bytes: Uint8Array): readonly Span[] {
  if (bytes.length === 0) return [];
  const found = decodeVote(bytes);
  if (typeof found === "string") return [span(0, bytes.length, "damaged", found)];
  return [span(0, bytes.length, "value", hardStateText(found))];
}

function annotateKept(bytes: Uint8Array): readonly Span[] {
  if (bytes.length === 0) return [];
  const found = decodeKept(bytes);
  if (typeof found === "string") return [span(0, bytes.length, "damaged", found)];
  return [span(0, bytes.length, "value", keptText(found))];
}

function annotateApplied(bytes: Uint8Array): readonly Span[] {
  if (bytes.length === 0) return [];
  const found = decodeApplied(bytes);
  if (typeof found === "string") return [span(0, bytes.length, "damaged", found)];
  return [span(0, bytes.length, "value", `applied up to entry ${found}`)];
}

/** "the state machine after entry 3: x = 2" */
function keptText({ lastApplied, values }: Kept): string {
  const [first, ...rest] = values.map(({ key, value }) => `${brief(key)} = ${brief(value)}`);
  const after = lastApplied === null ? "" : ` after entry ${lastApplied}`;
  const more = rest.length === 0 ? "" : ` and ${rest.length} more`;
  return `the state machine${after}: ${first ?? "empty"}${more}`;
}

function span(offset: number, length: number, kind: Span["kind"], label: string): Span {
  return { offset, length, kind, label, entry: null };
}

function hardStateText({ term, votedFor }: HardState): string {
  return `term ${term}, ${votedFor === null ? "no vote" : `vote for ${votedFor}`}`;
}

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
    case "hard-state":
      return span(offset, length, "value", hardStateText(record));
    case "cut":
      return span(offset, length, "value", `the log is cut from entry ${record.from} on`);
    case "padding":
      return span(offset, length, "padding", "padding");
  }
}
