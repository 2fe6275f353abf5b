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
