import { LIMITS } from "#scenario/fields.ts";
import { encodeDump } from "#system/pysyncobj/dump.ts";
import {
  DUMP,
  DUMP_INCOMING,
  DUMP_TMP,
  encodeMeta,
  encodeOffset,
  HEADER_SIZE,
  INITIAL_SIZE,
  JOURNAL,
  LAST_RECORD_OFFSET_AT,
  META,
  META_TMP,
  metaNumbers,
  RECORD_FRAME,
  renumbered,
  type Whole,
  withNumbers,
  withVote,
} from "#system/pysyncobj/format.ts";
import { dialectOf, encodeMetaIn } from "./dialects.ts";
import { renumberedDump } from "./dump.ts";
import { type Numbers, numbersOf } from "./numbers.ts";
import type { ReadDump, ReadJournal, ReadMeta } from "./read.ts";
import { filesOf, type ServerFiles } from "./servers.ts";

export interface DiskFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface Disk {
  readonly files: readonly DiskFile[];
  /** In sentences: what is not byte for byte as it was given. */
  readonly changes: readonly string[];
}

export interface DiskOptions {
  /** The server of an address. */
  readonly idOf: (address: string) => string | null;
  /** Names for the numbers beyond 2^53. */
  readonly numbers: Numbers;
  /** Only the end of the journal, from this index on, and a dump that stands for what was before; null: everything. */
  readonly tailFrom: Whole | null;
}

/**
 * The disk that a server boots from: its files as they are, under the simulation's names. Two things are renamed: numbers
 * beyond 2^53, and the address that a vote was given to.
 */
export function diskOf(server: ServerFiles, options: DiskOptions): Disk {
  const { numbers, tailFrom } = options;
  const files: DiskFile[] = [];
  const changes: string[] = [];
  const said = new Set<string>();
  const sayRenamed = (path: string, value: Whole): void => {
    const name = numbers.nameOf(value);
    const key = `${path} ${value}`;
    if (name === value || said.has(key)) return;
    said.add(key);
    const why = typeof value === "bigint" ? "is beyond 2^53" : "makes room for numbers beyond 2^53";
    const text = `${path}: ${value} ${why}; on the booted disk it is ${name}, which keeps the order.`;
    changes.push(text);
  };
  const add = (name: string, bytes: Uint8Array | undefined): void => {
    if (bytes !== undefined) files.push({ path: `${server.id}/${name}`, bytes });
  };
  if (server.journal !== null) {
    const { file } = server.journal;
    const bytes = tailFrom === null ? file.bytes : tailOf(server.journal, tailFrom);
    add(JOURNAL, numbers.renamed.length === 0 ? bytes : renumbered(bytes, numbers.nameOf));
    if (numbers.renamed.length > 0) {
      for (const { index, term } of server.journal.journal.records) {
        for (const value of [index, term]) sayRenamed(file.path, value);
      }
    }
  }
  if (server.meta !== null) {
    for (const value of metaWholes(server.meta)) sayRenamed(server.meta.file.path, value);
    add(META, bootedMeta(server.meta, options, changes));
  }
  add(META_TMP, server.unfinishedMeta?.file.bytes);
  if (tailFrom !== null) add(DUMP, standInDump(server, tailFrom, numbers));
  else {
    for (const value of dumpWholes(server.dump)) sayRenamed(server.dump?.file.path ?? "", value);
    add(DUMP, bootedDump(server.dump, numbers));
    add(DUMP_TMP, server.unfinishedDump?.file.bytes);
    add(DUMP_INCOMING, server.incomingDump?.file.bytes);
  }
  return { files, changes };
}

/** The meta under the simulation's names, in the dialect in which it was written. */
function bootedMeta(
  { file: { path, bytes }, meta }: ReadMeta,
  { idOf, numbers }: DiskOptions,
  changes: string[],
): Uint8Array {
  if (!meta.ok) return bytes;
  const renumbered = withNumbers(meta.value, numbers.nameOf);
  const voted = withVote(renumbered, idOf);
  if (voted !== null)
    changes.push(`${path}: the vote for ${voted.from} is the vote for ${voted.to} here.`);
  const booted = voted?.meta ?? renumbered;
  if (booted === meta.value) return bytes;
  const dialect = dialectOf(bytes);
  const written = dialect === null ? null : encodeMetaIn(booted, dialect);
  return written ?? encodeMeta(booted);
}

/** The dump, with other names for the numbers of its two entries where they are renamed. */
export function bootedDump(read: ReadDump | null, { nameOf }: Numbers): Uint8Array | undefined {
  if (!read?.dump.ok) return read?.file.bytes;
  const isRenamed = dumpWholes(read).some((value) => nameOf(value) !== value);
  return isRenamed ? renumberedDump(read.file.bytes, nameOf) : read.file.bytes;
}

const PAGE = 4096;
/** Entries of a tail: more would not be looked at. */
const TAIL_MOST = 20_000;
/** What else is on a disk: a header, a meta, a dump, ghosts. Bytes. */
const BESIDE = 128 * 1024;

/** Can a scenario carry the files of these servers as they are? */
export function fitsScenario(servers: readonly ServerFiles[]): boolean {
  const files = servers.flatMap(filesOf);
  return files.reduce((sum, { file }) => sum + file.bytes.length, 0) <= LIMITS.fileBytes;
}

/**
 * The index from which on the ends of all journals together fit into a scenario; null: some server would be left with fewer
 * than two entries.
 */
export function tailStart(servers: readonly ServerFiles[]): Whole | null {
  const budget = Math.floor(LIMITS.fileBytes / Math.max(1, servers.length)) - BESIDE;
  let start: Whole = 0;
  for (const { journal } of servers) {
    if (journal === null) continue;
    const { records, endOffset } = journal.journal;
    let place = records.length;
    const least = Math.max(0, records.length - TAIL_MOST);
    while (place > least && endOffset - (records.at(place - 1)?.offset ?? 0) <= budget) place--;
    const first = records.at(place)?.index;
    if (place > 0 && (first === undefined || place > records.length - 2)) return null;
    if (first !== undefined && first > start) start = first;
  }
  return start;
}

/** The journal with its header, but only with its records from an index on, and what lies behind its end. */
function tailOf({ file: { bytes }, journal }: ReadJournal, from: Whole): Uint8Array {
  const { records, endOffset, ghosts, header } = journal;
  const start = records.at(placeFrom(records, from))?.offset ?? endOffset;
  const lastGhost = ghosts.at(-1);
  const behind = lastGhost === undefined ? 0 : lastGhost.offset + lastGhost.size + RECORD_FRAME;
  // Where the loader stops, what it stops at comes along.
  const stop = journal.loadError === null ? 0 : endOffset + HEADER_SIZE;
  const end = Math.min(bytes.length, Math.max(endOffset, Math.min(behind, endOffset + PAGE), stop));
  const kept = bytes.subarray(start, end);
  const size = Math.max(INITIAL_SIZE, Math.ceil((HEADER_SIZE + kept.length) / PAGE) * PAGE);
  // What the file ends before, its tail ends before, too.
  const isCut = endOffset > bytes.length || journal.loadError !== null;
  const tail = new Uint8Array(isCut ? HEADER_SIZE + kept.length : size);
  tail.set(bytes.subarray(0, HEADER_SIZE));
  tail.set(encodeOffset(HEADER_SIZE + header.lastRecordOffset - start), LAST_RECORD_OFFSET_AT);
  tail.set(kept, HEADER_SIZE);
  return tail;
}

/** A dump that says that what was before the tail is applied, and holds nothing of it; undefined: nothing was. */
function standInDump(
  { id, journal }: ServerFiles,
  from: Whole,
  { nameOf }: Numbers,
): Uint8Array | undefined {
  if (journal === null) return undefined;
  const { records } = journal.journal;
  const place = placeFrom(records, from);
  const [previous, last] = [records.at(place), records.at(place + 1)].map((record) =>
    record === undefined
      ? null
      : { index: nameOf(record.index), term: nameOf(record.term), command: record.command },
  );
  if (place === 0 || previous == null || last == null) return undefined;
  const state = { lastApplied: last.index, values: [], beyond: "0".repeat(16) };
  return encodeDump({ state, previous, last, cluster: [], self: id });
}

/** Where the records that are from this index on begin. */
function placeFrom(records: ReadJournal["journal"]["records"], from: Whole): number {
  let place = records.length;
  while (place > 0 && (records.at(place - 1)?.index ?? 0) >= from) place--;
  return place;
}

/** All numbers that a run on these servers' disks may meet: only where one of them is beyond 2^53, which is rare. */
export function numbersOn(servers: readonly ServerFiles[]): Numbers {
  const few = servers.flatMap(({ meta, dump }) => [...metaWholes(meta), ...dumpWholes(dump)]);
  const journals = servers.flatMap(({ journal }) => journal?.journal ?? []);
  const isAnyWide =
    few.some((value) => typeof value === "bigint") ||
    journals.some(({ problems }) => problems.some(isWideProblem));
  return numbersOf(isAnyWide ? withRecords(few, journals) : []);
}

function* withRecords(
  few: readonly Whole[],
  journals: readonly ReadJournal["journal"][],
): Generator<Whole, void, void> {
  yield* few;
  for (const { records } of journals) {
    for (const { index, term } of records) yield* [index, term];
  }
}

function metaWholes(read: ServerFiles["meta"]): readonly Whole[] {
  if (!read?.meta.ok) return [];
  const { raftCommitIndex, currentTerm } = metaNumbers(read.meta.value);
  return [raftCommitIndex, currentTerm].filter((value) => value !== null);
}

function dumpWholes(read: ServerFiles["dump"]): readonly Whole[] {
  if (!read?.dump.ok) return [];
  const { previous, last } = read.dump.value;
  return [previous.index, previous.term, last.index, last.term];
}

/** No list of problems leaves these out unless it is as long as it may get. */
function isWideProblem({ reason }: { readonly reason: string }): boolean {
  return /beyond 2\^53$|^and \d+ more/.test(reason);
}
