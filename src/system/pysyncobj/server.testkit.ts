import { createLog } from "#raft/log.ts";
import type { Effect, Input, Recovered, StepContext } from "#raft/protocol.ts";
import { type Entry, type Message, type MessageKind, NOTHING_OWED } from "#raft/types.ts";
import { bugsOfPreset } from "#system/catalogue.ts";
import { encodeDump } from "./dump.ts";
import { commandText, encodeSet, NO_OP } from "./format.ts";
import { LOOP } from "./loop.ts";
import { protocol } from "./protocol.ts";
import type { PySyncObj } from "./server.ts";

// A node of three, in one line each for what it is told and what it does:
//   create("0,1,1", { commit: 2 })      terms of its log's entries; the first entry has index 1
//   "B request_vote t2 last=3/2"        a message from B; 3/2 is an entry: index 3, term 2
//   "B append_entries t1 prev=3/1 commit=3 entries=1,1"

export interface Made {
  readonly server: PySyncObj;
  now: number;
}

interface Start {
  readonly commit?: number;
  readonly bugs?: readonly string[];
  readonly options?: Readonly<Record<string, number>>;
  readonly found?: Partial<Recovered>;
  readonly peers?: readonly string[];
  /** Links that are up. */
  readonly links?: readonly string[];
}

export const UNFIXED = bugsOfPreset("pysyncobj", "0.3.14") ?? [];

export function create(terms: string, start: Start = {}): Made {
  const peers = start.peers ?? ["B", "C"];
  const made: Made = {
    now: 0,
    server: protocol.create(
      {
        id: "A",
        peers,
        incarnation: 1,
        bugs: new Set(start.bugs ?? UNFIXED),
        options: { firstTickDelay: 0, ...start.options },
      },
      {
        currentTerm: 0,
        votedFor: null,
        log: createLog(entriesOf(1, terms)),
        commitIndex: start.commit ?? 1,
        extra: { raftCommitIndex: start.commit ?? null },
        ...start.found,
      },
    ) as PySyncObj,
  };
  give(made, { type: "start" });
  for (const peer of start.links ?? peers) give(made, { type: "link", peer, up: true });
  return made;
}

/** Elected in the next term, with all that it did on the way forgotten. */
export function leader(terms: string, start: Start = {}): Made {
  const made = create(terms, start);
  elect(made);
  for (const peer of made.server.peers) {
    if (made.server.role === "candidate")
      told(made, `${peer} response_vote t${made.server.currentTerm}`);
  }
  return made;
}

/** The election timer rings, and one tick goes by. */
export function elect(made: Made): string[] {
  give(made, { type: "alarm", alarm: "election" });
  return tick(made);
}

/** One tick of the loop up to its poll, some time after the last. */
export function tick(made: Made, later = 0): string[] {
  made.now += later;
  return LOOP.flatMap((phase) =>
    phase.type === "input" ? give(made, { type: "phase", phase: phase.phase }) : [],
  );
}

export function told(made: Made, notation: string, data?: Uint8Array): string[] {
  const message = messageOf(notation);
  return give(made, {
    type: "receive",
    message: data === undefined ? message : { ...message, data },
  });
}

/** The child that writes the dump is done with it. */
export function dumped(made: Made, data: Uint8Array): string[] {
  const values = { lastApplied: made.server.serializer.id + 1 };
  return give(made, { type: "told", subject: "dumped", values, data });
}

/** A full dump of B's whose last two entries have these terms, the last of them this index. */
export function dump(
  index: number,
  terms: readonly [number, number],
  cluster: readonly string[] = ["A", "B", "C"],
): Uint8Array {
  const [previous, last] = entriesOf(index - 1, terms.join());
  if (previous === undefined || last === undefined) throw new Error("two entries");
  const values = [{ key: "k", value: `at ${index}`, index: 0 }];
  const state = { lastApplied: index, values, beyond: "0000000000000000" };
  return encodeDump({ state, previous, last, cluster, self: "B" });
}

export function write(made: Made, key: string, value = "v"): string[] {
  const operation = { id: key, client: "c", type: "write", key, value, expected: null } as const;
  return give(made, { type: "client", operation, command: encodeSet(key, value) });
}

/** The effects in notation; mere information is left out. */
export function give(made: Made, input: Input): string[] {
  const isInfo = (effect: Effect): boolean =>
    effect.type === "notice" && effect.severity === "info";
  return effectsOf(made, input)
    .filter((effect) => !isInfo(effect))
    .map(effectText);
}

export function effectsOf({ server, now }: Made, input: Input): Effect[] {
  const effects: Effect[] = [];
  const context: StepContext = {
    now,
    emit: (effect) => effects.push(effect),
    choose: (_purpose, low) => low,
  };
  protocol.step(server, input, context);
  return effects;
}

export function logOf({ server: { log } }: Made): string {
  return log.entries
    .slice(0, log.length)
    .map(({ term }) => term)
    .join();
}

/** Fields whose values are words. */
const TEXTS = ["command", "transmission"];

const KINDS: Readonly<Record<string, MessageKind>> = {
  request_vote: "vote-request",
  response_vote: "vote-reply",
  append_entries: "append",
  next_node_idx: "append-reply",
  apply_command: "forward",
  apply_command_response: "forward-reply",
};

export function messageOf(notation: string): Message {
  const [from = "", name = "", ...words] = notation.split(" ");
  const term = words[0]?.startsWith("t") ? Number(words.shift()?.slice(1)) : null;
  const fields: Record<string, number | string | boolean | null> = {};
  let entries: readonly Entry[] = [];
  for (const word of words) {
    const [key = "", value = ""] = word.split("=");
    const [index, of] = value === "None" ? [null, null] : value.split("/").map(Number);
    if (key === "last") Object.assign(fields, { last_log_index: index, last_log_term: of });
    else if (key === "prev") Object.assign(fields, { prevLogIdx: index, prevLogTerm: of });
    else if (key === "commit") fields.commit_index = Number(value);
    else if (key === "entries") entries = entriesOf(Number(fields.prevLogIdx) + 1, value);
    else if (value === "True" || value === "False") fields[key] = value === "True";
    else fields[key] = value === "None" ? null : TEXTS.includes(key) ? value : Number(value);
  }
  const kind = KINDS[name] ?? "append";
  const head = { from, to: "A", kind, name, term, success: null };
  return { ...head, entries, fields, obligation: NOTHING_OWED };
}

export function entriesOf(first: number, terms: string): Entry[] {
  return terms === ""
    ? []
    : terms.split(",").map((term, i) => ({ index: first + i, term: Number(term), command: NO_OP }));
}

function effectText(effect: Effect): string {
  switch (effect.type) {
    case "append":
      return `append ${effect.entries.map(({ index, term }) => `${index}/${term}`).join(" ")}`;
    case "truncate":
      return `truncate from ${effect.from}`;
    case "hard-state":
      return `keep t${effect.term} vote=${effect.votedFor ?? "None"}`;
    case "store":
      return `store ${effect.what} ${Object.values(effect.values).join()}`;
    case "rebase":
      return `${effect.reason} from ${effect.baseIndex + 1}`;
    case "restore":
      return `restore at ${effect.state.lastApplied}`;
    case "send":
      return sendText(effect.message);
    case "apply":
      return `apply ${effect.entry.index} ${commandText(effect.entry.command)}`;
    case "reply":
      return `reply ${effect.operation} ${effect.result.code}`;
    case "notice":
      return `${effect.severity} ${effect.text}`;
    case "error":
      return `${effect.name}: ${effect.text}`;
    case "alarm":
      return `alarm ${effect.alarm}`;
  }
}

function sendText({ to, name, term, fields, entries, data }: Message): string {
  const words = [`${to} ${name}`];
  if (term !== null) words.push(`t${term}`);
  const { prevLogIdx, prevLogTerm, last_log_index, last_log_term, commit_index, ...rest } = fields;
  if (last_log_index !== undefined) words.push(`last=${last_log_index}/${last_log_term}`);
  if (prevLogIdx !== undefined) {
    words.push(prevLogIdx === null ? "prev=None" : `prev=${prevLogIdx}/${prevLogTerm}`);
  }
  if (commit_index !== undefined) words.push(`commit=${commit_index}`);
  if (entries.length > 0) words.push(`entries=${entries.map((each) => each.term).join()}`);
  for (const [key, value] of Object.entries(rest)) {
    if (key !== "command")
      words.push(`${key}=${value === true ? "True" : value === false ? "False" : value}`);
  }
  if (data !== undefined) words.push(`data=${data.length}`);
  return words.join(" ");
}
