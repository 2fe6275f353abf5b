/**
 * Keyed randomness: a draw depends on the seed and on the name of its cause alone, never on how many draws came before.
 * That is why a fork with no change repeats its past, and why two runs of one script differ only downstream of a change.
 */
export function draw(seed: number, key: string): number {
  let a = (seed ^ 0x6a09e667) | 0;
  let b = 0xbb67ae85 | 0;
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i);
    a = Math.imul(a ^ code, 0x85ebca77);
    b = Math.imul(b ^ code, 0xc2b2ae3d);
    a ^= b >>> 15;
    b ^= a >>> 13;
  }
  a = Math.imul(a ^ (a >>> 16), 0x7feb352d);
  a = Math.imul(a ^ (a >>> 15) ^ b, 0x846ca68b);
  return (a ^ (a >>> 16)) >>> 0;
}

/** Scales a draw to an integer in [low, high], both included; integers only. */
export function scale(drawn: number, low: number, high: number): number {
  const span = high - low + 1;
  // drawn * span can pass 2^53 for spans above 2^21: multiply in two halves.
  const top = Math.floor(drawn / 65536) * span;
  const rest = (drawn % 65536) * span;
  return low + Math.floor((top + Math.floor(rest / 65536)) / 65536);
}
