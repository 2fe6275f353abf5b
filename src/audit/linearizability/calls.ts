import type { ClientOperation, Index, ServerId } from "#raft/types.ts";

/** One operation of a client on one key, from its question to its answer. */
export interface Call {
  readonly client: string;
  readonly server: ServerId;
  readonly key: string;
  /** A compare-and-set that found something else than it expected counts as a read of that. */
  kind: "write" | "read" | "compare-and-set" | "increment";
  /** What is written, or added; null: the key is taken away. */
  readonly value: string | null;
  readonly expected: string | null;
  /** Sequence and step of the question. */
  readonly asked: number;
  readonly askedStep: number;
  /** Sequence and step of the answer; infinite while there is none, and for ever when nobody knows what came of it. */
  answered: number;
  answeredStep: number;
  /** What the answer said of the key; null: nothing, or not yet. */
  told: State | null;
  /** Where the answer said that the log has it; null: it said nothing of a log. */
  index: Index | null;
  /** `waiting`: not answered; `done`: answered; `maybe`: it may or may not happen, now or later. */
  status: "waiting" | "done" | "maybe";
  /** It has been waiting for so long that its answer is not judged any more. */
  isOverdue: boolean;
}

/** What a key may hold: a value behind an equals sign, nothing, or what nobody has seen yet. */
export type State = `=${string}` | typeof ABSENT | typeof ANYTHING;

export const ABSENT = "-";
export const ANYTHING = "?";

/** The kind of call that an operation is; null: it is not about the map. */
export function kindOf({ type }: ClientOperation): Call["kind"] | null {
  return type === "add-server" || type === "remove-server" ? null : type;
}

export function stateOf(value: string | null): State {
  return value === null ? ABSENT : `=${value}`;
}

/** Does it change the key without looking at it, or telling anything of it? */
export function isBlind({ kind }: Call): boolean {
  return kind === "write";
}

/** What the key holds after the call; null: it cannot have happened in this state. */
export function after(call: Call, state: State): State | null {
  switch (call.kind) {
    case "write":
      return stateOf(call.value);
    case "read":
      return fits(state, call.told) ? (call.told ?? state) : null;
    case "compare-and-set":
      return fits(state, stateOf(call.expected)) ? stateOf(call.value) : null;
    case "increment": {
      if (state === ANYTHING) return call.told ?? ANYTHING;
      const sum = stateOf((numberIn(state.slice(1)) + numberIn(call.value ?? "")).toString());
      return fits(sum, call.told) ? sum : null;
    }
  }
}

function fits(state: State, told: State | null): boolean {
  return told === null || state === ANYTHING || state === told;
}

/** What is no number counts as 0. */
function numberIn(text: string): bigint {
  return /^-?[0-9]+$/.test(text) ? BigInt(text) : 0n;
}
