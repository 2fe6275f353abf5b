import { addPlain, createDigest, digestText } from "#base/digest.ts";
import type { Observation } from "./observation.ts";

/** The digest of a run: of every observation with all its fields, in order. The same in Node and in every browser. */
export function traceHash(
  observations: readonly Observation[],
  count = observations.length,
): string {
  const digest = createDigest();
  for (let i = 0; i < count; i++) addPlain(digest, observations[i]);
  return digestText(digest);
}
