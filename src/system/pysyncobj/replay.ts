import { assert } from "#base/assert.ts";
import { toHex } from "#base/bytes.ts";
import { createDisk, type Disk, installFile } from "#disk/disk.ts";
import { perform } from "#disk/perform.ts";
import type { DiskOp } from "#disk/types.ts";
import type { Effect, Input, Recovered, StepContext } from "#raft/protocol.ts";
import type { Message, ServerId } from "#raft/types.ts";
import { bugsOfPreset } from "#system/catalogue.ts";
import type { Actor, Note, ProcessMemory, StepResult } from "#system/contract.ts";
import { readStep } from "#system/read.ts";
import { LAST_RECORD_OFFSET_AT } from "./format.ts";
import { LOOP } from "./loop.ts";
import { protocol } from "./protocol.ts";
import { recovery } from "./recovery.ts";
import { currentLogIndex, firstLogIndex, type PySyncObj } from "./server.ts";
import { type JournalMemory, journal, journalMemory, route } from "./storage.ts";
import type { LogWindow, RecordedState } from "./trace.ts";

/** One node of a recorded run, driven by what the record says reached it. Its disk is its page cache: nothing is lost here. */
export interface Node {
  readonly id: ServerId;
  readonly peers: readonly ServerId[];
  readonly options: Readonly<Record<string, number>>;
  disk: Disk;
  memory: ProcessMemory;
  server: PySyncObj | null;
  lives: number;
  /** The state machine, as its entries make it; null: not known. */
  values: Map<string, string> | null;
  /** The next phase of the tick that is going on; null outside of a tick. */
  phase: number | null;
  /** What the model did since the last input and the record has not shown yet. */
  emitted: Emitted[];
  /** The last message to each peer, by name and peer; heartbeats that repeat it were left out of the record. */
  readonly lastSent: Map<string, string>;
  /** It crossed a gap: what it last sent to a peer may be in there. */
  jumped: boolean;
}

/** An effect, and what there was to see right after it. */
export interface Emitted {
  readonly effect: Effect;
  readonly state: RecordedState;
  readonly stores: readonly { readonly off: number; readonly len: number }[];
  /** lastRecordOffset before and after. */
  readonly offsets: readonly [number, number];
  readonly written: readonly Uint8Array[];
}

/** Phases of a tick before its poll; what the poll hands over comes from the record. */
export const PHASES = LOOP.flatMap((phase) => (phase.type === "input" ? [phase.phase] : []));

const BUGS = new Set(bugsOfPreset("pysyncobj", "0.3.14"));

export function createNode(
  id: ServerId,
  nodes: readonly ServerId[],
  options: Readonly<Record<string, number>>,
): Node {
  return {
    id,
    peers: nodes.filter((each) => each !== id),
    options,
    disk: emptyDisk(),
    memory: {},
    server: null,
    lives: 0,
    values: null,
    phase: null,
    emitted: [],
    lastSent: new Map(),
    jumped: false,
  };
}

export function emptyDisk(): Disk {
  return createDisk({ policy: "strict", sectorSize: 512, writeBack: null });
}

/** Puts files onto a new disk; `null` leaves one out. */
export function replaceDisk(node: Node, files: Readonly<Record<string, Uint8Array | null>>): void {
  node.disk = emptyDisk();
  for (const [path, bytes] of Object.entries(files)) {
    if (bytes !== null) installFile(node.disk, path, bytes);
  }
}

/** Runs recovery on what the disk holds; the error with which the process ends, or null when it is up. */
export function boot(node: Node, time: number): { name: string; text: string } | null {
  node.memory = {};
  node.lives += 1;
  node.phase = null;
  node.emitted = [];
  const outcome = runActor(node, recovery, { type: "recover" }, time);
  if (outcome.failure !== null) return outcome.failure;
  assert(outcome.recovered !== null, "recovery ends in a server or in a failure");
  const { id, peers, options, lives: incarnation } = node;
  const config = { id, peers, options, incarnation, bugs: BUGS };
  node.server = protocol.create(config, outcome.recovered) as PySyncObj;
  node.values = new Map();
  handle(node, { type: "start" }, time);
  return null;
}

export function shutDown(node: Node, graceful: boolean, time: number): void {
  if (graceful) runActor(node, journal, { type: "stop" }, time);
  node.server = null;
  node.phase = null;
  node.emitted = [];
}

/** Lets the model handle one input; what it does is added to `emitted`. */
export function handle(node: Node, input: Input, time: number): void {
  const { server } = node;
  if (server === null) return;
  const context: StepContext = {
    now: time,
    choose: (_purpose, _low, high) => high, // Timers ring when the record says so.
    emit: (effect) => node.emitted.push(carryOut(node, server, effect, time)),
  };
  protocol.step(server, input, context);
}

function carryOut(node: Node, server: PySyncObj, effect: Effect, time: number): Emitted {
  const before = offsetOf(node.memory);
  const isRouted = route(effect) !== null;
  const ops = isRouted ? runActor(node, journal, { type: "effect", effect }, time).ops : [];
  const stores = ops.flatMap((op) =>
    op.type === "store" ? [{ off: op.offset, len: op.bytes.length }] : [],
  );
  const written = ops.flatMap((op) => (op.type === "write" ? [op.bytes] : []));
  const offsets = [before, offsetOf(node.memory)] as const;
  return { effect, state: stateOf(server), stores, offsets, written };
}

function offsetOf(memory: ProcessMemory): number {
  return (journalMemory(memory) as JournalMemory | undefined)?.currentOffset ?? 0;
}

interface Outcome {
  readonly ops: DiskOp[];
  recovered: Recovered | null;
  failure: { name: string; text: string } | null;
}

function runActor<State>(node: Node, actor: Actor<State>, note: Note, time: number): Outcome {
  const outcome: Outcome = { ops: [], recovered: null, failure: null };
  const state = actor.start();
  actor.receive(state, note);
  let last: StepResult = { type: "none" };
  for (;;) {
    const context = { memory: node.memory, last, now: time, directory: "", held: 0 };
    const step = actor.next(state, { ...context, bugs: BUGS, options: node.options });
    if (step === null) return outcome;
    last = { type: "none" };
    if (step.type === "read") last = readStep(node.disk, step);
    if (step.type === "disk") {
      outcome.ops.push(step.op);
      last = { type: "disk", result: perform(node.disk, step.op, time) };
    }
    if (step.type === "recovered") outcome.recovered = step.recovered;
    if (step.type === "fail") outcome.failure = { name: step.name, text: step.text };
  }
}

/** What a recorder would see of the model now. */
export function stateOf(server: PySyncObj): RecordedState {
  return {
    role: server.role,
    term: server.currentTerm,
    votedFor: server.votedFor,
    leader: server.leader,
    log: windowOf(server),
    commitIndex: server.commitIndex,
    lastApplied: server.lastApplied,
  };
}

function windowOf({ log }: PySyncObj): LogWindow | null {
  const first = log.entries[0];
  const tail = log.entries[log.length - 1];
  if (log.length === 0 || first === undefined || tail === undefined) return null;
  return {
    first: [firstLogIndex(log), first.term],
    tail: [currentLogIndex(log), tail.term],
    length: log.length,
  };
}

/** The bytes 36..39 of the journal, as they are in the page cache. */
export function headerOffset(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return bytes.length < 40 ? 0 : view.getUint32(LAST_RECORD_OFFSET_AT, true);
}

/** A message as one line of text that is equal for equal messages. */
export function messageText(message: Message): string {
  const entries = message.entries.map(({ index, term, command }) => [index, term, toHex(command)]);
  const fields = Object.entries(message.fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([message.name, message.to, message.term, fields, entries]);
}
