import type { ServerId } from "#raft/types.ts";
import type { SettledEntry } from "./scene.ts";

/** Entries from `entry` to `last` that every outcome of every server keeps or loses alike. */
export interface Block {
  readonly entry: SettledEntry;
  readonly last: number;
}

/** A vote that was promised and that some outcome forgets. */
export interface Vote {
  readonly term: number;
  readonly candidate: ServerId;
  /** Servers that promised it. */
  readonly given: number;
}

/** The figures of one combination, as far as a static verdict needs them. */
export interface Tally {
  /** By block: how many servers that boot have it. */
  readonly held: readonly number[];
  /** By vote: how many servers that boot may vote for another candidate in that term. */
  readonly free: readonly number[];
  /** Servers that do not boot. */
  readonly dead: readonly ServerId[];
  /** Broken promises about terms and votes: "A forgot the vote it gave to B in term 6". */
  readonly forgotten: readonly string[];
}

const COUNTS = ["no server", "one server", "two servers", "three servers", "four servers"];
const NUMBERS = ["none", "one", "two", "three", "four", "five", "six", "seven"];

const SOUND =
  "every server boots, knows its term and its vote, and all that was acknowledged is on a quorum";

/** What such a combination comes to, the worst of it first. */
export function combinationText(
  tally: Tally,
  blocks: readonly Block[],
  votes: readonly Vote[],
  servers: number,
  quorum: number,
): { readonly good: boolean; readonly text: string } {
  const sentences = [
    lossText(tally, blocks, servers, quorum),
    voteText(tally, votes, quorum),
    deadText(tally, servers, quorum),
  ].filter((sentence) => sentence !== null);
  return { good: sentences.length === 0, text: sentences.join("; ") || SOUND };
}

/** Entries that are on too few servers: the earliest, and those after it that are on as few. */
function lossText(
  { held, dead }: Tally,
  blocks: readonly Block[],
  servers: number,
  quorum: number,
): string | null {
  const first = held.findIndex((count) => count < quorum);
  const block = blocks[first];
  if (block === undefined) return null;
  const count = held[first] as number;
  const { index, acknowledged } = block.entry;
  let { last } = block;
  for (let i = first + 1; held[i] === count; i++) {
    const next = blocks[i];
    if (next?.entry.acknowledged !== acknowledged) break;
    last = next.last;
  }
  const what = index === last ? `entry ${index}` : `entries ${index} to ${last}`;
  const whose = acknowledged ? "acknowledged to a client" : "committed by a leader";
  const verb = index === last ? "is" : "are";
  const boots = dead.length > 0 ? " that boots" : "";
  const of = NUMBERS[servers] ?? `${servers}`;
  return `${what}, ${whose}, ${verb} left on ${COUNTS[count] ?? `${count} servers`}${boots} of ${of}`;
}

function voteText(
  { forgotten, free }: Tally,
  votes: readonly Vote[],
  quorum: number,
): string | null {
  if (forgotten.length === 0) return null;
  const twice = votes.find((vote, i) => vote.given >= quorum && (free[i] as number) >= quorum);
  const text = forgotten.join(" and ");
  return twice === undefined ? text : `${text}: term ${twice.term} can have two leaders`;
}

function deadText({ dead }: Tally, servers: number, quorum: number): string | null {
  if (dead.length === 0) return null;
  const verb = dead.length === 1 ? "does" : "do";
  const left = servers - dead.length < quorum ? ", which leaves no quorum" : "";
  return `${dead.join(" and ")} ${verb} not boot${left}`;
}
