import {
  addBytes,
  addInteger,
  addText,
  createDigest,
  type Digest,
  digestText,
} from "#base/digest.ts";
import type { Observation } from "./observation.ts";

/** The digest of a run: of every observation with all its fields, in order. The same in Node and in every browser. */
export function traceHash(
  observations: readonly Observation[],
  count = observations.length,
): string {
  const digest = createDigest();
  for (let i = 0; i < count; i++) addValue(digest, observations[i]);
  return digestText(digest);
}

function addValue(digest: Digest, value: unknown): void {
  switch (typeof value) {
    case "number":
      addInteger(digest, value | 0);
      addInteger(digest, Math.floor(value / 4294967296));
      return;
    case "string":
      addText(digest, value);
      return;
    case "boolean":
      addInteger(digest, value ? 2 : 1);
      return;
    case "object":
      if (value === null) addInteger(digest, 3);
      else if (value instanceof Uint8Array) addBytes(digest, value);
      else if (Array.isArray(value)) {
        addInteger(digest, value.length);
        for (const each of value) addValue(digest, each);
      } else {
        for (const [key, each] of Object.entries(value)) {
          addText(digest, key);
          addValue(digest, each);
        }
      }
      return;
    default:
      addInteger(digest, 5);
  }
}
