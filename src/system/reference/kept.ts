import { decodeUtf8, encodeUtf8 } from "#base/utf8.ts";
import type { Index, StateImage } from "#raft/types.ts";
import { checksum, HEAD, integerAt, setInteger, setWord, wordAt } from "./record.ts";

// The state machine as it is kept beside the log: one record in a file of its own, all numbers little endian:
//   u32  length of the body
//   u32  CRC-32 of the length and the body
//   body u8 type, then by type
//     1 state       u64 index of the last entry applied, then as type 2
//     2 values      8 bytes what commands of no known form did, u32 number of values, each as
//                   u64 index of the entry that wrote it, key, value: u32 length and UTF-8
//     3 applied     u64 index of the last entry applied

/** The map, and the index of the last entry in it. */
export const STATE = "state";
export const STATE_NEW = "state.new";
/** That index in a file of its own: `applied-index-apart`. */
export const APPLIED = "applied";
export const APPLIED_NEW = "applied.new";

const WHOLE = 1;
const VALUES = 2;
const INDEX = 3;

/** What a file of a state machine says; null where the index is kept elsewhere. */
export interface Kept extends Omit<StateImage, "lastApplied"> {
  readonly lastApplied: Index | null;
}

export function isIndexApart(bugs: ReadonlySet<string>): boolean {
  return bugs.has("applied-index-apart");
}

export function encodeKept({ lastApplied, values, beyond }: Kept): Uint8Array {
  const texts = values.map(({ index, key, value }) => ({
    index,
    key: encodeUtf8(key),
    value: encodeUtf8(value),
  }));
  const start = lastApplied === null ? 1 : 9;
  const size = texts.reduce((sum, { key, value }) => sum + 16 + key.length + value.length, 12);
  const body = new Uint8Array(start + size);
  body[0] = lastApplied === null ? VALUES : WHOLE;
  if (lastApplied !== null) setInteger(body, 1, lastApplied);
  setWord(body, start, Number.parseInt(beyond.slice(8), 16));
  setWord(body, start + 4, Number.parseInt(beyond.slice(0, 8), 16));
  setWord(body, start + 8, texts.length);
  let at = start + 12;
  for (const { index, key, value } of texts) {
    setInteger(body, at, index);
    at = putText(body, putText(body, at + 8, key), value);
  }
  return sealed(body);
}

/** Or why the file holds none. */
export function decodeKept(bytes: Uint8Array): Kept | string {
  const body = unsealed(bytes);
  if (typeof body === "string") return body;
  const type = body[0];
  if (type !== WHOLE && type !== VALUES) return NO_FORM;
  const lastApplied = type === WHOLE ? integerAt(body, 1) : null;
  const start = type === WHOLE ? 9 : 1;
  if ((type === WHOLE && lastApplied === null) || body.length < start + 12) return NO_FORM;
  const beyond = hexOf(wordAt(body, start + 4)) + hexOf(wordAt(body, start));
  const values = valuesIn(body, start + 12, wordAt(body, start + 8));
  return values === null ? NO_FORM : { lastApplied, values, beyond };
}

export function encodeApplied(index: Index): Uint8Array {
  const body = new Uint8Array(9);
  body[0] = INDEX;
  setInteger(body, 1, index);
  return sealed(body);
}

/** Or why the file holds none. */
export function decodeApplied(bytes: Uint8Array): Index | string {
  const body = unsealed(bytes);
  if (typeof body === "string") return body;
  const index = body[0] === INDEX && body.length === 9 ? integerAt(body, 1) : null;
  return index ?? NO_FORM;
}

/**
 * The state machine to start with, for a log that ends at `last`; or why it is the empty one. The log is still there from
 * its start, so nothing is lost then: it is applied again.
 */
export function usable(kept: Kept, applied: Index | null, last: Index): StateImage | string {
  const lastApplied = kept.lastApplied ?? applied;
  if (lastApplied === null) return "it does not say up to which entry the log is in it";
  if (lastApplied > last) return `entry ${lastApplied} is in it, and the log ends at ${last}`;
  return { ...kept, lastApplied };
}

const NO_FORM = "the record is of no known form";

function sealed(body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEAD + body.length);
  setWord(bytes, 0, body.length);
  setWord(bytes, 4, checksum(bytes.subarray(0, 4), body));
  bytes.set(body, HEAD);
  return bytes;
}

function unsealed(bytes: Uint8Array): Uint8Array | string {
  if (bytes.length <= HEAD || wordAt(bytes, 0) !== bytes.length - HEAD) {
    return "the file is not as long as its record says";
  }
  const body = bytes.subarray(HEAD);
  const isWhole = checksum(bytes.subarray(0, 4), body) === wordAt(bytes, 4);
  return isWhole ? body : "the checksum does not match";
}

function putText(body: Uint8Array, at: number, text: Uint8Array): number {
  setWord(body, at, text.length);
  body.set(text, at + 4);
  return at + 4 + text.length;
}

/** Null unless they fill the rest of the body exactly. */
function valuesIn(body: Uint8Array, from: number, count: number): StateImage["values"] | null {
  const values: StateImage["values"][number][] = [];
  let at = from;
  const nextText = (): string | null => {
    if (at + 4 > body.length) return null;
    const start = at + 4;
    at = start + wordAt(body, at);
    return at > body.length ? null : decodeUtf8(body.subarray(start, at));
  };
  while (values.length < count) {
    const index = integerAt(body, at);
    at += 8;
    const key = index === null ? null : nextText();
    const value = key === null ? null : nextText();
    if (index === null || key === null || value === null) return null;
    values.push({ key, value, index });
  }
  return at === body.length ? values : null;
}

function hexOf(word: number): string {
  return word.toString(16).padStart(8, "0");
}
