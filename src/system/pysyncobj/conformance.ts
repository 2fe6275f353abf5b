import { equalBytes } from "#base/bytes.ts";
import { ok, type Result } from "#base/result.ts";
import type { Message, ServerId } from "#raft/types.ts";
import { type Files, type LyingDisk, renamedDump } from "./crossing.ts";
import { type Completed, completedCalls } from "./cut.ts";
import { dumpDifference } from "./differences.ts";
import { type Account, Follower, type GapKind } from "./follower.ts";
import { DUMP, HEADER_SIZE, JOURNAL, META } from "./format.ts";
import { createNode } from "./replay.ts";
import { headerOffset } from "./replay-seen.ts";
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
  /** What the record leaves out: crossed with the state that it gives, and with files beside it. */
  readonly gaps: readonly Gap[];
  readonly firstDifference: Difference | null;
  /** What the model's disks hold in the end: journal, meta and dump of each node, where they are there. */
  readonly disks: readonly {
    readonly node: ServerId;
    readonly path: string;
    readonly bytes: Uint8Array;
  }[];
  /** The folders of disks beside the trace, in the order of their names. */
  readonly folders: readonly Folder[];
}

/** Disks of some moment of the real run. */
export interface Folder {
  /** Empty: the folder of the trace itself. */
  readonly name: string;
  readonly files: number;
  /** After this event the model's disks first held the same: journals and metas byte for byte, dumps decoded. Null: never. */
  readonly seq: number | null;
  /** At least one disk of the model is from there, so that it proves less. */
  readonly isTaken: boolean;
  /** It was never met, and its journals go on where the model's end: it was copied after the end of the record. */
  readonly isLater: boolean;
}

export interface Gap {
  readonly seq: number;
  readonly node: ServerId | null;
  readonly kind: GapKind;
  /** In words, without the node. */
  readonly text: string;
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
 * after each event that the model came to, the last time after the one at which it differs, with all that was left out so far.
 */
export function checkTrace(
  trace: RecordedTrace,
  files: readonly RecordedFile[],
  watch?: (event: RecordedEvent, model: ModelAt | null, gaps: readonly Gap[]) => void,
): Conformance {
  const run = new Run(trace, files);
  for (const event of trace.events) {
    run.follow(event);
    run.lookAtFolders(event);
    watch?.(event, event.node === null ? null : run.modelAt(event.node), run.gaps);
    if (run.firstDifference !== null) break;
  }
  const { compared, gaps, firstDifference, disks, folders } = run;
  return { compared, gaps, firstDifference, disks, folders };
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
  readonly gaps: Gap[] = [];
  firstDifference: Difference | null = null;
  private readonly trace: RecordedTrace;
  private readonly files: readonly RecordedFile[];
  private readonly nodes = new Map<ServerId, Follower>();
  private readonly lastAppends = new Map<string, Message>();
  readonly completed: Completed;
  private readonly lying = new Map<ServerId, readonly LyingDisk[]>();
  private readonly met = new Map<string, number>();
  private readonly lastSeq: number;

  constructor(trace: RecordedTrace, files: readonly RecordedFile[]) {
    this.trace = trace;
    this.files = files;
    this.completed = completedCalls(trace);
    this.lastSeq = trace.events.at(-1)?.seq ?? 0;
    // The recorded runs call doTick by hand: no thread, no sleep before the first tick.
    const options = { ...trace.options, firstTickDelay: 0 };
    for (const id of trace.nodes) {
      this.nodes.set(id, new Follower(createNode(id, trace.nodes, options), this));
    }
  }

  get disks(): Conformance["disks"] {
    return [...this.nodes].flatMap(([node, { files }]) => {
      const { journal, meta, dump } = files;
      const all = [
        { path: JOURNAL, bytes: journal },
        { path: META, bytes: meta },
        { path: DUMP, bytes: dump },
      ];
      return all.flatMap(({ path, bytes }) => (bytes === null ? [] : [{ node, path, bytes }]));
    });
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
        this.gap(event, "stretch", String(event.fields.text ?? "untraced"));
        for (const each of this.nodes.values()) each.loseTrack();
        return;
      case "note":
      case "verdict":
        return;
      default: {
        const follower = event.node === null ? undefined : this.nodes.get(event.node);
        if (follower === undefined) this.gap(event, "unclear", `${event.event} of no known node`);
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

  gap({ seq, node }: RecordedEvent, kind: GapKind, text: string): void {
    this.gaps.push({ seq, node, kind, text });
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
    const known = this.lying.get(node) ?? this.lyingOf(node);
    this.lying.set(node, known);
    return known;
  }

  private lyingOf(node: ServerId): readonly LyingDisk[] {
    const ending = `${node}/${JOURNAL}`;
    return this.files.flatMap(({ path, bytes }) => {
      if (path !== ending && !path.endsWith(`/${ending}`)) return [];
      const folder = path.slice(0, -JOURNAL.length);
      const file = (name: string): Uint8Array | null =>
        this.files.find((each) => each.path === folder + name)?.bytes ?? null;
      const dump = file(DUMP);
      const renamed = dump === null ? null : renamedDump(dump, this.trace.addresses);
      return [{ folder, journal: bytes, meta: file(META), dump: renamed }];
    });
  }

  /** Disks of all nodes by the folder that they lie in. Nodes that never started are of no run. */
  private disksByFolder(): ReadonlyMap<string, readonly (readonly [Follower, LyingDisk])[]> {
    const byFolder = new Map<string, (readonly [Follower, LyingDisk])[]>();
    for (const [id, follower] of this.nodes) {
      if (!follower.hasLived) continue;
      for (const disk of this.disksOf(id)) {
        const name = disk.folder.slice(0, -`${id}/`.length);
        byFolder.set(name, [...(byFolder.get(name) ?? []), [follower, disk]]);
      }
    }
    return byFolder;
  }

  /** Files were copied where the record says something of its own, where lives end, and at the end. */
  lookAtFolders({ seq, event }: RecordedEvent): void {
    if (!/^(start|checkpoint|note|gap|stop|kill|power_loss)$/.test(event) && seq !== this.lastSeq)
      return;
    for (const [name, disks] of this.disksByFolder()) {
      if (this.met.has(name)) continue;
      if (disks.every(([{ files }, disk]) => sameFiles(disk, files))) this.met.set(name, seq);
    }
  }

  get folders(): readonly Folder[] {
    const taken = new Set([...this.nodes.values()].flatMap(({ takenFrom }) => [...takenFrom]));
    return [...this.disksByFolder()]
      .map(([name, disks]) => ({
        name,
        files: disks.reduce((sum, [, disk]) => sum + filesIn(disk), 0),
        seq: this.met.get(name) ?? null,
        isTaken: disks.some(([, { folder }]) => taken.has(folder)),
        isLater:
          !this.met.has(name) && disks.every(([{ files }, disk]) => goesOn(files.journal, disk)),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  private link(event: RecordedEvent): void {
    const ends = Array.isArray(event.fields.link) ? (event.fields.link as readonly Json[]) : [];
    const [a = "", b = ""] = ends.map(String);
    const up = event.event === "link.up";
    this.nodes.get(a)?.link(event, b, up);
    this.nodes.get(b)?.link(event, a, up);
  }
}

function filesIn({ journal, meta, dump }: Files): number {
  return [journal, meta, dump].filter((bytes) => bytes !== null).length;
}

function sameFiles(one: Files, other: Files): boolean {
  if (!sameBytes(one.journal, other.journal) || !sameBytes(one.meta, other.meta)) return false;
  if (one.dump === null || other.dump === null) return one.dump === other.dump;
  return dumpDifference(one.dump, other.dump) === null;
}

/** Does a journal beside the trace begin with the records of the model's? */
function goesOn(model: Uint8Array | null, { journal }: LyingDisk): boolean {
  if (model === null) return false;
  const end = headerOffset(model);
  return (
    end <= headerOffset(journal) &&
    equalBytes(model.slice(HEADER_SIZE, end), journal.slice(HEADER_SIZE, end))
  );
}

function sameBytes(one: Uint8Array | null, other: Uint8Array | null): boolean {
  return one === null || other === null ? one === other : equalBytes(one, other);
}
