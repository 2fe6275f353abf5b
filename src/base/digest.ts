/**
 * A 64-bit running digest as two 32-bit lanes: integers only, the same in every engine. It tells runs and states
 * apart; it is no defence against somebody who wants a collision.
 */
export interface Digest {
  high: number;
  low: number;
}

export function createDigest(): Digest {
  return { high: 0x9e3779b9 | 0, low: 0x85ebca6b | 0 };
}

export function addInteger(digest: Digest, value: number): void {
  digest.low = Math.imul(digest.low ^ value, 0x01000193) ^ (digest.high >>> 15);
  digest.high = Math.imul(digest.high ^ (value >>> 0), 0xc2b2ae35) ^ (digest.low >>> 13);
}

export function addBytes(digest: Digest, bytes: Uint8Array): void {
  addInteger(digest, bytes.length);
  for (const byte of bytes) addInteger(digest, byte);
}

export function addText(digest: Digest, text: string): void {
  addInteger(digest, text.length);
  for (let i = 0; i < text.length; i++) addInteger(digest, text.charCodeAt(i));
}

/** Sixteen hexadecimal digits. */
export function digestText(digest: Digest): string {
  const high = (digest.high >>> 0).toString(16).padStart(8, "0");
  return high + (digest.low >>> 0).toString(16).padStart(8, "0");
}

export function digestOfBytes(bytes: Uint8Array): string {
  const digest = createDigest();
  addBytes(digest, bytes);
  return digestText(digest);
}

export function digestOfText(text: string): string {
  const digest = createDigest();
  addText(digest, text);
  return digestText(digest);
}

/**
 * Adds a plain value with all that is in it: numbers (whole ones), text, booleans, null, bytes, lists and records, whose
 * fields count in the order in which they were made. Each kind is marked, so that no two values read alike.
 */
export function addPlain(digest: Digest, value: unknown): void {
  switch (typeof value) {
    case "number":
      addInteger(digest, 1);
      addInteger(digest, value | 0);
      addInteger(digest, Math.floor(value / 4294967296));
      return;
    case "string":
      addInteger(digest, 2);
      addText(digest, value);
      return;
    case "boolean":
      addInteger(digest, value ? 4 : 3);
      return;
    case "object":
      addObject(digest, value);
      return;
    default:
      addInteger(digest, 9);
  }
}

function addObject(digest: Digest, value: object | null): void {
  if (value === null) addInteger(digest, 5);
  else if (value instanceof Uint8Array) {
    addInteger(digest, 6);
    addBytes(digest, value);
  } else if (Array.isArray(value)) {
    addInteger(digest, 7);
    addInteger(digest, value.length);
    for (const each of value) addPlain(digest, each);
  } else {
    const fields = Object.entries(value);
    addInteger(digest, 8);
    addInteger(digest, fields.length);
    for (const [key, each] of fields) {
      addText(digest, key);
      addPlain(digest, each);
    }
  }
}

export function digestOfPlain(value: unknown): string {
  const digest = createDigest();
  addPlain(digest, value);
  return digestText(digest);
}
