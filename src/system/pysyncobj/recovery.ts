import { createLog, lastTerm } from "#raft/log.ts";
import type { Recovered } from "#raft/protocol.ts";
import type { Entry } from "#raft/types.ts";
import type { Actor, ActorContext, Step } from "#system/contract.ts";
import { restored } from "./codec.ts";
import {
  decodeMeta,
  EMPTY_META,
  encodeHeader,
  encodeOffset,
  encodeRecord,
  entryOf,
  HEADER_SIZE,
  INITIAL_SIZE,
  JOURNAL,
  LAST_RECORD_OFFSET_AT,
  META,
  type Meta,
  metaContents,
  NO_OP,
  RECORD_FRAME,
  recordOf,
  wordOf,
} from "./format.ts";
import { journalMemory, type op } from "./storage.ts";

type Stage =
  | "idle"
  | "start"
  | "size"
  | "write header"
  | "close"
  | "grow"
  | "read meta"
  | "meta"
  | "end offset"
  | "record size"
  | "record"
  | "store offset"
  | "added";

interface RecoveryState {
  stage: Stage;
  /** The file is at least so long, and shorter than `sizeBelow`. Bytes. */
  sizeFrom: number;
  sizeBelow: number;
  /** Where the byte is that is asked for to learn the size. */
  probed: number;
  descriptor: number;
  meta: Meta;
  /** As the header says. */
  lastRecordOffset: number;
  /** Where the walk over the records is. */
  at: number;
  recordSize: number;
  /** Shared with copies; the first `count` are this one's. */
  entries: Entry[];
  count: number;
  /** A whole record has numbers that no entry here can have. */
  isBeyond: boolean;
}

/** FileJournal.__init__ (journal.py:167-182) and the start of SyncObj (syncobj.py:157-167): what is read is not checked. */
export const recovery: Actor<RecoveryState> = {
  id: "recovery",
  process: "server",
  start: () => ({
    stage: "idle",
    sizeFrom: 0,
    sizeBelow: Number.POSITIVE_INFINITY,
    probed: 0,
    descriptor: -1,
    meta: EMPTY_META,
    lastRecordOffset: 0,
    at: HEADER_SIZE,
    recordSize: 0,
    entries: [],
    count: 0,
    isBeyond: false,
  }),
  clone: (state) => ({ ...state }),
  receive(state, note) {
    if (note.type === "recover") state.stage = "start";
  },
  next,
};

function next(state: RecoveryState, context: ActorContext): Step | null {
  const { last, directory } = context;
  const file = directory + JOURNAL;
  const value = last.type === "read" ? last.value : null;
  const errno = last.type === "read" ? last.errno : null;
  switch (state.stage) {
    case "idle":
      return null;
    case "start":
      return probe(state, file, INITIAL_SIZE - 1);
    case "size":
      // A byte that cannot be read is there all the same.
      return measure(state, errno === null ? value : true, file);
    case "write header":
      if (last.type === "disk" && last.result.ok) state.descriptor = last.result.descriptor;
      state.stage = "close";
      return starting({
        type: "write",
        file: state.descriptor,
        offset: 0,
        bytes: encodeHeader(),
      });
    case "close":
      state.stage = "grow";
      return starting({ type: "close", descriptor: state.descriptor });
    case "grow":
      return grow(state, file);
    case "read meta":
      return readMetaFile(state, file);
    case "meta":
      // What cannot be opened is an exception like any other, which journal.py:130-136 swallows.
      if (value !== null) state.meta = value as Meta;
      state.stage = "end offset";
      return { type: "read", file, offset: LAST_RECORD_OFFSET_AT, length: 4, as: wordOf };
    case "end offset":
      if (errno !== null) return busError(state, errno);
      state.lastRecordOffset = value as number;
      return walk(state, context);
    case "record size":
      if (errno !== null) return busError(state, errno);
      return measureRecord(state, value as number | null, file);
    case "record":
      if (errno !== null) return busError(state, errno);
      return addRecord(state, value as Entry | "short" | "beyond", context);
    case "store offset": {
      state.stage = "added";
      const { currentOffset } = journalMemory(context.memory);
      const bytes = encodeOffset(currentOffset);
      return starting({ type: "store", file, offset: LAST_RECORD_OFFSET_AT, bytes });
    }
    case "added":
      return recovered(state, [{ index: 1, term: 0, command: NO_OP }], context);
  }
}

/** An exception in the constructor ends the process. */
function starting(diskOp: Parameters<typeof op>[0]): Step {
  return { type: "disk", op: diskOp, onError: "exit" };
}

/** A sector that cannot be read is a signal when it lies under a mapping, and nobody handles that one. */
function busError(state: RecoveryState, errno: string): Step {
  return fail(state, "SIGBUS", `Bus error (${errno} under the mapping of ${JOURNAL})`);
}

/** The size of the file, which a mapping needs, is learnt from which of its bytes are there. */
function probe(state: RecoveryState, file: string, offset: number): Step {
  state.stage = "size";
  state.probed = offset;
  return { type: "read", file, offset, length: 1, as: (bytes) => bytes.length === 1 };
}

/** ResizableFile.__init__ (journal.py:80-94). */
function measure(state: RecoveryState, isThere: unknown, file: string): Step {
  if (isThere === null) {
    state.stage = "write header";
    return starting({ type: "open", file, create: true, truncate: true });
  }
  if (isThere === true) state.sizeFrom = state.probed + 1;
  else state.sizeBelow = state.probed + 1;
  const { sizeFrom } = state;
  const next = nextProbe(state);
  if (next !== null) return probe(state, file, next);
  if (sizeFrom === 0) return fail(state, "ValueError", "cannot mmap an empty file");
  return sizeFrom < INITIAL_SIZE ? grow(state, file) : readMetaFile(state, file);
}

/** Files mostly are as long as this library makes them: 1024 bytes, doubled some times. Null: the size is known. */
function nextProbe({ sizeFrom, sizeBelow }: RecoveryState): number | null {
  if (sizeBelow === Number.POSITIVE_INFINITY) return 2 * sizeFrom - 1;
  if (sizeFrom + 1 === sizeBelow) return null;
  if (sizeFrom % INITIAL_SIZE === 0) return sizeFrom;
  return Math.floor((sizeFrom + sizeBelow) / 2) - 1;
}

function grow(state: RecoveryState, file: string): Step {
  state.sizeFrom = INITIAL_SIZE;
  state.stage = "read meta";
  return starting({ type: "truncate", file, size: INITIAL_SIZE });
}

function readMetaFile(state: RecoveryState, file: string): Step {
  state.stage = "meta";
  return { type: "read", file: file + META.slice(JOURNAL.length), as: readMeta };
}

/** To the record at hand; after the last one the server starts. */
function walk(state: RecoveryState, context: ActorContext): Step {
  const { at, lastRecordOffset } = state;
  const file = context.directory + JOURNAL;
  if (at >= lastRecordOffset) return load(state, context);
  state.stage = "record size";
  return { type: "read", file, offset: at, length: 4, as: wordOf };
}

function measureRecord(state: RecoveryState, size: number | null, file: string): Step {
  if (size === null) return fail(state, "struct.error", "unpack requires a buffer of 4 bytes");
  const { at } = state;
  state.recordSize = size;
  state.stage = "record";
  return { type: "read", file, offset: at + 4, length: size, as: (bytes) => entryIn(bytes, at) };
}

function entryIn(bytes: Uint8Array, offset: number): Entry | "short" | "beyond" {
  const record = recordOf(bytes, offset);
  return record === null ? "short" : (entryOf(record) ?? "beyond");
}

function addRecord(
  state: RecoveryState,
  found: Entry | "short" | "beyond",
  context: ActorContext,
): Step {
  if (found === "short") {
    return fail(state, "struct.error", "unpack requires a buffer of 16 bytes");
  }
  if (found === "beyond") state.isBeyond = true;
  else {
    if (state.entries.length !== state.count) state.entries = state.entries.slice(0, state.count);
    state.entries.push(found);
    state.count += 1;
  }
  state.at += state.recordSize + RECORD_FRAME;
  return walk(state, context);
}

function load(state: RecoveryState, context: ActorContext): Step {
  if (state.isBeyond) {
    const text = "an index or a term is above 2^53, which is more than this simulation carries";
    return fail(state, "OverflowError", text);
  }
  const { at: offset, count: length, sizeFrom: fileSize, meta } = state;
  const entries = state.entries.slice(0, length);
  const firstIndex = entries[0]?.index ?? 1;
  const { memory } = context;
  memory.journal = { fileSize, firstIndex, length, currentOffset: offset, meta };
  if (length > 0) return recovered(state, entries, context);
  // syncobj.py:164-165: an empty journal gets its first entry here.
  const bytes = encodeRecord(1, 0, NO_OP);
  const currentOffset = offset + bytes.length;
  memory.journal = { fileSize, firstIndex, length: 1, currentOffset, meta };
  state.stage = "store offset";
  return starting({ type: "store", file: context.directory + JOURNAL, offset, bytes });
}

function fail(state: RecoveryState, name: string, text: string): Step {
  state.stage = "idle";
  return { type: "fail", name, text };
}

/** Whatever cannot be read is taken for an empty dict (journal.py:130-136). Only plain values are kept. */
function readMeta(bytes: Uint8Array): Meta {
  const meta = decodeMeta(bytes);
  if (!meta.ok) return EMPTY_META;
  const isPlain = ([key, value]: Meta["pairs"][number]): boolean =>
    typeof key === "string" && (value === null || typeof value !== "object");
  return { type: "dict", pairs: meta.value.pairs.filter(isPlain) };
}

function recovered(state: RecoveryState, entries: readonly Entry[], { bugs }: ActorContext): Step {
  state.stage = "idle";
  const log = createLog(entries, (entries[0]?.index ?? 1) - 1);
  const contents = metaContents(state.meta);
  const { currentTerm, votedForNodeId: votedFor } = contents;
  const hardState = restored({ currentTerm, votedFor }, lastTerm(log), bugs);
  const found: Recovered = {
    currentTerm: hardState.currentTerm ?? 0,
    votedFor: hardState.votedFor,
    log,
    commitIndex: contents.raftCommitIndex ?? 1,
    extra: { raftCommitIndex: contents.raftCommitIndex },
  };
  return { type: "recovered", recovered: found };
}
