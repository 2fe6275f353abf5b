import { concatBytes } from "#base/bytes.ts";
import type { Entry } from "#raft/types.ts";
import { decodePickle, encodePickle, isTuple } from "./pickle.ts";

/** A piece of an entry that is too long for one message. */
export interface Part {
  readonly transmission: "start" | "process" | "finish";
  readonly data: Uint8Array;
}

/**
 * syncobj.py:1188-1209. The entry is pickled and cut, and the end is looked for by the length of its command, which is less
 * than that of its pickle: the piece before the last may say "finish" too.
 */
export function partsOf({ command, index, term }: Entry, size: number): Part[] {
  const bytes = encodePickle({
    type: "tuple",
    items: [{ type: "bytes", bytes: command }, index, term],
  });
  const parts: Part[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const transmission = at === 0 ? "start" : at + size >= command.length ? "finish" : "process";
    parts.push({ transmission, data: bytes.slice(at, at + size) });
  }
  return parts;
}

/** What the pieces so far come to; null when they are not a whole entry. */
export function entryOfParts(bytes: Uint8Array): Entry | null {
  const pickled = decodePickle(bytes);
  if (!pickled.ok || !isTuple(pickled.value.value)) return null;
  const [command = null, index, term] = pickled.value.value.items;
  if (typeof index !== "number" || typeof term !== "number") return null;
  if (command === null || typeof command !== "object" || !("type" in command)) return null;
  return command.type === "bytes" ? { index, term, command: command.bytes } : null;
}

export function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  return concatBytes([first, second]);
}
