import {
  addBytes,
  addInteger,
  addText,
  createDigest,
  type Digest,
  digestText,
} from "#base/digest.ts";

/** Digest of a value that structured cloning can copy, with all that is in it. Numbers are integers. */
export function plainDigest(value: unknown): string {
  const digest = createDigest();
  addPlain(digest, value);
  return digestText(digest);
}

function addPlain(digest: Digest, value: unknown): void {
  if (value instanceof Uint8Array) {
    addText(digest, "bytes");
    addBytes(digest, value);
  } else if (Array.isArray(value)) {
    addText(digest, "list");
    addInteger(digest, value.length);
    for (const each of value) addPlain(digest, each);
  } else if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    addText(digest, "object");
    addInteger(digest, entries.length);
    for (const [key, each] of entries) {
      addText(digest, key);
      addPlain(digest, each);
    }
  } else {
    addText(digest, `${typeof value} ${value}`);
  }
}
