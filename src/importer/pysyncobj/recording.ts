import { ok, type Result } from "#base/result.ts";
import type { Entry, Message, Micros, ServerId, StateImage } from "#raft/types.ts";
import {
  type Application,
  applicationDigest,
  applicationFrom,
  applyEntry,
  createApplication,
  Decoder,
  imageOf,
} from "#sim/application.ts";
import type { Happening } from "#sim/observation.ts";
import type { RecordedHappening, RecordedSides, RecordedStep } from "#sim/recorded.ts";
import {
  checkTrace,
  type Difference,
  type Gap,
  type RecordedFile,
} from "#system/pysyncobj/conformance.ts";
import { asRecorded, type Completed, completedCalls } from "#system/pysyncobj/cut.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import {
  type Checkpoint,
  checkpointOf,
  isJsonObject,
  messageOf,
  type RecordedEvent,
  type RecordedState,
  type RecordedTrace,
  readTrace,
} from "#system/pysyncobj/trace.ts";
import { entriesOf, recordedLog } from "./recorded-log.ts";

/** A recorded run of the real library, and the model led through the same schedule beside it. */
export interface RecordedRun extends RecordedSides {
  readonly difference: Difference | null;
  /** What the record leaves out. */
  readonly gaps: readonly Gap[];
}

/**
 * Both as what can be seen of them, step by step: one step an event of the record in which something shows. Refused: the
 * text is no such trace; the sentence names the place.
 */
export function readRecordedRun(
  path: string,
  text: string,
  files: readonly RecordedFile[] = [],
): Result<RecordedRun> {
  const trace = readTrace(path, text);
  return trace.ok ? ok(recordedRun(trace.value, files)) : trace;
}

function recordedRun(trace: RecordedTrace, files: readonly RecordedFile[]): RecordedRun {
  const completed = completedCalls(trace);
  const arrivals = arrivalsIn(trace, completed);
  const record = new Side(arrivals, completed);
  const model = new Side(arrivals, completed);
  const known = new Set<number>();
  let crossed = 0;
  const told = checkTrace(trace, files, (event, at, gaps) => {
    known.add(event.seq);
    for (const text of leftOutText(gaps.slice(crossed))) {
      record.narrate(text);
      model.narrate(text);
    }
    crossed = gaps.length;
    const entries = at === null ? [] : entriesOf(at.server);
    record.tell(event, event.state, (before) =>
      recordedLog(before, event, event.state, entries, completed),
    );
    // Where the model could not be compared, it goes on with what the record says.
    const mine = at?.state ?? event.state;
    model.tell(event, mine, (before) => recordedLog(before, event, mine, entries, completed));
  });
  const { firstDifference: difference, gaps } = told;
  if (difference !== null) {
    const { node, field, expected, actual } = difference;
    const text = `Here the model differs from the record: ${field} of ${node} is ${actual}, and the record has ${expected}. The model's run ends.`;
    model.narrate(text);
    record.narrate(`Here the model differs: ${field} of ${node} is ${actual} there.`);
  }
  for (const event of trace.events) {
    if (known.has(event.seq)) continue;
    record.tell(event, event.state, (before) =>
      recordedLog(before, event, event.state, [], completed),
    );
  }
  if (difference === null) {
    const end =
      "Here the record ends. The model, led through the same events, never differed from it.";
    record.narrate(end);
    model.narrate(end);
  }
  return { record: record.steps, model: model.steps, difference, gaps };
}

/** What the model is told because the record leaves it out; a stretch is marked in the record itself, and told there. */
function leftOutText(gaps: readonly Gap[]): readonly string[] {
  const texts = gaps.filter(({ kind }) => kind !== "stretch" && kind !== "timer");
  return [...new Set(texts.map(({ text }) => `Not in the record: ${text}.`))];
}

type State = Pick<
  RecordedState,
  "role" | "term" | "votedFor" | "leader" | "commitIndex" | "lastApplied"
>;

/** What is known of a node while it is up. */
interface NodeSeen {
  state: State;
  log: readonly Entry[];
  application: Application;
  /** What it asked for and has not been answered: `key = value`, oldest first. */
  readonly asked: { readonly id: string; readonly key: string; readonly value: string }[];
  /** The entry that it applied last. */
  applied: Entry | null;
}

const ROLES: Readonly<Record<string, "follower" | "candidate" | "leader">> = {
  follower: "follower",
  candidate: "candidate",
  leader: "leader",
};

/** Turns events of a record into what is seen of a run. */
class Side {
  readonly steps: RecordedStep[] = [];
  private readonly arrivals: ReadonlyMap<number, Micros>;
  private readonly completed: Completed;
  private readonly decoder = new Decoder(pysyncobj.machine);
  private readonly nodes = new Map<ServerId, NodeSeen>();
  private readonly lives = new Map<ServerId, number>();
  /** What is in each node's dump, as far as that is known. */
  private readonly dumps = new Map<ServerId, StateImage>();
  private readonly operations = new Map<ServerId, NodeSeen["asked"]>();
  /** Messages on their way, oldest first: their number and the observation of their send. */
  private readonly flights: {
    readonly id: number;
    readonly sent: number;
    readonly message: Message;
  }[] = [];
  private happenings: RecordedHappening[] = [];
  /** Observations so far. */
  private count = 0;
  private messages = 0;
  private time = 0;
  /** By node: the observation whose handling is going on there. */
  private readonly causes = new Map<ServerId, number>();

  constructor(arrivals: ReadonlyMap<number, Micros>, completed: Completed) {
    this.arrivals = arrivals;
    this.completed = completed;
  }

  /** One event, with the state of its node right after it. */
  tell(
    event: RecordedEvent,
    state: State | null,
    logAfter: (before: readonly Entry[]) => readonly Entry[],
  ): void {
    this.time = event.time;
    const { node } = event;
    if (node === null) this.tellOfAll(event);
    else this.tellOf(node, event, state, logAfter);
    this.endStep();
  }

  narrate(text: string): void {
    this.add({ type: "narration", text }, null);
    this.endStep();
  }

  /** What the recorder wrote beside the events, in its own words. */
  private note(text: string): void {
    this.add({ type: "narration", text: `The recorder notes: “${text}”.` }, null);
  }

  private endStep(): void {
    if (this.happenings.length === 0) return;
    this.steps.push({ time: this.time, happenings: this.happenings });
    this.happenings = [];
  }

  private add(happening: Happening, cause: number | null): number {
    this.happenings.push({ happening, cause });
    this.count += 1;
    return this.count - 1;
  }

  private tellOfAll(event: RecordedEvent): void {
    const { fields } = event;
    switch (event.event) {
      case "link.up":
      case "link.down": {
        const [a = "", b = ""] = Array.isArray(fields.link) ? fields.link.map(String) : [];
        const up = event.event === "link.up";
        if (!up) this.loseFlights(a, b);
        this.add({ type: "link", a, b, up, reason: "" }, null);
        return;
      }
      case "checkpoint":
        for (const node of this.nodes.keys()) {
          const checkpoint = checkpointOf(event, node);
          if (checkpoint !== null) this.adopt(node, checkpoint);
        }
        if (typeof fields.label === "string") this.note(fields.label);
        return;
      case "gap":
        this.add({ type: "narration", text: stretchText(String(fields.text ?? "")) }, null);
        return;
      default: {
        const text = fields.text ?? fields.label;
        if (typeof text === "string") this.note(text);
      }
    }
  }

  private tellOf(
    node: ServerId,
    event: RecordedEvent,
    state: State | null,
    logAfter: (before: readonly Entry[]) => readonly Entry[],
  ): void {
    switch (event.event) {
      case "start":
        if (state !== null) this.start(node, state, logAfter([]));
        return;
      case "start.failed":
        this.add({ type: "boot", machine: node }, null);
        this.add({ type: "failed", server: node, ...errorOf(event) }, null);
        return;
      case "stop":
        this.end(node, { type: "stop", server: node });
        return;
      case "kill":
      case "power_loss":
        this.end(node, {
          type: "crash",
          machine: node,
          kind: event.event === "kill" ? "process" : "power",
          servers: [node],
          kept: 0,
          lost: 0,
        });
        return;
      default: {
        const seen = this.nodes.get(node);
        if (seen === undefined) return; // The very first entry of a new journal: part of the start that comes next.
        if (event.event === "recv") this.receive(node, event);
        if (event.event === "dump.load") this.load(node, seen, state);
        const before = this.changes(node, seen, event, state, logAfter(seen.log));
        this.happen(node, seen, event, before);
        if (event.event === "handled" || event.event === "tick") this.causes.delete(node);
      }
    }
  }

  private start(node: ServerId, state: State, log: readonly Entry[]): void {
    const incarnation = (this.lives.get(node) ?? 0) + 1;
    this.lives.set(node, incarnation);
    const cause = this.add({ type: "boot", machine: node }, null);
    const asked = this.operations.get(node) ?? [];
    this.operations.set(node, asked);
    this.nodes.set(node, { state, log, application: createApplication(), asked, applied: null });
    this.add(
      {
        type: "recovered",
        server: node,
        incarnation,
        currentTerm: state.term,
        votedFor: state.votedFor,
        commitIndex: state.commitIndex ?? 0,
        lastApplied: state.lastApplied ?? 0,
        ...baseOf(log),
        entries: log,
      },
      cause,
    );
  }

  private end(node: ServerId, happening: Happening): void {
    if (!this.nodes.delete(node)) return;
    const cause = this.add(happening, null);
    this.causes.delete(node);
    for (const { id } of this.operations.get(node)?.splice(0) ?? []) this.lost(node, id, cause);
  }

  private lost(node: ServerId, id: string, cause: number): void {
    const result = { outcome: "unknown", code: "CONNECTION_LOST", value: null } as const;
    const operation = operationOf(id, "", "");
    this.add({ type: "return", server: node, operation, result, entry: null }, cause);
  }

  /** The map is that of the dump, when the two are of the same entry. */
  private load(server: ServerId, seen: NodeSeen, state: State | null): void {
    const dump = this.dumps.get(server);
    if (dump === undefined || dump.lastApplied !== state?.lastApplied) return;
    this.restore(server, seen, applicationFrom(dump));
  }

  private restore(server: ServerId, seen: NodeSeen, application: Application): void {
    seen.application = application;
    const { lastApplied, values } = imageOf(application);
    const digest = applicationDigest(application);
    this.add({ type: "restored", server, lastApplied, values, state: digest }, null);
  }

  /** What changed in a node, told before what it did: the record shows the state after. Returns the log before. */
  private changes(
    server: ServerId,
    seen: NodeSeen,
    event: RecordedEvent,
    state: State | null,
    log: readonly Entry[],
  ): readonly Entry[] {
    const before = seen.log;
    const cause = this.causes.get(server) ?? null;
    const was = seen.state;
    if (state !== null) {
      if (was.term !== state.term) {
        this.add({ type: "term", server, from: was.term, to: state.term }, cause);
      }
      if (was.votedFor !== state.votedFor) {
        this.add({ type: "vote", server, from: was.votedFor, to: state.votedFor }, cause);
      }
      const [from, to] = [ROLES[was.role] ?? "follower", ROLES[state.role] ?? "follower"];
      if (from !== to) this.add({ type: "role", server, from, to }, cause);
      if (was.leader !== state.leader) {
        this.add({ type: "leader", server, from: was.leader, to: state.leader }, cause);
      }
    }
    this.changeLog(server, seen, event, log, cause);
    if (state === null) return before;
    const [oldCommit, commit] = [was.commitIndex ?? 0, state.commitIndex ?? was.commitIndex ?? 0];
    if (oldCommit !== commit) {
      this.add({ type: "commit", server, from: oldCommit, to: commit }, cause);
    }
    const [oldApplied, applied] = [was.lastApplied ?? 0, state.lastApplied ?? was.lastApplied ?? 0];
    if (oldApplied !== applied) {
      this.add({ type: "applied-index", server, from: oldApplied, to: applied }, cause);
    }
    seen.state = { ...state, commitIndex: commit, lastApplied: applied };
    return before;
  }

  private changeLog(
    server: ServerId,
    seen: NodeSeen,
    event: RecordedEvent,
    log: readonly Entry[],
    cause: number | null,
  ): void {
    const { log: before } = seen;
    // A journal that is emptied is filled again at once: its log then begins elsewhere.
    if (before === log || event.event === "journal.clear") return;
    seen.log = log;
    if (baseOf(before).baseIndex !== baseOf(log).baseIndex) {
      const reason = event.event === "journal.compact" ? "compaction" : "snapshot";
      this.add({ type: "rebase", server, reason, ...baseOf(log), entries: log }, cause);
      return;
    }
    let common = 0;
    while (common < before.length && common < log.length && same(before[common], log[common])) {
      common += 1;
    }
    const [removed, added] = [before.slice(common), log.slice(common)];
    const [first] = removed;
    if (first !== undefined) {
      this.add({ type: "truncate", server, from: first.index, removed }, cause);
    }
    if (added.length > 0) this.add({ type: "append", server, entries: added }, cause);
  }

  private happen(
    server: ServerId,
    seen: NodeSeen,
    event: RecordedEvent,
    logBefore: readonly Entry[],
  ): void {
    const { fields } = event;
    const cause = this.causes.get(server) ?? null;
    switch (event.event) {
      case "send":
        this.send(server, event, cause);
        return;
      case "apply":
        this.apply(server, seen, [...logBefore, ...seen.log], Number(fields.index), cause);
        return;
      case "client.set":
        this.invoke(server, seen, event);
        return;
      case "client.result":
        this.answer(server, seen, event, cause);
        return;
      case "meta.store":
        this.add({ type: "store", server, what: "meta", values: plainValues(fields.meta) }, cause);
        return;
      case "dump.write":
        this.dumps.set(server, imageOf(seen.application));
        this.add({ type: "store", server, what: "dump", values: {} }, cause);
        return;
      default:
        if (event.event.startsWith("handler.") || event.event === "tick.exception") {
          this.add({ type: "handler-error", server, ...errorOf(event) }, cause);
          this.causes.delete(server);
        }
    }
  }

  private send(server: ServerId, event: RecordedEvent, cause: number | null): void {
    const message = recordedMessage(event, this.completed);
    if (message === null) return;
    this.messages += 1;
    const { messages: id, time } = this;
    const arrives = this.arrivals.get(event.seq) ?? time;
    const sent = this.add(
      { type: "send", server, id, message, arrives, promise: "nothing" },
      cause,
    );
    if (this.arrivals.has(event.seq)) this.flights.push({ id, sent, message });
    else this.add({ type: "drop", id, message, reason: "closed" }, sent);
  }

  private receive(server: ServerId, event: RecordedEvent): void {
    const message = recordedMessage(event, this.completed);
    if (message === null) return;
    const text = lineOf(message);
    const at = this.flights.findIndex((each) => lineOf(each.message) === text);
    const [flight] = at < 0 ? [] : this.flights.splice(at, 1);
    this.messages += flight === undefined ? 1 : 0;
    const id = flight?.id ?? this.messages;
    const received = this.add({ type: "receive", server, id, message }, flight?.sent ?? null);
    this.causes.set(server, received);
  }

  private loseFlights(a: ServerId, b: ServerId): void {
    const isOn = ({ from, to }: Message) => (from === a && to === b) || (from === b && to === a);
    for (const { id, message } of this.flights.filter((each) => isOn(each.message))) {
      this.add({ type: "drop", id, message, reason: "closed" }, null);
    }
    const rest = this.flights.filter((each) => !isOn(each.message));
    this.flights.splice(0, this.flights.length, ...rest);
  }

  private apply(
    server: ServerId,
    seen: NodeSeen,
    log: readonly Entry[],
    index: number,
    cause: number | null,
  ): void {
    const entry = log.findLast((each) => each.index === index);
    if (entry === undefined) return;
    seen.applied = entry;
    const done = applyEntry(seen.application, entry, this.decoder.decode(entry));
    const state = applicationDigest(seen.application);
    this.add({ type: "apply", server, entry, ...done, state }, cause);
  }

  private invoke(server: ServerId, seen: NodeSeen, { seq, fields }: RecordedEvent): void {
    const [id, key, value] = [`${server}-${seq}`, String(fields.key), String(fields.value)];
    seen.asked.push({ id, key, value });
    const operation = operationOf(id, key, value);
    this.causes.set(server, this.add({ type: "invoke", server, operation }, null));
  }

  private answer(
    server: ServerId,
    seen: NodeSeen,
    { fields }: RecordedEvent,
    cause: number | null,
  ): void {
    const [key, value, code] = [fields.key, fields.value, fields.result].map(String);
    const at = seen.asked.findIndex((each) => each.key === key && each.value === value);
    const [asked] = at < 0 ? [] : seen.asked.splice(at, 1);
    if (asked === undefined) return;
    const isOk = code === "SUCCESS";
    const { applied } = seen;
    this.add(
      {
        type: "return",
        server,
        operation: operationOf(asked.id, asked.key, asked.value),
        result: { outcome: isOk ? "ok" : "failed", code: code ?? "", value: null },
        entry: isOk && applied !== null ? { index: applied.index, term: applied.term } : null,
      },
      cause,
    );
  }

  /** A checkpoint tells the map: it stands in for what was not recorded. */
  private adopt(server: ServerId, { values, state, log }: Checkpoint): void {
    const seen = this.nodes.get(server);
    if (seen === undefined || values === null) return;
    const application = createApplication();
    for (const [key, told] of Object.entries(values)) {
      const known = seen.application.values.get(key)?.value ?? "";
      const isCut = known !== told && asRecorded(told, known) === told;
      const value = isCut ? known : String(told);
      const command = { type: "set", key, value } as const;
      const entry = { index: 0, term: 0, command: new Uint8Array() };
      applyEntry(application, entry, { command, text: "" });
    }
    application.lastApplied = state.lastApplied ?? 0;
    // A log that begins later has a dump before it, of the second entry that it holds.
    const [first, second] = log;
    const hasDump = first !== undefined && first[0] > 1;
    if (hasDump && second?.[0] === state.lastApplied) this.dumps.set(server, imageOf(application));
    if (applicationDigest(application) === applicationDigest(seen.application)) return;
    this.restore(server, seen, application);
  }
}

/** By the number of its send: when each message was received. Those that were not are missing. */
function arrivalsIn({ events }: RecordedTrace, completed: Completed): ReadonlyMap<number, Micros> {
  const arrivals = new Map<number, Micros>();
  const flying = new Map<string, number[]>();
  for (const event of events) {
    if (event.event !== "send" && event.event !== "recv") continue;
    const message = recordedMessage(event, completed);
    if (message === null) continue;
    const line = lineOf(message);
    if (event.event === "send") flying.set(line, [...(flying.get(line) ?? []), event.seq]);
    else {
      const sent = flying.get(line)?.shift();
      if (sent !== undefined) arrivals.set(sent, event.time);
    }
  }
  return arrivals;
}

function recordedMessage({ fields }: RecordedEvent, { command }: Completed): Message | null {
  return isJsonObject(fields.msg) ? messageOf(fields.msg, command) : null;
}

function lineOf({ from, to, name, term, fields, entries }: Message): string {
  return JSON.stringify([
    from,
    to,
    name,
    term,
    fields,
    entries.map(({ index, term: of }) => [index, of]),
  ]);
}

function operationOf(id: string, key: string, value: string) {
  return { id, client: "client", type: "write", key, value, expected: null } as const;
}

function baseOf(log: readonly Entry[]): { readonly baseIndex: number; readonly baseTerm: number } {
  return { baseIndex: (log[0]?.index ?? 1) - 1, baseTerm: 0 };
}

function same(a: Entry | undefined, b: Entry | undefined): boolean {
  return (
    a !== undefined &&
    b !== undefined &&
    (a === b ||
      (a.index === b.index &&
        a.term === b.term &&
        a.command.length === b.command.length &&
        a.command.every((byte, at) => byte === b.command[at])))
  );
}

function errorOf({ event, fields }: RecordedEvent): {
  readonly name: string;
  readonly text: string;
} {
  const told = String(fields.error ?? fields.where ?? "");
  const name = event.startsWith("handler.") ? event.slice("handler.".length) : "";
  const [head = "", ...rest] = told.split(": ");
  return rest.length > 0
    ? { name: head, text: rest.join(": ") }
    : { name: name || "error", text: told };
}

function plainValues(json: unknown): Readonly<Record<string, number | string | null>> {
  const plain: Record<string, number | string | null> = {};
  for (const [key, value] of Object.entries(isJsonObject(json as never) ? (json as object) : {})) {
    if (value === null || typeof value === "number" || typeof value === "string")
      plain[key] = value;
  }
  return plain;
}

/** A stretch that the record only mentions: "free run, 60.0s". */
function stretchText(text: string): string {
  const seconds = /^free run, (\d+)(?:\.0+)?s$/.exec(text)?.[1];
  if (seconds === undefined) return `A stretch that was not recorded: “${text}”.`;
  return `The servers run on by themselves for ${seconds} seconds, which were not recorded.`;
}
