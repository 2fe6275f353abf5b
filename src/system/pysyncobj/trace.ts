import { fromHex } from "#base/bytes.ts";
import { ok, type Result, refused } from "#base/result.ts";
import type { Entry, Message, MessageKind, ServerId } from "#raft/types.ts";
import { NOTHING_OWED } from "#raft/types.ts";
import { OPTIONS } from "./server.ts";

/** A run of the real library as it was recorded (`pysyncobj-trace/1`): what each node did, and its state right after. */
export interface RecordedTrace {
  readonly path: string;
  readonly nodes: readonly ServerId[];
  /** By node; the library's own files name nodes by these. */
  readonly addresses: Readonly<Record<ServerId, string>>;
  /** What the recording set, as the model's options. */
  readonly options: Readonly<Record<string, number>>;
  readonly events: readonly RecordedEvent[];
}

export interface RecordedEvent {
  /** Numbers are missing where repeated identical heartbeats, and their replies, were left out. */
  readonly seq: number;
  /** Microseconds of virtual time. */
  readonly time: number;
  /** Null: of no single node. */
  readonly node: ServerId | null;
  readonly event: string;
  readonly state: RecordedState | null;
  /** All fields, as they are in the file. */
  readonly fields: JsonObject;
}

/** A node's state as the recorder saw it. `log` is null where it was not looked at. */
export interface RecordedState {
  readonly role: string;
  readonly term: number;
  readonly votedFor: string | null;
  readonly leader: string | null;
  readonly log: LogWindow | null;
  readonly commitIndex: number | null;
  readonly lastApplied: number | null;
}

export interface LogWindow {
  readonly first: readonly [index: number, term: number];
  readonly tail: readonly [index: number, term: number];
  readonly length: number;
}

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** Reads a trace file. The problem names the file, the place in it and the reason, in a sentence. */
export function readTrace(path: string, text: string): Result<RecordedTrace> {
  const json = parseJson(text);
  if (!json.ok) return refused(`${path}: not JSON: ${json.problem}`);
  const reader = new Reader(path);
  const trace = reader.trace(json.value);
  return reader.problem === null ? ok(trace) : refused(reader.problem);
}

function parseJson(text: string): Result<Json> {
  try {
    return ok(JSON.parse(text) as Json);
  } catch (error) {
    return refused(placed(text, error instanceof Error ? error.message : String(error)));
  }
}

/** The parser's own sentence, with line and column where it tells a position. */
function placed(text: string, message: string): string {
  const position = /position (\d+)/.exec(message)?.[1];
  if (position === undefined || /line \d+/.test(message)) return message;
  const lines = text.slice(0, Number(position)).split("\n");
  return `line ${lines.length}, column ${(lines.at(-1) ?? "").length + 1}: ${message}`;
}

/** Names of settings that are times. */
const TIMES = /(Period|Timeout|Time)$/;

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

class Reader {
  /** The first thing that is not as it should be. */
  problem: string | null = null;
  private readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  trace(json: Json): RecordedTrace {
    const root = this.object(json, "the file");
    if (root.format !== "pysyncobj-trace/1") {
      this.refuse("format", `is ${JSON.stringify(root.format ?? null)}, not "pysyncobj-trace/1"`);
    }
    const nodes = this.object(root.nodes, "nodes");
    return {
      path: this.path,
      nodes: Object.keys(nodes),
      addresses: Object.fromEntries(
        Object.entries(nodes).map(([id, address]) => [id, this.text(address, `nodes.${id}`)]),
      ),
      options: this.options(this.object(root.config ?? {}, "config")),
      events: this.list(root.events, "events").map((each, i) => this.event(each, `events[${i}]`)),
    };
  }

  /** Settings have the library's names. Times are in seconds there; what is not set is as config.py has it. */
  private options(config: JsonObject): Readonly<Record<string, number>> {
    const options: Record<string, number> = { appendEntriesUseBatch: 1 };
    for (const [name, value] of Object.entries(config)) {
      const place = `config.${name}`;
      if (!(name in OPTIONS)) this.refuse(place, "is no setting that the model has");
      else if (typeof value === "boolean") options[name] = Number(value);
      else {
        const given = this.number(value, place);
        options[name] = TIMES.test(name) ? Math.round(1_000_000 * given) : given;
      }
    }
    return options;
  }

  private event(json: Json, place: string): RecordedEvent {
    const fields = this.object(json, place);
    const node = fields.node === null ? null : this.text(fields.node, `${place}.node`);
    const event = this.text(fields.event, `${place}.event`);
    if (/^(send|recv|drop)$/.test(event)) this.message(fields.msg, `${place}.msg`);
    return {
      seq: this.number(fields.seq, `${place}.seq`),
      time: Math.round(1_000_000 * this.number(fields.t, `${place}.t`)),
      node,
      event,
      state: "term" in fields ? this.state(fields, place) : null,
      fields,
    };
  }

  state(fields: JsonObject, place: string): RecordedState {
    return {
      role: this.text(fields.state, `${place}.state`),
      term: this.number(fields.term, `${place}.term`),
      votedFor: this.textOrNull(fields.votedFor, `${place}.votedFor`),
      leader: this.textOrNull(fields.leader, `${place}.leader`),
      log: fields.log === undefined ? null : this.window(fields.log, `${place}.log`),
      commitIndex: this.numberOrNull(fields.commitIndex, `${place}.commitIndex`),
      lastApplied: this.numberOrNull(fields.lastApplied, `${place}.lastApplied`),
    };
  }

  private window(json: Json, place: string): LogWindow | null {
    const log = this.object(json, place);
    if (log.len === 0 || log.first === null) return null;
    return {
      first: this.pair(log.first, `${place}.first`),
      tail: this.pair(log.tail, `${place}.tail`),
      length: this.number(log.len, `${place}.len`),
    };
  }

  private message(json: Json | undefined, place: string): void {
    const message = this.object(json, place);
    this.text(message.type, `${place}.type`);
    this.text(message.from, `${place}.from`);
    this.text(message.to, `${place}.to`);
    for (const [i, entry] of this.list(message.entries ?? [], `${place}.entries`).entries()) {
      const { index, term } = this.object(entry, `${place}.entries[${i}]`);
      this.number(index, `${place}.entries[${i}].index`);
      this.number(term, `${place}.entries[${i}].term`);
    }
  }

  private refuse(place: string, reason: string): void {
    this.problem ??= `${this.path}: ${place} ${reason}`;
  }

  private object(json: Json | undefined, place: string): JsonObject {
    if (isJsonObject(json)) return json;
    this.refuse(place, "is not an object");
    return {};
  }

  private list(json: Json | undefined, place: string): readonly Json[] {
    if (Array.isArray(json)) return json as readonly Json[];
    this.refuse(place, "is not a list");
    return [];
  }

  private pair(json: Json | undefined, place: string): readonly [number, number] {
    const [a, b] = this.list(json, place);
    return [this.number(a, `${place}[0]`), this.number(b, `${place}[1]`)];
  }

  private number(json: Json | undefined, place: string): number {
    if (typeof json === "number") return json;
    this.refuse(place, "is not a number");
    return 0;
  }

  private text(json: Json | undefined, place: string): string {
    if (typeof json === "string") return json;
    this.refuse(place, "is not text");
    return "";
  }

  private numberOrNull(json: Json | undefined, place: string): number | null {
    return json === undefined || json === null ? null : this.number(json, place);
  }

  private textOrNull(json: Json | undefined, place: string): string | null {
    return json === undefined || json === null ? null : this.text(json, place);
  }
}

/** States and logs of all nodes, at a `checkpoint`. */
export interface Checkpoint {
  readonly state: RecordedState;
  /** Index, term and the command in words. */
  readonly log: readonly (readonly [number, number, string])[];
  readonly leaderCommitIndex: number | null;
  readonly ready: boolean;
  readonly values: Readonly<Record<string, Json>> | null;
}

export function checkpointOf(event: RecordedEvent, node: ServerId): Checkpoint | null {
  const nodes = event.fields.nodes;
  const fields = isJsonObject(nodes) ? nodes[node] : undefined;
  if (!isJsonObject(fields) || typeof fields.term !== "number") return null;
  const entries = Array.isArray(fields.fullLog) ? (fields.fullLog as readonly Json[]) : [];
  const log = entries.map((each) => {
    const [index, term, command] = Array.isArray(each) ? (each as readonly Json[]) : [];
    return [Number(index), Number(term), String(command)] as const;
  });
  const { leaderCommitIndex, ready, kv } = fields;
  return {
    state: new Reader("").state(fields, ""),
    log,
    leaderCommitIndex: typeof leaderCommitIndex === "number" ? leaderCommitIndex : null,
    ready: ready === true,
    values: isJsonObject(kv) ? kv : null,
  };
}

const KINDS: Readonly<Record<string, MessageKind>> = {
  request_vote: "vote-request",
  response_vote: "vote-reply",
  append_entries: "append",
  next_node_idx: "append-reply",
  apply_command: "forward",
  apply_command_response: "forward-reply",
};

/** Of a command that the record cuts short. */
export interface CutCommand {
  /** Bytes. */
  readonly length: number;
  /** The first 16 digits of its SHA-256. */
  readonly sha256: string;
}

export function cutCommandOf(entry: JsonObject): CutCommand | null {
  const { hexLength: length, sha256 } = entry;
  return typeof length === "number" && typeof sha256 === "string" ? { length, sha256 } : null;
}

/** The command of a recorded entry; null: it is cut short, and not `known`. */
export function commandIn(
  entry: JsonObject,
  known: (cut: CutCommand) => Uint8Array | null,
): Uint8Array | null {
  if (typeof entry.hex === "string") return fromHex(entry.hex);
  const cut = cutCommandOf(entry);
  return cut === null ? null : known(cut);
}

/** A recorded message as this protocol speaks it; null when its form is not recorded, or a long command was cut and is not `known`. */
export function messageOf(
  json: JsonObject,
  known: (cut: CutCommand) => Uint8Array | null = () => null,
): Message | null {
  const { type, from, to, term, entries, command, success, ...rest } = json;
  const kind = KINDS[String(type)];
  if (kind === undefined || "transmission" in json) return null;
  if ("serialized" in json && json.serialized !== null) return null;
  const fields: Record<string, number | string | boolean | null> = {};
  for (const [name, value] of Object.entries(rest)) {
    if (typeof value === "object" && value !== null) return null;
    fields[name] = value;
  }
  if (success !== undefined) fields.success = success === true;
  if (isJsonObject(command)) fields.command = String(command.hex);
  const carried: Entry[] = [];
  for (const each of Array.isArray(entries) ? (entries as readonly JsonObject[]) : []) {
    const bytes = commandIn(each, known);
    if (bytes === null) return null;
    carried.push({ index: Number(each.index), term: Number(each.term), command: bytes });
  }
  return {
    from: String(from),
    to: String(to),
    kind,
    name: String(type),
    term: typeof term === "number" ? term : null,
    success: null,
    entries: carried,
    fields,
    obligation: NOTHING_OWED,
  };
}
