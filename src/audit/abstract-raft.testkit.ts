import { draw, scale } from "#base/rng.ts";
import type { Entry, Role, ServerId } from "#raft/types.ts";
import type { Observation } from "#sim/observation.ts";
import {
  applyTo,
  createScribe,
  digestOf,
  entry,
  message,
  note,
  type Scribe,
} from "./trace.testkit.ts";

/**
 * Raft with a disk that is never late, driven by chance: messages overtake one another, get lost, arrive twice; servers
 * crash between any two steps. With a flaw it is Raft no longer, and the auditor has to see it.
 */
export type Flaw =
  | "forgets its term"
  | "forgets its vote"
  | "votes for any log"
  | "votes twice"
  | "cuts what it has applied"
  | "cuts as a leader"
  | "answers before commit"
  | "skips an entry"
  | "applies what it likes"
  | "restores commitIndex"
  | "loses its last entries";

interface Server {
  readonly id: ServerId;
  up: boolean;
  incarnation: number;
  role: Role;
  term: number;
  vote: ServerId | null;
  log: Entry[];
  commit: number;
  applied: number;
  state: Map<string, string>;
  votes: Set<ServerId>;
  match: Map<ServerId, number>;
  /** Entries that a client waits for. */
  asked: Set<number>;
  /** What its snapshot holds; the model keeps the entries before it, for itself. */
  image: Image;
}

interface Image {
  readonly index: number;
  readonly state: ReadonlyMap<string, string>;
  readonly log: readonly Entry[];
}

/** Whether servers compact their logs, and whether a log whose base comes from a snapshot knows the base's term. */
export type Snapshots = "none" | "with terms" | "without terms";

type Letter =
  | { type: "ask"; from: ServerId; to: ServerId; term: number; last: number; lastTerm: number }
  | { type: "vote"; from: ServerId; to: ServerId; term: number }
  | {
      type: "append";
      from: ServerId;
      to: ServerId;
      term: number;
      before: number;
      beforeTerm: number;
      entries: Entry[];
      commit: number;
    }
  | { type: "image"; from: ServerId; to: ServerId; term: number; image: Image }
  | { type: "accept"; from: ServerId; to: ServerId; term: number; match: number };

interface Cluster {
  readonly scribe: Scribe;
  readonly servers: Server[];
  readonly letters: Letter[];
  readonly flaw: Flaw | null;
  readonly snapshots: Snapshots;
  writes: number;
}

/** A run of so many choices; the same seed gives the same run. */
export function abstractRun(
  seed: number,
  choices: number,
  flaw: Flaw | null,
  snapshots: Snapshots = "none",
): Observation[] {
  const cluster: Cluster = {
    scribe: createScribe(),
    servers: ["A", "B", "C"].map(createServer),
    letters: [],
    flaw,
    snapshots,
    writes: 0,
  };
  for (const server of cluster.servers) recover(cluster, server);
  for (let i = 0; i < choices; i++) {
    cluster.scribe.step += 1;
    choose(cluster, (purpose, below) => scale(draw(seed, `${i} ${purpose}`), 0, below - 1));
  }
  return cluster.scribe.history;
}

function createServer(id: ServerId): Server {
  return {
    ...{ id, up: true, incarnation: 0, role: "follower", term: 0, vote: null, log: [], commit: 0 },
    ...{ applied: 0, state: new Map(), votes: new Set(), match: new Map(), asked: new Set() },
    image: { index: 0, state: new Map(), log: [] },
  };
}

function choose(cluster: Cluster, pick: (purpose: string, below: number) => number): void {
  const server = cluster.servers[pick("server", cluster.servers.length)] as Server;
  const what = pick("what", 100);
  if (cluster.snapshots !== "none" && pick("compact", 12) === 0) compact(cluster, server);
  if (what < 60) {
    const at = pick("letter", Math.max(1, cluster.letters.length));
    const [letter] = cluster.letters.splice(at, 1);
    if (letter === undefined) return;
    if (pick("twice", 10) === 0) cluster.letters.push(letter);
    if (pick("lost", 10) > 0) deliver(cluster, letter);
  } else if (what < 68) stand(cluster, server);
  else if (what < 80) write(cluster, server);
  else if (what < 94) replicate(cluster, server, pick("image", 3) === 0);
  else if (server.up) crash(cluster, server);
  else recover(cluster, server);
}

function recover(cluster: Cluster, server: Server): void {
  const { flaw, scribe } = cluster;
  if (server.up && server.incarnation > 0) return;
  server.up = true;
  server.incarnation += 1;
  if (flaw === "forgets its term") server.term = 0;
  if (flaw === "forgets its vote" || flaw === "forgets its term") server.vote = null;
  if (flaw === "loses its last entries") server.log = server.log.slice(0, -2);
  const commit = flaw === "restores commitIndex" ? server.commit + 1 : 0;
  Object.assign(server, {
    ...{ role: "follower", commit, applied: server.image.index, asked: new Set() },
    state: new Map(server.image.state),
  });
  note(scribe, {
    type: "recovered",
    server: server.id,
    incarnation: server.incarnation,
    currentTerm: server.term,
    votedFor: server.vote,
    commitIndex: commit,
    lastApplied: server.applied,
    ...baseOf(cluster, server),
    entries: server.log.slice(server.image.index),
  });
  if (server.image.index > 0) noteRestored(cluster, server);
}

/** Takes a snapshot of what it has applied. */
function compact({ scribe }: Cluster, server: Server): void {
  const { applied: index, log, state } = server;
  if (!server.up || index <= server.image.index) return;
  server.image = { index, state: new Map(state), log: log.slice(0, index) };
  note(scribe, {
    type: "rebase",
    server: server.id,
    reason: "compaction",
    ...{ baseIndex: index, baseTerm: termAt(log, index), entries: log.slice(index) },
  });
}

/** Raft paper, section 7: what follows the snapshot's last entry is kept if the log has that entry. */
function install(cluster: Cluster, server: Server, letter: Letter & { type: "image" }): void {
  setRole(cluster, server, "follower");
  const { image } = letter;
  const { index, log, state } = image;
  if (index > server.applied) {
    const isSame = termAt(server.log, index) === termAt(log, index);
    server.log = [...log, ...(isSame ? server.log.slice(index) : [])];
    server.image = image;
    server.state = new Map(state);
    const from = server.applied;
    server.applied = index;
    const { id } = server;
    note(cluster.scribe, {
      type: "rebase",
      ...{ server: id, reason: "snapshot", ...baseOf(cluster, server) },
      entries: server.log.slice(index),
    });
    noteRestored(cluster, server);
    note(cluster.scribe, { type: "applied-index", server: id, from, to: index });
    advance(cluster, server, index);
  }
  const { id, term } = server;
  send(cluster, { type: "accept", from: id, to: letter.from, term, match: index });
}

function noteRestored({ scribe }: Cluster, { id: server, image }: Server): void {
  const values = [...image.state].map(([key, value]) => ({ key, value, index: 0 }));
  const state = digestOf(image.state);
  note(scribe, { type: "restored", server, lastApplied: image.index, values, state });
}

function baseOf({ snapshots }: Cluster, { image, log }: Server) {
  const baseTerm = snapshots === "with terms" ? termAt(log, image.index) : 0;
  return { baseIndex: image.index, baseTerm };
}

function crash({ scribe }: Cluster, server: Server): void {
  server.up = false;
  const { id } = server;
  note(scribe, { type: "crash", machine: id, kind: "power", servers: [id], kept: 0, lost: 0 });
}

function stand(cluster: Cluster, server: Server): void {
  if (!server.up || server.role === "leader") return;
  setTerm(cluster, server, server.term + 1);
  setVote(cluster, server, server.id);
  setRole(cluster, server, "candidate");
  server.votes = new Set([server.id]);
  const { id: from, log, term } = server;
  for (const to of othersOf(cluster, server)) {
    send(cluster, {
      type: "ask",
      from,
      to,
      term,
      last: log.length,
      lastTerm: termAt(log, log.length),
    });
  }
}

function write(cluster: Cluster, server: Server): void {
  if (!server.up || server.role !== "leader") return;
  cluster.writes += 1;
  const at = `${server.log.length + 1}@${server.term}:k${cluster.writes % 4}=v${cluster.writes}`;
  append(cluster, server, [entry(at)]);
  server.asked.add(server.log.length);
  if (cluster.flaw === "answers before commit") answer(cluster, server, server.log.length);
}

function replicate(cluster: Cluster, server: Server, sendsImage: boolean): void {
  if (!server.up || server.role !== "leader") return;
  if (cluster.flaw === "cuts as a leader") cut(cluster, server, server.log.length);
  const { commit, id: from, log, term } = server;
  for (const to of othersOf(cluster, server)) {
    if (sendsImage && server.image.index > 0) {
      send(cluster, { type: "image", from, to, term, image: server.image });
      continue;
    }
    const before = Math.min(server.match.get(to) ?? 0, log.length);
    const [beforeTerm, entries] = [termAt(log, before), log.slice(before)];
    send(cluster, { type: "append", from, to, term, before, beforeTerm, entries, commit });
  }
}

function deliver(cluster: Cluster, letter: Letter): void {
  const server = cluster.servers.find(({ id }) => id === letter.to) as Server;
  if (!server.up || letter.term < server.term) return;
  if (letter.term > server.term) {
    setTerm(cluster, server, letter.term);
    setVote(cluster, server, null);
    setRole(cluster, server, "follower");
  }
  if (letter.type === "ask") vote(cluster, server, letter);
  else if (letter.type === "vote") countVote(cluster, server, letter);
  else if (letter.type === "append") accept(cluster, server, letter);
  else if (letter.type === "image") install(cluster, server, letter);
  else countMatch(cluster, server, letter);
}

function vote(cluster: Cluster, server: Server, ask: Letter & { type: "ask" }): void {
  const { log } = server;
  const lastTerm = termAt(log, log.length);
  const isLonger = ask.lastTerm === lastTerm && ask.last >= log.length;
  const isNewer = ask.lastTerm > lastTerm || isLonger || cluster.flaw === "votes for any log";
  const isFree = server.vote === null || server.vote === ask.from || cluster.flaw === "votes twice";
  if (server.role === "leader" || !isNewer || !isFree) return;
  setVote(cluster, server, ask.from);
  send(cluster, { type: "vote", from: server.id, to: ask.from, term: server.term });
}

function countVote(cluster: Cluster, server: Server, { from }: Letter): void {
  if (server.role !== "candidate") return;
  server.votes.add(from);
  if (server.votes.size < 2) return;
  setRole(cluster, server, "leader");
  server.match = new Map();
  server.asked = new Set();
  append(cluster, server, [entry(`${server.log.length + 1}@${server.term}`)]);
}

function accept(cluster: Cluster, server: Server, letter: Letter & { type: "append" }): void {
  setRole(cluster, server, "follower");
  const { before, beforeTerm, entries } = letter;
  if (before > server.log.length || termAt(server.log, before) !== beforeTerm) return;
  const isBlunt = cluster.flaw === "cuts what it has applied";
  for (const [at, each] of entries.entries()) {
    const index = before + 1 + at;
    const isNew = isBlunt ? at === 0 : termAt(server.log, index) !== each.term;
    if (index <= server.log.length && isNew) cut(cluster, server, index);
    if (index > server.log.length) append(cluster, server, [each]);
  }
  const match = before + entries.length;
  send(cluster, { type: "accept", from: server.id, to: letter.from, term: server.term, match });
  advance(cluster, server, Math.min(letter.commit, match));
}

function countMatch(cluster: Cluster, server: Server, letter: Letter & { type: "accept" }): void {
  if (server.role !== "leader") return;
  server.match.set(letter.from, Math.max(letter.match, server.match.get(letter.from) ?? 0));
  const [, middle = 0] = [
    server.log.length,
    ...othersOf(cluster, server).map(matchOf(server)),
  ].sort((a, b) => b - a);
  if (termAt(server.log, middle) === server.term) advance(cluster, server, middle);
}

function matchOf(server: Server): (peer: ServerId) => number {
  return (peer) => server.match.get(peer) ?? 0;
}

function advance(cluster: Cluster, server: Server, to: number): void {
  const { flaw, scribe } = cluster;
  if (to > server.commit) {
    const from = server.commit;
    server.commit = to;
    note(scribe, { type: "commit", server: server.id, from, to });
  }
  while (server.applied < Math.min(server.commit, server.log.length)) {
    const at = server.applied;
    let applied = server.log[at] as Entry;
    const isFollower = server.role !== "leader";
    if (flaw === "applies what it likes" && isFollower) {
      applied = entry(`${applied.index}@${applied.term}:x=${server.id}`);
    }
    if (flaw !== "skips an entry" || at % 5 !== 3 || !isFollower) {
      const done = applyTo(server.state, applied);
      note(scribe, { type: "apply", server: server.id, entry: applied, ...done });
    }
    server.applied += 1;
    note(scribe, { type: "applied-index", server: server.id, from: at, to: server.applied });
    if (server.asked.delete(server.applied)) answer(cluster, server, server.applied);
  }
}

function answer({ scribe }: Cluster, server: Server, index: number): void {
  const key = `${index}`;
  note(scribe, {
    type: "return",
    server: server.id,
    operation: { id: key, client: "c", type: "write", key, value: "", expected: null },
    result: { outcome: "ok", code: "OK", value: null },
    entry: { index, term: termAt(server.log, index) },
  });
}

function append({ scribe }: Cluster, server: Server, entries: Entry[]): void {
  server.log = [...server.log, ...entries];
  note(scribe, { type: "append", server: server.id, entries });
}

function cut({ scribe }: Cluster, server: Server, from: number): void {
  if (from < 1) return;
  const removed = server.log.slice(from - 1);
  server.log = server.log.slice(0, from - 1);
  note(scribe, { type: "truncate", server: server.id, from, removed });
}

function setTerm({ scribe }: Cluster, server: Server, to: number): void {
  const from = server.term;
  server.term = to;
  note(scribe, { type: "term", server: server.id, from, to });
}

function setVote({ scribe }: Cluster, server: Server, to: ServerId | null): void {
  const from = server.vote;
  server.vote = to;
  if (from !== to) note(scribe, { type: "vote", server: server.id, from, to });
}

function setRole({ scribe }: Cluster, server: Server, to: Role): void {
  const from = server.role;
  server.role = to;
  if (from !== to) note(scribe, { type: "role", server: server.id, from, to });
}

const KINDS = {
  ask: "vote-request",
  vote: "vote-reply",
  append: "append",
  image: "snapshot",
  accept: "append-reply",
} as const;

function send({ letters, scribe }: Cluster, letter: Letter): void {
  letters.push(letter);
  const { from, term, to, type } = letter;
  const success = type === "vote" || type === "accept" ? true : null;
  note(scribe, {
    ...{ type: "send", server: from, id: 0, arrives: 0, promise: "nothing" },
    message: message(KINDS[type], from, to, term, success),
  });
}

function othersOf({ servers }: Cluster, { id }: Server): ServerId[] {
  return servers.map((each) => each.id).filter((each) => each !== id);
}

function termAt(log: readonly Entry[], index: number): number {
  return log[index - 1]?.term ?? 0;
}
