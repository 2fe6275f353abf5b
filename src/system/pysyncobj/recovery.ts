import { createLog, lastTerm } from "#raft/log.ts";
import type { Recovered } from "#raft/protocol.ts";
import type { Entry } from "#raft/types.ts";
import type { Actor, ActorContext, Step } from "#system/contract.ts";
import { restored } from "./codec.ts";
import {
  decodeJournal,
  decodeMeta,
  EMPTY_META,
  encodeHeader,
  encodeOffset,
  encodeRecord,
  entryOf,
  INITIAL_SIZE,
  JOURNAL,
  type Journal,
  LAST_RECORD_OFFSET_AT,
  META,
  type Meta,
  metaContents,
  NO_OP,
} from "./format.ts";
import { journalMemory, type op, updateJournal } from "./storage.ts";

type Stage =
  | "idle"
  | "read journal"
  | "look"
  | "write header"
  | "close"
  | "grow"
  | "read meta"
  | "load"
  | "store offset"
  | "added"
  | "done";

interface RecoveryState {
  stage: Stage;
  /** The journal as it was found, or made. */
  bytes: Uint8Array;
  descriptor: number;
}

/** FileJournal.__init__ (journal.py:167-182) and the start of SyncObj (syncobj.py:157-167): what is read is not checked. */
export const recovery: Actor<RecoveryState> = {
  id: "recovery",
  process: "server",
  start: () => ({ stage: "idle", bytes: new Uint8Array(), descriptor: -1 }),
  clone: (state) => ({ ...state }),
  receive(state, note) {
    if (note.type === "recover") state.stage = "read journal";
  },
  next,
};

function next(state: RecoveryState, context: ActorContext): Step | null {
  const { last, directory } = context;
  const file = directory + JOURNAL;
  switch (state.stage) {
    case "idle":
    case "done":
      return null;
    case "read journal":
      state.stage = "look";
      return { type: "read", file };
    case "look":
      return look(state, last.type === "read" ? last.bytes : null, file);
    case "write header":
      if (last.type === "disk" && last.result.ok) state.descriptor = last.result.descriptor;
      state.stage = "close";
      state.bytes = encodeHeader();
      return starting({ type: "write", file: state.descriptor, offset: 0, bytes: state.bytes });
    case "close":
      state.stage = "grow";
      return starting({ type: "close", descriptor: state.descriptor });
    case "grow":
      state.bytes = padded(state.bytes, INITIAL_SIZE);
      state.stage = "read meta";
      return starting({ type: "truncate", file, size: INITIAL_SIZE });
    case "read meta":
      state.stage = "load";
      return { type: "read", file: directory + META };
    case "load":
      return load(state, last.type === "read" ? last.bytes : null, context);
    case "store offset": {
      state.stage = "added";
      const { currentOffset } = journalMemory(context.memory);
      const bytes = encodeOffset(currentOffset);
      return starting({ type: "store", file, offset: LAST_RECORD_OFFSET_AT, bytes });
    }
    case "added": {
      const { meta } = journalMemory(context.memory);
      return recovered(state, [{ index: 1, term: 0, command: NO_OP }], meta, context);
    }
  }
}

/** An exception in the constructor ends the process. */
function starting(diskOp: Parameters<typeof op>[0]): Step {
  return { type: "disk", op: diskOp, onError: "exit" };
}

/** ResizableFile.__init__ (journal.py:80-94). */
function look(state: RecoveryState, bytes: Uint8Array | null, file: string): Step {
  if (bytes === null) {
    state.stage = "write header";
    return starting({ type: "open", file, create: true, truncate: true });
  }
  state.bytes = bytes;
  if (bytes.length === 0) return fail(state, "ValueError", "cannot mmap an empty file");
  if (bytes.length < INITIAL_SIZE) {
    state.bytes = padded(bytes, INITIAL_SIZE);
    state.stage = "read meta";
    return starting({ type: "truncate", file, size: INITIAL_SIZE });
  }
  state.stage = "load";
  return { type: "read", file: file + META.slice(JOURNAL.length) };
}

function load(state: RecoveryState, metaBytes: Uint8Array | null, context: ActorContext): Step {
  const { memory } = context;
  const journal = decodeJournal(state.bytes);
  const meta = readMeta(metaBytes);
  if (journal.loadError !== null) {
    return fail(state, journal.loadError.name, journal.loadError.text);
  }
  const entries = entriesOf(journal);
  if (entries === null) {
    const text = "an index or a term is above 2^53, which is more than this simulation carries";
    return fail(state, "OverflowError", text);
  }
  const first = entries[0]?.index ?? 1;
  const shape = { fileSize: state.bytes.length, firstIndex: first, length: entries.length };
  memory.journal = { ...shape, currentOffset: journal.endOffset, meta };
  if (entries.length > 0) return recovered(state, entries, meta, context);
  // syncobj.py:164-165: an empty journal gets its first entry here.
  const bytes = encodeRecord(1, 0, NO_OP);
  const offset = journal.endOffset;
  updateJournal(memory, { currentOffset: offset + bytes.length, length: 1 });
  state.stage = "store offset";
  return starting({ type: "store", file: context.directory + JOURNAL, offset, bytes });
}

function fail(state: RecoveryState, name: string, text: string): Step {
  state.stage = "done";
  return { type: "fail", name, text };
}

/** Whatever cannot be read is taken for an empty dict (journal.py:130-136). Only plain values are kept. */
function readMeta(bytes: Uint8Array | null): Meta {
  const meta = bytes === null ? null : decodeMeta(bytes);
  if (!meta?.ok) return EMPTY_META;
  const isPlain = ([key, value]: Meta["pairs"][number]): boolean =>
    typeof key === "string" && (value === null || typeof value !== "object");
  return { type: "dict", pairs: meta.value.pairs.filter(isPlain) };
}

function entriesOf(journal: Journal): readonly Entry[] | null {
  const entries: Entry[] = [];
  for (const record of journal.records) {
    const entry = entryOf(record);
    if (entry === null) return null;
    entries.push(entry);
  }
  return entries;
}

function recovered(
  state: RecoveryState,
  entries: readonly Entry[],
  meta: Meta,
  { bugs }: ActorContext,
): Step {
  state.stage = "done";
  const log = createLog(entries, (entries[0]?.index ?? 1) - 1);
  const contents = metaContents(meta);
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

function padded(bytes: Uint8Array, size: number): Uint8Array {
  const whole = new Uint8Array(size);
  whole.set(bytes, 0);
  return whole;
}
