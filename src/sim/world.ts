import { cloneDisk, createDisk, type Disk, installFile } from "#disk/disk.ts";
import { cloneLog, type Log } from "#raft/log.ts";
import type { Effect, Input } from "#raft/protocol.ts";
import type {
  ClientOperation,
  Entry,
  Message,
  Micros,
  Role,
  ServerId,
  ServerMemory,
} from "#raft/types.ts";
import type { DiskContents, ProcessMemory, Step, StepResult, System } from "#system/contract.ts";
import { type Application, cloneApplication, createApplication, Decoder } from "./application.ts";
import { type Clock, createClock } from "./clock.ts";
import type { Cut, MicroStep, Place } from "./cuts.ts";
import { diskPlanOf } from "./disk-plan.ts";
import type { Plan } from "./faults.ts";
import { cloneNetwork, createNetwork, type Network } from "./network-state.ts";
import type { Happening, Header, Look, Observation } from "./observation.ts";
import { cloneQueue, createQueue, type EventQueue } from "./queue.ts";
import { cloneScript, createScript, type ScriptState, watch } from "./script-state.ts";
import { cloneTape, createTape, type Tape } from "./tape.ts";

/** Everything that a run is at a moment. Plain data but for `plan`, `system` and `decoder`, which never change. */
export interface World {
  readonly plan: Plan;
  readonly system: System;
  readonly decoder: Decoder;
  readonly bugs: ReadonlySet<string>;
  readonly options: Readonly<Record<string, number>>;
  now: Micros;
  /** Events handled so far, script actions not counted. */
  events: number;
  /** Events handled at this very time: where an action of the script or of the user falls among them. */
  eventsNow: number;
  /** Events that let something be seen; what a user steps over. */
  step: number;
  queue: EventQueue;
  readonly machines: ReadonlyMap<string, Machine>;
  readonly servers: ReadonlyMap<ServerId, Process>;
  readonly network: Network;
  readonly script: ScriptState;
  readonly tape: Tape;
  /** Client operations that wait for an answer, by id. */
  readonly operations: Map<
    string,
    { readonly operation: ClientOperation; readonly server: ServerId }
  >;
  operationsAsked: number;
  observations: number;
  /** The observation that the current event, or handler, is due to. */
  cause: number | null;
  /** Processes that have something to do within this event; empty between events. */
  readonly ready: Process[];
  /** Where what happens now stands among the events. */
  place: Place;
  /** Actions that wait for a notch of what happens at their place. */
  cuts: readonly Cut[];
  /** Where micro-steps go, each before it is taken; null: nobody asks. */
  watcher: ((process: Process, micro: MicroStep) => void) | null;
  /** Where observations go. */
  sink: (observation: Observation) => void;
  /** Where looks go, each right before its observation; null: nobody asks. */
  look: ((look: Look) => void) | null;
}

export interface Machine {
  readonly id: string;
  readonly servers: readonly ServerId[];
  power: "on" | "off";
  disk: Disk;
  clock: Clock;
  writeBackAt: Micros | null;
  /** Counts crashes: names what chance saved in each. */
  crashes: number;
}

/** The operating-system process in which a server's loop runs, with the storage actors of this server. */
export interface Process {
  readonly id: ServerId;
  readonly machine: string;
  readonly address: string;
  /** Prefix of its paths, with the slash. */
  readonly directory: string;
  status: "down" | "recovering" | "up" | "failed";
  incarnation: number;
  /** Counts lives and deaths; what was scheduled for another epoch is stale. */
  epoch: number;
  /** Virtual time at which recovery was done. */
  upSince: Micros;
  server: ServerMemory | null;
  seen: Seen;
  /** The log as of the last effect, to tell what a truncation removed. */
  seenLog: Log | null;
  memories: Record<string, ProcessMemory>;
  actors: ActorSlot[];
  /** Children of earlier lives that have not finished. */
  orphans: Orphan[];
  /** Counts orphans: names them. */
  orphaned: number;
  /** Where the loop is. */
  phase: number;
  /** Inputs handled in this poll. */
  polled: number;
  /** Counts naps: a wake-up of an earlier one is stale. */
  nap: number;
  /** The poll has nothing to do until something comes in or its time is over. */
  asleep: boolean;
  overslept: boolean;
  inbox: Received[];
  /** Effects that wait because an actor that the handler waits for takes its time. */
  queue: QueuedEffect[];
  /** The actor that the loop or the handler waits for. */
  waiting: number | null;
  /** A call failed in a way that ends the handler: what it would have done next is not done. */
  aborting: boolean;
  /** Null where no call can take time. */
  retrace: Retrace | null;
  /** How many effects of the last handler have taken place; null once the loop has gone on after it. */
  played: number | null;
  held: HeldMessage[];
  tickets: number;
  /** The furthest end of its log that left as durable, and in which term. */
  kept: { readonly term: number; readonly index: number } | null;
  /** The descriptors that this process has open, and their paths. */
  opened: Record<number, string>;
  alarms: Record<string, { readonly setting: number; readonly cause: number | null }>;
  settings: number;
  /** The observation of how the election timer was last drawn or reset. */
  timerSeen: number | null;
  application: Application;
}

/** Enough to do the last handler again up to an effect: what it did to memory beyond that can be undone. */
export interface Retrace {
  /** As it was before the first of these. Never changed. */
  readonly before: ServerMemory;
  /** In order. */
  readonly handled: Handled[];
}

export interface Handled {
  readonly input: Input;
  /** Of the machine's clock. */
  readonly now: Micros;
  /** The effect that ended it, counted from 1; null: it came to its end. */
  readonly endedBy: number | null;
}

export interface Received {
  readonly input: Input;
  readonly cause: number | null;
}

export interface HeldMessage {
  readonly ticket: number;
  readonly message: Message;
  readonly cause: number | null;
}

export interface QueuedEffect {
  /** What changed in the server up to this effect. */
  readonly changes: readonly Happening[];
  /** Null at the end of the handler. */
  readonly effect: Effect | null;
  readonly removed: readonly Entry[];
  readonly cause: number | null;
}

export interface ActorSlot {
  readonly actor: number;
  state: unknown;
  last: StepResult;
  /** A step that takes time and is not done yet. */
  running: Step | null;
  /** When it will be done. */
  due: Micros;
  /** The descriptors of a process of its own, and their paths. */
  opened: Record<number, string>;
}

/** A child process whose parent has ended. */
export interface Orphan {
  readonly number: number;
  readonly slot: ActorSlot;
  readonly memory: ProcessMemory;
}

/** The fields that are compared around each effect. */
export interface Seen {
  role: Role;
  term: number;
  vote: ServerId | null;
  leader: ServerId | null;
  commit: number;
  applied: number;
  deadline: Micros | null;
  timeout: Micros;
  /** Replaced, never written to. */
  peers: readonly ServerId[];
}

export function createWorld(
  plan: Plan,
  system: System,
  sink: (observation: Observation) => void,
  look: World["look"] = null,
): World {
  const machines = new Map<string, Machine>();
  const servers = new Map<ServerId, Process>();
  for (const each of plan.machines) {
    const disk = createDisk(diskPlanOf(plan, each.id));
    for (const { path, bytes } of each.files) installFile(disk, path, bytes);
    machines.set(each.id, {
      id: each.id,
      servers: each.servers.map(({ id }) => id),
      power: "off",
      disk,
      clock: createClock(each.clockOffset, each.clockDrift),
      writeBackAt: null,
      crashes: 0,
    });
    for (const { id, address } of each.servers) {
      servers.set(id, createProcess(id, each.id, address));
    }
  }
  return {
    plan,
    system,
    decoder: new Decoder(system.machine),
    bugs: new Set(plan.bugs),
    options: { ...system.options, ...plan.options },
    now: 0,
    events: 0,
    eventsNow: 0,
    step: 0,
    queue: createQueue(),
    machines,
    servers,
    network: createNetwork(),
    script: createScript(plan),
    tape: createTape(),
    operations: new Map(),
    operationsAsked: 0,
    observations: 0,
    cause: null,
    ready: [],
    place: { time: 0, order: 0 },
    cuts: [],
    watcher: null,
    sink,
    look,
  };
}

/** A copy that goes its own way. `plan` may be one that differs from the old in what is still to come. */
export function cloneWorld(
  world: World,
  sink: (observation: Observation) => void,
  plan: Plan = world.plan,
  look: World["look"] = null,
): World {
  const machines = new Map<string, Machine>();
  for (const [id, machine] of world.machines) {
    machines.set(id, { ...machine, disk: cloneDisk(machine.disk), clock: { ...machine.clock } });
  }
  const servers = new Map<ServerId, Process>();
  for (const [id, process] of world.servers) servers.set(id, cloneProcess(process, world.system));
  return {
    ...world,
    plan,
    queue: cloneQueue(world.queue),
    machines,
    servers,
    network: cloneNetwork(world.network),
    script: cloneScript(world.script, world.plan, plan),
    tape: cloneTape(world.tape),
    operations: new Map(world.operations),
    ready: [],
    watcher: null,
    sink,
    look,
  };
}

/** Records that something happened. The happening becomes the observation: hand in a fresh object. */
export function observe(world: World, happening: Happening): number {
  const observation = happening as { -readonly [Key in keyof Header]: Header[Key] } & Happening;
  observation.sequence = world.observations;
  observation.step = world.step;
  observation.time = world.now;
  observation.cause = world.cause;
  world.observations += 1;
  world.sink(observation);
  watch(world, observation);
  return observation.sequence;
}

export function processOf(world: World, server: ServerId): Process {
  const process = world.servers.get(server);
  if (process === undefined) throw new Error(`broken invariant: no server ${server}`);
  return process;
}

/** Whom a server takes for the other members when it starts with empty files. */
export function peersOf(world: World, server: ServerId): readonly ServerId[] {
  const members = world.plan.members ?? [...world.servers.keys()];
  return members.filter((id) => id !== server);
}

export function machineOf(world: World, machine: string): Machine {
  const found = world.machines.get(machine);
  if (found === undefined) throw new Error(`broken invariant: no machine ${machine}`);
  return found;
}

/** Ends what a process was doing; its memory is gone. */
export function resetProcess(process: Process, status: Process["status"]): void {
  process.status = status;
  process.epoch += 1;
  process.server = null;
  process.seen = blank();
  process.seenLog = null;
  process.memories = {};
  process.actors = [];
  process.phase = 0;
  process.polled = 0;
  process.nap += 1;
  process.asleep = false;
  process.overslept = false;
  process.inbox = [];
  process.queue = [];
  process.waiting = null;
  process.aborting = false;
  process.retrace = null;
  process.played = null;
  process.held = [];
  process.kept = null;
  process.opened = {};
  process.alarms = {};
  process.timerSeen = null;
  process.application = createApplication();
}

/** What a codec reads on a disk now, and in the image that keeps nothing unsynced. */
export interface Inspection {
  readonly written: DiskContents;
  readonly durable: DiskContents;
}

function createProcess(id: ServerId, machine: string, address: string): Process {
  return {
    id,
    machine,
    address,
    directory: `${id}/`,
    status: "down",
    incarnation: 0,
    epoch: 0,
    upSince: 0,
    server: null,
    seen: blank(),
    seenLog: null,
    memories: {},
    actors: [],
    orphans: [],
    orphaned: 0,
    phase: 0,
    polled: 0,
    nap: 0,
    asleep: false,
    overslept: false,
    inbox: [],
    queue: [],
    waiting: null,
    aborting: false,
    retrace: null,
    played: null,
    held: [],
    tickets: 0,
    kept: null,
    opened: {},
    alarms: {},
    settings: 0,
    timerSeen: null,
    application: createApplication(),
  };
}

function cloneProcess(process: Process, system: System): Process {
  const memories: Record<string, ProcessMemory> = {};
  for (const [id, memory] of Object.entries(process.memories)) memories[id] = cloneMemory(memory);
  return {
    ...process,
    server: process.server === null ? null : system.protocol.clone(process.server),
    seen: { ...process.seen },
    seenLog: process.seenLog === null ? null : cloneLog(process.seenLog),
    memories,
    actors: process.actors.map((slot) => cloneSlot(slot, system)),
    orphans: process.orphans.map(({ number, slot, memory }) => ({
      number,
      slot: cloneSlot(slot, system),
      memory: cloneMemory(memory),
    })),
    inbox: process.inbox.slice(),
    queue: process.queue.slice(),
    retrace: cloneRetrace(process.retrace),
    held: process.held.slice(),
    opened: { ...process.opened },
    alarms: { ...process.alarms },
    application: cloneApplication(process.application),
  };
}

function cloneSlot(slot: ActorSlot, system: System): ActorSlot {
  return {
    ...slot,
    state: system.actors[slot.actor]?.clone(slot.state),
    opened: { ...slot.opened },
  };
}

function cloneRetrace(retrace: Retrace | null): Retrace | null {
  return retrace === null ? null : { ...retrace, handled: retrace.handled.slice() };
}

/** Process memory is plain data two levels deep: values, arrays and records of values. */
export function cloneMemory(memory: ProcessMemory): ProcessMemory {
  const copy: ProcessMemory = {};
  for (const [key, value] of Object.entries(memory)) copy[key] = clonePlain(value);
  return copy;
}

function clonePlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clonePlain);
  if (value instanceof Uint8Array) return value;
  if (value instanceof Map) return new Map([...value].map(([k, v]) => [k, clonePlain(v)]));
  if (value instanceof Set) return new Set(value);
  if (typeof value === "object" && value !== null) {
    const copy: Record<string, unknown> = {};
    for (const [key, each] of Object.entries(value)) copy[key] = clonePlain(each);
    return copy;
  }
  return value;
}

function blank(): Seen {
  return {
    role: "follower",
    term: 0,
    vote: null,
    leader: null,
    commit: 0,
    applied: 0,
    deadline: null,
    timeout: 0,
    peers: NO_PEERS,
  };
}

const NO_PEERS: readonly ServerId[] = [];
