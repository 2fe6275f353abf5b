import type { Image } from "#disk/types.ts";
import type { Entry } from "#raft/types.ts";
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

function inspect(files: Image, directory: string): DiskContents {
  const problems: FileProblem[] = [];
  const { baseIndex, entries } = inspectJournal(files, directory + JOURNAL, problems);
  const path = directory + META;
  const bytes = files.get(path);
  const meta = bytes === undefined ? null : decodeMeta(bytes);
  if (meta !== null && !meta.ok) problems.push({ path, ...meta.problem });
  const contents = meta?.ok ? metaContents(meta.value) : null;
  return {
    currentTerm: contents?.currentTerm ?? null,
    votedFor: contents?.votedForNodeId ?? null,
    commitIndex: contents?.raftCommitIndex ?? null,
    baseIndex,
    entries,
    problems,
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
