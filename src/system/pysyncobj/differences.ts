import { toHex } from "#base/bytes.ts";
import type { Entry, Message } from "#raft/types.ts";
import { asRecorded } from "./cut.ts";
import { decodeDump } from "./dump.ts";
import { commandText } from "./format.ts";
import { type Emitted, messageText, type Shown, stateOf } from "./replay-seen.ts";
import type { PySyncObj } from "./server.ts";
import {
  type Checkpoint,
  isJsonObject,
  type Json,
  type LogWindow,
  type RecordedEvent,
  type RecordedState,
} from "./trace.ts";

/** A field that the record and the model do not agree on. */
export interface FieldDifference {
  readonly field: string;
  readonly wanted: Json;
  readonly mine: Json;
}

type Pair = readonly [field: string, wanted: Json, mine: Json];

/** The first pair whose sides differ; null when none does. */
export function firstDifference(pairs: readonly Pair[]): FieldDifference | null {
  for (const [field, wanted, mine] of pairs) {
    if (JSON.stringify(wanted) !== JSON.stringify(mine)) return { field, wanted, mine };
  }
  return null;
}

export function stateDifference(
  wanted: RecordedState,
  mine: RecordedState,
): FieldDifference | null {
  const { log, commitIndex, lastApplied } = wanted;
  const pairs: Pair[] = [
    ["state", wanted.role, mine.role],
    ["term", wanted.term, mine.term],
    ["votedFor", wanted.votedFor, mine.votedFor],
    ["leader", wanted.leader, mine.leader],
  ];
  if (log !== null) pairs.push(["log", windowJson(log), windowJson(mine.log)]);
  // These two are null while the node is being constructed.
  if (commitIndex !== null) pairs.push(["commitIndex", commitIndex, mine.commitIndex]);
  if (lastApplied !== null) pairs.push(["lastApplied", lastApplied, mine.lastApplied]);
  return firstDifference(pairs);
}

/** At a checkpoint the whole log and the state machine are recorded, too. */
export function checkpointDifference(
  wanted: Checkpoint,
  server: PySyncObj,
  values: ReadonlyMap<string, string> | null,
): FieldDifference | null {
  const log = server.log.entries.slice(0, server.log.length);
  const words = ({ index, term, command }: Entry, at: number): Json => {
    return [index, term, asRecorded(wanted.log[at]?.[2] ?? null, commandText(command))];
  };
  const pairs: Pair[] = [
    ["log", wanted.log.map((entry) => [...entry]), log.map(words)],
    ["ready", wanted.ready, server.onReadyCalled],
    ["leaderCommitIndex", wanted.leaderCommitIndex, server.leaderCommitIndex],
  ];
  const map = wanted.values;
  if (map !== null && values !== null) {
    const mine = [...values].map(([key, value]) => [key, asRecorded(map[key] ?? null, value)]);
    pairs.push(["kv", Object.entries(map).map(textPair).sort(), mine.sort()]);
  }
  return stateDifference(wanted.state, stateOf(server)) ?? firstDifference(pairs);
}

/** Where in the journal something was stored, and how its header moved. */
export function storesDifference(
  { fields }: RecordedEvent,
  { stores, offsets }: Pick<Emitted, "stores" | "offsets">,
): FieldDifference | null {
  const disk = isJsonObject(fields.disk) ? fields.disk : {};
  const recorded = Array.isArray(disk.stores) ? (disk.stores as readonly Json[]) : [];
  const places = recorded.map((each) =>
    isJsonObject(each) ? [each.off ?? null, each.len ?? null, each.resize ?? null] : null,
  );
  const header = fields.lastRecordOffset;
  return firstDifference([
    ["disk.stores", places, stores.map(({ off, len, resize }) => [off, len, pairOf(resize)])],
    ["lastRecordOffset", header ?? [...offsets], [...offsets]],
  ]);
}

function pairOf(pair: readonly [number, number] | undefined): Json {
  return pair === undefined ? null : [...pair];
}

export function textPair([key, value]: readonly [string, Json]): [string, string] {
  return [key, String(value)];
}

/** What two dumps hold. The bytes themselves are compressed, and say when they were. */
export function dumpDifference(wanted: Uint8Array, mine: Uint8Array): FieldDifference | null {
  return firstDifference([["dump", dumpJson(wanted), dumpJson(mine)]]);
}

function dumpJson(bytes: Uint8Array): Json {
  const found = decodeDump(bytes);
  if (!found.ok) return `${found.name}: ${found.reason}`;
  const { state, previous, last, cluster } = found.value;
  const entry = ({ index, term, command }: Entry): Json => [index, term, toHex(command)];
  const map = state.values.map(({ key, value }) => [key, value]);
  return [map, state.beyond, entry(last), entry(previous), [...cluster].sort()];
}

export function sameState(a: RecordedState, b: RecordedState): boolean {
  return (
    a.role === b.role &&
    a.term === b.term &&
    a.votedFor === b.votedFor &&
    a.leader === b.leader &&
    sameWindow(a.log, b.log) &&
    a.commitIndex === b.commitIndex &&
    a.lastApplied === b.lastApplied
  );
}

export function sameWindow(a: LogWindow | null, b: LogWindow | null): boolean {
  return JSON.stringify(windowJson(a)) === JSON.stringify(windowJson(b));
}

function windowJson(window: LogWindow | null): Json {
  if (window === null) return null;
  const { first, tail, length } = window;
  return { first: [...first], tail: [...tail], length };
}

export function channel(message: Message): string {
  return `${message.name}/${message.to}`;
}

/** Of the kind that the recorder leaves out when it says nothing new: no entries, or that all is well. */
export function isHeartbeat({ name, entries, fields }: Message): boolean {
  if (name === "append_entries") return entries.length === 0;
  return name === "next_node_idx" && fields.success === true;
}

export function isToAnother(a: Shown, b: Shown): boolean {
  return a.type === "send" && b.type === "send" && a.message.to !== b.message.to;
}

export function effectText(effect: Shown): string {
  switch (effect.type) {
    case "send":
      return `send ${messageText(effect.message)}`;
    case "append":
      return `append ${effect.entries.map(({ index, term }) => `(${index},${term})`).join(" ")}`;
    case "apply":
      return `apply (${effect.entry.index},${effect.entry.term})`;
    case "reply":
      return `reply ${effect.result.code}`;
    case "store":
      return `store ${effect.what}`;
    case "rebase":
      return `cut the journal up to ${effect.baseIndex} (${effect.reason})`;
    default:
      return effect.type;
  }
}
