import { equalBytes } from "#base/bytes.ts";
import { addBytes, createDigest, digestText } from "#base/digest.ts";
import { draw, scale } from "#base/rng.ts";
import { entriesFrom } from "#raft/log.ts";
import type { Effect, Recovered } from "#raft/protocol.ts";
import type { Entry, Index, Message, ServerId, StateImage, Term } from "#raft/types.ts";

/**
 * Effects as some protocol may hand them out, drawn from a seed: terms and votes, entries, cuts with a later term, and
 * messages that promise all of it. Keeps what any message that has left still promises.
 */
export class History {
  term: Term = 0;
  votedFor: ServerId | null = null;
  log: Entry[] = [];
  /** The last entry that the state machine has: none up to it is overwritten. */
  #applied: Index = 0;
  /** Every entry that was ever handed out, as "index/term", with its command. */
  readonly #known = new Map<string, Uint8Array>();
  #promised: { term: Term; votedFor: ServerId | null } = { term: 0, votedFor: null };
  #promisedLog: Entry[] = [];
  #entries = 0;
  #highest: Term = 0;
  #mayAppend = false;
  #drawn = 0;

  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Some effects, in program order. */
  next(): Effect[] {
    const number = this.choose(10);
    if (number < 3 && this.#mayAppend) return [this.#append(1 + this.choose(3))];
    if (number < 3) return [this.#newTerm(), this.#append(1 + this.choose(3))];
    if (number < 5) return [this.#newTerm()];
    if (number < 6 && this.votedFor === null) return [this.#vote()];
    if (number < 7 && this.log.length > Math.max(1, this.#applied)) return this.#overwrite();
    return [this.#speak()];
  }

  /** The next entry is applied, if there is one. */
  apply(): Effect[] {
    const entry = this.log[this.#applied];
    if (entry === undefined) return [];
    this.#applied = entry.index;
    return [{ type: "apply", entry }];
  }

  /** A state machine that tells how often, and in which order, what was applied. */
  application(): StateImage {
    return stateOf(this.log.slice(0, this.#applied));
  }

  /** A message has left: from now on what it owes must be found again. */
  left({ obligation }: Message): void {
    const { hardState, log } = obligation;
    if (hardState !== null && hardState.term >= this.#promised.term) {
      const { term, votedFor } = hardState;
      const known = term === this.#promised.term ? this.#promised.votedFor : null;
      this.#promised = { term, votedFor: votedFor ?? known };
    }
    if (log === null) return;
    const entry = this.log[log.index - 1];
    if (entry?.term === log.term) {
      this.#promisedLog = this.log.slice(0, Math.max(log.index, this.#promisedLog.length));
    }
  }

  /** What is wrong with what was recovered; null when it keeps every promise and invents nothing. */
  judge(recovered: Recovered): string | null {
    const { term, votedFor } = this.#promised;
    const found = entriesFrom(recovered.log, 1);
    if (recovered.currentTerm < term) return `term ${recovered.currentTerm} after term ${term}`;
    const hasTerm = recovered.currentTerm === term;
    if (hasTerm && votedFor !== null && recovered.votedFor !== votedFor) {
      return `vote ${recovered.votedFor} in term ${term} after a vote for ${votedFor}`;
    }
    for (const [at, entry] of this.#promisedLog.entries()) {
      if (found[at]?.term !== entry.term) return `entry ${entry.index}/${entry.term} is lost`;
    }
    for (const [at, { index, term, command }] of found.entries()) {
      const known = this.#known.get(`${index}/${term}`);
      if (index !== at + 1) return `entry ${index} stands at ${at + 1}`;
      if (known === undefined && this.#entries > 0 && term > 0) {
        return `entry ${index}/${term} was never handed out`;
      }
      if (known === undefined) continue;
      if (!equalBytes(known, command)) return `entry ${index}/${term} is not what it was`;
    }
    const { state } = recovered;
    if (state === undefined) return null;
    const { lastApplied } = state;
    if (lastApplied > found.length) return `the state machine is ahead of the log: ${lastApplied}`;
    const expected = JSON.stringify(stateOf(found.slice(0, lastApplied)));
    const isRight = JSON.stringify({ ...stateOf([]), ...state }) === expected;
    return isRight ? null : `the state machine is not that of entry ${lastApplied}`;
  }

  /**
   * A life begins with what was recovered, its first with what the system itself puts on an empty disk. Nobody writes on in
   * a term whose entries may be lost: entries wait for a new one.
   */
  restart({ currentTerm, votedFor, log, state }: Recovered): void {
    this.term = currentTerm;
    this.votedFor = votedFor;
    this.log = entriesFrom(log, 1);
    this.#applied = state?.lastApplied ?? 0;
    this.#mayAppend = false;
  }

  choose(below: number): number {
    this.#drawn += 1;
    return scale(draw(this.#seed, `history/${this.#drawn}`), 0, below - 1);
  }

  #append(count: number): Effect {
    const added: Entry[] = [];
    for (let each = 0; each < count; each++) {
      this.#entries += 1;
      const command = numbered(this.#entries, this.choose(4) === 0 ? 700 : this.choose(30));
      const entry: Entry = { index: this.log.length + 1, term: this.term, command };
      this.#known.set(`${entry.index}/${entry.term}`, command);
      this.log.push(entry);
      added.push(entry);
    }
    return { type: "append", entries: added };
  }

  #newTerm(): Effect {
    this.#highest = Math.max(this.#highest, this.term) + 1 + this.choose(2);
    this.term = this.#highest;
    this.#mayAppend = true;
    this.votedFor = this.choose(2) === 0 ? null : `s${1 + this.choose(3)}`;
    return { type: "hard-state", term: this.term, votedFor: this.votedFor };
  }

  #vote(): Effect {
    this.votedFor = `s${1 + this.choose(3)}`;
    return { type: "hard-state", term: this.term, votedFor: this.votedFor };
  }

  /** A later leader's entries take the place of some that no majority had. */
  #overwrite(): Effect[] {
    const term = this.#newTerm();
    const from = Math.max(2, this.#applied + 1, this.log.length - this.choose(4));
    this.log.length = from - 1;
    this.#promisedLog.length = Math.min(this.#promisedLog.length, from - 1);
    return [term, { type: "truncate", from }, this.#append(1)];
  }

  #speak(): Effect {
    const { term, votedFor } = this;
    const last = this.log.at(-1);
    const what = this.choose(3);
    const owesLog = what > 0 && last !== undefined;
    return {
      type: "send",
      message: {
        from: "s1",
        to: "s2",
        kind: "append-reply",
        name: "AppendEntriesReply",
        term,
        success: true,
        entries: [],
        fields: {},
        obligation: {
          hardState: what < 2 ? { term, votedFor } : null,
          log: owesLog ? { index: last.index, term: last.term } : null,
        },
      },
    };
  }
}

/** Of a log from its start. No two orders, and no two numbers of applications, come to the same. */
function stateOf(entries: readonly Entry[]): StateImage {
  const digest = createDigest();
  for (const { command } of entries) addBytes(digest, command);
  const lastApplied = entries.length;
  const value = { key: "all", value: digestText(digest), index: lastApplied };
  return { lastApplied, values: lastApplied === 0 ? [] : [value], beyond: "0123456789abcdef" };
}

/** A command of some length that begins with a number. */
function numbered(number: number, padding: number): Uint8Array {
  const command = new Uint8Array(4 + padding).fill(1 + (number % 255));
  new DataView(command.buffer).setUint32(0, number);
  return command;
}
