import { concatBytes } from "#base/bytes.ts";
import { createLog, lastTerm } from "#raft/log.ts";
import type { Recovered } from "#raft/protocol.ts";
import type { Entry } from "#raft/types.ts";
import type { Actor, ActorContext, Step } from "#system/contract.ts";
import { type DecodedDump, type Dump, decodeDump } from "./dump.ts";
import { type Loaded, restored, startOn } from "./dump-load.ts";
import {
  DUMP,
  decodeMeta,
  EMPTY_META,
  encodeHeader,
  encodeOffset,
  encodeRecord,
  entriesOf,
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
  type Whole,
  withMetaValue,
  wordOf,
} from "./format.ts";
import {
  cloneRebasing,
  hasFailed,
  journalMemory,
  type op,
  putAtStart,
  type Rebasing,
  rebaseNext,
  rebasing,
  updateJournal,
} from "./storage.ts";

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
  | "sync"
  | "dump"
  | "rebase"
  | "tell";

/** A record as it is read: numbers beyond 2^53 in decimal. */
interface ReadEntry {
  readonly index: number | string;
  readonly term: number | string;
  readonly command: Uint8Array;
}

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
  entries: ReadEntry[];
  count: number;
  /** What has been read of the dump so far. */
  pieces: readonly Uint8Array[];
  /** Set once the journal and the dump are read. */
  found: Found | null;
  rebasing: Rebasing | null;
  /** What is left to say, ending with the recovered server. */
  steps: readonly Step[];
}

interface Found extends Loaded {
  readonly dump: { readonly dump: Dump; readonly bytes: Uint8Array } | null;
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
    pieces: [],
    found: null,
    rebasing: null,
    steps: [],
  }),
  clone: (state) => {
    const { rebasing: work } = state;
    return { ...state, rebasing: work === null ? null : cloneRebasing(work) };
  },
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
      return addRecord(state, value as ReadEntry | "short", context);
    case "store offset": {
      state.stage = context.bugs.has("journal-not-synced-on-write") ? "dump" : "sync";
      const { currentOffset } = journalMemory(context.memory);
      const bytes = encodeOffset(currentOffset);
      return putAtStart(LAST_RECORD_OFFSET_AT, bytes, context);
    }
    case "sync":
      state.stage = "dump";
      return starting({ type: "data-sync", file });
    case "dump":
      if (last.type !== "read") return readDump(state, context);
      return dumpRead(state, value as DumpRead | null, errno, context);
    case "rebase":
      return rebase(state, context);
    case "tell": {
      const [step = null, ...rest] = state.steps;
      state.steps = rest;
      if (rest.length === 0) state.stage = "idle";
      return step;
    }
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
function walk(state: RecoveryState, context: ActorContext): Step | null {
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

function entryIn(bytes: Uint8Array, offset: number): ReadEntry | "short" {
  const record = recordOf(bytes, offset);
  if (record === null) return "short";
  const { index, term, command } = record;
  return { index: plain(index), term: plain(term), command };
}

function plain(value: Whole): number | string {
  return typeof value === "bigint" ? String(value) : value;
}

function addRecord(
  state: RecoveryState,
  found: ReadEntry | "short",
  context: ActorContext,
): Step | null {
  if (found === "short") {
    return fail(state, "struct.error", "unpack requires a buffer of 16 bytes");
  }
  if (state.entries.length !== state.count) state.entries = state.entries.slice(0, state.count);
  state.entries.push(found);
  state.count += 1;
  state.at += state.recordSize + RECORD_FRAME;
  return walk(state, context);
}

function load(state: RecoveryState, context: ActorContext): Step | null {
  const { at: offset, count: length, sizeFrom: fileSize, meta } = state;
  const firstIndex = entriesIn(state)[0]?.index ?? 1;
  const { memory } = context;
  memory.journal = { fileSize, firstIndex, length, currentOffset: offset, meta };
  if (length > 0) return readDump(state, context);
  // syncobj.py:164-165: an empty journal gets its first entry here.
  state.entries = [{ index: 1, term: 0, command: NO_OP }];
  state.count = 1;
  const bytes = encodeRecord(1, 0, NO_OP);
  updateJournal(memory, { firstIndex, length: 1, currentOffset: offset + bytes.length });
  state.stage = "store offset";
  return putAtStart(offset, bytes, context);
}

/** The entries of the journal, under the names of their numbers where those are too wide. */
function entriesIn({ entries, count }: RecoveryState): readonly Entry[] {
  const whole = (value: number | string): Whole =>
    typeof value === "string" ? BigInt(value) : value;
  return entriesOf(
    entries
      .slice(0, count)
      .map(({ index, term, command }) => ({ index: whole(index), term: whole(term), command })),
  );
}

/** What a dump's loader has by a piece of the file: all it needs, or these bytes and need for more. */
type DumpRead =
  | { readonly type: "dump"; readonly dump: Dump; readonly bytes: Uint8Array }
  | { readonly type: "error"; readonly text: string }
  | { readonly type: "more"; readonly bytes: Uint8Array };

/** io.DEFAULT_BUFFER_SIZE: so many bytes of the file at a time. */
const DUMP_PIECE = 8192;

/** In the first tick (syncobj.py:569-572), before anything else is done: here as the last part of the start. */
function readDump(state: RecoveryState, { directory }: ActorContext): Step {
  state.stage = "dump";
  const { pieces } = state;
  return {
    type: "read",
    file: directory + DUMP,
    offset: pieces.length * DUMP_PIECE,
    length: DUMP_PIECE,
    as: (piece) => dumpIn(pieces, piece),
  };
}

function dumpIn(pieces: readonly Uint8Array[], piece: Uint8Array): DumpRead {
  if (piece.length === DUMP_PIECE) return { type: "more", bytes: piece.slice() };
  const bytes = concatBytes([...pieces, piece]);
  const found = decodeDump(bytes);
  return found.ok
    ? { type: "dump", dump: found.value, bytes }
    : { type: "error", text: errorText(found) };
}

function errorText({ name, reason }: Extract<DecodedDump, { readonly ok: false }>): string {
  return reason === "" ? name : `${name}: ${reason}`;
}

function dumpRead(
  state: RecoveryState,
  read: DumpRead | null,
  errno: string | null,
  context: ActorContext,
): Step | null {
  if (errno !== null) return settle(state, { type: "error", text: `OSError: ${errno}` }, context);
  if (read?.type !== "more") return settle(state, read, context);
  state.pieces = [...state.pieces, read.bytes];
  return readDump(state, context);
}

/** __loadDumpFile (syncobj.py:1384-1414), or what there is without a dump. */
function settle(
  state: RecoveryState,
  read: Exclude<DumpRead, { readonly type: "more" }> | null,
  context: ActorContext,
): Step | null {
  const journal = entriesIn(state);
  const dump = read?.type === "dump" ? read : null;
  const saved = metaContents(state.meta).raftCommitIndex ?? 1;
  const loaded = startOn(journal, saved, dump?.dump ?? null, context.bugs);
  state.found = { ...loaded, dump };
  state.steps = notices(state, read?.type === "error" ? read.text : null, loaded);
  if (loaded.entries === journal) return tell(state, context);
  state.rebasing = rebasing(loaded.entries);
  state.stage = "rebase";
  return rebase(state, context);
}

function rebase(state: RecoveryState, context: ActorContext): Step | null {
  const work = state.rebasing;
  const step = work === null || hasFailed(context) ? null : rebaseNext(work, context);
  if (step !== null) return step;
  state.rebasing = null;
  return tell(state, context);
}

function tell(state: RecoveryState, context: ActorContext): Step | null {
  if (state.found === null) return null;
  state.stage = "tell";
  state.steps = [...state.steps, recovered(state, state.found, context)];
  return next(state, context);
}

function notices(state: RecoveryState, error: string | null, loaded: Loaded): readonly Step[] {
  const steps: Step[] = [];
  const say = (severity: "info" | "critical", text: string): void =>
    void steps.push({ type: "notice", severity, text });
  for (const [exact, name] of wideNames(state)) {
    say("info", `${exact}, which the journal holds, is beyond 2^53: it is ${name} in this run`);
  }
  if (error !== null) {
    say("critical", `failed to load full dump: ${error}. The state machine stays empty.`);
  }
  for (const { at, from, to } of loaded.clamps) {
    const when = at === "start" ? "at the start" : "after the dump";
    say("info", `raftCommitIndex ${from} is past the end of the log ${when}: ${to} from now on`);
  }
  return steps;
}

/** Numbers of the journal that are too wide, with their names. */
function wideNames(state: RecoveryState): ReadonlyMap<string, number> {
  const names = new Map<string, number>();
  for (const [at, { index, term }] of entriesIn(state).entries()) {
    const read = state.entries[at];
    if (typeof read?.index === "string") names.set(read.index, index);
    if (typeof read?.term === "string") names.set(read.term, term);
  }
  return names;
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

function recovered(state: RecoveryState, found: Found, { bugs, memory }: ActorContext): Step {
  const { entries, commitIndex, clamps, dump } = found;
  const log = createLog(entries, (entries[0]?.index ?? 1) - 1);
  const contents = metaContents(state.meta);
  const { currentTerm, votedForNodeId: votedFor } = contents;
  const hardState = restored({ currentTerm, votedFor }, lastTerm(log), bugs);
  const isClamped = clamps.length > 0;
  if (isClamped) {
    updateJournal(memory, { meta: withMetaValue(state.meta, "raftCommitIndex", commitIndex) });
  }
  const extra = {
    raftCommitIndex: isClamped ? commitIndex : contents.raftCommitIndex,
    // A clamp is stored by the next tick of the timer.
    ...(isClamped ? { metaDirty: 1 } : {}),
  };
  const server: Recovered = {
    currentTerm: hardState.currentTerm ?? 0,
    votedFor: hardState.votedFor,
    log,
    commitIndex,
    ...(dump === null ? {} : { state: dump.dump.state, snapshot: dump.bytes }),
    extra,
  };
  return { type: "recovered", recovered: server };
}
