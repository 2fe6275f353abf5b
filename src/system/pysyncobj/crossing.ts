import { concatBytes, equalBytes } from "#base/bytes.ts";
import { encodeUtf8 } from "#base/utf8.ts";
import { readFile } from "#disk/disk.ts";
import { perform } from "#disk/perform.ts";
import { createLog } from "#raft/log.ts";
import type { Entry, Role } from "#raft/types.ts";
import { sameWindow } from "./differences.ts";
import {
  commandText,
  decodeJournal,
  decodeMeta,
  EMPTY_META,
  encodeCall,
  encodeHeader,
  encodeMeta,
  encodeOffset,
  encodeRecord,
  entryOf,
  HEADER_SIZE,
  INITIAL_SIZE,
  JOURNAL,
  LAST_RECORD_OFFSET_AT,
  META,
  metaContents,
  NO_OP,
  withMetaValue,
} from "./format.ts";
import { headerOffset, type Node, replaceDisk } from "./replay.ts";
import { currentLogIndex, type PySyncObj } from "./server.ts";
import { journalMemory } from "./storage.ts";
import type { Checkpoint, LogWindow, RecordedState } from "./trace.ts";

// How a recorded run is followed over what it does not tell: with what it says before and after, and with disks beside it.

/** A disk of a node that lies beside the trace. */
export interface LyingDisk {
  readonly folder: string;
  readonly journal: Uint8Array;
  readonly meta: Uint8Array | null;
}

/** Does the disk hold the log and the commit index that the node is recorded to have started with? */
export function isDiskOf(
  state: RecordedState,
  journal: Uint8Array | null,
  meta: Uint8Array | null,
): boolean {
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

/** Puts a disk with exactly these entries and this commit index into the node. */
export function rebuildDisk(node: Node, entries: readonly Entry[], commitIndex: number): void {
  const size = readFile(node.disk, JOURNAL)?.length ?? INITIAL_SIZE;
  replaceDisk(node, { [JOURNAL]: journalFile(entries, size), [META]: metaFile(commitIndex) });
}

export function rebuildMeta(node: Node, commitIndex: number): void {
  replaceDisk(node, { [JOURNAL]: readFile(node.disk, JOURNAL), [META]: metaFile(commitIndex) });
}

/** A running node goes on with a disk beside the trace that holds its log; null: there is none. */
export function adoptDisk(
  node: Node,
  entries: readonly Entry[],
  commitIndex: number | null,
  disks: readonly LyingDisk[],
): LyingDisk | null {
  for (const disk of disks) {
    if (raftCommitIndexIn(disk.meta) !== commitIndex) continue;
    if (!sameEntries(entriesIn(disk.journal), entries)) continue;
    replaceDisk(node, { [JOURNAL]: disk.journal, [META]: disk.meta });
    rememberJournal(node, entries, decodeJournal(disk.journal).endOffset, disk.journal.length);
    return disk;
  }
  const journal = journalFile(entries, INITIAL_SIZE);
  replaceDisk(node, { [JOURNAL]: journal, [META]: readFile(node.disk, META) });
  rememberJournal(node, entries, headerOffset(journal), journal.length);
  return null;
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

/** Writes entries into the journal from an offset on, as the library's `clear` and `add` do. */
export function storeEntries(
  node: Node,
  entries: readonly Entry[],
  from: number,
  time: number,
): void {
  const file = JOURNAL;
  let offset = from;
  for (const { index, term, command } of entries) {
    const bytes = encodeRecord(index, term, command);
    perform(node.disk, { type: "store", file, offset, bytes }, time);
    offset += bytes.length;
  }
  const bytes = encodeOffset(offset);
  perform(node.disk, { type: "store", file, offset: LAST_RECORD_OFFSET_AT, bytes }, time);
  const { log } = node.server ?? { log: createLog() };
  const { fileSize } = journalMemory(node.memory);
  rememberJournal(node, log.entries.slice(0, log.length), offset, fileSize);
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

function windowOf(entries: readonly Entry[]): LogWindow | null {
  const first = entries[0];
  const tail = entries.at(-1);
  if (first === undefined || tail === undefined) return null;
  return {
    first: [first.index, first.term],
    tail: [tail.index, tail.term],
    length: entries.length,
  };
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
