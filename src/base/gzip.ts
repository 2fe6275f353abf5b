import { gzipSync, Inflate } from "fflate";
import { crc32 } from "./crc.ts";

/** Input is taken in pieces so small that even the densest of them (about 1,000 to 1) stays below a megabyte. */
const PIECE = 512;
const FIXED_HEADER = 10;
const TRAILER = 8;

/** RFC 1952, as Python's gzip module writes it, but for the time: that is 0, which stands for none. */
export function gzip(bytes: Uint8Array, fileName: string): Uint8Array {
  // `mem` says how large a table to search with; left out, fflate would take a logarithm to find it.
  const packed = gzipSync(bytes, { level: 9, mem: 4, mtime: 0, filename: fileName });
  packed[9] = 255; // The operating system: unknown.
  return packed;
}

/** Where the parts of a gzip file begin. Offsets in bytes. */
export interface GzipParts {
  /** Null: the file has no name in it. */
  readonly name: { readonly offset: number; readonly text: string } | null;
  /** Of the compressed part, which ends where the trailer begins, or the file. */
  readonly data: number;
}

export interface Gunzipped {
  readonly parts: GzipParts;
  /** As far as the compressed bytes go. */
  readonly bytes: Uint8Array;
  /** The compressed part cannot be read on; null: it can, or it is merely cut. */
  readonly damage: string | null;
  /** It unpacks to more than was asked for; nothing of it is there. */
  readonly isTooMuch: boolean;
  /** The trailer is there and agrees with what was unpacked. */
  readonly isWhole: boolean;
}

/** What a gzip file holds, as far as it can be unpacked. Null: it does not start as one, or not with a whole header. */
export function gunzip(bytes: Uint8Array, most: number): Gunzipped | null {
  const parts = gzipParts(bytes);
  if (parts === null) return null;
  const end = Math.max(parts.data, bytes.length - TRAILER);
  const whole = inflated(bytes.subarray(parts.data, end), most);
  if (whole.isTooMuch) return { parts, ...whole, isWhole: false };
  if (whole.damage === null && agrees(whole.bytes, bytes.subarray(end))) {
    return { parts, ...whole, isWhole: true };
  }
  // It is cut, and what would be the trailer may belong to the compressed part.
  return { parts, ...inflated(bytes.subarray(parts.data), most), isWhole: false };
}

/** Null: it does not start with gzip's magic number, or ends within the header. */
export function gzipParts(bytes: Uint8Array): GzipParts | null {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes.length < FIXED_HEADER) return null;
  const flags = bytes[3] ?? 0;
  let data = FIXED_HEADER;
  if (flags & 4) data += 2 + (bytes[data] ?? 0) + 256 * (bytes[data + 1] ?? 0);
  let name: GzipParts["name"] = null;
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    const end = bytes.indexOf(0, data);
    if (end < 0) return null;
    const text = String.fromCharCode(...bytes.subarray(data, Math.min(end, data + 255)));
    if (flag === 8) name = { offset: data, text };
    data = end + 1;
  }
  if (flags & 2) data += 2;
  return data > bytes.length ? null : { name, data };
}

function agrees(bytes: Uint8Array, trailer: Uint8Array): boolean {
  if (trailer.length < TRAILER) return false;
  const view = new DataView(trailer.buffer, trailer.byteOffset, TRAILER);
  return view.getUint32(0, true) === crc32(bytes) && view.getUint32(4, true) === bytes.length;
}

/** Of what is too much nothing is kept. */
function inflated(
  bytes: Uint8Array,
  most: number,
): Pick<Gunzipped, "bytes" | "damage" | "isTooMuch"> {
  const found: Uint8Array[] = [];
  let length = 0;
  let damage: string | null = null;
  const stream = new Inflate((part) => {
    length += part.length;
    found.push(part);
  });
  try {
    for (let at = 0; at < bytes.length && damage === null; at += PIECE) {
      stream.push(bytes.subarray(at, at + PIECE), false);
      if (length <= most) continue;
      return {
        bytes: new Uint8Array(),
        damage: `it unpacks to more than ${most} bytes`,
        isTooMuch: true,
      };
    }
  } catch {
    damage = "its compressed part cannot be unpacked";
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of found) {
    whole.set(part, at);
    at += part.length;
  }
  return { bytes: whole, damage, isTooMuch: false };
}
