import { ok, type Result } from "#base/result.ts";
import type { Message, ServerId } from "#raft/types.ts";
import type { LyingDisk } from "./crossing.ts";
import { type Account, Follower } from "./follower.ts";
import { JOURNAL, META } from "./format.ts";
import { createNode } from "./replay.ts";
import type { PySyncObj } from "./server.ts";
import {
  checkpointOf,
  type Json,
  type RecordedEvent,
  type RecordedState,
  type RecordedTrace,
  readTrace,
} from "./trace.ts";

export interface Conformance {
  /** Recorded events whose state was compared. */
  readonly compared: number;
  /** Stretches that the record does not tell, or that are not modelled: crossed with the state that the record gives. */
  readonly gaps: readonly string[];
  readonly firstDifference: Difference | null;
  /** What the model's disks hold in the end: the journal and the meta of each node. */
  readonly disks: readonly {
    readonly node: ServerId;
    readonly path: string;
    readonly bytes: Uint8Array;
  }[];
}

export interface Difference {
  readonly seq: number;
  readonly node: ServerId;
  readonly field: string;
  /** In the record. */
  readonly expected: string;
  /** In the model. */
  readonly actual: string;
}

/** The model of the node of an event. */
export interface ModelAt {
  /** As it was compared with the event; null: it was not. */
  readonly state: RecordedState | null;
  /** As it is when it has handled all that the record says of it so far: a handler is done at once. */
  readonly server: PySyncObj;
}

export interface RecordedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Drives the model, one node at a time, with what the record says reached that node from outside (messages, ticks, timers,
 * links, client calls, starts and stops), and compares what it does and what it then is with each recorded event.
 * `files`: the disks that lie beside the trace, for nodes whose disk was replaced while nobody recorded. `watch` is called
 * after each event that the model came to, the last time after the one at which it differs.
 */
export function checkTrace(
  trace: RecordedTrace,
  files: readonly RecordedFile[],
  watch?: (event: RecordedEvent, model: ModelAt | null) => void,
): Conformance {
  const run = new Run(trace, files);
  for (const event of trace.events) {
    run.follow(event);
    watch?.(event, event.node === null ? null : run.modelAt(event.node));
    if (run.firstDifference !== null) break;
  }
  const { compared, gaps, firstDifference, disks } = run;
  return { compared, gaps, firstDifference, disks };
}

/** The same, of a trace that is still the text of its file. Refused: it is no such trace. */
export function checkTraceText(
  path: string,
  text: string,
  files: readonly RecordedFile[],
): Result<Conformance> {
  const trace = readTrace(path, text);
  return trace.ok ? ok(checkTrace(trace.value, files)) : trace;
}

class Run implements Conformance, Account {
  compared = 0;
  readonly gaps: string[] = [];
  firstDifference: Difference | null = null;
  private readonly trace: RecordedTrace;
  private readonly files: readonly RecordedFile[];
  private readonly nodes = new Map<ServerId, Follower>();
  private readonly lastAppends = new Map<string, Message>();

  constructor(trace: RecordedTrace, files: readonly RecordedFile[]) {
    this.trace = trace;
    this.files = files;
    // The recorded runs call doTick by hand: no thread, no sleep before the first tick.
    const options = {
      appendEntriesUseBatch: trace.appendEntriesUseBatch ? 1 : 0,
      firstTickDelay: 0,
    };
    for (const id of trace.nodes) {
      this.nodes.set(id, new Follower(createNode(id, trace.nodes, options), this));
    }
  }

  get disks(): Conformance["disks"] {
    return [...this.nodes].flatMap(([node, { files }]) =>
      files.map(({ path, bytes }) => ({ node, path, bytes })),
    );
  }

  modelAt(id: ServerId): ModelAt | null {
    const node = this.nodes.get(id);
    return node?.server ? { state: node.lastCompared, server: node.server } : null;
  }

  follow(event: RecordedEvent): void {
    switch (event.event) {
      case "link.up":
      case "link.down":
        this.link(event);
        return;
      case "checkpoint":
        for (const [id, each] of this.nodes) {
          const checkpoint = checkpointOf(event, id);
          if (checkpoint !== null) each.checkpoint(event, checkpoint);
        }
        return;
      case "gap":
        this.gap(event, String(event.fields.text ?? "untraced"));
        for (const each of this.nodes.values()) each.loseTrack();
        return;
      case "note":
      case "verdict":
        return;
      default: {
        const follower = event.node === null ? undefined : this.nodes.get(event.node);
        if (follower === undefined) this.gap(event, `${event.event} is of no known node`);
        else follower.follow(event);
      }
    }
  }

  sent(message: Message): void {
    if (message.name === "append_entries") {
      this.lastAppends.set(`${message.from}/${message.to}`, message);
    }
  }

  heartbeat(from: ServerId, to: ServerId): Message | null {
    const last = this.lastAppends.get(`${from}/${to}`);
    return last === undefined || last.entries.length > 0 ? null : last;
  }

  gap(event: RecordedEvent, text: string): void {
    const who = event.node === null ? "" : ` ${event.node}`;
    this.gaps.push(`seq ${event.seq}${who}: ${text}`);
  }

  differ(event: RecordedEvent, node: ServerId, field: string, expected: Json, actual: Json): void {
    const inWords = (value: Json): string =>
      typeof value === "string" ? value : JSON.stringify(value);
    const [wanted, found] = [inWords(expected), inWords(actual)];
    this.firstDifference ??= { seq: event.seq, node, field, expected: wanted, actual: found };
  }

  appliedFrom(event: RecordedEvent): ReadonlyMap<number, readonly [number, string]> {
    const applied = new Map<number, readonly [number, string]>();
    const own = this.trace.events.filter(({ node, seq }) => node === event.node && seq > event.seq);
    for (const { event: type, fields } of own) {
      if (/^(start|stop|kill|power_loss)/.test(type)) break;
      if (type === "apply") {
        applied.set(Number(fields.index), [Number(fields.entryTerm), String(fields.cmd)]);
      }
    }
    return applied;
  }

  disksOf(node: ServerId): readonly LyingDisk[] {
    const ending = `${node}/${JOURNAL}`;
    return this.files.flatMap(({ path, bytes }) => {
      if (path !== ending && !path.endsWith(`/${ending}`)) return [];
      const folder = path.slice(0, -JOURNAL.length);
      const meta = this.files.find((each) => each.path === folder + META)?.bytes ?? null;
      return [{ folder, journal: bytes, meta }];
    });
  }

  private link(event: RecordedEvent): void {
    const ends = Array.isArray(event.fields.link) ? (event.fields.link as readonly Json[]) : [];
    const [a = "", b = ""] = ends.map(String);
    const up = event.event === "link.up";
    this.nodes.get(a)?.link(event, b, up);
    this.nodes.get(b)?.link(event, a, up);
  }
}
