import { systemEntry } from "#system/catalogue.ts";

/** A row: a version with some bugs gone, and settings. */
export interface FixSet {
  readonly id: string;
  readonly title: string;
  /** The bugs that it takes away from the released version; null: all. */
  readonly fixes: readonly string[] | null;
  readonly options: Readonly<Record<string, number>>;
}

const SAVED = ["term-not-saved", "vote-not-saved"];
const LOG_TERM = ["term-not-restored-from-log"];
const NOTICED = ["applied-truncation-unnoticed"];
const CLAMPED = ["commit-index-saved-unclamped"];
const PR_202 = [...SAVED, ...LOG_TERM, ...NOTICED, ...CLAMPED];
const PR_197 = ["dump-load-leaves-commit-index"];
const START = ["start-leaves-commit-index"];
const EVERY_WRITE = ["journal-not-synced-on-write"];
const BEFORE_META = ["journal-not-synced-before-meta"];
const PAPER = ["append-cuts-everything", "commit-beyond-verified"];
const SUFFIX = ["dump-load-drops-journal"];

/** What was tried on the real code, one by one and together, in that order. */
export const FIX_SETS: readonly FixSet[] = [
  set("none", "none (0.3.14)", []),
  set("a", "(a) persist term and vote", SAVED),
  set("b", "(b) at least the last log term", LOG_TERM),
  set("c", "(c) log line on a deep cut", NOTICED),
  set("d", "(d) clamp before persisting", CLAMPED),
  set("pr-202", "PR #202 = a + b + c + d", PR_202),
  set("pr-197", "PR #197: clamp in dump load", PR_197),
  set("clamp-at-start", "clamp at construction", START),
  set("pr-202-197", "PR #202 + PR #197", [...PR_202, ...PR_197]),
  set("msync-writes", "msync on every write", EVERY_WRITE),
  set("msync-meta", "msync before each meta store", BEFORE_META),
  set("pwrite", "pwrite instead of mmap", [], { pwrite: 1 }),
  set("both-msync-meta", "#202 + #197 + msync with meta", [...PR_202, ...PR_197, ...BEFORE_META]),
  set("both-msync-writes", "#202 + #197 + msync every write", [
    ...PR_202,
    ...PR_197,
    ...EVERY_WRITE,
  ]),
  set("paper-append", "the paper's append rules", PAPER),
  set("keep-suffix", "keep the journal on dump load", SUFFIX),
  set("all", "all of them, fsync of meta, growth loop", null),
];

/** The bugs that are left on. */
export function bugsLeft({ fixes }: FixSet): readonly string[] {
  if (fixes === null) return [];
  const bugs = systemEntry("pysyncobj")?.bugs ?? [];
  return bugs.map(({ id }) => id).filter((id) => !fixes.includes(id));
}

function set(
  id: string,
  title: string,
  fixes: readonly string[] | null,
  options: Readonly<Record<string, number>> = {},
): FixSet {
  return { id, title, fixes, options };
}
