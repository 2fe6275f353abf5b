import { LIMITS } from "#scenario/fields.ts";
import {
  encodeMeta,
  encodeOffset,
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
  /** Only the end of the journal, from this index on, and no dumps; null: everything. */
  readonly tailFrom: Whole | null;
}

const DUMP = "raft.dump";

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
  if (tailFrom === null) {
    add(DUMP, server.dump?.file.bytes);
    add(`${DUMP}.tmp`, server.unfinishedDump?.file.bytes);
    add(`${DUMP}.1.tmp`, server.incomingDump?.file.bytes);
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
  return encodeMeta(renamed.meta);
}

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
  const budget = Math.floor(LIMITS.fileBytes / (2 * Math.max(1, servers.length)));
  let start: Whole = 0;
  for (const { journal } of servers) {
    if (journal === null) continue;
    const { records, endOffset } = journal.journal;
    let place = records.length;
    while (place > 0 && endOffset - (records.at(place - 1)?.offset ?? 0) <= budget) place--;
    const first = records.at(place)?.index;
    if (place > 0 && (first === undefined || place > records.length - 2)) return null;
    if (first !== undefined && first > start) start = first;
  }
  return start;
}

/** The journal with its header, but only with its records from an index on, and what lies behind its end. */
function tailOf({ file: { bytes }, journal }: ReadJournal, from: Whole): Uint8Array {
  const { records, endOffset, ghosts, header } = journal;
  let place = records.length;
  while (place > 0 && (records.at(place - 1)?.index ?? 0) >= from) place--;
  const start = records.at(place)?.offset ?? endOffset;
  const lastGhost = ghosts.at(-1);
  const behind = lastGhost === undefined ? 0 : lastGhost.offset + lastGhost.size + RECORD_FRAME;
  // Where the loader stops, what it stops at comes along.
  const stop = journal.loadError === null ? 0 : endOffset + HEADER_SIZE;
  const end = Math.min(bytes.length, Math.max(endOffset, behind, stop));
  const kept = bytes.subarray(start, end);
  let size = INITIAL_SIZE;
  while (size < HEADER_SIZE + kept.length) size *= 2;
  // What the file ends before, its tail ends before, too.
  const isCut = endOffset > bytes.length || journal.loadError !== null;
  const tail = new Uint8Array(isCut ? HEADER_SIZE + kept.length : size);
  tail.set(bytes.subarray(0, HEADER_SIZE));
  tail.set(encodeOffset(HEADER_SIZE + header.lastRecordOffset - start), LAST_RECORD_OFFSET_AT);
  tail.set(kept, HEADER_SIZE);
  return tail;
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
