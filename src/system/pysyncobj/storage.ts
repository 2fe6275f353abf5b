import { unreachable } from "#base/assert.ts";
import type { DiskOp } from "#disk/types.ts";
import type { Effect } from "#raft/protocol.ts";
import type { Entry } from "#raft/types.ts";
import type { Actor, ActorContext, Note, ProcessMemory, Route, Step } from "#system/contract.ts";
import {
  encodeMeta,
  encodeOffset,
  encodeRecord,
  JOURNAL,
  LAST_RECORD_OFFSET_AT,
  META,
  META_TMP,
  type Meta,
  RECORD_FRAME,
  withMetaValue,
} from "./format.ts";

/** What FileJournal remembers of its file and of the list it keeps beside it (journal.py:167-182). */
export interface JournalMemory {
  readonly currentOffset: number;
  readonly fileSize: number;
  /** Index of the first entry in memory. */
  readonly firstIndex: number;
  /** Entries in memory. */
  readonly length: number;
  readonly meta: Meta;
}

export function journalMemory(memory: ProcessMemory): JournalMemory {
  return memory.journal as JournalMemory;
}

export function updateJournal(memory: ProcessMemory, change: Partial<JournalMemory>): void {
  memory.journal = { ...journalMemory(memory), ...change };
}

/** Every effect that reaches the files is a plain call: the handler goes on when it returns. Nothing is ever synced. */
export function route(effect: Effect): Route | null {
  switch (effect.type) {
    case "append":
    case "truncate":
    case "hard-state":
    case "store":
      return { actor: "journal", wait: true };
    default:
      return null;
  }
}

type Work =
  | {
      readonly type: "append";
      readonly entries: readonly Entry[];
      /** The entry being added, and how far it is. */
      at: number;
      stage: "enter" | "grow" | "record" | "offset";
    }
  | { readonly type: "truncate"; readonly from: number; offsets: readonly number[] | null }
  | {
      readonly type: "meta";
      readonly bytes: Uint8Array;
      stage: "open" | "write" | "close" | "rename" | "done";
      descriptor: number;
    }
  /** A single step. */
  | { readonly type: "once"; readonly step: Step; done: boolean };

interface JournalState {
  notes: Note[];
  work: Work | null;
}

/** FileJournal (journal.py:165-252): two stores an entry, one or more a truncation, a renamed file for the meta dict. */
export const journal: Actor<JournalState> = {
  id: "journal",
  process: "server",
  start: () => ({ notes: [], work: null }),
  clone: ({ notes, work }) => ({ notes: [...notes], work: work === null ? null : { ...work } }),
  receive: (state, note) => void state.notes.push(note),
  next,
};

function next(state: JournalState, context: ActorContext): Step | null {
  // An exception leaves the call half done, and the handler that made it.
  if (state.work !== null && !succeeded(context)) state.work = null;
  for (;;) {
    state.work ??= begin(state.notes.shift(), context);
    if (state.work === null) {
      if (state.notes.length === 0) return null;
      continue;
    }
    const step = advance(state.work, context);
    if (step !== null) return step;
    state.work = null;
  }
}

function succeeded({ last }: ActorContext): boolean {
  return last.type === "read" || (last.type === "disk" && last.result.ok);
}

function begin(note: Note | undefined, context: ActorContext): Work | null {
  // ResizableFile._destroy (journal.py:117-120) flushes the mapping; a dirty meta dict is lost.
  if (note?.type === "stop") {
    return once(op({ type: "data-sync", file: context.directory + JOURNAL }));
  }
  return note?.type === "effect" ? workOf(note.effect, context) : null;
}

function workOf(effect: Effect, context: ActorContext): Work | null {
  const { memory, bugs } = context;
  switch (effect.type) {
    case "append":
      return { type: "append", entries: effect.entries, at: 0, stage: "enter" };
    case "truncate":
      return { type: "truncate", from: effect.from, offsets: null };
    case "hard-state": {
      let { meta } = journalMemory(memory);
      if (!bugs.has("term-not-saved")) meta = withMetaValue(meta, "currentTerm", effect.term);
      if (!bugs.has("vote-not-saved")) {
        meta = withMetaValue(meta, "votedForNodeId", effect.votedFor);
      }
      return storeMeta(memory, meta);
    }
    case "store": {
      let { meta } = journalMemory(memory);
      for (const [key, value] of Object.entries(effect.values)) {
        meta = withMetaValue(meta, key, value);
      }
      if (effect.what === "meta") return storeMeta(memory, meta);
      updateJournal(memory, { meta });
      const index = effect.values.raftCommitIndex;
      return once({ type: "memory", text: `meta dict: raftCommitIndex = ${index}` });
    }
    default:
      return null;
  }
}

function storeMeta(memory: ProcessMemory, meta: Meta): Work {
  updateJournal(memory, { meta });
  return { type: "meta", bytes: encodeMeta(meta), stage: "open", descriptor: -1 };
}

/** The next step of a piece of work; null when it is done. */
function advance(work: Work, context: ActorContext): Step | null {
  switch (work.type) {
    case "append":
      return appendNext(work, context);
    case "truncate":
      return truncateNext(work, context);
    case "meta":
      return metaNext(work, context);
    case "once":
      if (work.done) return null;
      work.done = true;
      return work.step;
    default:
      return unreachable(work);
  }
}

function once(step: Step): Work {
  return { type: "once", step, done: false };
}

export function op(diskOp: DiskOp): Step {
  return { type: "disk", op: diskOp, onError: "abort-handler" };
}

/** journal.py:196-203, and ResizableFile.write (:96-104): it doubles once, whatever is to be written. */
function appendNext(
  work: Extract<Work, { readonly type: "append" }>,
  context: ActorContext,
): Step | null {
  const { memory, directory } = context;
  const file = directory + JOURNAL;
  const entry = work.entries[work.at];
  if (entry === undefined) return null;
  const { currentOffset, fileSize, length } = journalMemory(memory);
  const size = 16 + entry.command.length + RECORD_FRAME;
  if (work.stage === "enter") {
    updateJournal(memory, { length: length + 1 });
    work.stage = "grow";
    if (currentOffset + size > fileSize) {
      return op({ type: "truncate", file, size: 2 * fileSize });
    }
  }
  if (work.stage === "grow") {
    if (currentOffset + size > fileSize) updateJournal(memory, { fileSize: 2 * fileSize });
    work.stage = "record";
    const bytes = encodeRecord(entry.index, entry.term, entry.command);
    return op({ type: "store", file, offset: currentOffset, bytes });
  }
  if (work.stage === "record") {
    updateJournal(memory, { currentOffset: currentOffset + size });
    work.stage = "offset";
    return storeOffset(file, currentOffset + size);
  }
  work.at += 1;
  work.stage = "enter";
  return appendNext(work, context);
}

function storeOffset(file: string, offset: number): Step {
  return op({ type: "store", file, offset: LAST_RECORD_OFFSET_AT, bytes: encodeOffset(offset) });
}

/** deleteEntriesFrom (journal.py:216-228) walks back over the sizes behind the records; the bytes themselves stay. */
function truncateNext(
  work: Extract<Work, { readonly type: "truncate" }>,
  { memory, directory, last }: ActorContext,
): Step | null {
  const file = directory + JOURNAL;
  if (work.offsets === null) {
    if (last.type !== "read") return { type: "read", file };
    const { currentOffset, firstIndex, length } = journalMemory(memory);
    const kept = Math.max(0, work.from - firstIndex);
    updateJournal(memory, { length: Math.min(length, kept) });
    const offsets = walkBack(last.bytes ?? new Uint8Array(), currentOffset, length - kept);
    if (offsets === null) {
      const text =
        "struct.error: unpack requires a buffer of 4 bytes (the list in memory is cut, the file is not)";
      work.offsets = [];
      return { type: "notice", severity: "critical", text };
    }
    work.offsets = offsets;
  }
  const [offset, ...rest] = work.offsets;
  if (offset === undefined) return null;
  work.offsets = rest;
  if (rest.length === 0) updateJournal(memory, { currentOffset: offset });
  return storeOffset(file, offset);
}

/** The offsets that are stored on the way back: after every tenth record, and at the end. Null: a size is out of reach. */
function walkBack(bytes: Uint8Array, from: number, count: number): readonly number[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const offsets: number[] = [];
  let offset = from;
  for (let removed = 1; removed <= count; removed++) {
    if (offset < 4 || offset > bytes.length) return null;
    offset -= view.getUint32(offset - 4, true) + RECORD_FRAME;
    if (removed % 10 === 0) offsets.push(offset);
  }
  return [...offsets, offset];
}

/** MetaStorer.storeMeta (journal.py:138-142): written aside and renamed into place, without an fsync. */
function metaNext(
  work: Extract<Work, { readonly type: "meta" }>,
  { directory, last }: ActorContext,
): Step | null {
  const file = directory + META_TMP;
  switch (work.stage) {
    case "open":
      work.stage = "write";
      return op({ type: "open", file, create: true, truncate: true });
    case "write":
      if (last.type === "disk" && last.result.ok) work.descriptor = last.result.descriptor;
      work.stage = "close";
      return op({ type: "write", file: work.descriptor, offset: 0, bytes: work.bytes });
    case "close":
      work.stage = "rename";
      return op({ type: "close", descriptor: work.descriptor });
    case "rename":
      work.stage = "done";
      return op({ type: "rename", from: file, to: directory + META });
    case "done":
      return null;
    default:
      return unreachable(work.stage);
  }
}
