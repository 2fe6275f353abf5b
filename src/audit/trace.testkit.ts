import { digestOfText } from "#base/digest.ts";
import { decodeUtf8, encodeUtf8 } from "#base/utf8.ts";
import type { CrashKind, DiskFault, DiskOp } from "#disk/types.ts";
import {
  type Entry,
  type Message,
  type MessageKind,
  NOTHING_OWED,
  type Obligation,
  type Role,
  type ServerId,
} from "#raft/types.ts";
import type { Verdict } from "#sim/frame.ts";
import type { Happening, Look, Observation, Observed } from "#sim/observation.ts";
import { type Auditor, catchUp, createAuditor, verdicts } from "./auditor.ts";

/**
 * Observations from a few words, one step a line:
 *
 *     A starts term=5 vote=B log=0,1*3,5 commit=5 applied=1 base=10@2   (recovery; what is left out is as it was, or 0)
 *     A starts log=1@0+2@1:x=1   (the same, with the commands of its entries)
 *     A term 2 · A vote B · A is candidate · A commit 44 · A applied 44
 *     A appends 43@1 44@1:x=1 · A cuts 43 · A applies 44 · A applies 44@2:x=2
 *     A compacts 10@2 (its log begins after that) · A installs 20@3 21@3 (a snapshot's base, then entries) · A restores 20 x=1
 *     A asks C (for its vote, in its term) · C grants A · A sends C (an append) · C takes A (receives one) · C accepts A
 *     A answers 44@1 · A stops · A fails · A loses process|os|power · A gets a new disk
 *     A boots · A writes wal 0 · A syncs wal · A cannot sync wal · A creates wal · A renames tmp wal · A syncs names
 *     A has rot wal 40 (or: unreadable, lost-write) · A has a liar · A is forsworn 2
 *
 * A word after whom a message goes to says whether what it promises is durable: `B grants A durably`, `B accepts A hastily`,
 * `A counts its vote hastily`, `A counts its log durably`; `lied-to` says that a sync had lied about it. `held=A,B sworn=A,B`
 * after `commit` and `answers` is what the disks say of the entry, `again=...` after `starts` what a second recovery gives
 * ("same", or how it differs).
 *
 * `appends` and `applies` take entries as index@term:key=value, without a key for a no-op; `+Q` and `-Q` are changes of the
 * members. `applies` of a mere index
 * takes the entry from the log, and moves lastApplied too.
 */
export function trace(text: string): Observation[] {
  const scribe = createScribe();
  for (const line of text.split("\n")) {
    const words = line.replace(/#.*/, "").trim();
    if (words !== "") writeStep(scribe, words);
  }
  LOOKS.set(scribe.history, scribe.looks);
  return scribe.history;
}

const CHANGES: Readonly<Record<string, "add-server" | "remove-server">> = {
  "+": "add-server",
  "-": "remove-server",
};

const LOOKS = new WeakMap<readonly Observation[], readonly Look[]>();

export function judge(history: readonly Observation[]): Verdict[] {
  return verdicts(auditorOf(history), history);
}

export function auditorOf(history: readonly Observation[], given = false): Auditor {
  const seen = new Set(history.map((each) => ("server" in each ? each.server : "A")));
  const names = seen.has("D") || seen.has("E") ? "ABCDE" : "ABC";
  const auditor = createAuditor({ servers: [...names].map((id) => ({ id, machine: id, given })) });
  catchUp(auditor, { observations: history, looks: LOOKS.get(history) ?? [] });
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
  readonly looks: Look[];
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
  return { history: [], looks: [], servers: new Map(), step: 0, operations: 0 };
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
  return {
    text: key === "" ? "no-op" : `set ${key} = ${value}`,
    key: key === "" ? null : key,
    value: key === "" ? null : value,
    state: digestOf(state),
  };
}

export function digestOf(state: ReadonlyMap<string, string>): string {
  return digestOfText(JSON.stringify([...state].sort(([a], [b]) => (a < b ? -1 : 1))));
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
    const fields = fieldsOf(words);
    const again = fields.get("again");
    if (again !== undefined) {
      const differs = again === "same" ? null : again.replaceAll("_", " ");
      look(scribe, { type: "recovered-again", differs });
    }
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
  is(scribe, server, [to, count]) {
    if (to === "forsworn") {
      const { id: machine } = server;
      note(scribe, {
        ...{ type: "forsworn", machine, servers: [machine], effects: Number(count) },
      });
      return;
    }
    const from = server.role;
    server.role = to as Role;
    note(scribe, { type: "role", server: server.id, from, to: server.role });
  },
  commit(scribe, server, [to, ...words]) {
    lookAtHolders(scribe, words);
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
  compacts(scribe, server, [at = ""]) {
    const { index, term } = entry(at);
    moveBase(scribe, server, "compaction", { index, term }, server.log.slice(index - server.base));
  },
  installs(scribe, server, [at = "", ...words]) {
    moveBase(scribe, server, "snapshot", entry(at), words.map(entry));
  },
  restores(scribe, server, [at = "", ...words]) {
    server.applied = Number(at);
    server.state = fieldsOf(words) as Map<string, string>;
    const values = [...server.state].map(([key, value]) => ({ key, value, index: 0 }));
    note(scribe, {
      ...{ type: "restored", server: server.id, lastApplied: server.applied },
      ...{ values, state: digestOf(server.state) },
    });
  },
  applies(scribe, server, [at = ""]) {
    const isIndex = !at.includes("@");
    const applied = isIndex ? server.log[Number(at) - server.base - 1] : entry(at);
    if (applied === undefined) throw new Error(`no entry ${at} in the log of ${server.id}`);
    const done = applyTo(server.state, applied);
    note(scribe, { type: "apply", server: server.id, entry: applied, ...done });
    if (isIndex) moveApplied(scribe, server, [at]);
  },
  asks: (scribe, server, [to = "", how]) =>
    promise(scribe, server, message("vote-request", server.id, to, server.term), how),
  grants: (scribe, server, [to = "", how]) =>
    promise(scribe, server, message("vote-reply", server.id, to, server.term, true), how),
  refuses: (scribe, server, [to = "", how]) =>
    promise(scribe, server, message("vote-reply", server.id, to, server.term, false), how),
  sends: (scribe, { id, term }, [to = ""]) => send(scribe, message("append", id, to, term)),
  accepts: (scribe, server, [to = "", how]) =>
    promise(scribe, server, message("append-reply", server.id, to, server.term, true), how),
  counts(scribe, server, [, what, how]) {
    const kind = what === "vote" ? "vote-reply" : "append-reply";
    promise(scribe, server, message(kind, server.id, server.id, server.term, true), how);
  },
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
  answers(scribe, server, [at = "", ...words]) {
    lookAtHolders(scribe, words);
    const { index, term, command } = entry(at);
    const logged = server.log[index - server.base - 1]?.command ?? command;
    const asked = decodeUtf8(logged) ?? "";
    const type = CHANGES[asked[0] ?? ""] ?? "write";
    const [key = "", value = ""] = (type === "write" ? asked : asked.slice(1)).split("=");
    scribe.operations += 1;
    const id = `op${scribe.operations}`;
    note(scribe, {
      type: "return",
      server: server.id,
      operation: { id, client: "c1", type, key, value, expected: null },
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
  boots: (scribe, { id }) => note(scribe, { type: "boot", machine: id }),
  writes: (scribe, { id }, [path = "", offset = "0"]) =>
    call(scribe, id, {
      ...{ type: "write", file: fileOf(id, path), offset: Number(offset) },
      bytes: new Uint8Array(8),
    }),
  creates: (scribe, { id }, [path = ""]) =>
    call(scribe, id, { type: "open", file: fileOf(id, path), create: true, truncate: true }),
  renames: (scribe, { id }, [from = "", to = ""]) =>
    call(scribe, id, { type: "rename", from: fileOf(id, from), to: fileOf(id, to) }),
  syncs: (scribe, { id }, [path = ""]) => call(scribe, id, syncOf(id, path)),
  cannot: (scribe, { id }, [, path = ""]) => call(scribe, id, syncOf(id, path), "EIO"),
  has(scribe, { id: machine }, [type = "", path = "", offset = "0"]) {
    const fault =
      type === "a"
        ? { type: "flushing", flushing: "total" }
        : { type, file: fileOf(machine, path), offset: Number(offset), bit: 0 };
    const what = type === "a" ? "its syncs lie" : `${type} in ${fileOf(machine, path)}`;
    note(scribe, {
      ...{ type: "disk-fault", machine, servers: [machine], fault: fault as DiskFault },
      ...{ refused: null, text: `${machine}: ${what}` },
    });
  },
  gets(scribe, server) {
    note(scribe, { type: "disk-swap", machine: server.id, servers: [server.id] });
    Object.assign(server, { ...blank(server.id), incarnation: server.incarnation });
  },
};

function moveBase(
  scribe: Scribe,
  server: Sketch,
  reason: "compaction" | "snapshot",
  { index: baseIndex, term: baseTerm }: { readonly index: number; readonly term: number },
  entries: readonly Entry[],
): void {
  server.base = baseIndex;
  server.baseTerm = baseTerm;
  server.log = [...entries];
  note(scribe, { type: "rebase", server: server.id, reason, baseIndex, baseTerm, entries });
}

function moveApplied(scribe: Scribe, server: Sketch, [to]: readonly string[]): void {
  const from = server.applied;
  server.applied = Number(to);
  note(scribe, { type: "applied-index", server: server.id, from, to: server.applied });
}

function send(
  scribe: Scribe,
  sent: Message,
  durable: Observed<"send">["promise"] = "nothing",
): void {
  const happening = { type: "send", server: sent.from, id: 0, message: sent } as const;
  note(scribe, { ...happening, arrives: 0, promise: durable });
}

/** A message that promises what its kind does in Raft, or nothing when nobody says how durable that is. */
function promise(scribe: Scribe, server: Sketch, sent: Message, how: string | undefined): void {
  if (how === undefined) {
    send(scribe, sent);
    return;
  }
  if (how === "lied-to") look(scribe, { type: "lied-to" });
  const { base, baseTerm, log, term, vote: votedFor } = server;
  const last = log.at(-1) ?? { index: base, term: baseTerm };
  const isLog = sent.kind === "append-reply" && sent.success === true;
  const obligation: Obligation = {
    hardState: { term, votedFor },
    log: isLog ? { index: last.index, term: last.term } : null,
  };
  send(scribe, { ...sent, obligation }, how === "durably" ? "durable" : "not-durable");
}

type Without<Key extends string, Union> = Union extends unknown ? Omit<Union, Key> : never;

/** What the disks say at the next observation. */
function look({ history, looks }: Scribe, seen: Without<"sequence", Look>): void {
  looks.push({ ...seen, sequence: history.length } as Look);
}

function lookAtHolders(scribe: Scribe, words: readonly string[]): void {
  const fields = fieldsOf(words);
  const held = fields.get("held");
  if (held === undefined) return;
  const names = (text: string) => text.split(",").filter((name) => name !== "");
  const holders = names(held);
  look(scribe, { type: "holders", holders, sworn: names(fields.get("sworn") ?? held) });
}

function fieldsOf(words: readonly string[]): Map<string, string> {
  return new Map(words.map((word) => [word.split("=")[0] ?? "", word.replace(/^[^=]*=/, "")]));
}

function call(scribe: Scribe, server: ServerId, op: DiskOp, errno: string | null = null): void {
  const path = op.type === "rename" ? op.from : op.type === "sync-directory" ? op.directory : "";
  const file = "file" in op && typeof op.file === "string" ? op.file : path;
  note(scribe, { type: "disk", machine: server, server, actor: "wal", op, path: file, errno });
}

function syncOf(server: ServerId, path: string): DiskOp {
  if (path === "names") return { type: "sync-directory", directory: fileOf(server, "") };
  return { type: "data-sync", file: fileOf(server, path) };
}

function fileOf(server: ServerId, path: string): string {
  return `${server}/${path}`;
}

/** Terms in order, `term*count` for a run of them; or entries, with a plus between. */
function logOf(terms: string, base: number): Entry[] {
  if (terms.includes("@")) return terms.split("+").map(entry);
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
