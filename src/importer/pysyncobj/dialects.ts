import { concatBytes, equalBytes } from "#base/bytes.ts";
import { encodeUtf8 } from "#base/utf8.ts";
import { decodeMeta, encodeMeta, type Meta } from "#system/pysyncobj/format.ts";
import type { PickleValue } from "#system/pysyncobj/pickle.ts";

/** How a pickler writes a dict of plain values: the pickle protocol, and whether Python 2 did it. */
export interface Dialect {
  readonly protocol: 0 | 1 | 2 | 3 | 4 | 5;
  readonly python: 2 | 3;
}

/** What the library writes by itself, and what patched installs and Python 2 do. The usual one first. */
const DIALECTS: readonly Dialect[] = [
  { protocol: 2, python: 3 },
  { protocol: 2, python: 2 },
  ...([0, 1, 3, 4, 5] as const).map((protocol) => ({ protocol, python: 3 }) as const),
];

/** The dialect in which the dict of this file is these very bytes; null: none that is known here. */
export function dialectOf(bytes: Uint8Array): Dialect | null {
  const meta = decodeMeta(bytes);
  if (!meta.ok) return null;
  const same = ({ protocol, python }: Dialect): boolean => {
    const written = encodeMetaIn(meta.value, { protocol, python });
    return written !== null && equalBytes(written, bytes);
  };
  return DIALECTS.find(same) ?? null;
}

/** The file as that pickler writes it; null: it holds a value that this does not write in that dialect. */
export function encodeMetaIn(meta: Meta, dialect: Dialect): Uint8Array | null {
  if (dialect.protocol === 2 && dialect.python === 3) return encodeMeta(meta);
  const parts: (Uint8Array | null)[] = [];
  const memo = { next: dialect.python === 2 ? 1 : 0 };
  parts.push(dialect.protocol === 0 ? ascii("(d") : Uint8Array.of(0x7d), put(dialect, memo));
  const isMarked = meta.pairs.length > 1 && dialect.protocol > 0;
  if (isMarked) parts.push(Uint8Array.of(0x28));
  for (const pair of meta.pairs) {
    for (const value of pair) parts.push(written(value, dialect, memo));
    if (!isMarked) parts.push(ascii("s"));
  }
  if (isMarked) parts.push(ascii("u"));
  parts.push(ascii("."));
  const known = parts.filter((part) => part !== null);
  return known.length < parts.length ? null : withHeader(concatBytes(known), dialect);
}

type Memo = { next: number };

function withHeader(body: Uint8Array, { protocol }: Dialect): Uint8Array {
  if (protocol < 2) return body;
  const start = Uint8Array.of(0x80, protocol);
  if (protocol < 4) return concatBytes([start, body]);
  const frame = new Uint8Array(9);
  frame[0] = 0x95;
  new DataView(frame.buffer).setUint32(1, body.length, true);
  return concatBytes([start, frame, body]);
}

/** Puts what was just written into the memo, as picklers do whether or not it is used again. */
function put({ protocol }: Dialect, memo: Memo): Uint8Array {
  const key = memo.next++;
  if (protocol === 0) return ascii(`p${key}\n`);
  return protocol >= 4 ? Uint8Array.of(0x94) : Uint8Array.of(0x71, key);
}

function written(value: PickleValue, dialect: Dialect, memo: Memo): Uint8Array | null {
  if (value === null) return ascii("N");
  if (typeof value === "string") return text(value, dialect, memo);
  if (typeof value !== "number" || !Number.isInteger(value)) return null;
  if (dialect.protocol === 0) return ascii(`I${value}\n`);
  if (value < 0 || value > 0x7fffffff) return null;
  if (value < 0x100) return Uint8Array.of(0x4b, value);
  if (value < 0x10000) return Uint8Array.of(0x4d, value & 255, value >> 8);
  return Uint8Array.of(0x4a, value & 255, (value >> 8) & 255, (value >> 16) & 255, value >> 24);
}

function text(value: string, dialect: Dialect, memo: Memo): Uint8Array | null {
  const bytes = encodeUtf8(value);
  const isPlain = /^[ -[\]-~]*$/.test(value);
  if (bytes.length > 255 || !isPlain) return null;
  if (dialect.protocol === 0) return concatBytes([ascii(`V${value}\n`), put(dialect, memo)]);
  const length =
    dialect.python === 2
      ? Uint8Array.of(0x55, bytes.length)
      : dialect.protocol >= 4
        ? Uint8Array.of(0x8c, bytes.length)
        : Uint8Array.of(0x58, bytes.length, 0, 0, 0);
  return concatBytes([length, bytes, put(dialect, memo)]);
}

function ascii(plain: string): Uint8Array {
  return Uint8Array.from(plain, (each) => each.charCodeAt(0));
}
