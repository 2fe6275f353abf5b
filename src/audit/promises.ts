import type { Entry, Index, ServerId, Term } from "#raft/types.ts";
import type { Observation } from "#sim/observation.ts";

/**
 * What a server has told others, or itself, that it will still know after a crash: the most that its messages promised as
 * they left. A promised entry stops to be one when the server cuts it from its log, which Raft allows for entries that were
 * not committed; and what a recovery has lost is promised no more, so that one loss is told once.
 */
export interface Promised {
  readonly term: Term;
  /** The vote promised in that term; null: none was. */
  readonly votedFor: ServerId | null;
  /** The last entry of the log that was promised; null: none is. */
  readonly log: { readonly index: Index; readonly term: Term } | null;
  /** The log in memory: a message that was held back may promise what has been cut since. */
  readonly memory: LogTerms;
}

/** The terms of a log, as stretches of one term in order; changed in place. */
interface LogTerms {
  readonly stretches: { readonly from: Index; readonly term: Term }[];
  last: Index;
}

/** By server; one that is not there has promised nothing. */
export type Promises = Map<ServerId, Promised>;

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

/** Takes the next observation in, in place. */
export function foldPromises(promises: Promises, observation: Observation): void {
  switch (observation.type) {
    case "send": {
      const { hardState, log } = observation.message.obligation;
      if (hardState === null && log === null) return;
      const before = promisedBy(promises, observation.server);
      const state = hardStateAfter(before, hardState);
      const last = furthest(before, log);
      if (state === before && last === before.log) return;
      const { term, votedFor } = state;
      promises.set(observation.server, { term, votedFor, log: last, memory: before.memory });
      return;
    }
    case "append":
      extend(promisedBy(promises, observation.server).memory, observation.entries);
      return;
    case "truncate": {
      const before = promisedBy(promises, observation.server);
      cut(before.memory, observation.from);
      if (before.log === null || before.log.index < observation.from) return;
      promises.set(observation.server, { ...before, log: endOf(before.memory) });
      return;
    }
    case "recovered": {
      const before = promisedBy(promises, observation.server);
      promises.set(observation.server, keptOf(before, observation, observation.baseTerm));
      return;
    }
    default:
  }
}

/** What of a server's promises is not kept by what it recovered. */
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

function promisedBy(promises: Promises, server: ServerId): Promised {
  const known = promises.get(server);
  if (known !== undefined) return known;
  const nothing: Promised = {
    ...{ term: 0, votedFor: null, log: null },
    memory: { stretches: [], last: 0 },
  };
  promises.set(server, nothing);
  return nothing;
}

function hardStateAfter(
  before: Promised,
  owed: { readonly term: Term; readonly votedFor: ServerId | null } | null,
): Pick<Promised, "term" | "votedFor"> {
  if (owed === null || owed.term < before.term) return before;
  if (owed.term > before.term) return owed;
  return owed.votedFor === null || owed.votedFor === before.votedFor ? before : owed;
}

/** Of two prefixes of one log the longer one; an entry that is not in the log any more is promised no more either. */
function furthest({ log: before, memory }: Promised, owed: Promised["log"]): Promised["log"] {
  if (owed === null || (before !== null && owed.index <= before.index)) return before;
  return termAt(memory, owed.index) === owed.term ? owed : before;
}

/** The promises that this recovery has kept. */
function keptOf(before: Promised, kept: Kept, baseTerm: Term): Promised {
  const memory: LogTerms = { stretches: [], last: kept.baseIndex };
  if (kept.baseIndex > 0) memory.stretches.push({ from: kept.baseIndex, term: baseTerm });
  extend(memory, kept.entries);
  const lost = new Set(forgottenBy(before, kept).map(({ what }) => what));
  const { term, votedFor, log } = before;
  return {
    term: lost.has("term") ? kept.currentTerm : term,
    votedFor: lost.has("term") || lost.has("vote") ? null : votedFor,
    log: lost.has("log") ? endOf(memory) : log,
    memory,
  };
}

function extend(memory: LogTerms, entries: readonly Entry[]): void {
  for (const { term } of entries) {
    memory.last += 1;
    if (memory.stretches.at(-1)?.term === term) continue;
    memory.stretches.push({ from: memory.last, term });
  }
}

function cut(memory: LogTerms, from: Index): void {
  if (from > memory.last) return;
  memory.last = from - 1;
  while ((memory.stretches.at(-1)?.from ?? 0) >= from) memory.stretches.pop();
}

function endOf(memory: LogTerms): Promised["log"] {
  const term = memory.stretches.at(-1)?.term;
  return term === undefined ? null : { index: memory.last, term };
}

function termAt({ stretches, last }: LogTerms, index: Index): Term | null {
  if (index > last) return null;
  return stretches.findLast(({ from }) => from <= index)?.term ?? null;
}
