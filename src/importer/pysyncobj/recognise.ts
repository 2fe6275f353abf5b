import type { Confidence, GivenFile } from "#importer/contract.ts";
import { decodeJournal, decodeMeta, HEADER_SIZE, metaContents } from "#system/pysyncobj/format.ts";

/** "unfinished": written aside, and not renamed into place. "incoming": a leader's dump, as far as it has come. */
export type Kind =
  | "journal"
  | "meta"
  | "unfinished meta"
  | "dump"
  | "unfinished dump"
  | "incoming dump";

export interface Recognised {
  readonly kind: Kind;
  readonly confidence: Exclude<Confidence, "no">;
}

const MAGIC = "PYSYNCOBJ";
/** Of `.meta` as every release since 0.3.8 writes it under Python 3: what is left of it when its page never was. */
const META_SIZE = 31;

/** So much of a file tells what it is. Bytes. */
const HEAD = 64 * 1024;

/** What a file is: by its content if that tells, else by its name. Null: not of this system. */
export function recognise({ path, bytes: all }: GivenFile): Recognised | null {
  const bytes = all.subarray(0, HEAD);
  const named = kindOfName(path);
  const certain = kindOfContent(bytes, all.length);
  if (certain !== null) {
    const kind = named?.endsWith(certain) ? named : certain;
    return { kind, confidence: "certain" };
  }
  if (bytes.every((byte) => byte === 0)) {
    const kind = named ?? (all.length <= META_SIZE ? "meta" : "journal");
    return { kind, confidence: named === null ? "possible" : "likely" };
  }
  if (named?.endsWith("dump") && bytes[0] === 0x1f && bytes[1] === 0x8b) {
    return { kind: named, confidence: "likely" };
  }
  if (isLikeJournal(bytes)) return { kind: "journal", confidence: "likely" };
  const isHeaderLost = bytes.subarray(0, HEADER_SIZE).every((byte) => byte === 0);
  if (named === "journal" && isHeaderLost) return { kind: named, confidence: "likely" };
  // A torn pickle says little; its name says the rest.
  const isPickle = bytes[0] === 0x80 || bytes[0] === 0x28;
  if (named?.endsWith("meta") && isPickle) return { kind: named, confidence: "likely" };
  return null;
}

function kindOfName(path: string): Kind | null {
  if (/\.journal\.meta$/.test(path)) return "meta";
  if (/\.journal\.meta\.tmp$/.test(path)) return "unfinished meta";
  if (/\.journal$/.test(path)) return "journal";
  if (/\.dump\.1\.tmp$/.test(path)) return "incoming dump";
  if (/\.dump\.tmp$/.test(path)) return "unfinished dump";
  return /\.dump$/.test(path) ? "dump" : null;
}

function kindOfContent(bytes: Uint8Array, size: number): "journal" | "meta" | "dump" | null {
  if (asciiAt(bytes, 0, MAGIC.length + 1) === `${MAGIC}\0`) return "journal";
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    // gzip with the name of the file that it was written to, which is the dump's while it is unfinished.
    return asciiAt(bytes, 10, 200).split("\0")[0]?.endsWith(".dump.tmp") ? "dump" : null;
  }
  if (size > 4096) return null;
  const meta = decodeMeta(bytes);
  if (!meta.ok) return null;
  const { raftCommitIndex, currentTerm } = metaContents(meta.value);
  return raftCommitIndex === null && currentTerm === null ? null : "meta";
}

/** The loader looks at no magic, so neither does this: records that follow each other well are a journal's. */
function isLikeJournal(bytes: Uint8Array): boolean {
  const { records, problems } = decodeJournal(bytes);
  // The last record of a head may be cut off by the head alone, and says nothing then.
  const whole = bytes.length < HEAD ? records : records.slice(0, -1);
  const end = bytes.length < HEAD ? bytes.length : (records.at(-1)?.offset ?? 0);
  return whole.length > 0 && problems.every(({ offset }) => offset < 36 || offset >= end);
}

function asciiAt(bytes: Uint8Array, offset: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + length));
}
