import type { Forgotten } from "#audit/promises.ts";
import { lastIndex, lastTerm } from "#raft/log.ts";
import type { Entry, Index, ServerMemory, Term } from "#raft/types.ts";
import type { BootFate } from "./types.ts";

/** The mildest first. */
export const BOOT_FATES: readonly BootFate[] = [
  "boots",
  "boots-having-forgotten",
  "boots-having-lost",
  "boots-garbled",
  "stuck",
  "refuses",
  "poisons-term",
];

/** What is known of a server that has booted from a crash state. */
export interface Examined {
  readonly memory: ServerMemory;
  /** What it had promised and no longer knows. */
  readonly forgotten: readonly Forgotten[];
  /** Entries that a client was told are kept, that counted on it, and that it no longer has: their indexes, in order. */
  readonly lost: readonly Index[];
  /** Entries of it that its log had never held; and up to which index they were promised. */
  readonly strange: readonly Entry[];
  readonly promisedTo: number;
  /** Its state machine is one that its log never came to. */
  readonly isMisapplied: boolean;
  /** The highest term that anybody has had; null: not known. */
  readonly highestTerm: Term | null;
  /** What keeps it from getting ready by the system's own rules; null: nothing does, or there are no such rules. */
  readonly obstacle: string | null;
}

export interface ToldFate {
  readonly fate: BootFate;
  /** Why, in a sentence without its subject; null: there is nothing to explain. */
  readonly because: string | null;
}

/** What a crash has made of a server, the worst of it. One that does not boot refuses, and is not examined. */
export function fateOf(examined: Examined): ToldFate {
  const { memory, forgotten, strange, promisedTo, isMisapplied, highestTerm } = examined;
  const poison = highestTerm === null ? null : poisonIn(memory, highestTerm);
  if (poison !== null) return { fate: "poisons-term", because: poison };
  const obstacle = misfitOf(memory) ?? examined.obstacle;
  if (obstacle !== null) return { fate: "stuck", because: obstacle };
  const unpromised = strange.find(({ index }) => index > promisedTo);
  if (unpromised !== undefined) {
    const because = `holds an entry ${unpromised.index} that nobody wrote like that`;
    return { fate: "boots-garbled", because };
  }
  const altered = strange[0];
  const lost = forgotten.find(({ what }) => what === "log")?.text;
  if (lost !== undefined) return { fate: "boots-having-lost", because: lost };
  if (altered !== undefined) {
    const because = `holds entry ${altered.index}, which it had acknowledged, with other bytes`;
    return { fate: "boots-having-lost", because };
  }
  if (examined.lost.length > 0) {
    return { fate: "boots-having-lost", because: lostText(examined.lost) };
  }
  if (isMisapplied) {
    return { fate: "boots-garbled", because: "has a state machine that its log never came to" };
  }
  const [first] = forgotten;
  return first === undefined
    ? { fate: "boots", because: null }
    : { fate: "boots-having-forgotten", because: first.text };
}

function lostText(lost: readonly Index[]): string {
  const [first = 0, ...rest] = lost;
  const last = rest.at(-1);
  return last === undefined
    ? `no longer has entry ${first}, which a client was told is kept`
    : `no longer has entries ${first} to ${last}, which clients were told are kept`;
}

/** A term above all others deposes whoever leads, and a log that ends in one is better than every other in an election. */
function poisonIn({ currentTerm, log }: ServerMemory, highestTerm: Term): string | null {
  if (log.length > 0 && lastTerm(log) > highestTerm) {
    return `has a last entry of term ${lastTerm(log)}, and nobody was ever beyond term ${highestTerm}`;
  }
  if (currentTerm > highestTerm) {
    return `is in term ${currentTerm}, and nobody was ever beyond term ${highestTerm}`;
  }
  return null;
}

/** Indexes that the log has no entries for: what is to be applied next is not there. */
function misfitOf({ commitIndex, lastApplied, log }: ServerMemory): string | null {
  const last = lastIndex(log);
  if (lastApplied < log.baseIndex) {
    return `has applied entries up to ${lastApplied}, and its log begins after ${log.baseIndex}`;
  }
  return commitIndex > last
    ? `takes entries up to ${commitIndex} for committed, and its log ends at ${last}`
    : null;
}

/** The worst of several servers'. */
export function worstFate(told: readonly ToldFate[]): ToldFate {
  return told.reduce(
    (worst, each) => (severityOf(each.fate) > severityOf(worst.fate) ? each : worst),
    {
      fate: "boots",
      because: null,
    },
  );
}

export function severityOf(fate: BootFate): number {
  return BOOT_FATES.indexOf(fate);
}
