import { unreachable } from "#base/assert.ts";
import type { DiskOp } from "#disk/types.ts";
import type { Effect } from "#raft/protocol.ts";
import type { Entry } from "#raft/types.ts";
import type { Actor, ActorContext, Note, ProcessMemory, Route, Step } from "#system/contract.ts";
import {
  encodeMeta,
  encodeOffset,
  encodeRecord,
  HEADER_SIZE,
  JOURNAL,
  LAST_RECORD_OFFSET_AT,
  META,
  META_TMP,
  type Meta,
  RECORD_FRAME,
  withMetaValue,
} from "./format.ts";
import { type Replacing, replaceNext, replacing } from "./storage-replace.ts";

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

/**
 * Every effect that reaches the files is a plain call: the handler goes on when it returns. A dump is one too, for the parent
 * waits no longer than its fork takes.
 */
export function route(effect: Effect): Route | null {
  switch (effect.type) {
    case "append":
    case "truncate":
    case "rebase":
    case "hard-state":
      return { actor: "journal", wait: true };
    case "store": {
      const isDump = effect.what === "dump" || effect.what === "snapshot chunk";
      return { actor: isDump ? "serializer" : "journal", wait: true };
    }
    default:
      return null;
  }
}

interface Adding {
  readonly entries: readonly Entry[];
  /** The entry being added, and how far it is. */
  at: number;
  stage: "enter" | "grow" | "grown" | "short" | "record" | "offset" | "sync" | "added";
}

/** The list in memory is another one: the file is emptied, and each of its entries added anew. */
export interface Rebasing {
  readonly type: "rebase";
  readonly adding: Adding;
  stage: "clear" | "sync" | "add";
}

type Work =
  | { readonly type: "append"; readonly adding: Adding }
  | Rebasing
  | {
      readonly type: "truncate";
      readonly from: number;
      /** Still to be stored; null: that is not known yet. */
      offsets: readonly number[] | null;
      isSyncDue: boolean;
    }
  | {
      readonly type: "meta";
      /** The journal is still to be synced. */
      isSyncDue: boolean;
      readonly replacing: Replacing;
    }
  /** Steps that do not hang on each other. */
  | { readonly type: "steps"; steps: readonly Step[] };

interface JournalState {
  notes: Note[];
  work: Work | null;
}

/** FileJournal (journal.py:165-252): two stores an entry, one or more a truncation, a renamed file for the meta dict. */
export const journal: Actor<JournalState> = {
  id: "journal",
  process: "server",
  start: () => ({ notes: [], work: null }),
  clone: ({ notes, work }) => ({ notes: [...notes], work: work === null ? null : cloneWork(work) }),
  receive: (state, note) => void state.notes.push(note),
  next,
};

function cloneWork(work: Work): Work {
  switch (work.type) {
    case "append":
      return { ...work, adding: { ...work.adding } };
    case "rebase":
      return cloneRebasing(work);
    case "meta":
      return { ...work, replacing: { ...work.replacing } };
    default:
      return { ...work };
  }
}

export function cloneRebasing(work: Rebasing): Rebasing {
  return { ...work, adding: { ...work.adding } };
}

function next(state: JournalState, context: ActorContext): Step | null {
  // An exception leaves the call half done, and the handler that made it.
  if (state.work !== null && hasFailed(context)) state.work = null;
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

/** The step before was a call, and the disk refused it. */
export function hasFailed({ last }: ActorContext): boolean {
  return last.type === "disk" && !last.result.ok;
}

function begin(note: Note | undefined, context: ActorContext): Work | null {
  // ResizableFile._destroy (journal.py:117-120) flushes the mapping; a dirty meta dict is lost.
  if (note?.type === "stop") return { type: "steps", steps: [syncJournal(context)] };
  return note?.type === "effect" ? workOf(note.effect, context) : null;
}

function workOf(effect: Effect, context: ActorContext): Work | null {
  const { memory, bugs } = context;
  switch (effect.type) {
    case "append":
      return { type: "append", adding: adding(effect.entries) };
    case "rebase":
      return rebasing(effect.entries);
    case "truncate":
      return { type: "truncate", from: effect.from, offsets: null, isSyncDue: false };
    case "hard-state": {
      let { meta } = journalMemory(memory);
      if (!bugs.has("term-not-saved")) meta = withMetaValue(meta, "currentTerm", effect.term);
      if (!bugs.has("vote-not-saved")) {
        meta = withMetaValue(meta, "votedForNodeId", effect.votedFor);
      }
      return storeMeta(meta, context);
    }
    case "store": {
      let { meta } = journalMemory(memory);
      for (const [key, value] of Object.entries(effect.values)) {
        meta = withMetaValue(meta, key, value);
      }
      if (effect.what === "meta") return storeMeta(meta, context);
      updateJournal(memory, { meta });
      const index = effect.values.raftCommitIndex;
      const text = `meta dict: raftCommitIndex = ${index}`;
      return { type: "steps", steps: [{ type: "memory", text }] };
    }
    default:
      return null;
  }
}

function storeMeta(meta: Meta, { memory, directory, bugs }: ActorContext): Work {
  updateJournal(memory, { meta });
  return {
    type: "meta",
    isSyncDue: !bugs.has("journal-not-synced-before-meta"),
    replacing: replacing(directory + META_TMP, directory + META, encodeMeta(meta)),
  };
}

/** The next step of a piece of work; null when it is done. */
function advance(work: Work, context: ActorContext): Step | null {
  switch (work.type) {
    case "append":
      return addNext(work.adding, context);
    case "rebase":
      return rebaseNext(work, context);
    case "truncate":
      return truncateNext(work, context);
    case "meta":
      if (!work.isSyncDue) return replaceNext(work.replacing, context);
      work.isSyncDue = false;
      return syncJournal(context);
    case "steps": {
      const [step = null, ...rest] = work.steps;
      work.steps = rest;
      return step;
    }
    default:
      return unreachable(work);
  }
}

export function op(diskOp: DiskOp): Step {
  return { type: "disk", op: diskOp, onError: "abort-handler" };
}

/** msync(2) of the whole mapping. */
function syncJournal({ directory }: ActorContext): Step {
  return op({ type: "data-sync", file: directory + JOURNAL });
}

/** Into the page cache all the same, through the mapping or with pwrite(2). */
function put(offset: number, bytes: Uint8Array, context: ActorContext): Step {
  return op(putOp(offset, bytes, context));
}

/** The same in the constructor, which an exception ends together with the process. */
export function putAtStart(offset: number, bytes: Uint8Array, context: ActorContext): Step {
  return { type: "disk", op: putOp(offset, bytes, context), onError: "exit" };
}

function putOp(offset: number, bytes: Uint8Array, { options, directory }: ActorContext): DiskOp {
  const type = (options.pwrite ?? 0) === 0 ? "store" : "write";
  return { type, file: directory + JOURNAL, offset, bytes };
}

function putOffset(offset: number, context: ActorContext): Step {
  return put(LAST_RECORD_OFFSET_AT, encodeOffset(offset), context);
}

function adding(entries: readonly Entry[]): Adding {
  return { entries, at: 0, stage: "enter" };
}

/** FileJournal.add (journal.py:196-203) for each entry. */
function addNext(work: Adding, context: ActorContext): Step | null {
  const { memory, bugs } = context;
  const entry = work.entries[work.at];
  if (entry === undefined) return null;
  const { currentOffset, fileSize, length } = journalMemory(memory);
  const end = currentOffset + 16 + entry.command.length + RECORD_FRAME;
  switch (work.stage) {
    case "enter":
      // The list comes first: an entry that the file refuses is in memory.
      updateJournal(memory, { length: length + 1 });
      work.stage = end > fileSize ? "grow" : "record";
      return addNext(work, context);
    case "grow":
      if (2 * fileSize > SIZE_MOST) return tooShort(work, end, context);
      work.stage = "grown";
      return growJournal(2 * fileSize, context);
    case "grown":
      return grown(work, end, context);
    case "short":
    case "record":
      work.stage = "offset";
      return putRecord(entry, end, context);
    case "offset":
      updateJournal(memory, { currentOffset: end });
      work.stage = bugs.has("journal-not-synced-on-write") ? "added" : "sync";
      return putOffset(end, context);
    case "sync":
      work.stage = "added";
      return syncJournal(context);
    case "added":
      work.at += 1;
      work.stage = "enter";
      return addNext(work, context);
    default:
      return unreachable(work.stage);
  }
}

function growJournal(size: number, { directory }: ActorContext): Step {
  return op({ type: "truncate", file: directory + JOURNAL, size });
}

/** ResizableFile.write (journal.py:96-104) doubles the file once, whatever is to be written. */
function grown(work: Adding, end: number, context: ActorContext): Step | null {
  const { memory, bugs } = context;
  const fileSize = 2 * journalMemory(memory).fileSize;
  updateJournal(memory, { fileSize });
  if (end <= fileSize) {
    work.stage = "record";
    return addNext(work, context);
  }
  const isRepaired = !bugs.has("journal-grows-once");
  if (isRepaired && 2 * fileSize <= SIZE_MOST) return growJournal(2 * fileSize, context);
  return tooShort(work, end, context);
}

/**
 * A journal is not grown beyond this here, where the original goes on to 4 GiB: one whose damaged sizes put its end far
 * behind the file doubles with every entry. Bytes.
 */
const SIZE_MOST = 32 * 1024 * 1024;

function tooShort(work: Adding, end: number, { memory }: ActorContext): Step {
  work.stage = "short";
  const { fileSize } = journalMemory(memory);
  const text = `IndexError: mmap slice assignment is wrong size (a record up to byte ${end} of ${fileSize}): the entry is in memory and not in the file`;
  return { type: "notice", severity: "critical", text };
}

/** What does not fit is refused by the mapping, and nothing of it is written. */
function putRecord(entry: Entry, end: number, context: ActorContext): Step {
  const { currentOffset: offset, fileSize } = journalMemory(context.memory);
  const bytes = encodeRecord(entry.index, entry.term, entry.command);
  if (end <= fileSize) return put(offset, bytes, context);
  return op({ type: "store", file: context.directory + JOURNAL, offset, bytes });
}

/** deleteEntriesTo (journal.py:230-234), or clear and add as a dump's load calls them: in place, and the file keeps its size. */
export function rebasing(entries: readonly Entry[]): Rebasing {
  return { type: "rebase", adding: adding(entries), stage: "clear" };
}

export function rebaseNext(work: Rebasing, context: ActorContext): Step | null {
  const { memory, bugs } = context;
  switch (work.stage) {
    case "clear": {
      const firstIndex = work.adding.entries[0]?.index ?? 1;
      updateJournal(memory, { currentOffset: HEADER_SIZE, firstIndex, length: 0 });
      work.stage = bugs.has("journal-not-synced-on-write") ? "add" : "sync";
      return putOffset(HEADER_SIZE, context);
    }
    case "sync":
      work.stage = "add";
      return syncJournal(context);
    case "add":
      return addNext(work.adding, context);
    default:
      return unreachable(work.stage);
  }
}

/** deleteEntriesFrom (journal.py:216-228) walks back over the sizes behind the records; the bytes themselves stay. */
function truncateNext(
  work: Extract<Work, { readonly type: "truncate" }>,
  context: ActorContext,
): Step | null {
  const { memory, directory, bugs, last } = context;
  if (work.offsets === null) {
    if (last.type !== "read") return { type: "read", file: directory + JOURNAL };
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
  if (offset === undefined) {
    if (!work.isSyncDue) return null;
    work.isSyncDue = false;
    return syncJournal(context);
  }
  work.offsets = rest;
  if (rest.length === 0) {
    updateJournal(memory, { currentOffset: offset });
    work.isSyncDue = !bugs.has("journal-not-synced-on-write");
  }
  return putOffset(offset, context);
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
