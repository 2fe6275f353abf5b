import type { ServerId } from "#raft/types.ts";
import { weightiest } from "./blame.ts";
import type { SettledEntry } from "./scene.ts";
import type { Family } from "./types.ts";

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
  /** By block: how many servers lack it because a disk broke an assumption, or because they rightly refuse a damaged one. */
  readonly robbed: readonly number[];
  readonly spoiled: readonly number[];
  /** By vote: how many servers that boot may vote for another candidate in that term. */
  readonly free: readonly number[];
  /** Servers that do not boot. */
  readonly dead: readonly { readonly server: ServerId; readonly family: Family }[];
  /** Broken promises about terms and votes. */
  readonly forgotten: readonly {
    readonly server: ServerId;
    readonly what: "term" | "vote";
    readonly family: Family;
  }[];
}

const COUNTS = ["no server", "one server", "two servers", "three servers", "four servers"];
const NUMBERS = ["none", "one", "two", "three", "four", "five", "six", "seven"];

const SOUND = "every server boots, and each acknowledged entry and each vote is where it must be";

/** What a combination comes to: the worst of it. Combinations of one kind are told in one sentence. */
export interface Verdict {
  /** Null: it is good. */
  readonly family: Family | null;
  readonly kind: string;
  /** The entries that are on too few servers; null: it is about something else. */
  readonly lost: Range | null;
  /** In words; `isAlways`: all combinations of this kind are about these entries, and not about later ones. */
  text(lost: Range | null, isAlways: boolean): string;
}

interface Range {
  readonly first: number;
  readonly last: number;
}

export function verdictOf(
  tally: Tally,
  blocks: readonly Block[],
  votes: readonly Vote[],
  servers: number,
  quorum: number,
): Verdict {
  const loss = lossOf(tally, blocks, servers, quorum);
  if (loss !== null) return loss;
  const vote = voteText(tally, votes, quorum);
  const text = vote ?? deadText(tally, servers, quorum);
  if (text === null) return { family: null, kind: SOUND, lost: null, text: () => SOUND };
  const family = weightiest(
    (vote === null ? tally.dead : tally.forgotten).map((each) => each.family),
  );
  const told = because(text, family);
  return { family, kind: `${text} ${family}`, lost: null, text: () => told };
}

/** Entries that are on too few servers: the earliest of those that a client was told of, and those after it on as few. */
function lossOf(
  { held, robbed, spoiled, dead }: Tally,
  blocks: readonly Block[],
  servers: number,
  quorum: number,
): Verdict | null {
  const booting = servers - dead.length;
  const lossBy = (i: number): Family | null => {
    const kept = held[i] ?? 0;
    const excused = kept + (robbed[i] ?? 0);
    if (kept >= quorum) return null;
    if (excused >= quorum) return "assumption-broken";
    return excused + (spoiled[i] ?? 0) >= quorum ? "unavailable-by-design" : "violation";
  };
  const worst = weightiest(held.flatMap((_, i) => lossBy(i) ?? []));
  const isWorst = (i: number): boolean => worst !== null && lossBy(i) === worst;
  const told = held.findIndex((_, i) => isWorst(i) && blocks[i]?.entry.acknowledged === true);
  const first = told >= 0 ? told : held.findIndex((_, i) => isWorst(i));
  const block = blocks[first];
  if (block === undefined || booting === 0) return null;
  const count = held[first] as number;
  const { index, acknowledged } = block.entry;
  let { last } = block;
  for (let i = first + 1; held[i] === count; i++) {
    const next = blocks[i];
    if (next?.entry.acknowledged !== acknowledged || !isWorst(i)) break;
    last = next.last;
  }
  const whose = acknowledged ? "acknowledged to a client" : "committed by a leader";
  const where = placesText(count, booting, servers);
  return {
    family: worst,
    kind: `${whose} ${where} ${worst}`,
    lost: { first: index, last },
    text: (lost, isAlways) => {
      const isOne = isAlways && lost?.first === lost?.last;
      const text = `${entriesText(lost, isAlways)}, ${whose}, ${isOne ? "is" : "are"} ${where}`;
      return because(text, worst);
    },
  };
}

function because(text: string, family: Family | null): string {
  if (family === "assumption-broken") return `${text}; but a disk has broken its word`;
  if (family === "unavailable-by-design") return `${text}; but a disk is damaged`;
  return text;
}

function entriesText(lost: Range | null, isAlways: boolean): string {
  if (lost === null) return "entries";
  if (!isAlways) return `entries, from ${lost.first} on in the worst case`;
  return lost.first === lost.last ? `entry ${lost.first}` : `entries ${lost.first} to ${lost.last}`;
}

function placesText(count: number, booting: number, servers: number): string {
  if (booting === 1 && servers > 1) {
    return `${count === 0 ? "not" : "left only"} on the one server that boots`;
  }
  const of = booting === servers ? numberText(servers) : `the ${numberText(booting)} that boot`;
  return `left on ${COUNTS[count] ?? `${count} servers`} of ${of}`;
}

/** A term that can have two leaders; else what was forgotten of votes, else of terms. */
function voteText(
  { forgotten, free }: Tally,
  votes: readonly Vote[],
  quorum: number,
): string | null {
  if (forgotten.length === 0) return null;
  const twice = votes.find((vote, i) => vote.given >= quorum && (free[i] as number) >= quorum);
  if (twice !== undefined) {
    const { term, candidate } = twice;
    return `term ${term} can have two leaders: ${numberText(quorum)} servers are free to vote in it for another than ${candidate}`;
  }
  const voters = forgotten.filter(({ what }) => what === "vote");
  const kind = voters.length > 0 ? "vote" : "term";
  const servers = forgotten.filter(({ what }) => what === kind).map(({ server }) => server);
  if (kind === "term")
    return `${listed(servers)} forgot ${servers.length === 1 ? "its" : "their"} term`;
  return `${listed(servers)} forgot ${servers.length === 1 ? "its vote" : "their votes"}, and can vote again`;
}

function deadText({ dead }: Tally, servers: number, quorum: number): string | null {
  if (dead.length === 0) return null;
  if (dead.length === servers) return "no server boots";
  const names = dead.map(({ server }) => server);
  const verb = dead.length === 1 ? "does" : "do";
  const left = servers - dead.length < quorum ? ", which leaves no quorum" : "";
  return `${listed(names)} ${verb} not boot${left}`;
}

function numberText(count: number): string {
  return NUMBERS[count] ?? `${count}`;
}

function listed(names: readonly string[]): string {
  if (names.length <= 1) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
