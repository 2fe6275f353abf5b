import type { ServerId } from "#raft/types.ts";
import type { Verdict } from "#sim/frame.ts";
import type { Happening, Observation } from "#sim/observation.ts";
import type { Tale } from "./explanation/tale.ts";
import { type Ghost, isOnDamage, type Question, quorumOf } from "./ghost.ts";
import type { Stretch } from "./stretch.ts";

/** What a check is, for lists and menus. */
export interface CheckInfo {
  readonly id: string;
  readonly title: string;
  /** In one sentence, what must hold. */
  readonly about: string;
  /** Raft paper section or other source. */
  readonly source: string;
}

/** One property of a run. It keeps no state of its own: what must be remembered is the ghost's. */
export interface Check extends CheckInfo {
  /** The kinds of observations that can break it. */
  readonly on: readonly Happening["type"][];
  /** Called right after the ghost has taken the observation in. Null: nothing wrong. */
  test(ghost: Ghost, observation: Observation): Finding | null;
  /** What shows only when the run is over; null: nothing more. */
  readonly testEnd: ((ghost: Ghost) => Finding | null) | null;
  /** While it holds: of what it could not decide that. Empty, or left out: of nothing. */
  remark?(ghost: Ghost): string;
  /** What it must know of the disks, without which it judges nothing; left out: nothing. */
  readonly asks?: Question;
  /** Says how it came about. */
  tell(tale: Tale, broken: Break): void;
}

/** What a check found wrong. */
export interface Finding {
  readonly family: Verdict["family"];
  /** In one sentence, what was seen. */
  readonly text: string;
  readonly server: ServerId;
  /** Sequence of the earlier observation that it contradicts, when there is one. */
  readonly against: number | null;
  /** The log entries it is about, when it is about some. */
  readonly entries: Stretch | null;
}

export interface Break extends Finding {
  readonly sequence: number;
  readonly step: number;
}

/**
 * The family of a break that rests on the whole run. Once a leader or a commit stood on a promise that a disk had made
 * impossible to keep, Raft promises nothing any more; and where media are damaged on a quorum, it never promised that data
 * stays. Nothing else excuses a break.
 */
export function familyOf(ghost: Ghost): Verdict["family"] {
  if (ghost.unsound === null) return "violation";
  if (ghost.unsound.blame !== "rot") return "assumption-broken";
  const damaged = [...ghost.servers.keys()].filter((server) => isOnDamage(ghost, server));
  return damaged.length >= quorumOf(ghost) ? "unavailable-by-design" : "assumption-broken";
}

/** Of two families, does the first weigh more? What somebody is to blame for weighs more than what nobody could help. */
export function outweighs(family: Verdict["family"], than: Verdict["family"]): boolean {
  return WEIGHTS.indexOf(family) < WEIGHTS.indexOf(than);
}

const WEIGHTS: readonly Verdict["family"][] = [
  "violation",
  "broken-promise",
  "assumption-broken",
  "unavailable-by-design",
];
