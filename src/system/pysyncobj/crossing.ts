import { concatBytes, equalBytes } from "#base/bytes.ts";
import { encodeUtf8 } from "#base/utf8.ts";
import { readFile } from "#disk/disk.ts";
import type { Entry, Role, ServerId } from "#raft/types.ts";
import { sameWindow } from "./differences.ts";
import { decodeDump, encodeDump } from "./dump.ts";
import {
  commandText,
  DUMP,
  decodeJournal,
  decodeMeta,
  EMPTY_META,
  encodeCall,
  encodeHeader,
  encodeMeta,
  encodeRecord,
  entryOf,
  HEADER_SIZE,
  INITIAL_SIZE,
  JOURNAL,
  META,
  metaContents,
  NO_OP,
  withMetaValue,
} from "./format.ts";
import { type Node, replaceDisk } from "./replay.ts";
import { headerOffset, windowOf } from "./replay-seen.ts";
import { currentLogIndex, type PySyncObj } from "./server.ts";
import { journalMemory } from "./storage.ts";
import type { Checkpoint, Json, RecordedState } from "./trace.ts";

// How a recorded run is followed over what it does not tell: with what it says before and after, and with disks beside it.

/** What lies on a disk. A dump names the members as the trace does, not by their addresses. */
export interface Files {
  readonly journal: Uint8Array | null;
  readonly meta: Uint8Array | null;
  readonly dump: Uint8Array | null;
}

/** A disk of a node that lies beside the trace. */
export interface LyingDisk extends Files {
  readonly folder: string;
  readonly journal: Uint8Array;
}

export function filesOf({ disk }: Node): Files {
  return {
    journal: readFile(disk, JOURNAL),
    meta: readFile(disk, META),
    dump: readFile(disk, DUMP),
  };
}

/** A real dump with the names that the trace has for its members' addresses. What cannot be read is left as it is. */
export function renamedDump(
  bytes: Uint8Array,
  addresses: Readonly<Record<ServerId, string>>,
): Uint8Array {
  const found = decodeDump(bytes);
  if (!found.ok) return bytes;
  const names = new Map(Object.entries(addresses).map(([id, address]) => [address, id]));
  const cluster = found.value.cluster.map((node) => names.get(node) ?? node);
  return encodeDump({ ...found.value, cluster, self: cluster[0] ?? "" });
}

/** Which files a start found, and the sizes of journal and meta; null: none. Of a dump only that it is there. */
export function sizesOf(files: {
  readonly journal: number | null;
  readonly meta: number | null;
  readonly dump: number | null;
}): Json {
  return [files.journal, files.meta, files.dump === null ? "no dump" : "a dump"];
}

/** Does the disk hold the log and the commit index that the node is recorded to have started with? */
export function isDiskOf(state: RecordedState, { journal, meta }: Files): boolean {
  const entries = journal === null ? [] : entriesIn(journal);
  return raftCommitIndexIn(meta) === state.commitIndex && sameWindow(windowOf(entries), state.log);
}

/** What the library would start with. */
export function raftCommitIndexIn(meta: Uint8Array | null): number {
  const read = meta === null ? null : decodeMeta(meta);
  return (read?.ok ? metaContents(read.value).raftCommitIndex : null) ?? 1;
}

/** A power loss leaves what was there, up to where the log then ends. Null: that does not fit. */
export function remainingEntries(
  journal: Uint8Array | null,
  { log }: RecordedState,
): readonly Entry[] | null {
  const end = log?.tail[0] ?? 0;
  const kept = journal === null ? [] : entriesIn(journal).filter(({ index }) => index <= end);
  return sameWindow(windowOf(kept), log) ? kept : null;
}

/** A log as what is later applied of it tells it; `applied`: term and command in words, by index. Null: not all of it. */
export function toldEntries(
  applied: ReadonlyMap<number, readonly [number, string]>,
  { log }: RecordedState,
): readonly Entry[] | null {
  if (log === null) return null;
  const entries: Entry[] = [];
  for (let index = log.first[0]; index <= log.tail[0]; index++) {
    const known = applied.get(index) ?? (index === 1 ? ([0, "NO_OP"] as const) : undefined);
    if (known === undefined) return null;
    entries.push({ index, term: known[0], command: commandFromText(known[1]) });
  }
  return sameWindow(windowOf(entries), log) ? entries : null;
}

/** The log of a checkpoint: with the bytes of commands that are known, else as the words say. */
export function checkpointEntries(
  server: PySyncObj,
  checkpoint: Checkpoint,
  disks: readonly LyingDisk[],
): readonly Entry[] {
  const known = server.log.entries.slice(0, server.log.length);
  for (const { journal } of disks) known.push(...entriesIn(journal));
  return checkpoint.log.map(([index, term, text]) => {
    const isIt = (each: Entry): boolean =>
      each.index === index && each.term === term && commandText(each.command) === text;
    return known.find(isIt) ?? { index, term, command: commandFromText(text) };
  });
}

/** Puts a disk with exactly these entries and this commit index into the node; the dump stays. `size`: the journal's. */
export function rebuildDisk(
  node: Node,
  entries: readonly Entry[],
  commitIndex: number,
  size: number,
): void {
  const { dump } = filesOf(node);
  putFiles(node, { journal: journalFile(entries, size), meta: metaFile(commitIndex), dump });
}

export function rebuildMeta(node: Node, commitIndex: number): void {
  putFiles(node, { ...filesOf(node), meta: metaFile(commitIndex) });
}

export function putFiles(node: Node, { journal, meta, dump }: Files): void {
  replaceDisk(node, { [JOURNAL]: journal, [META]: meta, [DUMP]: dump });
}

/**
 * A running node goes on with the disk that a checkpoint tells: with its own journal, or one beside the trace, where that holds
 * the entries; else with one made of them. A log that begins later has a dump before it: its own, or one made of the map.
 * What was taken from beside the trace; null: nothing.
 */
export function adoptDisk(
  node: Node,
  entries: readonly Entry[],
  { state, values }: Checkpoint,
  disks: readonly LyingDisk[],
): LyingDisk | null {
  const own = filesOf(node);
  const isIt = ({ journal }: Files): boolean =>
    journal !== null && sameEntries(entriesIn(journal), entries);
  const isWhole = (disk: Files): boolean =>
    isIt(disk) && raftCommitIndexIn(disk.meta) === state.commitIndex;
  const lying = isIt(own) ? null : (disks.find(isWhole) ?? disks.find(isIt) ?? null);
  const journal =
    (lying ?? (isIt(own) ? own : null))?.journal ?? journalFile(entries, INITIAL_SIZE);
  const meta = isWhole(lying ?? own) ? (lying ?? own).meta : own.meta;
  const dump = dumpBefore(entries, [own, ...disks]) ?? madeDump(node, entries, state, values);
  putFiles(node, { journal, meta, dump });
  rememberJournal(node, entries, headerOffset(journal), journal.length);
  return lying;
}

/** The dump that a log begins with; null: there is none to be found. */
function dumpBefore([first, second]: readonly Entry[], disks: readonly Files[]): Uint8Array | null {
  if (first === undefined || first.index <= 1) return null;
  for (const { dump } of disks) {
    const found = dump === null ? null : decodeDump(dump);
    if (found?.ok && second !== undefined && sameEntries([found.value.last], [second])) return dump;
  }
  return null;
}

/** Made of the map of a node that has not applied anything since. */
function madeDump(
  { id, peers }: Node,
  [previous, last]: readonly Entry[],
  { lastApplied }: RecordedState,
  values: Checkpoint["values"],
): Uint8Array | null {
  if (previous === undefined || last === undefined || previous.index <= 1) return null;
  if (values === null || last.index !== lastApplied) return null;
  const pairs = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
  const state = {
    lastApplied,
    values: pairs.map(([key, value]) => ({ key, value: String(value), index: 0 })),
    beyond: "0000000000000000",
  };
  return encodeDump({ state, previous, last, cluster: [...peers, id], self: id });
}

/** The state as it is recorded. What is not recorded is as it is in a cluster that was left alone. */
export function takeState(server: PySyncObj, state: RecordedState, time: number): void {
  server.role = state.role as Role;
  server.currentTerm = state.term;
  server.votedFor = state.votedFor;
  server.leader = state.leader;
  server.commitIndex = state.commitIndex ?? server.commitIndex;
  server.lastApplied = state.lastApplied ?? server.lastApplied;
  server.electionDeadline = state.role === "leader" ? null : time;
  server.metaCommitIndex = server.commitIndex;
  server.metaDirty = true; // As after any heartbeat.
  if (state.role !== "leader") return;
  for (const peer of server.peers) {
    server.nextIndex[peer] = currentLogIndex(server.log) + 1;
    server.matchIndex[peer] = currentLogIndex(server.log);
    server.lastResponseTime[peer] = time;
  }
  server.newAppendEntriesTime = time;
}

function rememberJournal(
  node: Node,
  entries: readonly Entry[],
  currentOffset: number,
  fileSize: number,
): void {
  const { meta } = journalMemory(node.memory);
  const firstIndex = entries[0]?.index ?? 1;
  node.memory.journal = { currentOffset, fileSize, firstIndex, length: entries.length, meta };
}

function entriesIn(journal: Uint8Array): Entry[] {
  return decodeJournal(journal).records.flatMap((record) => entryOf(record) ?? []);
}

function sameEntries(a: readonly Entry[], b: readonly Entry[]): boolean {
  const isSame = ({ index, term, command }: Entry, i: number): boolean => {
    const other = b[i];
    return other?.index === index && other.term === term && equalBytes(other.command, command);
  };
  return a.length === b.length && a.every(isSame);
}

/** A journal that holds these entries and nothing else, as large as appending them makes it. */
function journalFile(entries: readonly Entry[], sizeMin: number): Uint8Array {
  const records = entries.map(({ index, term, command }) => encodeRecord(index, term, command));
  const end = records.reduce((sum, each) => sum + each.length, HEADER_SIZE);
  let size = sizeMin;
  while (size < end) size *= 2;
  const bytes = new Uint8Array(size);
  bytes.set(encodeHeader(end), 0);
  let at = HEADER_SIZE;
  for (const record of records) {
    bytes.set(record, at);
    at += record.length;
  }
  return bytes;
}

function metaFile(raftCommitIndex: number): Uint8Array {
  return encodeMeta(withMetaValue(EMPTY_META, "raftCommitIndex", raftCommitIndex));
}

/** `NO_OP`, or a call as the record words it: f1("key", "value"). */
function commandFromText(text: string): Uint8Array {
  const call = /^f(\d+)\((.*)\)$/s.exec(text);
  if (text === "NO_OP") return NO_OP;
  if (call === null) return concatBytes([Uint8Array.of(0), encodeUtf8(text)]);
  const words = call[2]?.match(/"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/gu) ?? [];
  return encodeCall(
    Number(call[1]),
    words.map((each) => JSON.parse(each) as string),
  );
}
