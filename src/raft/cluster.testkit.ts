import { draw, scale } from "#base/rng.ts";
import { appendEntry, createLog, entriesFrom, type Log, lastIndex, truncateFrom } from "./log.ts";
import type { Effect, Input } from "./protocol.ts";
import { referenceProtocol } from "./reference.ts";
import type { ReferenceServer } from "./reference-server.ts";
import type { Entry, Index, Message, ServerId, Term } from "./types.ts";

/** A server with the least of a disk: what is durable, and what waits for it. Messages that promise something wait too. */
interface Host {
  readonly id: ServerId;
  incarnation: number;
  server: ReferenceServer | null;
  durable: { term: Term; vote: ServerId | null; log: Log };
  /** Handed to storage and not durable yet, in program order; messages held stand where they were handed out. */
  waiting: Effect[];
  alarms: Set<string>;
}

export interface ClusterOptions {
  readonly servers: number;
  /** False: messages leave before what they promise is durable. */
  readonly waitsForDisk: boolean;
}

/** What a run has shown, for tests that a property was not kept by doing nothing. */
export interface Tally {
  elections: number;
  committed: number;
  truncated: number;
  crashesThatLost: number;
  writesAnswered: number;
  readsAnswered: number;
}

/**
 * Servers, a network that loses, duplicates and reorders, and crashes that keep some prefix of what was not durable. Every
 * choice is drawn from the seed. Figure 3's properties are checked after each step; a broken one is thrown.
 */
export class Cluster {
  readonly tally: Tally = {
    elections: 0,
    committed: 0,
    truncated: 0,
    crashesThatLost: 0,
    writesAnswered: 0,
    readsAnswered: 0,
  };
  readonly #hosts: Host[];
  readonly #options: ClusterOptions;
  readonly #seed: number;
  #drawn = 0;
  #now = 0;
  #network: Message[] = [];
  /** Servers on one side of it; none: there is no wall. */
  #wall: readonly ServerId[] = [];
  readonly #weights: readonly number[];
  readonly #leaders = new Map<Term, string>();
  readonly #applied: Entry[] = [];
  /** What each applied entry was applied in: the term of whoever applied it first. */
  readonly #appliedIn: Term[] = [];
  /** What had been acknowledged when a read was asked for, by the read's id. */
  readonly #known = new Map<string, Index>();
  #acknowledged = 0;

  constructor(seed: number, options: ClusterOptions) {
    this.#seed = seed;
    this.#options = options;
    this.#hosts = Array.from({ length: options.servers }, (_, at) => ({
      id: `s${at + 1}`,
      incarnation: 0,
      server: null,
      durable: { term: 0, vote: null, log: createLog() },
      waiting: [],
      alarms: new Set(),
    }));
    const upTo = (most: number) => this.#choose(most + 1);
    const size = options.servers;
    this.#weights = [
      ...[30 * size, (1 + upTo(7)) * size, upTo(8), 1 + upTo(6), 4 + upTo(8)],
      ...[2 + upTo(20), 2 + upTo(10), upTo(4), upTo(2), 8 + upTo(8), upTo(4), 2],
    ];
    for (const host of this.#hosts) this.#boot(host);
  }

  run(steps: number): Tally {
    for (let step = 0; step < steps; step++) {
      this.#now += 1;
      this.#act();
      this.#check();
    }
    return this.tally;
  }

  /** Each seed has its own weights: what a run leaves out lets it go far in what it does. */
  #act(): void {
    const host = this.#hosts[this.#choose(this.#hosts.length)] as Host;
    let at = this.#choose(this.#weights.reduce((sum, weight) => sum + weight));
    const chosen = this.#weights.findIndex((weight) => {
      at -= weight;
      return at < 0;
    });
    const acts: readonly (() => void)[] = [
      () => this.#deliver(),
      () => this.#flush(host, host.waiting.length),
      () => this.#flush(host, this.#choose(host.waiting.length + 1)),
      () => this.#ring(host, "election"),
      () => this.#ring(this.#leader() ?? host, "heartbeat"),
      () => this.#ask(this.#leader() ?? host, "write"),
      () => this.#ask(this.#leader() ?? host, "read"),
      () => this.#crash(host),
      () => {
        for (const each of this.#hosts) this.#crash(each);
      },
      () => this.#boot(host),
      () => {
        this.#wall = this.#hosts.filter(() => this.#choose(2) === 0).map(({ id }) => id);
      },
      () => {
        this.#wall = [];
      },
    ];
    acts[chosen]?.();
  }

  /** Mostly of the oldest messages, now and then any; behind a wall they are lost. */
  #deliver(): void {
    if (this.#network.length === 0) return;
    const window = this.#choose(8) === 0 ? this.#network.length : 2 * this.#hosts.length;
    const at = this.#choose(Math.min(window, this.#network.length));
    const message = this.#network[at] as Message;
    const fate = this.#choose(20);
    if (fate > 0) this.#network.splice(at, 1); // 0: it will arrive again.
    if (fate === 1) return; // Lost.
    const { from, to } = message;
    if (this.#wall.includes(from) !== this.#wall.includes(to)) return;
    const host = this.#hosts.find(({ id }) => id === to) as Host;
    this.#feed(host, { type: "receive", message });
  }

  #ring(host: Host, alarm: string): void {
    if (!host.alarms.has(alarm)) return;
    host.alarms.delete(alarm);
    this.#feed(host, { type: "alarm", alarm });
  }

  #ask(host: Host, type: "write" | "read"): void {
    const id = `${type}${this.#drawn}`;
    if (type === "read") this.#known.set(id, this.#acknowledged);
    const operation = { id, client: "c", type, key: "x", value: "", expected: null } as const;
    this.#feed(host, { type: "client", operation, command: Uint8Array.of(this.#drawn & 255) });
  }

  #boot(host: Host): void {
    if (host.server !== null) return;
    host.incarnation += 1;
    const { term, vote, log } = host.durable;
    host.server = referenceProtocol.create(
      {
        id: host.id,
        peers: this.#hosts.map(({ id }) => id).filter((id) => id !== host.id),
        incarnation: host.incarnation,
        bugs: new Set(),
        options: { maxEntriesPerAppend: 3 },
      },
      { currentTerm: term, votedFor: vote, log, commitIndex: 0, extra: {} },
    );
    this.#feed(host, { type: "start" });
  }

  /** Some prefix of what was on its way to the disk gets there; what was held never leaves. */
  #crash(host: Host): void {
    const kept = this.#choose(host.waiting.length + 1);
    for (const effect of host.waiting.slice(0, kept)) makeDurable(host, effect);
    if (host.waiting.slice(kept).some(({ type }) => type !== "send"))
      this.tally.crashesThatLost += 1;
    host.server = null;
    host.waiting = [];
    host.alarms.clear();
  }

  #flush(host: Host, count: number): void {
    for (const effect of host.waiting.splice(0, count)) {
      makeDurable(host, effect);
      if (effect.type === "send") this.#network.push(effect.message);
    }
  }

  #feed(host: Host, input: Input): void {
    const { server } = host;
    if (server === null) return;
    const wasLeader = server.role === "leader";
    referenceProtocol.step(server, input, {
      now: this.#now,
      emit: (effect) => this.#take(host, server, effect),
      choose: (_purpose, low, high) => low + this.#choose(high - low + 1),
    });
    if (server.role === "leader" && !wasLeader) this.#elected(host, server);
  }

  #take(host: Host, server: ReferenceServer, effect: Effect): void {
    switch (effect.type) {
      case "send":
        if (this.#options.waitsForDisk && effect.message.obligation.hardState !== null) {
          host.waiting.push(effect);
        } else {
          this.#network.push(effect.message);
        }
        return;
      case "truncate":
        this.tally.truncated += 1;
        host.waiting.push(effect);
        return;
      case "append":
      case "hard-state":
        host.waiting.push(effect);
        return;
      case "apply":
        this.#apply(server, effect.entry);
        return;
      case "alarm":
        if (effect.at === null) host.alarms.delete(effect.alarm);
        else host.alarms.add(effect.alarm);
        return;
      case "reply":
        if (effect.result.outcome === "ok") this.#answered(server, effect);
        return;
      case "error":
        throw new Error(`${host.id}: ${effect.text}`);
      case "notice":
        throw new Error(`election safety: ${effect.text}`);
      case "rebase":
      case "restore":
      case "store":
        return;
    }
  }

  #answered(server: ReferenceServer, effect: Extract<Effect, { type: "reply" }>): void {
    if (effect.entry !== null) {
      this.tally.writesAnswered += 1;
      this.#acknowledged = Math.max(this.#acknowledged, effect.entry.index);
      return;
    }
    this.tally.readsAnswered += 1;
    const known = this.#known.get(effect.operation) ?? 0;
    if (server.lastApplied < known) throw new Error(`a read misses entry ${known}`);
  }

  /** State machine safety: no two servers apply different entries at an index. */
  #apply(server: ReferenceServer, entry: Entry): void {
    const before = this.#applied[entry.index - 1];
    if (before === undefined) {
      this.#applied[entry.index - 1] = entry;
      this.#appliedIn[entry.index - 1] = server.currentTerm;
      this.tally.committed += 1;
    } else if (!isSame(before, entry)) {
      throw new Error(`state machine safety: two entries were applied at ${entry.index}`);
    }
  }

  /** Election safety: one leader a term. Leader completeness: it has all that was committed in earlier terms. */
  #elected({ id, incarnation }: Host, server: ReferenceServer): void {
    this.tally.elections += 1;
    const { currentTerm: term, log } = server;
    const name = `${id}, life ${incarnation}`;
    const other = this.#leaders.get(term);
    if (other !== undefined) throw new Error(`election safety: ${other} and ${name} lead ${term}`);
    this.#leaders.set(term, name);
    const own = entriesFrom(log, 1);
    for (const [at, entry] of this.#applied.entries()) {
      const isEarlier = (this.#appliedIn[at] as Term) < term;
      const held = own[at];
      if (isEarlier && (held === undefined || !isSame(held, entry))) {
        throw new Error(`leader completeness: ${name} leads ${term} without entry ${entry.index}`);
      }
    }
  }

  /** Log matching: same index and term, then same entries up to there. */
  #check(): void {
    const logs = this.#hosts.flatMap(({ server }) => (server === null ? [] : [server.log]));
    for (const [at, one] of logs.entries()) {
      for (const other of logs.slice(at + 1)) checkLogsMatch(one, other);
    }
  }

  #leader(): Host | null {
    const leaders = this.#hosts.filter(({ server }) => server?.role === "leader");
    return leaders[this.#choose(Math.max(1, leaders.length))] ?? null;
  }

  #choose(below: number): number {
    this.#drawn += 1;
    return scale(draw(this.#seed, String(this.#drawn)), 0, below - 1);
  }
}

function makeDurable({ durable }: Host, effect: Effect): void {
  if (effect.type === "append") for (const entry of effect.entries) appendEntry(durable.log, entry);
  if (effect.type === "truncate") truncateFrom(durable.log, effect.from);
  if (effect.type === "hard-state") {
    durable.term = effect.term;
    durable.vote = effect.votedFor;
  }
}

function checkLogsMatch(one: Log, other: Log): void {
  let index = Math.min(lastIndex(one), lastIndex(other));
  const [left, right] = [entriesFrom(one, 1), entriesFrom(other, 1)];
  while (index > 0 && left[index - 1]?.term !== right[index - 1]?.term) index -= 1;
  for (; index > 0; index--) {
    if (!isSame(left[index - 1] as Entry, right[index - 1] as Entry)) {
      throw new Error(`log matching: logs agree later and differ at ${index}`);
    }
  }
}

function isSame(one: Entry, other: Entry): boolean {
  return one.term === other.term && one.command[0] === other.command[0];
}
