import { crc32 } from "#base/crc.ts";
import { ok, type Result, refused } from "#base/result.ts";
import { inflate } from "#scenario/inflate.ts";
import { type DumpContents, dumpContents } from "#system/pysyncobj/format.ts";

/** A state machine of this size is more than a browser should hold beside everything else. */
const STATE_MOST = 64 * 1024 * 1024;
const TRAILER = 8;

export interface DumpProblem {
  readonly offset: number;
  readonly reason: string;
}

/** Reads a full dump (gzip, RFC 1952) as far as to say up to where it reaches. */
export function readDump(bytes: Uint8Array): Result<DumpContents, DumpProblem> {
  if (bytes.length === 0) return refused({ offset: 0, reason: "the file is empty" });
  const start = headerEnd(bytes);
  if (start === null) return refused({ offset: 0, reason: "the gzip header is cut short" });
  const end = bytes.length - TRAILER;
  const cut = { offset: bytes.length, reason: "the file ends before its compressed part does" };
  if (end <= start) return refused(cut);
  const inflated = inflate(bytes.subarray(start, end), STATE_MOST);
  if (!inflated.ok) return refused({ offset: start, reason: inflated.problem });
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + end, TRAILER);
  const isWhole = trailer.getUint32(0, true) === crc32(inflated.value);
  if (!isWhole || trailer.getUint32(4, true) !== inflated.value.length) return refused(cut);
  const contents = dumpContents(inflated.value);
  if (contents !== null) return ok(contents);
  return refused({ offset: start, reason: "what it unpacks to is not a dump of this library" });
}

/** Behind the fixed part there may be extra fields, a name and a comment. */
function headerEnd(bytes: Uint8Array): number | null {
  const flags = bytes[3] ?? 0;
  let at = 10;
  if (flags & 4) at += 2 + (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    const end = bytes.indexOf(0, at);
    if (end < 0) return null;
    at = end + 1;
  }
  if (flags & 2) at += 2;
  return at < bytes.length ? at : null;
}
