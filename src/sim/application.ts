import { draw } from "#base/rng.ts";
import type { Entry, Index, StateImage } from "#raft/types.ts";
import type { Command, StateMachine } from "#system/contract.ts";

/** A server's state machine: a map, with a digest that changes by what changed. */
export interface Application {
  readonly values: Map<string, { readonly value: string; readonly index: Index }>;
  /** The index of the last entry applied; 0: none. */
  lastApplied: Index;
  /** The index of the last compare-and-set that found something else than it expected; 0: none yet. */
  missed: Index;
  /** Sum over all keys of a 64-bit hash of key and value, as two 32-bit lanes. */
  high: number;
  low: number;
}

export function createApplication(): Application {
  return { values: new Map(), lastApplied: 0, missed: 0, high: 0, low: 0 };
}

/** What a snapshot of it would carry. Costs as much as the map is large. */
export function imageOf(application: Application): StateImage {
  const rest = createApplication();
  rest.high = application.high;
  rest.low = application.low;
  const values = [...application.values]
    .map(([key, { value, index }]) => ({ key, value, index }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const { key, value } of values) add(rest, key, value, -1);
  return { lastApplied: application.lastApplied, values, beyond: applicationDigest(rest) };
}

/** The state machine that a snapshot carries. */
export function applicationFrom({ lastApplied, values, beyond }: StateImage): Application {
  const application = createApplication();
  application.lastApplied = lastApplied;
  application.high = Number.parseInt(beyond.slice(0, 8), 16) | 0;
  application.low = Number.parseInt(beyond.slice(8), 16) | 0;
  for (const { key, value, index } of values) put(application, key, value, index);
  return application;
}

export function cloneApplication(application: Application): Application {
  return { ...application, values: new Map(application.values) };
}

export interface Applied {
  readonly text: string;
  readonly key: string | null;
  readonly value: string | null;
}

/** Applies one entry; returns what it did. */
export function applyEntry(application: Application, entry: Entry, decoded: Decoded): Applied {
  const { command, text } = decoded;
  application.lastApplied = entry.index;
  switch (command.type) {
    case "set":
      put(application, command.key, command.value, entry.index);
      return { text, key: command.key, value: command.value };
    case "delete":
      remove(application, command.key);
      return { text, key: command.key, value: null };
    case "compare-and-set": {
      const now = application.values.get(command.key)?.value ?? null;
      if (now !== command.expected) {
        application.missed = entry.index;
        return { text: `${text} (it is not)`, key: null, value: null };
      }
      put(application, command.key, command.value, entry.index);
      return { text, key: command.key, value: command.value };
    }
    case "increment": {
      const value = sumOf(application.values.get(command.key)?.value, command.by);
      put(application, command.key, value, entry.index);
      return { text, key: command.key, value };
    }
    case "opaque": {
      // What it does is unknown; that it was applied, and in which order, must still show in the digest.
      const seed = (application.low ^ application.high) | 0;
      application.low = (application.low + draw(seed, command.text)) | 0;
      application.high = (application.high + draw(~seed, command.text)) | 0;
      return { text, key: null, value: null };
    }
    case "no-op":
      return { text, key: null, value: null };
  }
}

/** Sixteen hexadecimal digits: equal for equal maps. */
export function applicationDigest(application: Application): string {
  const high = (application.high >>> 0).toString(16).padStart(8, "0");
  return high + (application.low >>> 0).toString(16).padStart(8, "0");
}

export interface Decoded {
  readonly command: Command;
  /** In words: `set leader = A`. */
  readonly text: string;
}

/** What entries mean, decoded once for all servers that share them. */
export class Decoder {
  readonly #machine: StateMachine;
  readonly #known = new WeakMap<Entry, Decoded>();

  constructor(machine: StateMachine) {
    this.#machine = machine;
  }

  decode(entry: Entry): Decoded {
    let decoded = this.#known.get(entry);
    if (decoded === undefined) {
      const command = this.#machine.decode(entry.command);
      decoded = { command, text: inWords(command) };
      this.#known.set(entry, decoded);
    }
    return decoded;
  }
}

function inWords(command: Command): string {
  switch (command.type) {
    case "set":
      return `set ${command.key} = ${command.value}`;
    case "delete":
      return `delete ${command.key}`;
    case "compare-and-set":
      return `set ${command.key} = ${command.value} if it is ${command.expected ?? "absent"}`;
    case "increment":
      return `add ${command.by} to ${command.key}`;
    case "no-op":
      return command.text ?? "no-op";
    case "opaque":
      return command.text;
  }
}

/** Of two decimal numbers of any length. What is none, or is not there, counts as 0. */
function sumOf(value: string | undefined, by: string): string {
  return (numberIn(value ?? "") + numberIn(by)).toString();
}

function numberIn(text: string): bigint {
  return /^-?[0-9]+$/.test(text) ? BigInt(text) : 0n;
}

function put(application: Application, key: string, value: string, index: Index): void {
  remove(application, key);
  application.values.set(key, { value, index });
  add(application, key, value, 1);
}

function remove(application: Application, key: string): void {
  const old = application.values.get(key);
  if (old === undefined) return;
  application.values.delete(key);
  add(application, key, old.value, -1);
}

function add(application: Application, key: string, value: string, sign: 1 | -1): void {
  const pair = `${key.length}:${key}${value}`;
  application.low = (application.low + sign * draw(1, pair)) | 0;
  application.high = (application.high + sign * draw(2, pair)) | 0;
}
