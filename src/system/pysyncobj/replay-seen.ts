import { toHex } from "#base/bytes.ts";
import type { DiskOp } from "#disk/types.ts";
import type { Effect } from "#raft/protocol.ts";
import type { Entry, Message } from "#raft/types.ts";
import { LAST_RECORD_OFFSET_AT } from "./format.ts";
import type { PySyncObj } from "./server.ts";
import type { LogWindow, RecordedState } from "./trace.ts";

// The model as the recorder would have told it.

/** What the recorder shows of itself: an effect, or the call that empties the journal before a dump's entries are added. */
export type Shown = Effect | { readonly type: "clear" };

/** An effect, and what there was to see right after it. */
export interface Emitted {
  readonly effect: Shown;
  readonly state: RecordedState;
  readonly stores: readonly Store[];
  /** lastRecordOffset before and after. */
  readonly offsets: readonly [number, number];
  readonly written: readonly Uint8Array[];
}

/** Into the journal. `resize`: its size before and after, where the file grew for it. */
interface Store {
  readonly off: number;
  readonly len: number;
  readonly resize?: readonly [number, number];
}

/** A call that was made, and what the journal was before it. */
export interface Done {
  readonly op: DiskOp;
  /** lastRecordOffset as it is in the file. */
  readonly before: number;
  readonly size: number;
}

/** What is stored anew, as the recorder sees it: one call that empties the journal, and one for each entry. */
export function callsOf(
  ops: readonly Done[],
  entries: readonly Entry[],
  state: RecordedState,
): readonly Emitted[] {
  const calls: Emitted[] = [];
  let from = 0;
  for (const [at, { op, before }] of ops.entries()) {
    if (op.type !== "store" || op.offset !== LAST_RECORD_OFFSET_AT) continue;
    const own = ops.slice(from, at + 1);
    const added = entries.slice(0, calls.length);
    const last = added.at(-1);
    calls.push({
      effect: last === undefined ? { type: "clear" } : { type: "append", entries: [last] },
      state: { ...state, log: windowOf(added) },
      stores: storesOf(own),
      offsets: [before, offsetIn(op.bytes)],
      written: [],
    });
    from = at + 1;
  }
  return calls;
}

function offsetIn(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
}

export function storesOf(ops: readonly Done[]): readonly Store[] {
  const stores: Store[] = [];
  let resize: { readonly resize?: readonly [number, number] } = {};
  for (const { op, size } of ops) {
    if (op.type === "truncate") resize = { resize: [size, op.size] };
    if (op.type !== "store") continue;
    stores.push({ off: op.offset, len: op.bytes.length, ...resize });
    resize = {};
  }
  return stores;
}

/** What a recorder would see of the model now. */
export function stateOf(server: PySyncObj): RecordedState {
  return {
    role: server.role,
    term: server.currentTerm,
    votedFor: server.votedFor,
    leader: server.leader,
    log: windowOf(server.log.entries.slice(0, server.log.length)),
    commitIndex: server.commitIndex,
    lastApplied: server.lastApplied,
  };
}

/** The first index, the last and the number of them, as a record tells a log. */
export function windowOf(entries: readonly Entry[]): LogWindow | null {
  const first = entries[0];
  const tail = entries.at(-1);
  if (first === undefined || tail === undefined) return null;
  return {
    first: [first.index, first.term],
    tail: [tail.index, tail.term],
    length: entries.length,
  };
}

/** The bytes 36..39 of the journal, as they are in the page cache. */
export function headerOffset(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return bytes.length < 40 ? 0 : view.getUint32(LAST_RECORD_OFFSET_AT, true);
}

/** A message as one line of text that is equal for equal messages. */
export function messageText(message: Message): string {
  const entries = message.entries.map(({ index, term, command }) => [index, term, toHex(command)]);
  const fields = Object.entries(message.fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([message.name, message.to, message.term, fields, entries]);
}
