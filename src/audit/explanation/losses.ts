import type { Break } from "#audit/check.ts";
import { type Prefix, prefixAt, prefixOfEntry, sameEntry } from "#audit/prefix.ts";
import { inWords, type Stretch } from "#audit/stretch.ts";
import { groupBy, list, place, shown } from "#audit/words.ts";
import { brief } from "#base/brief.ts";
import type { Entry, Index, ServerId } from "#raft/types.ts";
import type { Answer, Cut, Election } from "./chronicle.ts";
import { electionOf, tellElection } from "./elections.ts";
import { lifeOf, tellReturns, type Witness } from "./restarts.ts";
import { say, type Tale } from "./tale.ts";

/** If the break was a cut: what was cut, on whose behalf, and how that could be. */
export function tellCutAt(tale: Tale, broken: Break): void {
  const cut = tale.chronicle.cuts.find((each) => each.sequence === broken.sequence);
  if (cut === undefined) return;
  say(
    tale,
    cut.sequence,
    101,
    broken.text.includes(" cut ") ? inCut(cut) : `${inCut(cut)} ${broken.text}`,
  );
  tellLoss(tale, cut.entries, cutLeaderOf(tale, cut));
}

/**
 * How entries that should have stayed came to be, who relied on them, who removed them, and how a leader could be
 * elected without them.
 */
export function tellLoss(tale: Tale, lost: Stretch | null, rival: Election | null): void {
  const witnesses: Witness[] = [];
  if (lost !== null) {
    witnesses.push(...tellOrigin(tale, lost));
    tellCommits(tale, lost);
    tellAnswers(tale, lost);
    tellCuts(tale, lost);
  }
  witnesses.push(...tellElection(tale, rival, 80));
  tellReturns(tale, witnesses);
}

/** What clients were told about these entries. */
export function tellAnswers(tale: Tale, entries: Stretch): void {
  const prefixes = prefixesOf(tale, entries);
  const answers = tale.chronicle.answers.filter(({ entry, place: at, sequence }) => {
    const prefix = prefixes.get(at.index);
    if (sequence > tale.until || prefix === undefined) return false;
    return entry === null ? prefix.term === at.term : isOf(prefix, entry);
  });
  for (const [server, group] of groupBy(answers, (each) => each.server)) {
    const said = group.slice(0, 3).map(inAnswer);
    if (group.length > 3) said.push(`${group.length - 3} more`);
    const last = group.at(-1);
    if (last !== undefined) say(tale, last.sequence, 75, `${server} answered OK to ${list(said)}.`);
  }
}

/** Cuts by this server of entries that it had applied: what made its state and its log differ. */
export function tellDeepCuts(tale: Tale, server: ServerId): void {
  const life = lifeOf(tale, { server, sequence: tale.until });
  const deep = tale.chronicle.cuts.filter(
    (cut) =>
      cut.server === server &&
      cut.sequence <= tale.until &&
      cut.sequence > (life?.sequence ?? -1) &&
      cut.entries.from <= cut.appliedTo,
  );
  const last = deep.at(-1);
  if (last === undefined) return;
  tellLoss(tale, last.entries, cutLeaderOf(tale, last));
}

/** Where another entry of the same index and term had been seen. */
export function tellFirstSeen(tale: Tale, sequence: number | null, entries: Stretch | null): void {
  const observation = tale.chronicle.history[sequence ?? -1];
  if (observation === undefined || entries === null || !("server" in observation)) return;
  const how = observation.type === "recovered" ? "came back with" : "had appended";
  const text = `${observation.server} ${how} another entry at ${place({ index: entries.to, term: entries.term })}, or the same after other ones.`;
  say(tale, observation.sequence, 90, text);
}

/** The election of the leader that first appended this entry. */
export function creatorOf(tale: Tale, entry: Entry): Election | null {
  const since = prefixOfEntry(tale.ghost.logs, entry)?.since ?? -1;
  const observation = tale.chronicle.history[since];
  if (observation?.type !== "append") return null;
  return electionOf(tale, observation.server, entry.term, since);
}

function tellOrigin(tale: Tale, { last }: Stretch): Witness[] {
  return last === null ? [] : tellElection(tale, creatorOf(tale, last), 60);
}

function tellCommits(tale: Tale, entries: Stretch): void {
  const claims = [...prefixesOf(tale, entries).values()].flatMap((prefix) => {
    const commit = tale.chronicle.commits.find((each) => each.sequence === prefix.committed);
    return commit === undefined || commit.sequence > tale.until ? [] : [{ prefix, commit }];
  });
  const last = claims[0];
  if (last === undefined) return;
  const { leaderTerm, server } = last.commit;
  const own = claims.filter(
    ({ commit }) => commit.server === server && commit.leaderTerm === leaderTerm,
  );
  const first = own.at(-1) ?? last;
  const done = inWords({
    from: first.prefix.index,
    fromTerm: first.prefix.term,
    to: last.prefix.index,
    term: last.prefix.term,
  });
  const pace = first.commit === last.commit ? "" : ", one after another";
  const text = `${server}, leader of term ${leaderTerm}, committed ${done}${pace}.`;
  say(tale, first.commit.sequence, 76, text);
}

/** By index, the last one first. */
function prefixesOf({ ghost: { logs } }: Tale, entries: Stretch): Map<Index, Prefix> {
  const { from, last, term, to } = entries;
  const prefixes = new Map<Index, Prefix>();
  let prefix = last === null ? prefixAt(logs, to, term) : prefixOfEntry(logs, last);
  for (; prefix !== null && prefix.index >= from; prefix = prefix.parent) {
    prefixes.set(prefix.index, prefix);
  }
  return prefixes;
}

function isOf(prefix: Prefix | undefined, entry: Entry): boolean {
  return prefix !== undefined && prefix.entry !== null && sameEntry(prefix.entry, entry);
}

function inAnswer({ operation, place: at }: Answer): string {
  const { expected, key, type, value } = operation;
  if (type === "read") return `read ${key} ${place(at)}`;
  if (type === "add-server") return `add server ${key} ${place(at)}`;
  if (type === "remove-server") return `remove server ${key} ${place(at)}`;
  if (type === "increment") return `add ${brief(value)} to ${key} ${place(at)}`;
  const condition = type === "compare-and-set" ? ` if it is ${shown(expected)}` : "";
  return `set ${key} = ${value === null ? "nothing" : brief(value)}${condition} ${place(at)}`;
}

function tellCuts(tale: Tale, entries: Stretch): void {
  const prefixes = prefixesOf(tale, entries);
  for (const cut of tale.chronicle.cuts) {
    if (cut.sequence > tale.until) break;
    if (!cut.removed.some((entry) => isOf(prefixes.get(entry.index), entry))) continue;
    say(tale, cut.sequence, cut.entries.from <= cut.appliedTo ? 92 : 58, inCut(cut));
  }
}

function inCut({ appliedTo, commitIndex, entries, leader, leaderTerm, server }: Cut): string {
  const why = leader === null ? "" : ` for an append of ${leader}, leader of term ${leaderTerm}`;
  const cut = `${server} cut its ${inWords(entries)}${why}`;
  if (entries.from <= appliedTo) return `${cut}; it had already applied up to ${appliedTo}.`;
  return entries.from <= commitIndex ? `${cut}; its commitIndex was ${commitIndex}.` : `${cut}.`;
}

/** The election of the leader on whose append this cut followed. */
function cutLeaderOf(tale: Tale, { leader, leaderTerm }: Cut): Election | null {
  return leader === null ? null : electionOf(tale, leader, leaderTerm);
}
