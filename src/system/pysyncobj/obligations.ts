import type { ObligationRow } from "#raft/protocol.ts";
import type { Obligation } from "#raft/types.ts";
import { currentLogIndex, entriesAt, type PySyncObj } from "./server.ts";

/** What the paper asks of each message. The library holds none of them back: they leave as they are handed out. */
export const OBLIGATIONS: readonly ObligationRow[] = [
  {
    message: "request_vote",
    owes: "The new term and the vote for oneself. 0.3.14 writes neither; PR #202 writes both, and syncs nothing (meta-not-synced).",
    source: "Raft paper, Figure 2, persistent state; syncobj.py:579-596, 2ec056d",
  },
  {
    message: "response_vote",
    owes: "The term and the vote that is given. 0.3.14 writes neither; PR #202 writes both, and syncs nothing (meta-not-synced).",
    source: "Raft paper, section 5.2; syncobj.py:875-882, 2ec056d",
  },
  {
    message: "append_entries",
    owes: "Nothing new: the term was owed by the candidacy, and a piece of a dump stands for entries that are committed. The leader counts its own entries at once all the same.",
    source: "Raft paper, sections 5.3 and 7; syncobj.py:598-621 and serializer.py:117-155, 2ec056d",
  },
  {
    message: "next_node_idx",
    owes: "The term, and on success the log up to the index before next_node_idx. It is in the page cache by then, not on the disk (journal-not-synced-on-write). After the last piece of a dump it owes the dump and its two entries, which are not synced either.",
    source:
      "Raft paper, Figure 2, AppendEntries receiver, and Figure 13; syncobj.py:884-959, journal.py:196-203 and serializer.py:157-203, 2ec056d",
  },
  {
    message: "apply_command",
    owes: "Nothing: the paper's clients go to the leader themselves.",
    source: "syncobj.py:498-511, 2ec056d",
  },
  {
    message: "apply_command_response",
    owes: "Nothing yet: it names the place in the log that the command was given, not that it is committed.",
    source: "syncobj.py:476-485, 2ec056d",
  },
];

export function owesHardState({ currentTerm: term, votedFor }: PySyncObj): Obligation {
  return { hardState: { term, votedFor }, log: null };
}

/** Of a successful next_node_idx: all before the index it names. */
export function owesLog(server: PySyncObj, nextNodeIdx: number): Obligation {
  const { log } = server;
  const last = entriesAt(log, Math.min(nextNodeIdx - 1, currentLogIndex(log)), 1)[0];
  if (last === undefined) return owesHardState(server);
  return { ...owesHardState(server), log: { index: last.index, term: last.term } };
}
