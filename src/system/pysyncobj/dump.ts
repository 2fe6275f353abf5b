import { concatBytes } from "#base/bytes.ts";
import { digestOfBytes } from "#base/digest.ts";
import { gunzip, gzip, gzipParts } from "#base/gzip.ts";
import { encodeUtf8 } from "#base/utf8.ts";
import type { Entry, ServerId, StateImage } from "#raft/types.ts";
import type { Span } from "#system/contract.ts";
import {
  commandText,
  DUMP_TMP,
  namesOf,
  narrow,
  nodeId,
  nodeObject,
  type Whole,
} from "./format.ts";
import {
  decodePickle,
  encodePickle,
  isDict,
  isList,
  isSet,
  isTuple,
  type PickleDict,
  type PickleValue,
  pickleText,
} from "./pickle.ts";

/** What a full dump holds (syncobj.py:1373-1382): the state machine, the last two entries applied, and the members. */
export interface Dump {
  readonly state: StateImage;
  /** The entry before `last`: the first that the journal keeps. */
  readonly previous: Entry;
  /** The last entry that the state machine has applied. */
  readonly last: Entry;
  /** All members, the one that wrote it included. Empty where they are not to be had. */
  readonly cluster: readonly ServerId[];
}

/** `name` and `reason` as Python says why it cannot be loaded; `offset` in the file. */
export type DecodedDump =
  | {
      readonly ok: true;
      readonly value: Dump;
      /** The checksum at the end of the file is there and right. Nobody looks at it. */
      readonly isWhole: boolean;
    }
  | {
      readonly ok: false;
      readonly name: string;
      readonly reason: string;
      readonly offset: number;
    };

/** A state machine of this size is more than this should hold beside everything else. Bytes. */
const STATE_MOST = 64 * 1024 * 1024;

/** Attributes of the key-value class: the map, and what every SyncObj has of its own there. */
const DATA = "data";
const CODE_VERSION = "_SyncObj__enabledCodeVersion";
/** Of no real class: what commands that are not understood have done, as a digest. */
const BEYOND = "_beyond";
const NOTHING_BEYOND = "0000000000000000";

/**
 * The file that Serializer.serialize writes (serializer.py:83-95) for a key-value class with the attribute `data`. The keys
 * are in the order of the image, members in the order of their names; the time in gzip's header is 0.
 */
export function encodeDump(
  dump: Dump & {
    /** Who writes it: a member, listed or not. */
    readonly self: ServerId;
  },
): Uint8Array {
  return gzip(dumpPickle(dump), DUMP_TMP);
}

/** What is inside the gzip container of `encodeDump`. */
export function dumpPickle({
  state,
  previous,
  last,
  cluster,
  self,
}: Parameters<typeof encodeDump>[0]): Uint8Array {
  const data: PickleDict = { type: "dict", pairs: [] };
  for (const { key, value } of state.values) data.pairs.push([key, value]);
  const attributes: PickleDict = { type: "dict", pairs: [] };
  attributes.pairs.push([CODE_VERSION, 0], [DATA, data]);
  if (state.beyond !== NOTHING_BEYOND) attributes.pairs.push([BEYOND, state.beyond]);
  const members = [...new Set([...cluster, self])].sort();
  const nodes: PickleValue = { type: "set", items: members.map(nodeObject) };
  const items = [attributes, entryTuple(last), entryTuple(previous), nodes];
  return encodePickle({ type: "tuple", items });
}

function entryTuple({ index, term, command }: Entry): PickleValue {
  return { type: "tuple", items: [{ type: "bytes", bytes: command }, index, term] };
}

/**
 * Reads a dump as Serializer.deserialize does (serializer.py:107-119): the unpickler stops at its end, so neither a cut-off
 * trailer nor a wrong checksum is noticed when the pickle before it is whole.
 */
export function decodeDump(bytes: Uint8Array): DecodedDump {
  if (bytes.length === 0) return failed("EOFError", "", 0);
  const found = gunzip(bytes, STATE_MOST);
  if (found === null) {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) return failed("EOFError", CUT, bytes.length);
    return failed("BadGzipFile", "Not a gzipped file", 0);
  }
  const pickled = decodePickle(found.bytes);
  if (!pickled.ok) {
    const { data } = found.parts;
    if (found.damage !== null) return failed("zlib.error", found.damage, data);
    if (!found.isWhole) return failed("EOFError", CUT, bytes.length);
    return failed("UnpicklingError", pickled.problem.reason, data);
  }
  const dump = dumpOf(pickled.value.value);
  if (typeof dump !== "string") return { ok: true, value: dump, isWhole: found.isWhole };
  return failed("TypeError", dump, found.parts.data);
}

const CUT = "Compressed file ended before the end-of-stream marker was reached";

function failed(name: string, reason: string, offset: number): DecodedDump {
  return { ok: false, name, reason, offset };
}

/** Of a pickled (state, last, previous, cluster); else what is wrong with it. */
function dumpOf(value: PickleValue): Dump | string {
  if (!isTuple(value) || value.items.length < 3)
    return "it is not a tuple of a state and two entries";
  const [state = null, lastItem = null, previousItem = null, cluster = null] = value.items;
  const last = recordIn(lastItem);
  const previous = recordIn(previousItem);
  if (last === null || previous === null) return "an entry is not a tuple (command, index, term)";
  const numbers = [previous.index, previous.term, last.index, last.term];
  const names = namesOf(numbers.filter((each) => typeof each === "bigint"));
  const named = ({ command, index, term }: NonNullable<typeof last>): Entry => ({
    index: narrow(index, names),
    term: narrow(term, names),
    command,
  });
  const image = imageIn(state, narrow(last.index, names));
  if (typeof image === "string") return image;
  return {
    state: image,
    previous: named(previous),
    last: named(last),
    cluster: membersIn(cluster),
  };
}

function recordIn(
  value: PickleValue,
): { readonly command: Uint8Array; readonly index: Whole; readonly term: Whole } | null {
  const [command = null, index = null, term = null] = isTuple(value) ? value.items : [];
  const bytes = commandIn(command);
  return bytes !== null && isCount(index) && isCount(term) ? { command: bytes, index, term } : null;
}

/** Python 2 wrote commands as text, which is taken for text where it is ASCII. */
function commandIn(value: PickleValue): Uint8Array | null {
  if (typeof value === "string") return encodeUtf8(value);
  const isBytes = value !== null && typeof value === "object" && "bytes" in value;
  return isBytes ? value.bytes : null;
}

function isCount(value: PickleValue): value is Whole {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0;
  return typeof value === "bigint" && value >= 0n;
}

function membersIn(cluster: PickleValue): readonly ServerId[] {
  if (isSet(cluster)) return cluster.items.map(nodeId);
  return isList(cluster) ? cluster.map(nodeId) : [];
}

/**
 * The state machine in words: what an attribute called `data` holds, or one that ends so ("_KVStoreTTL__data"), as a map;
 * other attributes, and those of consumers, as values under their names, and once more as a digest, for words are cut short.
 */
function imageIn(state: PickleValue, lastApplied: number): StateImage | string {
  if (state === null) return { lastApplied, values: [], beyond: NOTHING_BEYOND };
  const [attributes = null, ...consumers] = isList(state) ? state : [state];
  if (!isDict(attributes)) return "the state is not a dict of attributes";
  const data = dataIn(attributes);
  const rest = attributes.pairs.filter(
    ([key, value]) => value !== data && key !== CODE_VERSION && key !== BEYOND,
  );
  const kept = attributes.pairs.find(([key]) => key === BEYOND)?.[1];
  const own = typeof kept === "string" && /^[0-9a-f]{16}$/.test(kept) ? kept : NOTHING_BEYOND;
  const others = [...rest, ...consumers.flatMap((each) => (isDict(each) ? each.pairs : []))];
  const values = valuesOf([...(data?.pairs ?? []), ...others.map(unmangled)]);
  const isAll = rest.length === 0 && consumers.length === 0;
  const beyond = isAll ? own : digestOfPickles([{ type: "dict", pairs: rest }, ...consumers, own]);
  return { lastApplied, values, beyond };
}

/** "_ReplDict__data" is the attribute `__data` of the class ReplDict. */
function unmangled([key, value]: PickleDict["pairs"][number]): PickleDict["pairs"][number] {
  return [typeof key === "string" ? key.replace(/^_(\w+?)__(\w+)$/, "$1.$2") : key, value];
}

function dataIn({ pairs }: PickleDict): PickleDict | null {
  for (const isName of [
    (key: string) => key === DATA,
    (key: string) => key.endsWith(`__${DATA}`),
  ]) {
    const found = pairs.find(
      ([key, each]) => typeof key === "string" && isName(key) && isDict(each),
    );
    if (found !== undefined && isDict(found[1])) return found[1];
  }
  return null;
}

function valuesOf(pairs: PickleDict["pairs"]): StateImage["values"] {
  const values = new Map<string, StateImage["values"][number]>();
  for (const [name, held] of pairs) {
    const key = typeof name === "string" ? name : pickleText(name);
    const value = typeof held === "string" ? held : pickleText(held);
    if (!values.has(key)) values.set(key, { key, value, index: writtenAt(held) });
  }
  return [...values.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Patroni's values say themselves which entry wrote them. */
function writtenAt(value: PickleValue): number {
  const found = isDict(value) ? value.pairs.find(([key]) => key === "index")?.[1] : null;
  return typeof found === "number" && Number.isSafeInteger(found) && found > 0 ? found : 0;
}

function digestOfPickles(values: readonly PickleValue[]): string {
  return digestOfBytes(concatBytes(values.map(encodePickle)));
}

/** Of the map in words: keys named at most. */
const KEYS_MOST = 20;

/** The meaning of a dump's bytes: the parts of its gzip container, and in words what is packed in it. */
export function annotateDump(bytes: Uint8Array): Span[] {
  const spans: Span[] = [];
  const add = (kind: Span["kind"], offset: number, end: number, label: string): void => {
    if (end > offset) spans.push({ offset, length: end - offset, kind, label, entry: null });
  };
  const { length } = bytes;
  const dump = decodeDump(bytes);
  const parts = gzipParts(bytes);
  if (parts === null) {
    const reason = dump.ok || dump.reason === "" ? "no gzip header" : dump.reason;
    add("damaged", 0, length, `cannot be loaded: ${reason}`);
    return spans;
  }
  const { name, data } = parts;
  const headerEnd = name?.offset ?? data;
  const time = new DataView(bytes.buffer, bytes.byteOffset, 10).getUint32(4, true);
  const when = time === 0 ? "no time" : `written ${time} s after 1970`;
  add("header", 0, headerEnd, `gzip header, ${when}`);
  if (name !== null) add("header", name.offset, data, `name of the file packed: ${name.text}`);
  const isWhole = dump.ok && dump.isWhole;
  const end = isWhole ? length - 8 : length;
  if (!dump.ok) add("damaged", data, end, `cannot be loaded: ${dump.name}: ${dump.reason}`);
  else {
    const cut = isWhole ? "" : " (its checksum is missing or wrong, which loading does not notice)";
    add("value", data, end, `packed: ${dumpText(dump.value)}${cut}`);
  }
  if (!isWhole) return spans;
  add("header", end, end + 4, "checksum (CRC-32) of what is packed");
  add("header", end + 4, length, "its length");
  return spans;
}

function dumpText({ state, previous, last, cluster }: Dump): string {
  const pairs = state.values.slice(0, KEYS_MOST).map(({ key, value }) => `${key} = ${value}`);
  const more =
    state.values.length > KEYS_MOST ? `, and ${state.values.length - KEYS_MOST} more` : "";
  const map = pairs.length === 0 ? "an empty map" : `${pairs.join(", ")}${more}`;
  const entryText = ({ index, term, command }: Entry): string =>
    `entry ${index} of term ${term}, ${commandText(command)}`;
  return `the state up to ${entryText(last)}; ${entryText(previous)}; members ${cluster.join(", ")}; ${map}`;
}
