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
export function damage(files: readonly ReadFile[], servers: readonly ServerFiles[]): string[] {
  return files.flatMap((read) => {
    const { path } = read.file;
    const [first, ...more] = problemsOf(read);
    if (first === undefined) return [];
    const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
    return [`${path}, byte ${first.offset}: ${first.reason}${others}. ${remedy(read, servers)}`];
  });
}

/** What the library does with such a file was measured with 0.3.14 (fixtures/07-torn). */
function remedy(read: ReadFile, servers: readonly ServerFiles[]): string {
  if (read.kind === "dump") {
    return "The library would log this and go on with an empty state machine. Take the dump of another server.";
  }
  if (read.kind !== "journal") {
    return "The library takes an unreadable meta for an empty one and starts with raftCommitIndex 1. Nothing needs to be done.";
  }
  const { loadError, records } = read.journal;
  const advice = replacing(read, servers);
  if (loadError !== null) {
    return `The library does not start with it (${loadError.name}: ${loadError.text}). ${advice}`;
  }
  if (problemsOf(read).some(({ reason }) => reason.startsWith("the record is cut short"))) {
    return `The library loads it. Applying that entry then raises on every tick, before the server looks at its connections: it neither votes nor answers. ${advice}`;
  }
  if (records.length === 0) {
    return `The library takes it for an empty journal and starts over at index 1, with the raftCommitIndex that its .meta has. ${advice}`;
  }
  return "The library checks nothing and loads it as it is. Compare it with the other servers' journals before you trust it.";
}

/** May the server be emptied, to copy the log from the others? Only a majority of whole logs is sure to hold it. */
function replacing(read: ReadJournal, servers: readonly ServerFiles[]): string {
  const own = servers.find(({ journal }) => journal === read);
  const others = servers.filter((each) => each !== own && each.set === own?.set);
  const healthy = others.filter(
    ({ journal }) => journal !== null && problemsOf(journal).length === 0,
  );
  if (others.length === 0) {
    return "Keep a copy of it. Open the other servers' files too, to see whether they hold the log.";
  }
  if (healthy.length * 2 <= others.length + 1) {
    return "Keep a copy of it, and do not remove it: the other servers' files are no healthy majority.";
  }
  return "Keep a copy of this server's files first. The other servers are a healthy majority: without these files it copies the log from them.";
}

/** Servers whose term starts over although their log has one, those with equal logs together. */
export function restarts(servers: readonly ServerFiles[]): string[] {
  const groups: ServerFiles[][] = [];
  for (const server of servers) {
    if (!losesTerm(server)) continue;
    const same = groups.find(([one]) => one !== undefined && haveEqualLogs(one, server));
    if (same === undefined) groups.push([server]);
    else same.push(server);
  }
  return groups.map((group) => {
    const records = group[0]?.journal?.journal.records ?? [];
    const end = records.at(-1);
    const log = `${records[0]?.index ?? 0}..${end?.index ?? 0}, last term ${end?.term ?? 0}`;
    const what = group.length > 1 ? `logs are equal, ${log}` : `the log is ${log}`;
    return `${listed(group.map(({ id }) => id))}: ${what}; no term and no vote is stored, so 0.3.14 restarts at term 0.`;
  });
}

function losesTerm({ journal, meta }: ServerFiles): boolean {
  if (journal === null || journal.journal.loadError !== null) return false;
  const term = meta?.meta.ok ? metaContents(meta.meta.value).currentTerm : null;
  return term === null && (journal.journal.records.at(-1)?.term ?? 0) > 0;
}

function haveEqualLogs(a: ServerFiles, b: ServerFiles): boolean {
  const [mine, others] = [a, b].map(({ journal }) => journal?.journal.records ?? []);
  const isSame =
    mine?.length === others?.length && String(mine?.[0]?.index) === String(others?.[0]?.index);
  return isSame && disagreement(a, b) === null;
}

/** Says once of several servers what is the same about them: "A, B and C: …". */
export function grouped(sentences: readonly string[], ids: readonly string[]): string[] {
  const about = new Map<string, string[]>();
  for (const sentence of sentences) {
    const id = ids.find((each) => sentence.startsWith(`${each}: `)) ?? "";
    const rest = id === "" ? sentence : sentence.slice(id.length + 2);
    about.set(rest, [...(about.get(rest) ?? []), id]);
  }
  return [...about].map(([rest, of]) =>
    of[0] === "" ? rest : `${listed([...new Set(of)])}: ${rest}`,
  );
}

/** "A", "A and B", "A, B and C". */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
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
  if (!hasMeta) found.push(`${id}: no .meta: it starts with raftCommitIndex 1.`);
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
