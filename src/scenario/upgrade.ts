import { assert } from "#base/assert.ts";
import { ok, type Result, refused } from "#base/result.ts";

/** The version of the document that this code writes. */
export const CURRENT_VERSION = 1;

/** A document of any version, before it is known to be one. */
export type RawDocument = Readonly<Record<string, unknown>>;

/** From version n, the key, to n + 1. One a step, and none is ever removed. */
const UPGRADERS: Readonly<Record<number, (document: RawDocument) => RawDocument>> = {};

for (let from = 1; from < CURRENT_VERSION; from++) {
  assert(UPGRADERS[from] !== undefined, `there is an upgrader from version ${from}`);
}

/** Takes a document of an older version to the current one; says so when it cannot. */
export function upgrade(document: RawDocument): Result<RawDocument> {
  const { version } = document;
  if (typeof version !== "number" || !Number.isSafeInteger(version) || version < 1) {
    return refused("must be a whole number, 1 or more");
  }
  if (version > CURRENT_VERSION) {
    return refused(
      `is ${version}, which a newer Blackstart wrote; this one reads up to ${CURRENT_VERSION}`,
    );
  }
  let upgraded = document;
  for (let from = version; from < CURRENT_VERSION; from++) {
    upgraded = UPGRADERS[from]?.(upgraded) ?? upgraded;
  }
  return ok(upgraded);
}
