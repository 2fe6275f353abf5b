import { assert } from "#base/assert.ts";
import { createDisk, type Disk, installFile, readFile } from "#disk/disk.ts";
import { perform } from "#disk/perform.ts";
import type { Effect, Input, Recovered, ServerConfig, StepContext } from "#raft/protocol.ts";
import type { ServerId, StateImage } from "#raft/types.ts";
import { bugsOfPreset } from "#system/catalogue.ts";
import type { Actor, ActorContext, Note, ProcessMemory, StepResult } from "#system/contract.ts";
import { readStep } from "#system/read.ts";
import { dumpChild, serializer } from "./dump-writer.ts";
import { DUMP, JOURNAL } from "./format.ts";
import { LOOP } from "./loop.ts";
import { protocol } from "./protocol.ts";
import { recovery } from "./recovery.ts";
import {
  callsOf,
  type Done,
  type Emitted,
  headerOffset,
  type Shown,
  stateOf,
  storesOf,
} from "./replay-seen.ts";
import type { PySyncObj } from "./server.ts";
import { type JournalMemory, journal, journalMemory, route } from "./storage.ts";

/** One node of a recorded run, driven by what the record says reached it. Its disk is its page cache: nothing is lost here. */
export interface Node {
  readonly id: ServerId;
  readonly peers: readonly ServerId[];
  options: Readonly<Record<string, number>>;
  disk: Disk;
  memory: ProcessMemory;
  /** What the serializer keeps between two calls. */
  serializer: ReturnType<typeof serializer.start>;
  /** The child that is to write a dump; null: there is none. It runs when the record shows that it is done. */
  child: ReturnType<typeof dumpChild.start> | null;
  /** There is a dump to load: the library does so in its first tick. */
  isDumpAwaited: boolean;
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
    serializer: serializer.start(),
    child: null,
    isDumpAwaited: false,
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

/**
 * Runs recovery on what the disk holds, without its dump; the error with which the process ends, or null when it is up. The
 * model loads the dump as the last part of its start, the library 0.1 s later in its first tick: `loadDump` does it there.
 */
export function boot(node: Node, time: number): { name: string; text: string } | null {
  node.memory = {};
  node.serializer = serializer.start();
  node.lives += 1;
  node.phase = null;
  node.emitted = [];
  const { disk } = node;
  const outcome = runActor(node, recovery, recovery.start(), { type: "recover" }, time, {
    read: (step) => (step.file === DUMP ? NOT_THERE : readStep(disk, step)),
  });
  if (outcome.failure !== null) return outcome.failure;
  assert(outcome.recovered !== null, "recovery ends in a server or in a failure");
  node.isDumpAwaited = readFile(disk, DUMP) !== null;
  node.server = protocol.create(configOf(node), outcome.recovered) as PySyncObj;
  node.values = new Map();
  handle(node, { type: "start" }, time);
  return null;
}

const NOT_THERE: StepResult = { type: "read", bytes: null, value: null, errno: null };

function configOf({ id, peers, options, lives: incarnation }: Node): ServerConfig {
  return { id, peers, options, incarnation, bugs: BUGS };
}

/** The rest of recovery: what the dump makes of journal and server is added to `emitted`. */
export function loadDump(node: Node, time: number): void {
  const { server } = node;
  if (server === null || !node.isDumpAwaited) return;
  node.isDumpAwaited = false;
  node.memory = {};
  const before = stateOf(server);
  const { ops, recovered } = runActor(node, recovery, recovery.start(), { type: "recover" }, time);
  assert(recovered !== null, "what started without its dump starts with it");
  const loaded = protocol.create(configOf(node), recovered) as PySyncObj;
  const { log, commitIndex, lastApplied, peers, dump, metaCommitIndex } = loaded;
  Object.assign(server, { log, commitIndex, lastApplied, peers, dump, metaCommitIndex });
  node.emitted.push(...callsOf(ops, log.entries.slice(0, log.length), before));
  const { state } = recovered;
  if (state === undefined) return;
  node.emitted.push(restored(node, state, server));
}

function restored(node: Node, state: StateImage, server: PySyncObj): Emitted {
  node.values = new Map(state.values.map(({ key, value }) => [key, value]));
  const at = offsetOf(node.memory);
  return {
    effect: { type: "restore", state },
    state: { ...stateOf(server), lastApplied: state.lastApplied },
    stores: [],
    offsets: [at, at],
    written: [],
  };
}

/** The process ends. A child of it goes on, unless the power is gone. */
export function shutDown(node: Node, how: "stop" | "kill" | "power_loss", time: number): void {
  if (how === "stop") runActor(node, journal, journal.start(), { type: "stop" }, time);
  if (how === "power_loss") node.child = null;
  node.server = null;
  node.phase = null;
  node.emitted = [];
  runChild(node, time);
}

/** Lets the child that was forked write its dump; the server, when it is still there, is told. */
export function runChild(node: Node, time: number): void {
  const { child } = node;
  node.child = null;
  if (child === null) return;
  for (const input of run(node, dumpChild, child, time).told) handle(node, input, time);
}

/** What leaves a handler when a call of the storage raises. */
class Raised extends Error {}

/** Lets the model handle one input; what it does is added to `emitted`. */
export function handle(node: Node, input: Input, time: number): void {
  const { server } = node;
  if (server === null) return;
  const told: Input[] = [];
  const context: StepContext = {
    now: time,
    choose: (_purpose, _low, high) => high, // Timers ring when the record says so.
    emit: (effect) => {
      const outcome = carryOut(node, server, effect, time);
      told.push(...outcome.told);
      if (outcome.error !== null) throw new Raised(outcome.error);
    },
  };
  try {
    protocol.step(server, input, context);
  } catch (error) {
    if (!(error instanceof Raised)) throw error;
    const [name = "", ...text] = error.message.split(": ");
    const effect = { type: "error", name, text: text.join(": ") } as const;
    node.emitted.push({ ...shownOf(node, effect, server), stores: [] });
    if (input.type === "phase") server.tickAborted = true;
  }
  for (const each of told) handle(node, each, time);
}

function carryOut(
  node: Node,
  server: PySyncObj,
  effect: Effect,
  time: number,
): Pick<Outcome, "told" | "error"> {
  const before = offsetOf(node.memory);
  const outcome = runEffect(node, effect, time);
  const { ops } = outcome;
  const state = stateOf(server);
  if (effect.type === "rebase" && effect.reason === "snapshot") {
    node.emitted.push(...callsOf(ops, effect.entries, state));
  } else if (effect.type === "restore") {
    node.emitted.push(restored(node, effect.state, server));
  } else {
    const written = ops.flatMap(({ op }) => (op.type === "write" ? [op.bytes] : []));
    const offsets = [before, offsetOf(node.memory)] as const;
    node.emitted.push({ effect, state, stores: storesOf(ops), offsets, written });
  }
  return outcome;
}

function shownOf(node: Node, effect: Shown, server: PySyncObj): Emitted {
  const at = offsetOf(node.memory);
  return { effect, state: stateOf(server), stores: [], offsets: [at, at], written: [] };
}

function offsetOf(memory: ProcessMemory): number {
  return (journalMemory(memory) as JournalMemory | undefined)?.currentOffset ?? 0;
}

interface Outcome {
  readonly ops: Done[];
  /** For the server, after its handler. */
  readonly told: Input[];
  recovered: Recovered | null;
  failure: { name: string; text: string } | null;
  /** The exception that a call raised. */
  error: string | null;
}

function runEffect(node: Node, effect: Effect, time: number): Outcome {
  const note = { type: "effect", effect } as const;
  const routed = route(effect);
  if (routed?.actor === serializer.id) {
    const application = { application: () => imageOf(node) };
    return runActor(node, serializer, node.serializer, note, time, { context: application });
  }
  if (routed !== null) return runActor(node, journal, journal.start(), note, time);
  return { ops: [], told: [], recovered: null, failure: null, error: null };
}

/** The state machine as a dump takes it. */
function imageOf({ values, server }: Node): StateImage {
  const pairs = [...(values ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    lastApplied: server?.lastApplied ?? 0,
    values: pairs.map(([key, value]) => ({ key, value, index: 0 })),
    beyond: "0000000000000000",
  };
}

interface Surroundings {
  readonly read?: (step: Parameters<typeof readStep>[1]) => StepResult;
  readonly context?: Partial<ActorContext>;
}

function runActor<State>(
  node: Node,
  actor: Actor<State>,
  state: State,
  note: Note,
  time: number,
  around: Surroundings = {},
): Outcome {
  actor.receive(state, note);
  return run(node, actor, state, time, around);
}

/** To the end of what it has to do. */
function run<State>(
  node: Node,
  actor: Actor<State>,
  state: State,
  time: number,
  { read = (step) => readStep(node.disk, step), context: more = {} }: Surroundings = {},
): Outcome {
  const outcome: Outcome = { ops: [], told: [], recovered: null, failure: null, error: null };
  let last: StepResult = { type: "none" };
  let notice = "";
  for (;;) {
    const context = { memory: node.memory, last, now: time, directory: "", held: 0 };
    const step = actor.next(state, { ...context, bugs: BUGS, options: node.options, ...more });
    if (step === null) return outcome;
    last = { type: "none" };
    switch (step.type) {
      case "read":
        last = read(step);
        break;
      case "disk": {
        const bytes = readFile(node.disk, JOURNAL) ?? new Uint8Array();
        outcome.ops.push({ op: step.op, before: headerOffset(bytes), size: bytes.length });
        const result = perform(node.disk, step.op, time);
        last = { type: "disk", result };
        // What the call raises is said in a notice before it.
        if (!result.ok && step.onError === "abort-handler") {
          outcome.error = notice === "" ? `OSError: ${result.errno}` : notice;
        }
        break;
      }
      case "notice":
        notice = step.text;
        break;
      case "tell-server":
        outcome.told.push(step.input);
        break;
      case "tell-actor":
        node.child = dumpChild.start();
        dumpChild.receive(node.child, step.note);
        break;
      case "recovered":
        outcome.recovered = step.recovered;
        break;
      case "fail":
        outcome.failure = { name: step.name, text: step.text };
        break;
      default:
        break; // Time, memory and held messages are not of the record.
    }
  }
}
