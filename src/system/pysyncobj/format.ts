import { assert } from "#base/assert.ts";
import { concatBytes } from "#base/bytes.ts";
import { ok, type Result, refused } from "#base/result.ts";
import { encodeUtf8 } from "#base/utf8.ts";
import type { Entry } from "#raft/types.ts";
import type { Command, Span } from "#system/contract.ts";
import {
  decodePickle,
  encodePickle,
  isDict,
  isList,
  isObject,
  isTuple,
  type PickleDict,
  type PickleProblem,
  type PickleValue,
  pickleText,
} from "./pickle.ts";

/** Names within a server's directory. journal.py:139-142 and 170 (2ec056d): J, J + ".meta", J + ".meta.tmp". */
export const JOURNAL = "raft.journal";
export const META = "raft.journal.meta";
export const META_TMP = "raft.journal.meta.tmp";
/** serializer.py:84 and 165: D, D + ".tmp" while it is written, D + ".1.tmp" while it comes in from a leader. */
export const DUMP = "raft.dump";
export const DUMP_TMP = "raft.dump.tmp";
export const DUMP_INCOMING = "raft.dump.1.tmp";

/** journal.py:148-158: NUL padded name and library version, format number, offset behind the last record. */
export const HEADER_SIZE = 40;
export const LAST_RECORD_OFFSET_AT = 36;
export const INITIAL_SIZE = 1024;
const LIBRARY_VERSION = "0.3.14";
const FORMAT_VERSION = 1;
/** Bytes of a record beyond its size field's value: the size itself, before and behind. */
export const RECORD_FRAME = 8;
/** Index and term, at the start of what a record's size counts. */
const INDEX_AND_TERM = 16;

export const NO_OP = Uint8Array.of(1);

/** An unsigned 64-bit integer: a number as far as numbers are exact, a bigint beyond (damaged files do hold such). */
export type Whole = number | bigint;

const WIDE = 2n ** 53n;
const NAMES_FROM = 2 ** 53 - 2 ** 51;
/** Of so many wide numbers one after the other the names are the same, but for those that are met together. */
const NAME_SHIFT = 14n;
/** Pickles hold numbers beyond 64 bits; all of them come right above the others. */
const NAMES_MOST = 2n ** 50n;
const STEP_MOST = 2n ** 20n;

/**
 * What a run calls numbers that are too wide for it: safe integers in the same order, with as much room again above the
 * highest. A name follows from the number, so that servers agree on it; numbers that are met together and would share one
 * are told apart, and stay as far from each other as they are.
 */
export function namesOf(wide: Iterable<bigint>): ReadonlyMap<bigint, number> {
  const names = new Map<bigint, number>();
  let before: { readonly value: bigint; readonly name: number } | null = null;
  for (const value of [...new Set(wide)].sort((a, b) => (a < b ? -1 : 1))) {
    let name = NAMES_FROM + Number(smaller((value - WIDE) >> NAME_SHIFT, NAMES_MOST));
    if (before !== null && name <= before.name) {
      name = before.name + Number(smaller(value - before.value, STEP_MOST));
    }
    names.set(value, name);
    before = { value, name };
  }
  return names;
}

function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

/** The name of a single number that may be too wide. */
export function narrow(value: Whole, names: ReadonlyMap<bigint, number> = new Map()): number {
  if (typeof value === "number") return value;
  return names.get(value) ?? namesOf([value]).get(value) ?? 0;
}

export interface JournalRecord {
  readonly offset: number;
  /** As the leading size field says: index, term and command. */
  readonly size: number;
  readonly index: Whole;
  readonly term: Whole;
  readonly command: Uint8Array;
}

export interface FormatProblem {
  readonly offset: number;
  readonly reason: string;
}

export interface Journal {
  readonly header: JournalHeader;
  readonly records: readonly JournalRecord[];
  /** Complete records behind the last one: cut off by a truncation or a compaction, but still readable. */
  readonly ghosts: readonly JournalRecord[];
  /** Where the loader's walk ends; beyond the file when a damaged size field says so. */
  readonly endOffset: number;
  /** Damage: what no undamaged file has. */
  readonly problems: readonly FormatProblem[];
  /** Whole records that Raft would not have put side by side: an index is left out, or a term goes down. */
  readonly oddities: readonly FormatProblem[];
  /** The error with which the real loader would refuse this file; null when it loads. */
  readonly loadError: { readonly name: string; readonly text: string } | null;
}

export interface JournalHeader {
  readonly appName: string;
  readonly libraryVersion: string;
  readonly formatVersion: number;
  readonly lastRecordOffset: number;
}

/** Reads a journal as journal.py:167-182 does, but lists what that code does not check. Never throws. */
export function decodeJournal(bytes: Uint8Array): Journal {
  const view = viewOf(bytes);
  const problems: FormatProblem[] = [];
  const header = decodeHeader(bytes, view, problems);
  const walk = walkRecords(bytes, view, header.lastRecordOffset, problems);
  const ghosts = walk.loadError === null ? findGhosts(bytes, view, walk.endOffset) : [];
  return { header, ...walk, ghosts, problems, oddities: findOddities(walk.records) };
}

function decodeHeader(bytes: Uint8Array, view: DataView, problems: FormatProblem[]): JournalHeader {
  const whole = bytes.length >= HEADER_SIZE;
  if (!whole) {
    problems.push({ offset: bytes.length, reason: "the file is shorter than its 40-byte header" });
  }
  const header = {
    appName: paddedText(bytes.subarray(0, 24)),
    libraryVersion: paddedText(bytes.subarray(24, 32)),
    formatVersion: whole ? view.getUint32(32, true) : 0,
    lastRecordOffset: whole ? view.getUint32(LAST_RECORD_OFFSET_AT, true) : 0,
  };
  if (!whole) return header;
  if (header.appName !== "PYSYNCOBJ") {
    problems.push({ offset: 0, reason: 'the file does not start with "PYSYNCOBJ"' });
  }
  if (header.formatVersion !== FORMAT_VERSION) {
    problems.push({ offset: 32, reason: `format ${header.formatVersion} is not known (1 is)` });
  }
  if (header.lastRecordOffset < HEADER_SIZE) {
    const reason = `lastRecordOffset ${header.lastRecordOffset} is inside the header: no record is found`;
    problems.push({ offset: LAST_RECORD_OFFSET_AT, reason });
  }
  return header;
}

interface Walk {
  readonly records: readonly JournalRecord[];
  readonly endOffset: number;
  readonly loadError: Journal["loadError"];
}

function walkRecords(
  bytes: Uint8Array,
  view: DataView,
  lastRecordOffset: number,
  problems: FormatProblem[],
): Walk {
  const records: JournalRecord[] = [];
  let at = HEADER_SIZE;
  while (at < lastRecordOffset) {
    const loadError = unreadable(bytes, view, at, problems);
    if (loadError !== null) return { records, endOffset: at, loadError };
    const record = recordAt(bytes, view, at);
    checkRecord(record, bytes, view, problems);
    records.push(record);
    at += record.size + RECORD_FRAME;
  }
  if (at > lastRecordOffset && lastRecordOffset >= HEADER_SIZE) {
    const reason = `the last record ends at ${at}, the header says ${lastRecordOffset}`;
    problems.push({ offset: LAST_RECORD_OFFSET_AT, reason });
  }
  if (bytes.length === 0) {
    const loadError = { name: "ValueError", text: "cannot mmap an empty file" };
    return { records, endOffset: at, loadError };
  }
  return { records, endOffset: at, loadError: null };
}

/** Why the loader cannot take a record apart here; slices of a mapping end at the end of the file. */
function unreadable(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  problems: FormatProblem[],
): Journal["loadError"] {
  if (at + 4 > bytes.length) {
    problems.push({ offset: at, reason: "a record starts beyond the end of the file" });
    return { name: "struct.error", text: "unpack requires a buffer of 4 bytes" };
  }
  const size = view.getUint32(at, true);
  const available = Math.min(size, bytes.length - at - 4);
  if (available >= INDEX_AND_TERM) return null;
  const reason =
    size < INDEX_AND_TERM
      ? `the size field says ${size}, and a record has at least 16 bytes`
      : `the record is cut short: ${available} of ${size} bytes`;
  problems.push({ offset: at, reason });
  return { name: "struct.error", text: "unpack requires a buffer of 16 bytes" };
}

function recordAt(bytes: Uint8Array, view: DataView, offset: number): JournalRecord {
  const size = view.getUint32(offset, true);
  const record = recordOf(bytes.subarray(offset + 4, offset + 4 + size), offset);
  assert(record !== null, "a record is looked at only where one can be");
  return { ...record, size };
}

/** The record at this offset, by the bytes that its size counts, fewer where the file ends; null: too few for a record. */
export function recordOf(body: Uint8Array, offset: number): JournalRecord | null {
  if (body.length < INDEX_AND_TERM) return null;
  const view = viewOf(body);
  return {
    offset,
    size: body.length,
    index: wholeAt(view, 0),
    term: wholeAt(view, 8),
    command: body.slice(INDEX_AND_TERM),
  };
}

/** An unsigned 32-bit integer; null: bytes are missing. */
export function wordOf(bytes: Uint8Array): number | null {
  return bytes.length < 4 ? null : viewOf(bytes).getUint32(0, true);
}

function checkRecord(
  record: JournalRecord,
  bytes: Uint8Array,
  view: DataView,
  problems: FormatProblem[],
): void {
  const { offset, size } = record;
  const say = (reason: string, at = offset): void => void problems.push({ offset: at, reason });
  const behind = offset + 4 + size;
  if (behind > bytes.length) {
    say(`the record is cut short: ${bytes.length - offset - 4} of ${size} bytes`);
  } else if (behind + 4 > bytes.length) {
    say("the size behind the record is cut off");
  } else if (view.getUint32(behind, true) !== size) {
    say(`the size behind the record is ${view.getUint32(behind, true)}, before it ${size}`, behind);
  }
  if (typeof record.index === "bigint") say(`index ${record.index} is beyond 2^53`, offset + 4);
  if (typeof record.term === "bigint") say(`term ${record.term} is beyond 2^53`, offset + 12);
}

function findOddities(records: readonly JournalRecord[]): FormatProblem[] {
  const oddities: FormatProblem[] = [];
  let previous: JournalRecord | null = null;
  for (const record of records) {
    const { offset, index, term } = record;
    if (previous !== null && !isNext(previous.index, index)) {
      const reason = `index ${index} follows index ${previous.index}`;
      oddities.push({ offset: offset + 4, reason });
    }
    if (previous !== null && term < previous.term) {
      const reason = `term ${term} at index ${index} follows term ${previous.term}`;
      oddities.push({ offset: offset + 12, reason });
    }
    previous = record;
  }
  return oddities;
}

function isNext(before: Whole, index: Whole): boolean {
  if (typeof before === "number" && typeof index === "number") return index === before + 1;
  return BigInt(index) === BigInt(before) + 1n;
}

/** Goes on behind the last record while records read well: both sizes agree, and there is a command. */
function findGhosts(bytes: Uint8Array, view: DataView, from: number): JournalRecord[] {
  const ghosts: JournalRecord[] = [];
  for (let at = from; at >= HEADER_SIZE && at + 4 <= bytes.length; ) {
    const size = view.getUint32(at, true);
    const behind = at + 4 + size;
    if (size <= INDEX_AND_TERM || behind + 4 > bytes.length) break;
    if (view.getUint32(behind, true) !== size) break;
    ghosts.push(recordAt(bytes, view, at));
    at = behind + 4;
  }
  return ghosts;
}

/** The bytes that journal.py:196-203 stores for an entry. */
export function encodeRecord(index: Whole, term: Whole, command: Uint8Array): Uint8Array {
  const size = INDEX_AND_TERM + command.length;
  const bytes = new Uint8Array(size + RECORD_FRAME);
  const view = viewOf(bytes);
  view.setUint32(0, size, true);
  view.setBigUint64(4, BigInt(index), true);
  view.setBigUint64(12, BigInt(term), true);
  bytes.set(command, 20);
  view.setUint32(4 + size, size, true);
  return bytes;
}

export function encodeOffset(offset: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, offset, true);
  return bytes;
}

/** The header of a file that 0.3.14 creates. */
export function encodeHeader(lastRecordOffset = HEADER_SIZE): Uint8Array {
  return headerBytes({
    appName: "PYSYNCOBJ",
    libraryVersion: LIBRARY_VERSION,
    formatVersion: FORMAT_VERSION,
    lastRecordOffset,
  });
}

function headerBytes(header: JournalHeader): Uint8Array {
  const bytes = new Uint8Array(HEADER_SIZE);
  bytes.set(encodeUtf8(header.appName).subarray(0, 24), 0);
  bytes.set(encodeUtf8(header.libraryVersion).subarray(0, 8), 24);
  const view = viewOf(bytes);
  view.setUint32(32, header.formatVersion, true);
  view.setUint32(LAST_RECORD_OFFSET_AT, header.lastRecordOffset, true);
  return bytes;
}

/**
 * The file of `size` bytes that holds a decoded journal, ghosts included. What lies behind the last ghost is lost to the
 * decoder (`rest`: bytes of older, overwritten records), so it is handed in as it was.
 */
export function encodeJournal(journal: Journal, size: number, rest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes.set(headerBytes(journal.header), 0);
  for (const record of [...journal.records, ...journal.ghosts]) {
    bytes.set(encodeRecord(record.index, record.term, record.command), record.offset);
  }
  bytes.set(rest, size - rest.length);
  return bytes;
}

/** The offset behind everything that `decodeJournal` understood. */
export function understoodUntil(journal: Journal): number {
  const last = journal.ghosts.at(-1) ?? journal.records.at(-1);
  return last === undefined ? HEADER_SIZE : last.offset + last.size + RECORD_FRAME;
}

/** What `.meta` holds. The library keeps keys that it does not know, and writes them again. */
export type Meta = PickleDict;

export const EMPTY_META: Meta = { type: "dict", pairs: [] };

/** The problem is one that journal.py:130-136 swallows: the library goes on with an empty dict. */
export function decodeMeta(bytes: Uint8Array): Result<Meta, PickleProblem> {
  if (bytes.length === 0) return refused({ offset: 0, reason: "the file is empty" });
  if (bytes.every((byte) => byte === 0)) {
    return refused({ offset: 0, reason: "the file holds nothing but zeros" });
  }
  const pickled = decodePickle(bytes);
  if (!pickled.ok) return pickled;
  const { value, end } = pickled.value;
  if (!isDict(value)) return refused({ offset: 0, reason: "the pickle is not a dict" });
  if (end < bytes.length) return refused({ offset: end, reason: "bytes follow the pickle" });
  return ok(value);
}

/** Byte for byte what 0.3.14 under Python 3 writes. */
export function encodeMeta(meta: Meta): Uint8Array {
  return encodePickle(meta);
}

export function metaValue(meta: Meta, ...keys: readonly string[]): PickleValue | undefined {
  return meta.pairs.find(([key]) => typeof key === "string" && keys.includes(key))?.[1];
}

/** A dict with a key set: in its place when it is there, at the end when it is new, as Python's dicts do. */
export function withMetaValue(meta: Meta, key: string, value: PickleValue): Meta {
  const known = meta.pairs.some(([each]) => each === key);
  const pairs = known
    ? meta.pairs.map((pair) => (pair[0] === key ? ([key, value] as const) : pair))
    : [...meta.pairs, [key, value] as const];
  return { type: "dict", pairs };
}

const COMMIT_KEY = "raftCommitIndex";
/** PR #202 does not name its keys in the thread; these are what its files are likely to use. */
const TERM_KEYS = ["currentTerm", "raftCurrentTerm", "term"];
const VOTE_KEYS = ["votedForNodeId", "votedFor", "raftVotedForNodeId"];

export interface MetaContents {
  readonly raftCommitIndex: number | null;
  readonly currentTerm: number | null;
  readonly votedForNodeId: string | null;
  readonly votedForKept: boolean;
}

/** The values the library would use; null for those that are missing or not of their type. */
export function metaContents(meta: Meta): MetaContents {
  const vote = metaValue(meta, ...VOTE_KEYS);
  const { raftCommitIndex, currentTerm } = metaNumbers(meta);
  return {
    raftCommitIndex: raftCommitIndex === null ? null : narrow(raftCommitIndex),
    currentTerm: currentTerm === null ? null : narrow(currentTerm),
    votedForNodeId: typeof vote === "string" ? vote : null,
    votedForKept: vote !== undefined,
  };
}

/** The same numbers, exact however large. */
export interface MetaNumbers {
  readonly raftCommitIndex: Whole | null;
  readonly currentTerm: Whole | null;
}

export function metaNumbers(meta: Meta): MetaNumbers {
  return {
    raftCommitIndex: count(metaValue(meta, COMMIT_KEY)),
    currentTerm: count(metaValue(meta, ...TERM_KEYS)),
  };
}

function count(value: PickleValue | undefined): Whole | null {
  if (typeof value === "bigint" && value >= WIDE) return value;
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** The dict with other names for its commit index and its term; the same dict: they have none. */
export function withNumbers(meta: Meta, nameOf: (value: Whole) => number): Meta {
  let renamed = meta;
  for (const key of [COMMIT_KEY, ...TERM_KEYS]) {
    const value = count(metaValue(meta, key));
    const name = value === null ? null : nameOf(value);
    if (name !== null && name !== value) renamed = withMetaValue(renamed, key, name);
  }
  return renamed;
}

/** A meta in which the vote for an address is the vote for that server's id; null: there is nothing to rename. */
export function withVote(
  meta: Meta,
  idOf: (address: string) => string | null,
): { readonly meta: Meta; readonly from: string; readonly to: string } | null {
  const key = VOTE_KEYS.find((each) => metaValue(meta, each) !== undefined);
  const from = key === undefined ? undefined : metaValue(meta, key);
  const to = typeof from === "string" ? idOf(from) : null;
  if (key === undefined || typeof from !== "string" || to === null || to === from) return null;
  return { meta: withMetaValue(meta, key, to), from, to };
}

export function metaText(value: PickleValue): string {
  return pickleText(value);
}

/** The journal's bytes with other names for its indexes and terms. */
export function renumbered(bytes: Uint8Array, nameOf: (value: Whole) => number): Uint8Array {
  const renamed = bytes.slice();
  const view = viewOf(renamed);
  for (const { offset, index, term } of decodeJournal(bytes).records) {
    view.setBigUint64(offset + 4, BigInt(nameOf(index)), true);
    view.setBigUint64(offset + 12, BigInt(nameOf(term)), true);
  }
  return renamed;
}

/** A call of a replicated method: the method by its number alone, for names are not in the log. */
export interface Call {
  readonly funcId: number;
  readonly args: readonly PickleValue[];
  readonly kwargs: readonly (readonly [PickleValue, PickleValue])[];
}

export type DecodedCommand =
  | { readonly type: "regular"; readonly call: Call }
  | { readonly type: "no-op" }
  | { readonly type: "membership"; readonly request: PickleValue }
  | { readonly type: "version"; readonly version: PickleValue }
  /** Applying it raises, at every tick again; `name` and `text` as Python says it. */
  | { readonly type: "broken"; readonly name: string; readonly text: string };

/** Takes a log command apart as syncobj.py:815-850 would before running it. */
export function decodeCommand(command: Uint8Array): DecodedCommand {
  const type = command[0];
  if (type === undefined) {
    const text = "ord() expected a character, but string of length 0 found";
    return { type: "broken", name: "TypeError", text };
  }
  if (type === 1 || type > 3) return { type: "no-op" };
  const pickled = decodePickle(command.subarray(1));
  if (!pickled.ok) return brokenPickle(pickled.problem);
  const { value } = pickled.value;
  if (type === 2) return { type: "membership", request: value };
  if (type === 3) return { type: "version", version: value };
  const call = callOf(value);
  if (call !== null) return { type: "regular", call };
  return { type: "broken", name: "TypeError", text: `${pickleText(value)} is not a call` };
}

function brokenPickle({ offset, reason }: PickleProblem): DecodedCommand {
  const cut = /cut short|ends before/.test(reason);
  const name = cut ? "EOFError" : "UnpicklingError";
  return { type: "broken", name, text: `${reason} (byte ${offset} of the pickle)` };
}

function callOf(value: PickleValue): Call | null {
  if (typeof value === "number") return { funcId: value, args: [], kwargs: [] };
  if (!isTuple(value)) return null;
  const [funcId, args = null, kwargs = null] = value.items;
  if (typeof funcId !== "number" || value.items.length < 2 || value.items.length > 3) return null;
  const list = isTuple(args) ? args.items : isList(args) ? args : null;
  if (list === null) return null;
  if (value.items.length === 2) return { funcId, args: list, kwargs: [] };
  return isDict(kwargs) ? { funcId, args: list, kwargs: kwargs.pairs } : null;
}

/** A REGULAR command, as _applyCommand receives it from the replicated decorator (syncobj.py:1469-1514). */
export function encodeCall(funcId: number, args: readonly PickleValue[]): Uint8Array {
  const pickle = encodePickle({ type: "tuple", items: [funcId, { type: "tuple", items: args }] });
  return concatBytes([Uint8Array.of(0), pickle]);
}

/** What a MEMBERSHIP command asks for: the pickled list of "add" or "rem", a node's id, and the node (syncobj.py:359-388). */
function requestOf(
  request: PickleValue,
): { readonly type: "add" | "rem"; readonly node: string } | null {
  const [type, node] = isList(request) ? request : isTuple(request) ? request.items : [];
  const isKnown = type === "add" || type === "rem";
  return isKnown && typeof node === "string" ? { type, node } : null;
}

/** A TCPNode as it is pickled: its attributes (node.py:49-61). Names without a port, as servers have here, count as hosts. */
export function nodeObject(id: string): PickleValue {
  const [, host, port] = /^(.*):(\d{1,5})$/.exec(id) ?? [];
  const shared = (text: string): PickleValue => ({ type: "shared", text });
  return {
    type: "object",
    module: "pysyncobj.node",
    name: "TCPNode",
    args: { type: "tuple", items: [] },
    isNew: true,
    state: {
      type: "dict",
      pairs: [
        [shared("_id"), shared(id)],
        [shared("_TCPNode__address"), shared(id)],
        [shared("_TCPNode__host"), host ?? shared(id)],
        [shared("_TCPNode__port"), Number(port ?? 0)],
      ],
    },
  };
}

/** The id of a pickled node: a TCPNode's, or the bare address of older versions. */
export function nodeId(node: PickleValue): string {
  if (typeof node === "string") return node;
  const id = isObject(node) && isDict(node.state) ? metaValue(node.state, "_id") : undefined;
  return typeof id === "string" ? id : pickleText(node);
}

/** The numbers that a class with the replicated methods `delete` and `set` gets (sorted by name, syncobj.py:224-244). */
const DELETE = 0;
const SET = 1;

export function encodeSet(key: string, value: string): Uint8Array {
  return encodeCall(SET, [key, value]);
}

/** What an entry does to the key-value application; whatever is not one of its two calls is opaque. */
export function commandOf(command: Uint8Array): Command {
  const decoded = decodeCommand(command);
  if (decoded.type === "no-op") return { type: "no-op" };
  if (decoded.type === "membership" || decoded.type === "version") {
    return { type: "no-op", text: decodedText(decoded) };
  }
  if (decoded.type === "regular" && decoded.call.kwargs.length === 0) {
    const { funcId, args } = decoded.call;
    const [key, value] = args;
    if (funcId === SET && args.length === 2 && typeof key === "string" && typeof value === "string")
      return { type: "set", key, value };
    if (funcId === DELETE && args.length === 1 && typeof key === "string") {
      return { type: "delete", key };
    }
  }
  return { type: "opaque", text: decodedText(decoded) };
}

/** In words: `f1("leader", "A")`, `NO_OP`, `MEMBERSHIP(...)`. */
export function commandText(command: Uint8Array): string {
  return decodedText(decodeCommand(command));
}

function decodedText(decoded: DecodedCommand): string {
  switch (decoded.type) {
    case "no-op":
      return "NO_OP";
    case "membership": {
      const request = requestOf(decoded.request);
      if (request === null) return `MEMBERSHIP(${pickleText(decoded.request)})`;
      return request.type === "add"
        ? `add server ${request.node}`
        : `remove server ${request.node}`;
    }
    case "version":
      return `switch to code version ${pickleText(decoded.version)}`;
    case "broken":
      return `undecodable: ${decoded.name}`;
    case "regular": {
      const { funcId, args, kwargs } = decoded.call;
      const named = kwargs.map(([key, value]) => `${String(key)}=${pickleText(value)}`);
      return `f${funcId}(${[...args.map((each) => pickleText(each)), ...named].join(", ")})`;
    }
  }
}

/** The meaning of a journal's bytes, in order of offset and without a hole. */
export function annotateJournal(bytes: Uint8Array): Span[] {
  const journal = decodeJournal(bytes);
  const spans: Span[] = [];
  const add = (kind: Span["kind"], offset: number, end: number, label: string): void => {
    const length = Math.min(end, bytes.length) - offset;
    if (length > 0) spans.push({ offset, length, kind, label, entry: null });
  };
  add("header", 0, 24, "application name");
  add("header", 24, 32, `library version that made the file: ${journal.header.libraryVersion}`);
  add("header", 32, 36, `format version ${journal.header.formatVersion}`);
  add("header", 36, 40, `lastRecordOffset ${journal.header.lastRecordOffset}`);
  const names = namesIn([...journal.records, ...journal.ghosts]);
  for (const record of journal.records) {
    spans.push(recordSpan(record, "record", bytes.length, names));
  }
  for (const record of journal.ghosts) spans.push(recordSpan(record, "ghost", bytes.length, names));
  const rest = understoodUntil(journal);
  if (journal.loadError !== null) {
    const until = Math.max(rest, journal.header.lastRecordOffset);
    add("damaged", rest, until, "the loader stops here");
    add("padding", until, bytes.length, "not looked at");
  } else add("padding", rest, bytes.length, restLabel(bytes.subarray(rest)));
  return spans;
}

function recordSpan(
  record: JournalRecord,
  kind: "record" | "ghost",
  fileSize: number,
  names: ReadonlyMap<bigint, number>,
): Span {
  const { offset, index, term, command } = record;
  const length = Math.min(record.size + RECORD_FRAME, fileSize - offset);
  const name = kind === "ghost" ? "ghost record" : "record";
  const label = `${name} ${index} of term ${term}: ${commandText(command)}`;
  return { offset, length, kind, label, entry: entryOf(record, names) };
}

type NumberedCommand = Pick<JournalRecord, "index" | "term" | "command">;

/** The entry that a record is, its numbers under their names where they are too wide. */
export function entryOf(
  { index, term, command }: NumberedCommand,
  names?: ReadonlyMap<bigint, number>,
): Entry {
  return { index: narrow(index, names), term: narrow(term, names), command };
}

/** Of records that belong together, so that none of their numbers are confused. */
export function namesIn(records: readonly NumberedCommand[]): ReadonlyMap<bigint, number> {
  const wide: bigint[] = [];
  for (const { index, term } of records) {
    if (typeof index === "bigint") wide.push(index);
    if (typeof term === "bigint") wide.push(term);
  }
  return wide.length === 0 ? NO_NAMES : namesOf(wide);
}

const NO_NAMES: ReadonlyMap<bigint, number> = new Map();

export function entriesOf(records: readonly NumberedCommand[]): Entry[] {
  const names = namesIn(records);
  return records.map((record) => entryOf(record, names));
}

/** Records one after the other, as an effect carries entries; what is no whole record ends them. */
export function decodeRecords(bytes: Uint8Array): Entry[] {
  const records: JournalRecord[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const size = wordOf(bytes.subarray(at)) ?? 0;
    const record = recordOf(bytes.subarray(at + 4, at + 4 + size), at);
    if (record === null) break;
    records.push(record);
    at += size + RECORD_FRAME;
  }
  return entriesOf(records);
}

function restLabel(rest: Uint8Array): string {
  return rest.every((byte) => byte === 0) ? "zeros" : "left over from older records";
}

export function annotateMeta(bytes: Uint8Array): Span[] {
  const meta = decodeMeta(bytes);
  const length = bytes.length;
  if (!meta.ok) {
    const label = `unreadable, taken for empty: ${meta.problem.reason}`;
    return length === 0 ? [] : [{ offset: 0, length, kind: "damaged", label, entry: null }];
  }
  return [{ offset: 0, length, kind: "value", label: pickleText(meta.value), entry: null }];
}

function wholeAt(view: DataView, offset: number): Whole {
  const high = view.getUint32(offset + 4, true);
  if (high < 0x200000) return high * 0x100000000 + view.getUint32(offset, true);
  return view.getBigUint64(offset, true);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function paddedText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    if (byte === 0) break;
    text += String.fromCharCode(byte);
  }
  return text;
}
