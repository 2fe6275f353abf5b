import type { Image } from "#disk/types.ts";
import type { Entry, Term } from "#raft/types.ts";
import type { Codec, DiskContents, FileProblem, Span } from "#system/contract.ts";
import {
  annotateJournal,
  annotateMeta,
  decodeJournal,
  decodeMeta,
  entryOf,
  JOURNAL,
  META,
  META_TMP,
  metaContents,
} from "./format.ts";

export const codec: Codec = { inspect, annotate };

function inspect(files: Image, directory: string, bugs?: ReadonlySet<string>): DiskContents {
  const problems: FileProblem[] = [];
  const { baseIndex, entries } = inspectJournal(files, directory + JOURNAL, problems);
  const path = directory + META;
  const bytes = files.get(path);
  const meta = bytes === undefined ? null : decodeMeta(bytes);
  if (meta !== null && !meta.ok) problems.push({ path, ...meta.problem });
  const contents = meta?.ok ? metaContents(meta.value) : null;
  const written = {
    currentTerm: contents?.currentTerm ?? null,
    votedFor: contents?.votedForNodeId ?? null,
  };
  const lastTerm = entries.at(-1)?.term ?? 0;
  return {
    ...(bugs === undefined ? written : restored(written, lastTerm, bugs)),
    commitIndex: contents?.raftCommitIndex ?? null,
    baseIndex,
    entries,
    problems,
  };
}

/** What is made of the hard state on the disk at a start; a term of null: none, which counts as 0. */
export function restored(
  { currentTerm, votedFor }: Pick<DiskContents, "currentTerm" | "votedFor">,
  lastTerm: Term,
  bugs: ReadonlySet<string>,
): Pick<DiskContents, "currentTerm" | "votedFor"> {
  const saved = bugs.has("term-not-saved") ? null : currentTerm;
  const seen = bugs.has("term-not-restored-from-log") ? 0 : lastTerm;
  return {
    currentTerm: seen > (saved ?? 0) ? seen : saved,
    votedFor: bugs.has("vote-not-saved") ? null : votedFor,
  };
}

function inspectJournal(
  files: Image,
  path: string,
  problems: FileProblem[],
): { readonly baseIndex: number; readonly entries: readonly Entry[] } {
  const bytes = files.get(path);
  if (bytes === undefined) return { baseIndex: 0, entries: [] };
  const journal = decodeJournal(bytes);
  for (const problem of journal.problems) problems.push({ path, ...problem });
  const entries: Entry[] = [];
  for (const record of journal.records) {
    const entry = entryOf(record);
    if (entry === null) break;
    entries.push(entry);
  }
  return { baseIndex: (entries[0]?.index ?? 1) - 1, entries };
}

function annotate(file: string, bytes: Uint8Array): readonly Span[] {
  if (file.endsWith(META) || file.endsWith(META_TMP)) return annotateMeta(bytes);
  return file.endsWith(JOURNAL) ? annotateJournal(bytes) : [];
}
