import type { Entry, Index, ServerId, Term } from "#raft/types.ts";
import type { Observation } from "#sim/observation.ts";
import { type Prefix, sameEntry } from "./prefix.ts";

/**
 * What a server has told others, or itself, that it will still know after a crash: the most that its messages promised as
 * they left. A promised entry stops to be one when the server cuts it from its log, which Raft allows for entries that were
 * not committed; and what a recovery has lost is promised no more, so that one loss is told once. Plain data.
 */
export interface Promised {
  readonly term: Term;
  /** The vote promised in that term; null: none was. */
  readonly votedFor: ServerId | null;
  /** The last entry of the log that was promised; null: none is. */
  readonly log: { readonly index: Index; readonly term: Term } | null;
}

/** By server; one that is not there has promised nothing. */
export type Promises = Map<ServerId, Promised>;

/** A server's log in memory, and with all its bytes as much of it as is promised. */
export interface PromisedLog {
  readonly base: Prefix;
  readonly log: readonly Prefix[];
  /** Null: none is. */
  promised: Prefix | null;
}

/** What recovery gave a server, as far as promises go. */
export interface Kept {
  readonly currentTerm: Term;
  readonly votedFor: ServerId | null;
  readonly baseIndex: Index;
  readonly entries: readonly Entry[];
}

/** A promise that what was recovered does not keep. */
export interface Forgotten {
  readonly what: "term" | "vote" | "log";
  /** In words, without the server: "forgot the vote it gave to B in term 6". */
  readonly text: string;
}

/** A promised entry in whose place a recovery gave another one. */
interface Alteration {
  readonly promised: Entry;
  readonly kept: Entry;
}

const NOTHING: Promised = { term: 0, votedFor: null, log: null };

/** Takes the next observation in, in place. `held`: the log of its server right after it. Constant work. */
export function foldPromises(
  promises: Promises,
  observation: Observation,
  held: PromisedLog,
): void {
  switch (observation.type) {
    case "send": {
      const { hardState, log } = observation.message.obligation;
      if (hardState === null && log === null) return;
      const before = promises.get(observation.server) ?? NOTHING;
      const state = hardStateAfter(before, hardState);
      const further = furtherThan(before.log, log, held);
      if (state === before && further === null) return;
      const { term, votedFor } = state;
      if (further !== null) held.promised = further;
      promises.set(observation.server, { term, votedFor, log: further ? log : before.log });
      return;
    }
    case "truncate": {
      const before = promises.get(observation.server);
      if (before === undefined || before.log === null || before.log.index < observation.from) {
        return;
      }
      promises.set(observation.server, { ...before, log: promiseAll(held) });
      return;
    }
    case "rebase": {
      const before = promises.get(observation.server);
      if (before === undefined || before.log === null) return;
      const { index, term } = before.log;
      if (index <= observation.baseIndex || prefixIn(held, index)?.term === term) return;
      promises.set(observation.server, { ...before, log: promiseAll(held) });
      return;
    }
    default:
  }
}

/**
 * After a recovery that kept less than was promised: its promises are what was kept. `forgotten`: what is missing; `held`: the
 * log that it has now.
 */
export function lowerPromises(
  promises: Promises,
  server: ServerId,
  forgotten: readonly Forgotten[],
  kept: Kept,
  held: PromisedLog,
): void {
  const before = promises.get(server);
  if (before === undefined || forgotten.length === 0) return;
  const lost = new Set(forgotten.map(({ what }) => what));
  const { term, votedFor } = before;
  let { log } = before;
  if (lost.has("log") && log !== null) {
    const same = prefixIn(held, log.index);
    if (same !== null && same.term === log.term) held.promised = same;
    else log = promiseAll(held);
  }
  promises.set(server, {
    term: lost.has("term") ? kept.currentTerm : term,
    votedFor: lost.has("term") || lost.has("vote") ? null : votedFor,
    log,
  });
}

/** What of a server's promises is not kept by what it recovered, as far as terms tell. */
export function forgottenBy(promised: Promised | undefined, kept: Kept): readonly Forgotten[] {
  if (promised === undefined) return [];
  const forgotten: Forgotten[] = [];
  const { term, votedFor, log } = promised;
  if (kept.currentTerm < term) {
    forgotten.push({
      what: "term",
      text: `forgot term ${term} (it is back in ${kept.currentTerm})`,
    });
  }
  if (votedFor !== null && kept.currentTerm <= term && kept.votedFor !== votedFor) {
    forgotten.push({
      what: "vote",
      text: `forgot the vote it gave to ${votedFor} in term ${term}`,
    });
  }
  if (log !== null && log.index > kept.baseIndex) {
    const last = kept.baseIndex + kept.entries.length;
    if (last < log.index) {
      const lost =
        last + 1 === log.index ? `entry ${last + 1}` : `entries ${last + 1} to ${log.index}`;
      forgotten.push({ what: "log", text: `forgot ${lost}, which it had acknowledged` });
    } else if (kept.entries[log.index - kept.baseIndex - 1]?.term !== log.term) {
      const text = `has another entry ${log.index} than the one it had acknowledged`;
      forgotten.push({ what: "log", text });
    }
  }
  return forgotten;
}

/**
 * The promised entries that came back as others, bytes and all. Null: none. An end that is missing, or of another term, is for
 * `forgottenBy` to tell. Work for each promised entry that the log still has.
 */
export function alteredBy(promised: Prefix | null, kept: Kept): AlteredLog | null {
  const altered: Alteration[] = [];
  for (let each = promised; each !== null && each.index > kept.baseIndex; each = each.parent) {
    const entry = kept.entries[each.index - kept.baseIndex - 1];
    if (entry === undefined || each.entry === null || sameEntry(entry, each.entry)) continue;
    if (each === promised && entry.term !== each.term) continue;
    altered.push({ promised: each.entry, kept: entry });
  }
  const [last] = altered;
  if (last === undefined) return null;
  return {
    last: last.promised.index,
    forgotten: { what: "log", text: alteredText(altered.reverse()) },
  };
}

export interface AlteredLog {
  /** Of the last altered entry. */
  readonly last: Index;
  readonly forgotten: Forgotten;
}

function alteredText(altered: readonly Alteration[]): string {
  const [first] = altered;
  if (first === undefined) return "";
  const { kept, promised } = first;
  const { index, term } = promised;
  const more = altered.length === 1 ? "" : ` and ${altered.length - 1} more`;
  if (kept.term !== term) {
    return `has another entry ${index}${more} (of term ${kept.term}) than the one it had acknowledged (of term ${term})`;
  }
  const which = `entry ${index} (term ${term})${more}`;
  return `has ${which} with other bytes than it had acknowledged${difference(first)}`;
}

/** ", from byte 12 of 40 on", ", 3 bytes and not 40". */
function difference({ kept: { command: now }, promised: { command: then } }: Alteration): string {
  const at = then.findIndex((byte, i) => byte !== now[i]);
  if (now.length !== then.length) return `, ${now.length} bytes and not ${then.length}`;
  return at < 0 ? "" : `, from byte ${at + 1} of ${then.length} on`;
}

function hardStateAfter(
  before: Promised,
  owed: { readonly term: Term; readonly votedFor: ServerId | null } | null,
): Pick<Promised, "term" | "votedFor"> {
  if (owed === null || owed.term < before.term) return before;
  if (owed.term > before.term) return owed;
  return owed.votedFor === null || owed.votedFor === before.votedFor ? before : owed;
}

/**
 * The prefix that a message promises, if that is more than was promised before. An entry that is not in the log any more, since
 * the message was held back meanwhile, is not promised any more either.
 */
function furtherThan(
  before: Promised["log"],
  owed: Promised["log"],
  held: PromisedLog,
): Prefix | null {
  if (owed === null || owed.index <= (before?.index ?? 0)) return null;
  const prefix = prefixIn(held, owed.index);
  return prefix?.term === owed.term ? prefix : null;
}

/** What is promised of a log that ends before its promise: all of it. */
function promiseAll(held: PromisedLog): Promised["log"] {
  const { index, term } = held.log.at(-1) ?? held.base;
  held.promised = index === 0 ? null : (held.log.at(-1) ?? held.base);
  return index === 0 ? null : { index, term };
}

function prefixIn({ base, log }: PromisedLog, index: Index): Prefix | null {
  if (index === base.index) return base;
  return index > base.index ? (log[index - base.index - 1] ?? null) : null;
}
