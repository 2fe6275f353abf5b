import type { ServerId } from "#raft/types.ts";
import type { Verdict } from "#sim/frame.ts";
import type { Happening, Observation } from "#sim/observation.ts";
import type { Tale } from "./explanation/tale.ts";
import type { Ghost } from "./ghost.ts";
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
 * The family of a break that rests on the whole run: once a leader or a commit stood on a promise that a swapped disk
 * had made impossible to keep, Raft promises nothing any more.
 */
export function familyOf(ghost: Ghost): Verdict["family"] {
  return ghost.unsoundSince === null ? "violation" : "assumption-broken";
}
