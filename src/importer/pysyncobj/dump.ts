import { unreachable } from "#base/assert.ts";
import { gunzip, gzip } from "#base/gzip.ts";
import { ok, type Result, refused } from "#base/result.ts";
import { decodeUtf8, encodeUtf8 } from "#base/utf8.ts";
import { DUMP_TMP, type Whole } from "#system/pysyncobj/format.ts";
import {
  decodePickle,
  encodePickle,
  isDict,
  isList,
  isTuple,
  type PickleValue,
} from "#system/pysyncobj/pickle.ts";

/** A state machine of this size is more than a browser should hold beside everything else. */
export const STATE_MOST = 64 * 1024 * 1024;

export interface DumpProblem {
  readonly offset: number;
  readonly reason: string;
}

/** An entry as a dump carries it: (command, index, term). */
export interface DumpEntry {
  readonly index: Whole;
  readonly term: Whole;
  readonly command: Uint8Array;
}

/** What serializer.py pickles: (state, last applied entry, the one before it, members). */
export interface DumpContents {
  readonly state: PickleValue;
  readonly last: DumpEntry;
  readonly previous: DumpEntry;
  /** Addresses; empty where they are not to be had. */
  readonly cluster: readonly string[];
  /** Its checksum is there and right. */
  readonly isWhole: boolean;
}

/**
 * Reads a full dump (gzip, RFC 1952) as far as to say up to where it reaches. Nothing in it is executed. A trailer that is
 * cut off or wrong is a problem and no reason not to read on: the library does not look at it (serializer.py:107-119).
 */
export function readDump(bytes: Uint8Array): Result<DumpContents, DumpProblem> {
  if (bytes.length === 0) return refused({ offset: 0, reason: "the file is empty" });
  if (bytes.every((byte) => byte === 0)) {
    return refused({ offset: 0, reason: "the file holds nothing but zeros" });
  }
  const found = gunzip(bytes, STATE_MOST);
  if (found === null) return refused({ offset: 0, reason: "the gzip header is cut short" });
  const offset = found.parts.data;
  if (found.isTooMuch) return refused({ offset, reason: TOO_MUCH });
  const contents = contentsOf(found.bytes, found.isWhole);
  if (contents.ok) return contents;
  const { reason } = contents.problem;
  if (found.isWhole) return refused({ offset, reason });
  const isCut = found.damage !== null || /cut short|ends before/.test(reason);
  if (!isCut) return refused({ offset, reason: `${reason}, and its checksum is wrong` });
  const cut = "the file ends before its compressed part does";
  return refused({ offset: bytes.length, reason: found.damage ?? cut });
}

/** Of a dump that is fine, but unpacks to more than is taken apart here. */
export const TOO_MUCH = "it unpacks to more than 64 MB, which is not taken apart here";

function contentsOf(bytes: Uint8Array, isWhole: boolean): Result<DumpContents, DumpProblem> {
  const pickled = decodePickle(bytes);
  if (!pickled.ok) {
    const { offset, reason } = pickled.problem;
    return refused({ offset, reason: `${reason} (byte ${offset} of what it unpacks to)` });
  }
  const [state, last, previous, cluster] = itemsOf(pickled.value.value);
  const entries = [entryOf(last), entryOf(previous)] as const;
  if (state === undefined || entries[0] === null || entries[1] === null) {
    return refused({ offset: 0, reason: "what it unpacks to is not a dump of this library" });
  }
  return ok({
    state,
    last: entries[0],
    previous: entries[1],
    cluster: membersIn(cluster ?? null),
    isWhole,
  });
}

/** The same dump with other names for the indexes and terms of its two entries. */
export function renumberedDump(bytes: Uint8Array, nameOf: (value: Whole) => number): Uint8Array {
  const found = gunzip(bytes, STATE_MOST);
  const pickled = found === null ? null : decodePickle(found.bytes);
  if (found === null || pickled === null || !pickled.ok) return bytes;
  const [state = null, last = null, previous = null, ...rest] = itemsOf(pickled.value.value);
  const named = (entry: PickleValue): PickleValue => {
    const [command = null, index, term] = itemsOf(entry);
    if (!isWhole(index) || !isWhole(term)) return entry;
    return { type: "tuple", items: [command, nameOf(index), nameOf(term)] };
  };
  const items = [state, named(last), named(previous), ...rest];
  return gzip(encodePickle({ type: "tuple", items }), found.parts.name?.text ?? DUMP_TMP);
}

function itemsOf(value: PickleValue | undefined): readonly PickleValue[] {
  return value !== undefined && isTuple(value) ? value.items : [];
}

function entryOf(value: PickleValue | undefined): DumpEntry | null {
  const [command, index, term] = itemsOf(value);
  const bytes = bytesOf(command);
  return bytes !== null && isWhole(index) && isWhole(term) ? { index, term, command: bytes } : null;
}

function isWhole(value: PickleValue | undefined): value is Whole {
  return typeof value === "bigint" ? value >= 0n : typeof value === "number" && value >= 0;
}

/** Python 2 did not tell text from bytes. */
function bytesOf(value: PickleValue | undefined): Uint8Array | null {
  if (typeof value === "string") return encodeUtf8(value);
  const isTagged = typeof value === "object" && value !== null && "type" in value;
  return isTagged && value.type === "bytes" ? value.bytes : null;
}

/** TCPNode objects, which name themselves by their attribute `_id` (node.py); older releases kept the address as text. */
function membersIn(value: PickleValue): readonly string[] {
  const items = isList(value) ? value : isSet(value) ? value.items : [];
  return items.flatMap((item) => addressOf(item) ?? []).sort();
}

function isSet(value: PickleValue): value is Extract<PickleValue, { readonly type: "set" }> {
  return typeof value === "object" && value !== null && "type" in value && value.type === "set";
}

function addressOf(item: PickleValue): string | null {
  if (typeof item === "string") return item;
  const isObject = typeof item === "object" && item !== null && "type" in item;
  if (!isObject || item.type !== "object" || !isDict(item.state)) return null;
  for (const [key, value] of item.state.pairs) {
    if (typeof value !== "string") continue;
    if (key === "_id" || key === "_TCPNode__address" || key === "_Node__id") return value;
  }
  return null;
}

/** The state in words that two servers' states can be compared by: dicts in order of their keys. By path: what is there. */
export function statePaths(state: PickleValue): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  addPaths(paths, "", state, 0);
  return paths;
}

/** Deeper nesting is compared as one. */
const DEPTH_MOST = 6;

function addPaths(
  paths: Map<string, string>,
  path: string,
  value: PickleValue,
  depth: number,
): void {
  if (depth < DEPTH_MOST && isDict(value)) {
    for (const [key, each] of value.pairs)
      addPaths(paths, `${path}/${plainText(key)}`, each, depth + 1);
    if (value.pairs.length > 0) return;
  }
  if (depth < DEPTH_MOST && isList(value) && value.length > 0) {
    for (const [i, each] of value.entries()) addPaths(paths, `${path}/${i}`, each, depth + 1);
    return;
  }
  paths.set(path, plainText(value));
}

/** Whole and in one order, unlike what is made for the eye. */
function plainText(value: PickleValue): string {
  if (typeof value === "string") return value;
  return JSON.stringify(plain(value, 0)) ?? "None";
}

function plain(value: PickleValue, depth: number): unknown {
  if (typeof value === "bigint") return `${value}`;
  if (typeof value !== "object" || value === null) return value;
  if (depth > 50) return "...";
  if (isList(value)) return value.map((each) => plain(each, depth + 1));
  const sorted = (items: readonly unknown[]) => items.map((each) => JSON.stringify(each)).sort();
  switch (value.type) {
    case "tuple":
      return { tuple: value.items.map((each) => plain(each, depth + 1)) };
    case "set":
      return { set: sorted(value.items.map((each) => plain(each, depth + 1))) };
    case "dict":
      return {
        dict: sorted(value.pairs.map((pair) => pair.map((each) => plain(each, depth + 1)))),
      };
    case "shared":
      return value.text;
    case "bytes":
      return { bytes: decodeUtf8(value.bytes) ?? [...value.bytes] };
    case "global":
      return { global: `${value.module}.${value.name}` };
    case "object":
      return { object: `${value.module}.${value.name}`, state: plain(value.state, depth + 1) };
    default:
      return unreachable(value);
  }
}
