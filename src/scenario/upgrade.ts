import { assert } from "#base/assert.ts";
import { ok, type Result, refused } from "#base/result.ts";

/** The version of the document that this code writes. */
export const CURRENT_VERSION = 2;

/** A document of any version, before it is known to be one. */
export type RawDocument = Readonly<Record<string, unknown>>;

/** From version n, the key, to n + 1. One a step, and none is ever removed. */
const UPGRADERS: Readonly<Record<number, (document: RawDocument) => RawDocument>> = {
  1: nameHiddenBugs,
};

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

/** What of PySyncObj 0.3.14 had no name in version 1, and was always there. */
const UNNAMED_IN_1 = [
  "dump-load-leaves-commit-index",
  "start-leaves-commit-index",
  "journal-not-synced-on-write",
  "journal-not-synced-before-meta",
  "meta-not-synced",
  "append-cuts-everything",
  "commit-beyond-verified",
  "dump-load-drops-journal",
  "journal-grows-once",
] as const;
/** What was there unless both term and vote were saved. */
const UNNAMED_IN_1_BEFORE_202 = [
  "applied-truncation-unnoticed",
  "commit-index-saved-unclamped",
] as const;

/** A list of bugs of PySyncObj meant "and all that has no name yet": now it says so. */
function nameHiddenBugs(document: RawDocument): RawDocument {
  const upgraded = { ...document, version: 2 };
  if (document.system !== "pysyncobj") return upgraded;
  const { twin } = document;
  return {
    ...withHiddenBugs(upgraded),
    ...(isRecord(twin) ? { twin: withHiddenBugs(twin) } : {}),
  };
}

function withHiddenBugs(choice: RawDocument): RawDocument {
  const { bugs } = choice;
  if (!Array.isArray(bugs)) return choice;
  const savesBoth = !bugs.includes("term-not-saved") && !bugs.includes("vote-not-saved");
  const hidden = savesBoth ? UNNAMED_IN_1 : [...UNNAMED_IN_1_BEFORE_202, ...UNNAMED_IN_1];
  return { ...choice, bugs: [...bugs, ...hidden.filter((id) => !bugs.includes(id))] };
}

function isRecord(value: unknown): value is RawDocument {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
