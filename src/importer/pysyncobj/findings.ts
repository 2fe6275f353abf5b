import type { Finding } from "#importer/contract.ts";
import {
  type JournalRecord,
  type MetaContents,
  type MetaNumbers,
  metaContents,
  metaNumbers,
  type Whole,
} from "#system/pysyncobj/format.ts";
import type { DumpContents } from "./dump.ts";
import { sameEntry } from "./entries.ts";
import type { ReadFile, ReadJournal } from "./read.ts";
import type { ServerFiles } from "./servers.ts";

/** What one finding says of one server. */
type Said = Pick<Finding, "kind" | "severity" | "text"> & {
  readonly read?: ReadFile | null;
  readonly offset?: number;
};

/** What is odd about one server's files, each by itself and together. */
export function oddities(server: ServerFiles): Finding[] {
  const said = [
    ...pairing(server),
    ...journalOddities(server),
    ...ghosts(server),
    ...undecodable(server),
    ...metaOddities(server),
    ...dumpOddities(server),
    ...leftovers(server),
  ];
  return said.map(({ read, offset, ...finding }) => ({
    ...finding,
    servers: [server.id],
    files: read == null ? [] : [{ path: read.file.path, offset: offset ?? null }],
  }));
}

function pairing({ id, journal, paired }: ServerFiles): Said[] {
  const said: Said[] = [];
  if (paired) {
    const text = `${id}: the names do not say which files belong together, so their order was taken.`;
    said.push({ kind: "paired-by-order", severity: "note", text });
  }
  if (journal === null) {
    const text = `${id} has no journal: it starts with a new one, and its first entry.`;
    said.push({ kind: "no-journal", severity: "loss", text });
  }
  return said;
}

function journalOddities({ id, journal: read, meta, dump }: ServerFiles): Said[] {
  if (read === null) return [];
  const { path } = read.file;
  const said = read.journal.oddities.map(({ reason, offset }): Said => {
    const isTerm = reason.startsWith("term");
    const why = isTerm
      ? "a leader whose term had started over overruled a log with a higher one"
      : "an entry is missing on the disk, and all behind it move up by one, for the library goes by position";
    const kind = isTerm ? "term-decreases" : "index-hole";
    const text = `${path}, byte ${offset}: ${reason}: ${why}.`;
    return { kind, severity: "loss", text, read, offset };
  });
  const first = read.journal.records.at(0);
  if (first !== undefined && first.index > 2 && (dump === null || !dump.dump.ok)) {
    const what = dump === null ? "there is no full dump" : "the full dump cannot be read";
    const text = `${id}: the journal starts at index ${first.index}, and ${what}: the state before it is lost here, and since the library then waits for index 2, it never applies anything again.`;
    said.push({ kind: "start-without-dump", severity: "loss", text, read, offset: first.offset });
  }
  if (meta === null) {
    const text = `${id}: no .meta: it starts with raftCommitIndex 1.`;
    said.push({ kind: "no-meta", severity: "note", text });
  }
  return said;
}

/** Records behind the end whose terms the log has left are what a truncation took away. */
function ghosts({ id, journal: read }: ServerFiles): Said[] {
  if (read === null) return [];
  const { journal } = read;
  const last = journal.records.at(-1);
  const first = journal.ghosts[0];
  const end = journal.ghosts.at(-1);
  if (first === undefined || end === undefined || last === undefined) return [];
  const range = first === end ? `${first.index}` : `${first.index} to ${end.index}`;
  const terms = [...new Set(journal.ghosts.map(({ term }) => String(term)))].join(", ");
  const { kind, severity, why } = reasonOf(last, first, journal.ghosts);
  const text = `${id}: behind the end of the journal (index ${last.index}) the records ${range} of term ${terms} can still be read: ${why}.`;
  return [{ kind, severity, text, read, offset: first.offset }];
}

function reasonOf(
  last: JournalRecord,
  first: JournalRecord,
  all: readonly JournalRecord[],
): Pick<Finding, "kind" | "severity"> & { readonly why: string } {
  const follows = BigInt(first.index) === BigInt(last.index) + 1n && first.term >= last.term;
  if (all.some(({ term }) => term !== last.term) && !follows) {
    const why = `the log was cut there, and went on with term ${last.term}`;
    return { kind: "ghosts-of-another-term", severity: "loss", why };
  }
  if (follows) {
    const why =
      "they follow the log, so either the log was cut there, or they were stored and the header that counts them was not";
    return { kind: "records-behind-the-header", severity: "loss", why };
  }
  const why = "the log was cut or compacted there, or its header is older than they are";
  return { kind: "ghosts", severity: "note", why };
}

function undecodable({ id, journal: read }: ServerFiles): Said[] {
  if (read === null) return [];
  const { first, count } = read.broken;
  const said = first.map(({ offset, index, reason }): Said => {
    const text = `${read.file.path}, byte ${offset}: the command of index ${index} cannot be taken apart: ${reason}. Once it is committed, the library on ${id} raises on every tick in which it should apply it, and goes no further; see what the other servers have at that index.`;
    return { kind: "command-undecodable", severity: "stuck", text, read, offset };
  });
  if (count > first.length) {
    const text = `${id}: ${count - first.length} more commands cannot be taken apart.`;
    said.push({ kind: "command-undecodable", severity: "stuck", text, read });
  }
  return said;
}

function metaOddities({ id, journal: own, meta: read, dump }: ServerFiles): Said[] {
  if (read === null || !read.meta.ok) return [];
  const { votedForNodeId } = metaContents(read.meta.value);
  const meta = { votedForNodeId, ...metaNumbers(read.meta.value) };
  const said: Said[] = [];
  const { raftCommitIndex } = meta;
  if (own !== null && raftCommitIndex !== null)
    said.push(...pastEnd(id, own, raftCommitIndex, read));
  const lastApplied = dump?.dump.ok ? dump.dump.value.last.index : null;
  if (raftCommitIndex !== null && lastApplied !== null && raftCommitIndex < lastApplied) {
    const text = `${id}: raftCommitIndex ${raftCommitIndex} is before the full dump's index ${lastApplied}: the meta is older than the dump. Harmless: what the dump holds was committed, and the leader tells the rest.`;
    said.push({ kind: "commit-before-dump", severity: "note", text, read });
  }
  said.push(...savedTerm(id, meta, read));
  return said;
}

function pastEnd(id: string, own: ReadJournal, commit: Whole, read: ReadFile): Said[] {
  const { records, loadError } = own.journal;
  const end: Whole = records.at(-1)?.index ?? 0;
  if (commit <= end || loadError !== null) return [];
  const text = `${id}: raftCommitIndex ${commit} is past the end of the journal (${end}): entries that come next are applied at once, committed or not, and the server is not ready before the log is that long.`;
  return [{ kind: "commit-past-journal", severity: "loss", text, read }];
}

function savedTerm(
  id: string,
  meta: MetaNumbers & Pick<MetaContents, "votedForNodeId">,
  read: ReadFile,
): Said[] {
  if (meta.currentTerm === null) return [];
  const text = `${id}: the fix has saved term ${meta.currentTerm} and a vote for ${meta.votedForNodeId ?? "nobody"}.`;
  return [{ kind: "term-saved", severity: "note", text, read }];
}

function dumpOddities({ id, journal: own, dump: read }: ServerFiles): Said[] {
  if (read === null || !read.dump.ok) return [];
  const { last, previous, cluster } = read.dump.value;
  const members = cluster.length === 0 ? "" : `, members ${cluster.join(", ")}`;
  const text = `${id}: ${read.file.path} is a full dump. It holds the state up to index ${last.index} of term ${last.term}${members}.`;
  const said: Said[] = [{ kind: "dump", severity: "note", text, read }];
  const records = own === null || own.journal.loadError !== null ? null : own.journal.records;
  if (records === null || records.length === 0) return said;
  const isStart = sameEntry(records.at(0), previous) && sameEntry(records.at(1), last);
  if (!isStart) said.push(notAtDump(id, read, records, read.dump.value));
  return said;
}

function notAtDump(
  id: string,
  read: ReadFile,
  records: ReadJournal["journal"]["records"],
  { last, previous }: DumpContents,
): Said {
  const [first, end] = [records.at(0)?.index ?? 0, records.at(-1)?.index ?? 0];
  const what =
    end > last.index
      ? `the entries ${BigInt(last.index) + 1n} to ${end} are lost with it`
      : "nothing newer than the dump is lost with it";
  const text = `${id}: the journal (${first} to ${end}) does not start with the dump's entries ${previous.index} and ${last.index}: 0.3.14 throws the whole journal away at a start, and ${what}.`;
  const severity = end > last.index ? "loss" : "note";
  return { kind: "journal-not-at-dump", severity, text, read };
}

/** What was written aside and never renamed into place. The library overwrites it, and never reads it. */
function leftovers({ id, unfinishedMeta, unfinishedDump, incomingDump }: ServerFiles): Said[] {
  const said: Said[] = [];
  if (unfinishedMeta !== null) {
    const commit = unfinishedMeta.meta.ok
      ? metaNumbers(unfinishedMeta.meta.value).raftCommitIndex
      : null;
    const holds = commit === null ? "cannot be read" : `says raftCommitIndex ${commit}`;
    const text = `${id}: ${unfinishedMeta.file.path} was written and not renamed; it ${holds}, and nobody reads it.`;
    said.push({ kind: "unfinished-meta", severity: "note", text, read: unfinishedMeta });
  }
  for (const [read, what] of [
    [unfinishedDump, "a dump that was not finished or not renamed"],
    [incomingDump, "a leader's dump, as far as it had come"],
  ] as const) {
    if (read === null) continue;
    const holds = read.dump.ok
      ? `It is whole and holds the state up to index ${read.dump.value.last.index}`
      : `It is not whole (${read.dump.problem.reason})`;
    const text = `${id}: ${read.file.path} is ${what}. ${holds}; nobody reads it at a start.`;
    said.push({ kind: "unfinished-dump", severity: "note", text, read });
  }
  return said;
}
