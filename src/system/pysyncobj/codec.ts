import type { Image } from "#disk/types.ts";
import type { Entry } from "#raft/types.ts";
import type { Codec, DiskContents, FileProblem, Span } from "#system/contract.ts";
import { annotateDump, type Dump, decodeDump } from "./dump.ts";
import { restored, startOn } from "./dump-load.ts";
import {
  annotateJournal,
  annotateMeta,
  DUMP,
  DUMP_INCOMING,
  DUMP_TMP,
  decodeJournal,
  decodeMeta,
  entriesOf,
  INITIAL_SIZE,
  JOURNAL,
  META,
  META_TMP,
  metaContents,
} from "./format.ts";

export const codec: Codec = { inspect, annotate };

function inspect(files: Image, directory: string, bugs?: ReadonlySet<string>): DiskContents {
  const problems: FileProblem[] = [];
  const journal = inspectJournal(files, directory + JOURNAL, problems);
  const path = directory + META;
  const bytes = files.get(path);
  const meta = bytes === undefined ? null : decodeMeta(bytes);
  if (meta !== null && !meta.ok) problems.push({ path, ...meta.problem });
  const contents = meta?.ok ? metaContents(meta.value) : null;
  const dump = inspectDump(files, directory + DUMP, problems);
  const saved = contents?.raftCommitIndex ?? null;
  const written = {
    currentTerm: contents?.currentTerm ?? null,
    votedFor: contents?.votedForNodeId ?? null,
  };
  const isStarted = bugs !== undefined && journal.length > 0;
  const start = isStarted ? startOn(journal, saved ?? 1, dump, bugs) : null;
  const entries = start?.entries ?? journal;
  const lastTerm = entries.at(-1)?.term ?? 0;
  const hardState = bugs === undefined ? written : restored(written, lastTerm, bugs);
  const isTermFromLog = written.currentTerm === null && hardState.currentTerm !== null;
  return {
    ...hardState,
    ...(isTermFromLog ? { isTermFromLog } : {}),
    commitIndex: saved === null ? null : (start?.commitIndex ?? saved),
    state: dump?.state ?? null,
    baseIndex: (entries[0]?.index ?? 1) - 1,
    entries,
    problems,
  };
}

/** Null: there is none, or it cannot be loaded. */
function inspectDump(files: Image, path: string, problems: FileProblem[]): Dump | null {
  const bytes = files.get(path);
  if (bytes === undefined) return null;
  const found = decodeDump(bytes);
  if (!found.ok) {
    const { name, offset } = found;
    const reason = found.reason === "" ? name : `${name}: ${found.reason}`;
    problems.push({ path, offset, reason });
    return null;
  }
  if (!found.isWhole) {
    const reason = "the checksum at its end is missing or wrong, which loading does not notice";
    problems.push({ path, offset: Math.max(0, bytes.length - 8), reason });
  }
  return found.value;
}

function inspectJournal(files: Image, path: string, problems: FileProblem[]): readonly Entry[] {
  const bytes = files.get(path);
  if (bytes === undefined) return [];
  const journal = decodeJournal(grown(bytes));
  const { length } = journal.problems;
  for (const [at, problem] of journal.problems.entries()) {
    // The walk ends at the record that ends the process.
    const isRefused = journal.loadError !== null && at === length - 1;
    problems.push({ path, ...problem, ...(isRefused ? { isRefused } : {}) });
  }
  return entriesOf(journal.records);
}

/** As the loader sees a file: one that is shorter than a new journal is made as long (journal.py:88-94). */
function grown(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0 || bytes.length >= INITIAL_SIZE) return bytes;
  const whole = new Uint8Array(INITIAL_SIZE);
  whole.set(bytes);
  return whole;
}

function annotate(file: string, bytes: Uint8Array): readonly Span[] {
  if (file.endsWith(META) || file.endsWith(META_TMP)) return annotateMeta(bytes);
  if ([DUMP, DUMP_TMP, DUMP_INCOMING].some((name) => file.endsWith(name))) {
    return annotateDump(bytes);
  }
  return file.endsWith(JOURNAL) ? annotateJournal(bytes) : [];
}
