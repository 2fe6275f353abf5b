import { createLog } from "./log.ts";
import type { Effect, Input } from "./protocol.ts";
import { referenceProtocol } from "./reference.ts";
import type { ReferenceServer } from "./reference-server.ts";
import {
  type ClientOperation,
  type Entry,
  type Message,
  type MessageKind,
  NOTHING_OWED,
} from "./types.ts";

// Servers, messages and effects in one line each, as people who argue about Raft write them:
//   s1 t2 vote=s2 log=1,1,2        a server, its term, its vote, the terms of its log's entries
//   s3 RequestVote t2 last=3/2     a message from s3; 3/2 is an entry: index 3, term 2

const NAMES: Readonly<Record<string, { readonly kind: MessageKind; readonly name: string }>> = {
  RequestVote: { kind: "vote-request", name: "RequestVote" },
  vote: { kind: "vote-reply", name: "RequestVoteReply" },
  AppendEntries: { kind: "append", name: "AppendEntries" },
  reply: { kind: "append-reply", name: "AppendEntriesReply" },
};

/** "s1 t2 vote=s2 log=1,1,2 of=5 base=2/1 max=2": as it is right after recovery; of: size of the cluster. */
export function server(notation: string): ReferenceServer {
  const { id, term, fields } = parse(notation);
  const [baseIndex, baseTerm] = pair(fields.base ?? "0/0");
  const size = Number(fields.of ?? 3);
  const everybody = Array.from({ length: size }, (_, at) => `s${at + 1}`);
  return referenceProtocol.create(
    {
      id,
      peers: everybody.filter((each) => each !== id),
      incarnation: 1,
      bugs: new Set(),
      options: { maxEntriesPerAppend: Number(fields.max ?? 64) },
    },
    {
      currentTerm: term,
      votedFor: fields.vote ?? null,
      log: createLog(entries(baseIndex + 1, fields.log ?? ""), baseIndex, baseTerm),
      commitIndex: Number(fields.commit ?? 0),
      extra: {},
    },
  );
}

/** The same server after it has won the election of the next term: its log has one more entry, which counts for nothing yet. */
export function leader(notation: string): ReferenceServer {
  const winner = server(notation);
  step(winner, "election");
  for (const voter of winner.voters) {
    if (winner.role === "candidate") step(winner, `${voter} vote t${winner.currentTerm} yes`);
  }
  return winner;
}

/** Steps by an alarm's name or a message in notation; the effects in notation, timers left out. */
export function step(subject: ReferenceServer, notation: string): string[] {
  const isAlarm = notation === "election" || notation === "heartbeat";
  return feed(subject, isAlarm ? { type: "alarm", alarm: notation } : receive(subject, notation));
}

export function receive(subject: ReferenceServer, notation: string): Input {
  return { type: "receive", message: message(notation, subject.id) };
}

/** "write op1", "read op1", "set-if op1". */
export function ask(subject: ReferenceServer, notation: string): string[] {
  const [verb, id = ""] = notation.split(" ");
  const type = verb === "set-if" ? "compare-and-set" : verb === "read" ? "read" : "write";
  const operation: ClientOperation = {
    id,
    client: "c1",
    type,
    key: "x",
    value: type === "read" ? "" : id,
    expected: null,
  };
  return feed(subject, { type: "client", operation, command: Uint8Array.of(1) });
}

export function feed(subject: ReferenceServer, input: Input): string[] {
  return effectsOf(subject, input)
    .filter((effect) => effect.type !== "alarm")
    .map(inWords);
}

export function effectsOf(subject: ReferenceServer, input: Input, now = 0): Effect[] {
  const effects: Effect[] = [];
  referenceProtocol.step(subject, input, {
    now,
    emit: (effect) => effects.push(effect),
    choose: (_purpose, low) => low,
  });
  return effects;
}

/** "t2 leader commit=3 log=1,1,2", and the vote when there is one. */
export function shown(subject: ReferenceServer): string {
  const { currentTerm, role, commitIndex, votedFor, log } = subject;
  const terms = log.entries.slice(0, log.length).map(({ term }) => term);
  const vote = votedFor === null ? "" : ` vote=${votedFor}`;
  return `t${currentTerm} ${role}${vote} commit=${commitIndex} log=${terms.join(",")}`;
}

/** The messages among effects in notation. */
export function sent(effects: readonly string[]): string[] {
  return effects.filter((each) => each.startsWith("to "));
}

function message(notation: string, to: string): Message {
  const { id: from, term, words, fields } = parse(notation);
  const known = NAMES[words[0] ?? ""];
  if (known === undefined) throw new Error(`no message is called ${words[0]}`);
  const [lastLogIndex, lastLogTerm] = pair(fields.last ?? "0/0");
  const [prevLogIndex, prevLogTerm] = pair(fields.prev ?? "0/0");
  const [conflictIndex, conflictTerm] = pair(fields.conflict ?? "");
  const byKind: Record<string, Message["fields"]> = {
    "vote-request": { lastLogIndex, lastLogTerm },
    "vote-reply": {},
    append: {
      prevLogIndex,
      prevLogTerm,
      leaderCommit: Number(fields.commit ?? 0),
      round: Number(fields.round ?? 0),
    },
    "append-reply": {
      matchIndex: words.includes("yes") ? Number(fields.match) : null,
      conflictIndex,
      conflictTerm,
      round: Number(fields.round ?? 0),
    },
  };
  return {
    from,
    to,
    ...known,
    term,
    success: words.includes("yes") ? true : words.includes("no") ? false : null,
    entries: entries((prevLogIndex ?? 0) + 1, fields.log ?? ""),
    fields: byKind[known.kind] ?? {},
    obligation: NOTHING_OWED,
  };
}

function parse(notation: string) {
  const [id = "", ...rest] = notation.split(" ");
  const fields: Record<string, string> = {};
  const words: string[] = [];
  let term = 0;
  for (const each of rest) {
    const [name = "", value] = each.split("=");
    if (value !== undefined) fields[name] = value;
    else if (/^t\d+$/.test(each)) term = Number(each.slice(1));
    else words.push(each);
  }
  return { id, term, words, fields };
}

/** "3/2" is 3 and 2; "3/-" is 3 and nothing; "" is nothing twice. */
function pair(notation: string): [number, number] {
  const [first, second] = notation
    .split("/")
    .map((each) => (/^\d+$/.test(each) ? Number(each) : null));
  return [first ?? null, second ?? null] as [number, number];
}

function entries(from: number, terms: string): Entry[] {
  const each = terms === "" ? [] : terms.split(",").map(Number);
  return each.map((term, at) => ({ index: from + at, term, command: Uint8Array.of(at) }));
}

function inWords(effect: Effect): string {
  switch (effect.type) {
    case "hard-state":
      return `keep t${effect.term} vote=${effect.votedFor ?? "-"}`;
    case "append":
      return `append ${listed(effect.entries)}`;
    case "truncate":
      return `cut from ${effect.from}`;
    case "send":
      return `to ${effect.message.to}: ${messageInWords(effect.message)}`;
    case "apply":
      return `apply ${effect.entry.index}/${effect.entry.term}`;
    case "reply": {
      const { operation, result, readKey } = effect;
      const read = readKey === null ? "" : ` with ${readKey}`;
      return `answer ${operation}: ${result.outcome} ${result.code}${read}`;
    }
    case "notice":
    case "store":
    case "rebase":
    case "restore":
    case "alarm":
      return effect.type;
    case "error":
      return `error ${effect.name}`;
  }
}

function messageInWords({ name, term, success, fields, entries: carried, obligation }: Message) {
  const verdict = success === null ? "" : success ? " yes" : " no";
  const parts = [`${name}${verdict} t${term}`];
  if (name === "RequestVote") parts.push(`last=${fields.lastLogIndex}/${fields.lastLogTerm}`);
  if (name === "AppendEntries") {
    parts.push(`prev=${fields.prevLogIndex}/${fields.prevLogTerm}`);
    parts.push(`commit=${fields.leaderCommit}`);
    if (carried.length > 0) parts.push(`log=${listed(carried)}`);
  }
  if (fields.matchIndex !== undefined && success === true) parts.push(`match=${fields.matchIndex}`);
  if (success === false && fields.conflictIndex != null) {
    parts.push(`conflict=${fields.conflictIndex}/${fields.conflictTerm ?? "-"}`);
  }
  const { hardState, log } = obligation;
  if (hardState !== null) parts.push(`owes t${hardState.term} vote=${hardState.votedFor ?? "-"}`);
  if (log !== null) parts.push(`log=${log.index}/${log.term}`);
  return parts.join(" ");
}

function listed(all: readonly Entry[]): string {
  return all.map(({ index, term }) => `${index}/${term}`).join(",");
}
