import { digestOfText } from "#base/digest.ts";
import { decodeUtf8, encodeUtf8 } from "#base/utf8.ts";
import type { CrashKind } from "#disk/types.ts";
import {
  type Entry,
  type Message,
  type MessageKind,
  NOTHING_OWED,
  type Role,
  type ServerId,
} from "#raft/types.ts";
import type { Verdict } from "#sim/frame.ts";
import type { Happening, Observation } from "#sim/observation.ts";
import { type Auditor, createAuditor, observe, verdicts } from "./auditor.ts";

/**
 * Observations from a few words, one step a line:
 *
 *     A starts term=5 vote=B log=0,1*3,5 commit=5 applied=1 base=10@2   (recovery; what is left out is as it was, or 0)
 *     A term 2 · A vote B · A is candidate · A commit 44 · A applied 44
 *     A appends 43@1 44@1:x=1 · A cuts 43 · A applies 44 · A applies 44@2:x=2
 *     A asks C (for its vote, in its term) · C grants A · A sends C (an append) · C takes A (receives one) · C accepts A
 *     A answers 44@1 · A stops · A fails · A loses process|os|power · A gets a new disk
 *
 * `appends` and `applies` take entries as index@term:key=value, without a key for a no-op. `applies` of a mere index
 * takes the entry from the log, and moves lastApplied too.
 */
export function trace(text: string): Observation[] {
  const scribe = createScribe();
  for (const line of text.split("\n")) {
    const words = line.replace(/#.*/, "").trim();
    if (words !== "") writeStep(scribe, words);
  }
  return scribe.history;
}

export function judge(history: readonly Observation[]): Verdict[] {
  return verdicts(auditorOf(history), history);
}

export function auditorOf(history: readonly Observation[]): Auditor {
  const servers = ["A", "B", "C", "D", "E"].map((id) => ({ id, machine: id }));
  const auditor = createAuditor({ servers });
  for (const observation of history) observe(auditor, observation);
  return auditor;
}

export function verdictOn(id: string, history: readonly Observation[]): Verdict {
  const verdict = judge(history).find((each) => each.id === id);
  if (verdict === undefined) throw new Error(`no check ${id}`);
  return verdict;
}

/** The ids of the checks that this trace breaks. */
export function brokenBy(history: readonly Observation[]): string[] {
  return judge(history).flatMap(({ holds, id }) => (holds ? [] : [id]));
}

export function explain(verdict: Verdict): string[] {
  return verdict.explanation.map(({ text }) => text);
}

export interface Scribe {
  readonly history: Observation[];
  readonly servers: Map<ServerId, Sketch>;
  step: number;
  operations: number;
}

interface Sketch {
  readonly id: ServerId;
  incarnation: number;
  role: Role;
  term: number;
  vote: ServerId | null;
  commit: number;
  applied: number;
  base: number;
  baseTerm: number;
  log: Entry[];
  state: Map<string, string>;
}

export function createScribe(): Scribe {
  return { history: [], servers: new Map(), step: 0, operations: 0 };
}

export function note(scribe: Scribe, happening: Happening): void {
  const { history, step } = scribe;
  history.push({ sequence: history.length, step, time: step * 1000, cause: null, ...happening });
}

/** `at` as index@term:key=value; equal words give equal entries, never the same object. */
export function entry(at: string): Entry {
  const [, index, term, text] = /^(\d+)@(\d+)(?::(.*))?$/.exec(at) ?? [];
  if (index === undefined || term === undefined) throw new Error(`no entry: ${at}`);
  return { index: Number(index), term: Number(term), command: encodeUtf8(text ?? "") };
}

/** Applies to a map; returns what an `apply` observation says of it. */
export function applyTo(
  state: Map<string, string>,
  { command }: Entry,
): { text: string; key: string | null; value: string | null; state: string } {
  const [key = "", value = ""] = (decodeUtf8(command) ?? "").split("=");
  if (key !== "") state.set(key, value);
  const sorted = [...state].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    text: key === "" ? "no-op" : `set ${key} = ${value}`,
    key: key === "" ? null : key,
    value: key === "" ? null : value,
    state: digestOfText(JSON.stringify(sorted)),
  };
}

export function message(
  kind: MessageKind,
  from: ServerId,
  to: ServerId,
  term: number | null,
  success: boolean | null = null,
): Message {
  const fields = {};
  return {
    from,
    to,
    kind,
    name: kind,
    term,
    success,
    entries: [],
    fields,
    obligation: NOTHING_OWED,
  };
}

function writeStep(scribe: Scribe, line: string): void {
  scribe.step += 1;
  const [name = "", verb = "", ...rest] = line.split(/\s+/);
  const known = scribe.servers.get(name) ?? blank(name);
  scribe.servers.set(name, known);
  const write = VERBS[verb];
  if (write === undefined) throw new Error(`no verb: ${line}`);
  write(scribe, known, rest);
}

type Verb = (scribe: Scribe, server: Sketch, words: readonly string[]) => void;

const VERBS: Readonly<Record<string, Verb>> = {
  starts(scribe, server, words) {
    const fields = new Map(words.map((word) => word.split("=") as [string, string]));
    const number = (field: string, otherwise: number) => Number(fields.get(field) ?? otherwise);
    const [baseIndex = server.base, baseTerm = server.baseTerm] = (
      fields.get("base")?.split("@") ?? []
    ).map(Number);
    server.incarnation += 1;
    server.role = "follower";
    server.term = number("term", server.term);
    const vote = fields.get("vote") ?? server.vote ?? "-";
    server.vote = vote === "-" ? null : vote;
    server.commit = number("commit", 0);
    server.applied = number("applied", baseIndex);
    server.base = baseIndex;
    server.baseTerm = baseTerm;
    const log = fields.get("log");
    if (log !== undefined) server.log = logOf(log, baseIndex);
    server.state = new Map();
    note(scribe, {
      type: "recovered",
      server: server.id,
      incarnation: server.incarnation,
      currentTerm: server.term,
      votedFor: server.vote,
      commitIndex: server.commit,
      lastApplied: server.applied,
      baseIndex,
      baseTerm,
      entries: server.log.slice(),
    });
  },
  term(scribe, server, [to]) {
    const from = server.term;
    server.term = Number(to);
    note(scribe, { type: "term", server: server.id, from, to: server.term });
  },
  vote(scribe, server, [to = "-"]) {
    const from = server.vote;
    server.vote = to === "-" ? null : to;
    note(scribe, { type: "vote", server: server.id, from, to: server.vote });
  },
  is(scribe, server, [to]) {
    const from = server.role;
    server.role = to as Role;
    note(scribe, { type: "role", server: server.id, from, to: server.role });
  },
  commit(scribe, server, [to]) {
    const from = server.commit;
    server.commit = Number(to);
    note(scribe, { type: "commit", server: server.id, from, to: server.commit });
  },
  applied: moveApplied,
  appends(scribe, server, words) {
    const entries = words.map(entry);
    server.log.push(...entries);
    note(scribe, { type: "append", server: server.id, entries });
  },
  cuts(scribe, server, [at]) {
    const from = Number(at);
    const removed = server.log.splice(from - server.base - 1);
    note(scribe, { type: "truncate", server: server.id, from, removed });
  },
  applies(scribe, server, [at = ""]) {
    const isIndex = !at.includes("@");
    const applied = isIndex ? server.log[Number(at) - server.base - 1] : entry(at);
    if (applied === undefined) throw new Error(`no entry ${at} in the log of ${server.id}`);
    const done = applyTo(server.state, applied);
    note(scribe, { type: "apply", server: server.id, entry: applied, ...done });
    if (isIndex) moveApplied(scribe, server, [at]);
  },
  asks: (scribe, { id, term }, [to = ""]) => send(scribe, message("vote-request", id, to, term)),
  grants: (scribe, { id, term }, [to = ""]) =>
    send(scribe, message("vote-reply", id, to, term, true)),
  refuses: (scribe, { id, term }, [to = ""]) =>
    send(scribe, message("vote-reply", id, to, term, false)),
  sends: (scribe, { id, term }, [to = ""]) => send(scribe, message("append", id, to, term)),
  accepts: (scribe, { id, term }, [to = ""]) =>
    send(scribe, message("append-reply", id, to, term, true)),
  takes(scribe, server, [from = ""]) {
    const { term } = scribe.servers.get(from) ?? server;
    const { id } = server;
    note(scribe, {
      type: "receive",
      server: id,
      id: 0,
      message: message("append", from, id, term),
    });
  },
  answers(scribe, server, [at = ""]) {
    const { index, term, command } = entry(at);
    const logged = server.log[index - server.base - 1]?.command ?? command;
    const [key = "", value = ""] = (decodeUtf8(logged) ?? "").split("=");
    scribe.operations += 1;
    const id = `op${scribe.operations}`;
    note(scribe, {
      type: "return",
      server: server.id,
      operation: { id, client: "c1", type: "write", key, value, expected: null },
      result: { outcome: "ok", code: "OK", value: null },
      entry: { index, term },
    });
  },
  stops: (scribe, { id }) => note(scribe, { type: "stop", server: id }),
  fails: (scribe, { id }) => note(scribe, { type: "failed", server: id, name: "Error", text: "" }),
  loses(scribe, { id }, [kind]) {
    const [kept, lost] = [0, kind === "process" ? 0 : 2];
    note(scribe, {
      ...{ type: "crash", machine: id, kind: kind as CrashKind, servers: [id], kept, lost },
    });
  },
  gets(scribe, server) {
    note(scribe, { type: "disk-swap", machine: server.id, servers: [server.id] });
    Object.assign(server, { ...blank(server.id), incarnation: server.incarnation });
  },
};

function moveApplied(scribe: Scribe, server: Sketch, [to]: readonly string[]): void {
  const from = server.applied;
  server.applied = Number(to);
  note(scribe, { type: "applied-index", server: server.id, from, to: server.applied });
}

function send(scribe: Scribe, sent: Message): void {
  const happening = { type: "send", server: sent.from, id: 0, message: sent } as const;
  note(scribe, { ...happening, arrives: 0, promise: "nothing" });
}

/** Terms in order, `term*count` for a run of them. */
function logOf(terms: string, base: number): Entry[] {
  const entries: Entry[] = [];
  for (const run of terms.split(",").filter((each) => each !== "")) {
    const [term, count = "1"] = run.split("*");
    for (let i = 0; i < Number(count); i++)
      entries.push(entry(`${base + entries.length + 1}@${term}`));
  }
  return entries;
}

function blank(id: ServerId): Sketch {
  return {
    id,
    incarnation: 0,
    role: "follower",
    term: 0,
    vote: null,
    commit: 0,
    applied: 0,
    base: 0,
    baseTerm: 0,
    log: [],
    state: new Map(),
  };
}
