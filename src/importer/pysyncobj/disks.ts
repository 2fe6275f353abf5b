import { LIMITS } from "#scenario/fields.ts";
import { encodeDump } from "#system/pysyncobj/dump.ts";
import {
  DUMP,
  DUMP_INCOMING,
  DUMP_TMP,
  encodeMeta,
  encodeOffset,
  entryOf,
  HEADER_SIZE,
  INITIAL_SIZE,
  JOURNAL,
  LAST_RECORD_OFFSET_AT,
  META,
  META_TMP,
  RECORD_FRAME,
  renumbered,
  type Whole,
  withVote,
} from "#system/pysyncobj/format.ts";
import { dialectOf, encodeMetaIn } from "./dialects.ts";
import type { ReadJournal } from "./read.ts";
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
  readonly numbers: ReadonlyMap<bigint, number>;
  /** Only the end of the journal, from this index on, and a dump that stands for what was before; null: everything. */
  readonly tailFrom: Whole | null;
}

/**
 * The disk that a server boots from: its files as they are, under the simulation's names. Two things are renamed: numbers
 * beyond 2^53, and the address that a vote was given to.
 */
export function diskOf(server: ServerFiles, { idOf, numbers, tailFrom }: DiskOptions): Disk {
  const files: DiskFile[] = [];
  const changes: string[] = [];
  const add = (name: string, bytes: Uint8Array | undefined): void => {
    if (bytes !== undefined) files.push({ path: `${server.id}/${name}`, bytes });
  };
  if (server.journal !== null) {
    const { file } = server.journal;
    const bytes = tailFrom === null ? file.bytes : tailOf(server.journal, tailFrom);
    const wide = wideNumbers([server]);
    add(JOURNAL, wide.length === 0 ? bytes : renumbered(bytes, numbers));
    for (const value of wide) {
      changes.push(
        `${file.path}: ${value} is beyond 2^53; on the booted disk it is ${numbers.get(value) ?? 0}, which keeps the order.`,
      );
    }
  }
  if (server.meta !== null) add(META, withVoter(server, idOf, changes));
  add(META_TMP, server.unfinishedMeta?.file.bytes);
  if (tailFrom !== null) add(DUMP, standInDump(server, tailFrom));
  else {
    add(DUMP, server.dump?.file.bytes);
    add(DUMP_TMP, server.unfinishedDump?.file.bytes);
    add(DUMP_INCOMING, server.incomingDump?.file.bytes);
  }
  return { files, changes };
}

function withVoter(
  { meta }: ServerFiles,
  idOf: (address: string) => string | null,
  changes: string[],
): Uint8Array {
  if (meta === null || !meta.meta.ok) return meta?.file.bytes ?? new Uint8Array();
  const { bytes, path } = meta.file;
  const renamed = withVote(meta.meta.value, idOf);
  if (renamed === null) return bytes;
  changes.push(`${path}: the vote for ${renamed.from} is the vote for ${renamed.to} here.`);
  const dialect = dialectOf(bytes);
  const written = dialect === null ? null : encodeMetaIn(renamed.meta, dialect);
  return written ?? encodeMeta(renamed.meta);
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
function standInDump({ id, journal }: ServerFiles, from: Whole): Uint8Array | undefined {
  if (journal === null) return undefined;
  const { records } = journal.journal;
  const place = placeFrom(records, from);
  const [previous, last] = [records.at(place), records.at(place + 1)].map((record) =>
    record === undefined ? null : entryOf(record),
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

/** The numbers that no exact number of JavaScript is, each once, in order. */
export function wideNumbers(servers: readonly ServerFiles[]): bigint[] {
  const wide = new Set<bigint>();
  for (const { journal } of servers) {
    if (journal === null || !journal.journal.problems.some(isWideProblem)) continue;
    for (const { index, term } of journal.journal.records) {
      for (const value of [index, term]) if (isWide(value)) wide.add(value);
    }
  }
  return [...wide].sort((a, b) => (a < b ? -1 : 1));
}

/** No list of problems leaves these out unless it is as long as it may get. */
function isWideProblem({ reason }: { readonly reason: string }): boolean {
  return /beyond 2\^53$|^and \d+ more/.test(reason);
}

function isWide(value: Whole): value is bigint {
  return typeof value === "bigint";
}

/** Renames wide numbers from 2^52 on: the order stays, and what followed directly still does. */
export function narrowNumbers(wide: readonly bigint[]): ReadonlyMap<bigint, number> {
  const names = new Map<bigint, number>();
  let name = 2 ** 52;
  let previous: bigint | null = null;
  for (const value of wide) {
    name += previous !== null && value === previous + 1n ? 1 : 2;
    names.set(value, name);
    previous = value;
  }
  return names;
}
