import type { Entry, Index, ServerId, Term } from "#raft/types.ts";
import type { Observation } from "#sim/observation.ts";

/**
 * What a server has told others, or itself, that it will still know after a crash: the most that its messages promised as
 * they left. A promised entry stops to be one when the server cuts it from its log, which Raft allows for entries that were
 * not committed.
 */
export interface Promised {
  readonly term: Term;
  /** The vote promised in that term; null: none was. */
  readonly votedFor: ServerId | null;
  /** The last entry of the log that was promised; null: none is. */
  readonly log: { readonly index: Index; readonly term: Term } | null;
}

/** By server; a server without one has promised nothing. */
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

const NOTHING: Promised = { term: 0, votedFor: null, log: null };

/** Takes the next observation in, in place. */
export function foldPromises(promises: Promises, observation: Observation): void {
  switch (observation.type) {
    case "send": {
      const { hardState, log } = observation.message.obligation;
      if (hardState === null && log === null) return;
      const before = promises.get(observation.server) ?? NOTHING;
      promises.set(observation.server, {
        ...hardStateAfter(before, hardState),
        log: furthest(before.log, log),
      });
      return;
    }
    case "truncate": {
      const before = promises.get(observation.server);
      const { removed, from } = observation;
      if (before?.log == null || before.log.index < from) return;
      const rest = from - 1;
      const first = removed[0];
      const term = first === undefined ? before.log.term : Math.min(first.term, before.log.term);
      promises.set(observation.server, {
        ...before,
        log: rest === 0 ? null : { index: rest, term },
      });
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
    forgotten.push({ what: "term", text: `forgot term ${term}; it is back in ${kept.currentTerm}` });
  }
  if (votedFor !== null && kept.currentTerm <= term && kept.votedFor !== votedFor) {
    forgotten.push({ what: "vote", text: `forgot the vote it gave to ${votedFor} in term ${term}` });
  }
  if (log !== null && log.index > kept.baseIndex) {
    const last = kept.baseIndex + kept.entries.length;
    if (last < log.index) {
      const text = `forgot entries ${last + 1} to ${log.index}, which it had acknowledged`;
      forgotten.push({ what: "log", text });
    } else if ((kept.entries[log.index - kept.baseIndex - 1]?.term ?? 0) < log.term) {
      const text = `has another entry ${log.index} than the one it had acknowledged`;
      forgotten.push({ what: "log", text });
    }
  }
  return forgotten;
}

function hardStateAfter(
  before: Promised,
  owed: { readonly term: Term; readonly votedFor: ServerId | null } | null,
): Pick<Promised, "term" | "votedFor"> {
  if (owed === null || owed.term < before.term) return before;
  if (owed.term > before.term) return { term: owed.term, votedFor: owed.votedFor };
  return { term: before.term, votedFor: owed.votedFor ?? before.votedFor };
}

function furthest(before: Promised["log"], owed: Promised["log"]): Promised["log"] {
  if (owed === null) return before;
  if (before === null || owed.term > before.term) return owed;
  return owed.index > before.index && owed.term >= before.term ? owed : before;
}
