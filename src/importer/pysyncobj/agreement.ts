import { equalBytes } from "#base/bytes.ts";
import type { Finding } from "#importer/contract.ts";
import {
  commandText,
  HEADER_SIZE,
  type JournalRecord,
  metaNumbers,
  RECORD_FRAME,
} from "#system/pysyncobj/format.ts";
import { statePaths } from "./dump.ts";
import { listed, sameEntry } from "./entries.ts";
import type { Records } from "./journal.ts";
import type { ReadJournal } from "./read.ts";
import type { ServerFiles } from "./servers.ts";

/** Where the logs and the dumps of two servers do not agree, and where they agree and should not. */
export function disagreements(servers: readonly ServerFiles[]): Finding[] {
  const found: Finding[] = [];
  for (const [i, a] of servers.entries()) {
    for (const b of servers.slice(i + 1)) {
      const log = firstDifference(a, b);
      if (log !== null) found.push(log);
      const state = stateDifference(a, b);
      if (state !== null) found.push(state);
    }
  }
  return found;
}

function firstDifference(a: ServerFiles, b: ServerFiles): Finding | null {
  const differing = differingRecords(a, b);
  if (differing === null) return null;
  const [mine, other] = differing;
  const files = [
    { path: a.journal?.file.path ?? "", offset: mine.offset },
    { path: b.journal?.file.path ?? "", offset: other.offset },
  ];
  const servers = [a.id, b.id];
  if (other.term !== mine.term) {
    const text = `${a.id} and ${b.id} diverge at index ${mine.index}: term ${mine.term} on ${a.id}, term ${other.term} on ${b.id}.`;
    return { kind: "logs-diverge", severity: "warning", servers, files, text };
  }
  const text = `${a.id} and ${b.id} have index ${mine.index} of the same term ${mine.term} with different commands: ${commandText(mine.command)} and ${commandText(other.command)}. The term was used twice, and nothing will ever notice.`;
  return { kind: "term-used-twice", severity: "loss", servers, files, text };
}

/** The first index that both have, with another term or another command. */
function differingRecords(
  a: ServerFiles,
  b: ServerFiles,
): readonly [JournalRecord, JournalRecord] | null {
  if (a.journal === null || b.journal === null) return null;
  const [ours, others] = [a.journal.journal.records, b.journal.journal.records];
  let hint = 0;
  for (let i = equalStart(a.journal, b.journal); i < ours.length; i++) {
    const mine = ours.at(i);
    const place = mine === undefined ? null : placeOf(others, mine, hint);
    const other = place === null ? undefined : others.at(place);
    if (mine === undefined || place === null || other === undefined) continue;
    hint = place + 1;
    if (other.term !== mine.term || !equalBytes(other.command, mine.command)) return [mine, other];
  }
  return null;
}

/** How many records at the start of both journals are the same bytes at the same places. */
function equalStart(a: ReadJournal, b: ReadJournal): number {
  const [mine, others] = [a.file.bytes, b.file.bytes];
  const end = Math.min(a.journal.endOffset, b.journal.endOffset, mine.length, others.length);
  let same = HEADER_SIZE;
  while (same < end && mine[same] === others[same]) same++;
  const { records } = a.journal;
  let [low, high] = [0, records.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const { offset, size } = records.at(middle) ?? { offset: end, size: 0 };
    if (offset + size + RECORD_FRAME <= same) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Indexes mostly follow each other; where they do not, those nearby are looked through. */
function placeOf(records: Records, { index }: JournalRecord, hint: number): number | null {
  const first = records.at(0)?.index;
  if (first === undefined) return null;
  const guess = Number(BigInt(index) - BigInt(first));
  for (const place of [hint, guess, guess - 1, guess - 2]) {
    if (place >= 0 && records.at(place)?.index === index) return place;
  }
  return null;
}

/** So many keys are named. */
const NAMED_MOST = 3;

/** The same log position must have made the same state: what differs was skipped or applied twice, for good. */
function stateDifference(a: ServerFiles, b: ServerFiles): Finding | null {
  if (!a.dump?.dump.ok || !b.dump?.dump.ok) return null;
  const [mine, others] = [a.dump.dump.value, b.dump.dump.value];
  if (mine.last.index !== others.last.index) return null;
  const at = mine.last.index;
  const servers = [a.id, b.id];
  const files = [a, b].map(({ dump }) => ({ path: dump?.file.path ?? "", offset: null }));
  if (mine.last.term !== others.last.term) {
    const text = `The dumps of ${a.id} and ${b.id} end at index ${at} with term ${mine.last.term} and ${others.last.term}: they come from different logs.`;
    return { kind: "dumps-of-different-logs", severity: "loss", servers, files, text };
  }
  const [ours, theirs] = [statePaths(mine.state), statePaths(others.state)];
  const paths = [...new Set([...ours.keys(), ...theirs.keys()])].filter(
    (path) => ours.get(path) !== theirs.get(path),
  );
  if (paths.length === 0) return null;
  const named = paths.slice(0, NAMED_MOST).map((path) => {
    const say = (value: string | undefined): string => brief(value ?? "nothing");
    return `${path} is ${say(ours.get(path))} on ${a.id} and ${say(theirs.get(path))} on ${b.id}`;
  });
  const more = paths.length - named.length;
  const rest = more > 0 ? `, and ${more} more differ` : "";
  const text = `The dumps of ${a.id} and ${b.id} have the same last entry (${at} of term ${mine.last.term}) and different states: ${named.join("; ")}${rest}. No start will repair that.`;
  return { kind: "states-differ", severity: "loss", servers, files, text };
}

function brief(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

/** Servers whose term starts over although their log has one, those with equal logs together. */
export function restarts(servers: readonly ServerFiles[]): Finding[] {
  const groups: ServerFiles[][] = [];
  for (const server of servers) {
    if (!losesTerm(server)) continue;
    const same = groups.find(([one]) => one !== undefined && haveEqualLogs(one, server));
    if (same === undefined) groups.push([server]);
    else same.push(server);
  }
  return groups.map((group) => {
    const records = group[0]?.journal?.journal.records;
    const end = records?.at(-1);
    const log = `${records?.at(0)?.index ?? 0}..${end?.index ?? 0}, last term ${end?.term ?? 0}`;
    const what = group.length > 1 ? `logs are equal, ${log}` : `the log is ${log}`;
    const ids = group.map(({ id }) => id);
    return {
      kind: "term-not-stored",
      severity: "warning",
      servers: ids,
      files: group.flatMap(({ journal }) =>
        journal === null ? [] : [{ path: journal.file.path, offset: null }],
      ),
      text: `${listed(ids)}: ${what}; no term and no vote is stored, so 0.3.14 restarts at term 0.`,
    };
  });
}

function losesTerm({ journal, meta }: ServerFiles): boolean {
  if (journal === null || journal.journal.loadError !== null) return false;
  const term = meta?.meta.ok ? metaNumbers(meta.meta.value).currentTerm : null;
  return term === null && (journal.journal.records.at(-1)?.term ?? 0) > 0;
}

/** The same entries at the same places. */
function haveEqualLogs(a: ServerFiles, b: ServerFiles): boolean {
  if (a.journal === null || b.journal === null) return false;
  const [mine, others] = [a.journal.journal.records, b.journal.journal.records];
  if (mine.length !== others.length) return false;
  for (let i = equalStart(a.journal, b.journal); i < mine.length; i++) {
    if (!sameEntry(mine.at(i), others.at(i))) return false;
  }
  return true;
}

/** Says once of several servers what is the same about them: "A, B and C: …". */
export function grouped(findings: readonly Finding[]): Finding[] {
  const about = new Map<string, Finding[]>();
  for (const finding of findings) {
    const [id = ""] = finding.servers;
    const rest = finding.text.startsWith(`${id}: `) ? finding.text.slice(id.length) : finding.text;
    const key = `${finding.kind} ${rest}`;
    about.set(key, [...(about.get(key) ?? []), finding]);
  }
  return [...about.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const servers = [...new Set(same.flatMap((each) => each.servers))];
    const rest = first.text.slice((first.servers[0] ?? "").length);
    const text = rest.startsWith(": ") ? `${listed(servers)}${rest}` : first.text;
    return [{ ...first, servers, files: same.flatMap(({ files }) => files), text }];
  });
}
