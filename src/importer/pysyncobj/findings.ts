import { equalBytes } from "#base/bytes.ts";
import {
  commandText,
  type JournalRecord,
  type MetaContents,
  metaContents,
} from "#system/pysyncobj/format.ts";
import { problemsOf, type ReadFile, type ReadJournal } from "./read.ts";
import type { ServerFiles } from "./servers.ts";

/** What is wrong with single files: name, offset, reason and what can be done. */
export function damage(files: readonly ReadFile[]): string[] {
  return files.flatMap((read) => {
    const { path } = read.file;
    const [first, ...more] = problemsOf(read);
    if (first === undefined) return [];
    const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
    return [`${path}, byte ${first.offset}: ${first.reason}${others}. ${remedy(read)}`];
  });
}

function remedy(read: ReadFile): string {
  if (read.kind === "dump") {
    return "The library would log this and go on with an empty state machine. Take the dump of another server.";
  }
  if (read.kind !== "journal") {
    return "The library takes an unreadable meta for an empty one and starts with raftCommitIndex 1. Nothing needs to be done.";
  }
  const { loadError } = read.journal;
  if (loadError === null) {
    return "The library checks nothing and loads it as it is. Compare it with the other servers' journals before you trust it.";
  }
  return `The library does not start with it (${loadError.name}: ${loadError.text}). Remove this server's files so that it copies the log from the others.`;
}

/** What is odd about one server's files together. */
export function oddities(server: ServerFiles): string[] {
  const { id, journal, meta, dump, paired } = server;
  const found: string[] = [];
  if (paired)
    found.push(
      `${id}: the names do not say which files belong together, so their order was taken.`,
    );
  if (journal === null) {
    found.push(`${id} has no journal: it starts with a new one, and its first entry.`);
  } else found.push(...journalOddities(id, journal, meta !== null));
  const contents = meta?.meta.ok ? metaContents(meta.meta.value) : null;
  if (journal !== null && contents !== null) found.push(...metaOddities(id, journal, contents));
  if (dump !== null) found.push(dumpSentence(id, dump));
  return found;
}

function journalOddities(id: string, { file, journal }: ReadJournal, hasMeta: boolean): string[] {
  const found = journal.oddities.map(({ reason, offset }) => {
    const why = /^term/.test(reason)
      ? "a leader whose term had started over overruled a log with a higher one"
      : "an entry is missing on the disk, and all behind it move up by one";
    return `${file.path}, byte ${offset}: ${reason}: ${why}.`;
  });
  const first = journal.records[0];
  if (first !== undefined && first.index > 1) {
    found.push(
      `${id}: the journal starts at index ${first.index}; what was before it is only in the full dump, so the state machine is not complete here.`,
    );
  }
  if (!hasMeta) found.push(`${id} has no .meta: it starts with raftCommitIndex 1.`);
  const ghosts = ghostSentence(id, journal.records.at(-1), journal.ghosts);
  return ghosts === null ? found : [...found, ghosts];
}

/** Records behind the end whose terms the log has left are what a truncation took away. */
function ghostSentence(
  id: string,
  last: JournalRecord | undefined,
  ghosts: readonly JournalRecord[],
): string | null {
  const [first] = ghosts;
  const end = ghosts.at(-1);
  if (first === undefined || end === undefined || last === undefined) return null;
  const range = first === end ? `${first.index}` : `${first.index} to ${end.index}`;
  const terms = [...new Set(ghosts.map(({ term }) => String(term)))].join(", ");
  const isOther = ghosts.some(({ term }) => term !== last.term);
  const why = isOther
    ? `the log was cut there, and went on with term ${last.term}`
    : "the log was cut or compacted there, or its header is older than they are";
  return `${id}: behind the end of the journal (index ${last.index}) the records ${range} of term ${terms} can still be read: ${why}.`;
}

function metaOddities(id: string, { journal }: ReadJournal, meta: MetaContents): string[] {
  const found: string[] = [];
  const end = journal.records.at(-1)?.index ?? 0;
  const { raftCommitIndex, currentTerm, votedForNodeId } = meta;
  if (raftCommitIndex !== null && raftCommitIndex > end && journal.loadError === null) {
    found.push(
      `${id}: raftCommitIndex ${raftCommitIndex} is past the end of the journal (${end}): entries that come next are applied at once, committed or not, and the server is not ready before the log is that long.`,
    );
  }
  if (currentTerm !== null) {
    found.push(
      `${id}: the fix has saved term ${currentTerm} and a vote for ${votedForNodeId ?? "nobody"}.`,
    );
  }
  return found;
}

function dumpSentence(id: string, { file, dump }: NonNullable<ServerFiles["dump"]>): string {
  const reach = dump.ok ? ` It holds the state up to index ${dump.value.lastApplied}.` : "";
  return `${id}: ${file.path} is a full dump; booting from a dump is not supported yet.${reach}`;
}

/** Where the logs of two servers do not agree, and where they agree and should not. */
export function disagreements(servers: readonly ServerFiles[]): string[] {
  const found: string[] = [];
  for (const [i, a] of servers.entries()) {
    for (const b of servers.slice(i + 1)) {
      const sentence = disagreement(a, b);
      if (sentence !== null) found.push(sentence);
    }
  }
  return found;
}

function disagreement(a: ServerFiles, b: ServerFiles): string | null {
  const others = new Map(
    (b.journal?.journal.records ?? []).map((record) => [String(record.index), record]),
  );
  for (const mine of a.journal?.journal.records ?? []) {
    const other = others.get(String(mine.index));
    if (other === undefined) continue;
    if (other.term !== mine.term) {
      return `${a.id} and ${b.id} diverge at index ${mine.index}: term ${mine.term} on ${a.id}, term ${other.term} on ${b.id}.`;
    }
    if (!equalBytes(other.command, mine.command)) {
      return `${a.id} and ${b.id} have index ${mine.index} of the same term ${mine.term} with different commands: ${commandText(mine.command)} and ${commandText(other.command)}. The term was used twice, and nothing will ever notice.`;
    }
  }
  return null;
}
