import { deflateSync, Inflate } from "fflate";
import { ok, type Result, refused } from "#base/result.ts";

/** Input is taken in pieces so small that even the densest of them (about 1,000 to 1) stays below a megabyte. */
const PIECE = 512;

/** Deflate without any header (RFC 1951); the same bytes on every platform. */
export function deflate(bytes: Uint8Array): Uint8Array {
  return deflateSync(bytes, { level: 9 });
}

/** Inflates at most `most` bytes: a small text that would become a huge one is given up half way, not unpacked. */
export function inflate(bytes: Uint8Array, most: number): Result<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const stream = new Inflate((part) => {
    length += part.length;
    parts.push(part);
  });
  try {
    for (let at = 0; at < bytes.length || at === 0; at += PIECE) {
      stream.push(bytes.subarray(at, at + PIECE), at + PIECE >= bytes.length);
      if (length > most) return refused(`it unpacks to more than ${most} bytes`);
    }
  } catch {
    return refused("its compressed part cannot be unpacked");
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return ok(whole);
}
