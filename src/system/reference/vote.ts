import type { ServerId, Term } from "#raft/types.ts";
import { encodeFlush, recordOf } from "./record.ts";

/** Term and vote in a file of their own: `vote-by-rename` and `vote-unsynced`. */
export const HARD_STATE = "hardstate";
export const HARD_STATE_NEW = "hardstate.tmp";

export interface HardState {
  readonly term: Term;
  readonly votedFor: ServerId | null;
}

export function hasVoteApart(bugs: ReadonlySet<string>): boolean {
  return bugs.has("vote-by-rename") || bugs.has("vote-unsynced");
}

/** One record, as in the log. */
export function encodeVote({ term, votedFor }: HardState): Uint8Array {
  return encodeFlush([{ type: "hard-state", term, votedFor }], 0);
}

/** Or why the file holds none. */
export function decodeVote(bytes: Uint8Array): HardState | string {
  const found = recordOf(bytes, 0);
  if (typeof found === "string") return found;
  const { record } = found;
  return record.type === "hard-state" ? record : "the record is no hard state";
}
