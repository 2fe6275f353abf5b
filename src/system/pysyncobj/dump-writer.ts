import { unreachable } from "#base/assert.ts";
import type { DiskOp } from "#disk/types.ts";
import type { Effect } from "#raft/protocol.ts";
import type { Entry, StateImage } from "#raft/types.ts";
import type { Actor, ActorContext, Note, Step } from "#system/contract.ts";
import { encodeDump } from "./dump.ts";
import { DUMP, DUMP_INCOMING, DUMP_TMP, decodeRecords } from "./format.ts";
import { hasFailed, op } from "./storage.ts";
import { type Replacing, replaceNext, replacing } from "./storage-replace.ts";

/** A dump being written, and what it is the dump of. */
interface Writing {
  readonly replacing: Replacing;
  readonly lastApplied: number;
  stage: "write" | "tell" | "done";
  isFailed: boolean;
}

function writing(bytes: Uint8Array, lastApplied: number, context: ActorContext): Writing {
  const { directory, options } = context;
  const micros = options.dumpTime ?? 0;
  const work = micros > 0 ? { micros, text: "pickle and compress the state machine" } : null;
  const replaced = { onError: "ignore", work } as const;
  return {
    replacing: replacing(directory + DUMP_TMP, directory + DUMP, bytes, replaced),
    lastApplied,
    stage: "write",
    isFailed: false,
  };
}

/** Serializer.serialize (serializer.py:83-105), and what the parent learns of its end (:28-60). Null: it is done. */
function writeNext(work: Writing, context: ActorContext): Step | null {
  const { lastApplied, replacing: file } = work;
  if (hasFailed(context)) {
    // An exception is caught, and leaves what was written aside where it is; the file closes.
    const isOpen = file.stage === "sync" || file.stage === "close";
    work.isFailed = true;
    work.stage = "tell";
    file.stage = "done";
    if (isOpen) return call({ type: "close", descriptor: file.descriptor });
  }
  switch (work.stage) {
    case "write": {
      const step = replaceNext(file, context);
      if (step !== null) return step;
      work.stage = "tell";
      return writeNext(work, context);
    }
    case "tell": {
      work.stage = "done";
      const values = { lastApplied };
      if (work.isFailed) return tell({ type: "told", subject: "dump failed", values });
      return tell({ type: "told", subject: "dumped", values, data: file.bytes });
    }
    case "done":
      return null;
    default:
      return unreachable(work.stage);
  }
}

function tell(input: Extract<Step, { readonly type: "tell-server" }>["input"]): Step {
  return { type: "tell-server", input };
}

function call(diskOp: DiskOp): Step {
  return { type: "disk", op: diskOp, onError: "ignore" };
}

interface DumpState {
  notes: Note[];
  work: Writing | null;
}

/** What the serializer's fork hands its child: the bytes, for they are made of the memory as it was at the fork. */
const FORKED = "forked dump";

/** The child that writes a dump. It goes on when its parent dies, and renames what nobody waits for. */
export const dumpChild: Actor<DumpState> = {
  id: "dump",
  process: "dump child",
  outlives: true,
  start: () => ({ notes: [], work: null }),
  clone: ({ notes, work }) => ({ notes: [...notes], work: work === null ? null : copy(work) }),
  receive: (state, note) => void state.notes.push(note),
  next(state, context) {
    for (;;) {
      if (state.work !== null) {
        const step = writeNext(state.work, context);
        if (step !== null) return step;
        state.work = null;
      }
      const note = state.notes.shift();
      if (note === undefined) return null;
      if (note.type !== "effect" || note.effect.type !== "store") continue;
      const { data, values } = note.effect;
      if (data !== undefined) state.work = writing(data, Number(values.lastApplied), context);
    }
  },
};

function copy(work: Writing): Writing {
  return { ...work, replacing: { ...work.replacing } };
}

type Store = Extract<Effect, { readonly type: "store" }>;

/** A piece of a leader's dump on its way into a file of its own (serializer.py:159-196). */
interface Taking {
  readonly data: Uint8Array;
  readonly isLast: boolean;
  stage: "close old" | "open" | "opened" | "sync" | "close" | "rename" | "sync-directory" | "done";
}

interface SerializerState {
  notes: Note[];
  work:
    | { readonly type: "fork"; isDone: boolean; readonly effect: Effect }
    | { readonly type: "inline"; readonly writing: Writing }
    | { readonly type: "in memory"; isDone: boolean; readonly told: Step }
    | { readonly type: "chunk"; readonly taking: Taking }
    | null;
  /** The file that a dump is coming in to, and how much of it has; null: none is. */
  incoming: { readonly descriptor: number; readonly length: number } | null;
}

/** Serializer in the server's own process: forks the child, or with `useFork` 0 writes itself; takes in a leader's dump. */
export const serializer: Actor<SerializerState> = {
  id: "serializer",
  process: "server",
  start: () => ({ notes: [], work: null, incoming: null }),
  clone: ({ notes, work, incoming }) => ({ notes: [...notes], work: cloneWork(work), incoming }),
  receive: (state, note) => void state.notes.push(note),
  next(state, context) {
    if (state.work?.type === "chunk" && hasFailed(context)) {
      state.work = null;
      state.incoming = null;
    }
    for (;;) {
      const step = state.work === null ? null : advance(state, context);
      if (step !== null) return step;
      const note = state.notes.shift();
      state.work = null;
      if (note === undefined) return null;
      if (note.type === "effect" && note.effect.type === "store")
        begin(state, note.effect, context);
    }
  },
};

function cloneWork(work: SerializerState["work"]): SerializerState["work"] {
  if (work?.type === "inline") return { ...work, writing: copy(work.writing) };
  if (work?.type === "chunk") return { ...work, taking: { ...work.taking } };
  return work === null ? null : { ...work };
}

function begin(state: SerializerState, effect: Store, context: ActorContext): void {
  const { values, data = new Uint8Array() } = effect;
  if (effect.what === "snapshot chunk") {
    const isFirst = Number(values.isFirst) !== 0;
    if (!isFirst && state.incoming === null) return;
    const stage = isFirst ? (state.incoming === null ? "open" : "close old") : "opened";
    const taking: Taking = { data, isLast: Number(values.isLast) !== 0, stage };
    state.work = { type: "chunk", taking };
    return;
  }
  const bytes = dumpOf(effect, context);
  const lastApplied = Number(values.lastApplied);
  if ((context.options.fullDumpFile ?? 1) === 0) {
    // serializer.py:69-75: the bytes are all there is of it.
    const told = tell({ type: "told", subject: "dumped", values: { lastApplied }, data: bytes });
    state.work = { type: "in memory", isDone: false, told };
    return;
  }
  if ((context.options.useFork ?? 1) === 0) {
    state.work = { type: "inline", writing: writing(bytes, lastApplied, context) };
    return;
  }
  const forked: Effect = { type: "store", what: FORKED, values: { lastApplied }, data: bytes };
  state.work = { type: "fork", isDone: false, effect: forked };
}

/** The file, of the state machine as it is now and of what the effect tells of the log and the members. */
function dumpOf({ values, data }: Store, { application, directory }: ActorContext): Uint8Array {
  const state = application?.() ?? NO_STATE;
  const entries = decodeRecords(data ?? new Uint8Array());
  const [previous = NO_ENTRY, last = NO_ENTRY] = entries;
  const cluster = idsIn(values.cluster ?? null);
  return encodeDump({ state, previous, last, cluster, self: cluster[0] ?? directory });
}

const NO_STATE: StateImage = { lastApplied: 0, values: [], beyond: "0000000000000000" };
const NO_ENTRY: Entry = { index: 0, term: 0, command: new Uint8Array() };

function idsIn(cluster: number | string | null): readonly string[] {
  const found: unknown = typeof cluster === "string" ? JSON.parse(cluster) : [];
  return Array.isArray(found) ? found.filter((each) => typeof each === "string") : [];
}

function advance(state: SerializerState, context: ActorContext): Step | null {
  const { work } = state;
  switch (work?.type) {
    case "fork":
      if (work.isDone) return null;
      work.isDone = true;
      return {
        type: "tell-actor",
        actor: dumpChild.id,
        note: { type: "effect", effect: work.effect },
      };
    case "inline":
      return writeNext(work.writing, context);
    case "in memory":
      if (work.isDone) return null;
      work.isDone = true;
      return work.told;
    case "chunk":
      return takeNext(state, work.taking, context);
    default:
      return null;
  }
}

/** setTransmissionData (serializer.py:159-196). What it cannot do it logs, and the handler goes no further here. */
function takeNext(state: SerializerState, taking: Taking, context: ActorContext): Step | null {
  const { last, directory, bugs } = context;
  const { incoming } = state;
  const isSynced = !bugs.has("meta-not-synced");
  switch (taking.stage) {
    case "close old":
      taking.stage = "open";
      return op({ type: "close", descriptor: incoming?.descriptor ?? -1 });
    case "open":
      taking.stage = "opened";
      state.incoming = null;
      return op({ type: "open", file: directory + DUMP_INCOMING, create: true, truncate: true });
    case "opened": {
      if (incoming === null) {
        const descriptor = last.type === "disk" && last.result.ok ? last.result.descriptor : -1;
        state.incoming = { descriptor, length: 0 };
      }
      taking.stage = taking.isLast ? (isSynced ? "sync" : "close") : "done";
      return write(state, taking, context);
    }
    case "sync":
      taking.stage = "close";
      return op({ type: "sync", file: incoming?.descriptor ?? -1 });
    case "close":
      taking.stage = "rename";
      state.incoming = null;
      return op({ type: "close", descriptor: incoming?.descriptor ?? -1 });
    case "rename":
      taking.stage = isSynced ? "sync-directory" : "done";
      return op({ type: "rename", from: directory + DUMP_INCOMING, to: directory + DUMP });
    case "sync-directory":
      taking.stage = "done";
      return op({ type: "sync-directory", directory });
    case "done":
      return null;
    default:
      return unreachable(taking.stage);
  }
}

/** The last piece is mostly empty: nothing is written then. */
function write(state: SerializerState, taking: Taking, context: ActorContext): Step | null {
  const { incoming } = state;
  const { data: bytes } = taking;
  if (incoming === null || bytes.length === 0) return takeNext(state, taking, context);
  const { descriptor, length: offset } = incoming;
  state.incoming = { descriptor, length: offset + bytes.length };
  return op({ type: "write", file: descriptor, offset, bytes });
}
