import type { Break } from "#audit/check.ts";
import { type Prefix, prefixAt } from "#audit/prefix.ts";
import { inWords, type Stretch } from "#audit/stretch.ts";
import { groupBy, list, place, shown } from "#audit/words.ts";
import type { ServerId, Term } from "#raft/types.ts";
import type { Observed } from "#sim/observation.ts";
import type { Cut, Election } from "./chronicle.ts";
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
  const terms = termsOf(tale, entries);
  const answers = tale.chronicle.answers.filter(
    ({ entry, result, sequence }) =>
      sequence <= tale.until &&
      result.outcome === "ok" &&
      entry !== null &&
      terms.get(entry.index) === entry.term,
  );
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

function tellOrigin(tale: Tale, entries: Stretch): Witness[] {
  const prefix = prefixAt(tale.ghost.logs, entries.to, entries.term);
  return prefix === null ? [] : tellElection(tale, creatorOf(tale, prefix), 60);
}

/** The leader that first appended an entry. */
export function creatorOf(tale: Tale, prefix: Prefix): Election | null {
  const observation = tale.chronicle.history[prefix.since];
  return observation?.type === "append" ? electionOf(tale, observation.server, prefix.term) : null;
}

function tellCommits(tale: Tale, entries: Stretch): void {
  let prefix = prefixAt(tale.ghost.logs, entries.to, entries.term);
  let last: Prefix | null = null;
  let first: Prefix | null = null;
  for (; prefix !== null && prefix.index >= entries.from; prefix = prefix.parent) {
    if (prefix.committed === null || prefix.committed > tale.until) continue;
    last ??= prefix;
    first = prefix;
  }
  const commit = tale.chronicle.commits.find((each) => each.sequence === first?.committed);
  if (last === null || first === null || commit === undefined) return;
  const { index: from, term: fromTerm } = first;
  const done = inWords({ from, fromTerm, to: last.index, term: last.term });
  const pace = first.committed === last.committed ? "" : ", one after another";
  const text = `${commit.server}, leader of term ${commit.leaderTerm}, committed ${done}${pace}.`;
  say(tale, commit.sequence, 76, text);
}

function termsOf(tale: Tale, entries: Stretch): Map<number, Term> {
  const terms = new Map<number, Term>();
  let prefix = prefixAt(tale.ghost.logs, entries.to, entries.term);
  for (; prefix !== null && prefix.index >= entries.from; prefix = prefix.parent) {
    terms.set(prefix.index, prefix.term);
  }
  return terms;
}

function inAnswer({ entry, operation }: Observed<"return">): string {
  const { expected, key, type, value } = operation;
  const condition = type === "compare-and-set" ? ` if it is ${shown(expected)}` : "";
  return `set ${key} = ${value}${condition} ${place(entry ?? { index: 0, term: 0 })}`;
}

function tellCuts(tale: Tale, entries: Stretch): void {
  const terms = termsOf(tale, entries);
  for (const cut of tale.chronicle.cuts) {
    if (cut.sequence > tale.until) break;
    const hits = cut.removed.some(({ index, term }) => terms.get(index) === term);
    if (hits) say(tale, cut.sequence, cut.entries.from <= cut.appliedTo ? 92 : 58, inCut(cut));
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
