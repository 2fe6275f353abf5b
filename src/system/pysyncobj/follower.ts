import { toHex } from "#base/bytes.ts";
import { readFile } from "#disk/disk.ts";
import { createLog } from "#raft/log.ts";
import type { Message, ServerId } from "#raft/types.ts";
import {
  adoptDisk,
  checkpointEntries,
  type Files,
  filesOf,
  isDiskOf,
  type LyingDisk,
  putFiles,
  raftCommitIndexIn,
  rebuildDisk,
  rebuildMeta,
  remainingEntries,
  sizesOf,
  takeState,
  toldEntries,
} from "./crossing.ts";
import { asRecorded, type Completed } from "./cut.ts";
import {
  channel,
  checkpointDifference,
  dumpDifference,
  effectText,
  type FieldDifference,
  firstDifference,
  isHeartbeat,
  isToAnother,
  sameState,
  sameWindow,
  stateDifference,
  storesDifference,
  textPair,
} from "./differences.ts";
import { decodeDump } from "./dump.ts";
import { commandOf, commandText, encodeSet, META } from "./format.ts";
import { boot, handle, loadDump, type Node, PHASES, runChild, shutDown } from "./replay.ts";
import { type Emitted, messageText, type Shown, stateOf } from "./replay-seen.ts";
import { isConnected, type PySyncObj } from "./server.ts";
import {
  type Checkpoint,
  commandIn,
  isJsonObject,
  type Json,
  messageOf,
  type RecordedEvent,
  type RecordedState,
} from "./trace.ts";

/** What the record leaves out. */
export type GapKind =
  /** A stretch of time that was not recorded. */
  | "stretch"
  /** What a disk holds that was replaced, or written to in such a stretch. */
  | "disk"
  /** Stores by the one-second timer, in a stretch of heartbeats. */
  | "timer"
  /** What cannot be made out. */
  | "unclear";

/** What is kept of the whole run while its nodes are followed one by one. */
export interface Account {
  compared: number;
  readonly firstDifference: object | null;
  gap(event: RecordedEvent, kind: GapKind, text: string): void;
  differ(event: RecordedEvent, node: ServerId, field: string, wanted: Json, mine: Json): void;
  /** Terms and commands, in words, of what a node applies from this event on until its life ends; by index. */
  appliedFrom(event: RecordedEvent): ReadonlyMap<number, readonly [number, string]>;
  disksOf(node: ServerId): readonly LyingDisk[];
  /** What the record cuts short. */
  readonly completed: Completed;
  sent(message: Message): void;
  /** The heartbeat that one node repeats to another, as far as the record shows; null: it does not. */
  heartbeat(from: ServerId, to: ServerId): Message | null;
}

/** What rings because the record says so. */
type Timer = "meta-timer" | "election" | "compaction";

/** Follows the record of one node. */
export class Follower {
  private readonly node: Node;
  private readonly run: Account;
  /** False after a gap, until the record has told the whole state again. */
  private tracked = true;
  /** What the record last said of this node: a jump in the record itself is a gap, not a difference. */
  private told: RecordedState | null = null;
  /** The model's state as it was compared with the event at hand. */
  lastCompared: RecordedState | null = null;
  /** Folders whose files its disk goes on with. */
  readonly takenFrom = new Set<string>();
  private lastSeq = -1;
  private lastTime = 0;
  /** The disk was replaced, or written to, while nobody recorded. */
  private disk: "known" | "rebuilt" | "lost" = "lost";
  private metaUnknown = false;
  private mode: "idle" | "handler" | "tick" = "idle";
  /** In the handler of a message with entries, whose answer says something new. */
  private answersEntries = false;
  private readonly lastReceived = new Map<ServerId, Message>();
  private readonly operations = new Map<string, { readonly key: Json; readonly value: Json }>();

  constructor(node: Node, run: Account) {
    this.node = node;
    this.run = run;
  }

  get server(): PySyncObj | null {
    return this.node.server;
  }

  get hasLived(): boolean {
    return this.node.lives > 0;
  }

  get files(): Files {
    return filesOf(this.node);
  }

  loseTrack(): void {
    this.tracked = false;
    this.metaUnknown = true;
    this.mode = "idle";
    this.node.phase = null;
    this.node.emitted = [];
    this.node.lastSent.clear();
    this.node.jumped = true;
  }

  link(event: RecordedEvent, peer: ServerId, up: boolean): void {
    this.settle(event);
    handle(this.node, { type: "link", peer, up }, event.time);
  }

  checkpoint(event: RecordedEvent, checkpoint: Checkpoint): void {
    const { server } = this.node;
    if (server === null) return;
    this.settle(event);
    if (this.told !== null && this.tracked && !sameState(this.told, checkpoint.state)) {
      this.run.gap(event, "stretch", `what led to the checkpoint at ${secondsOf(event)} s`);
      this.loseTrack();
    }
    if (this.tracked) {
      this.run.compared += 1;
      this.note(event, checkpointDifference(checkpoint, server, this.node.values));
      this.storeUnrecordedMeta(event);
    } else this.adopt(event, server, checkpoint);
    this.told = checkpoint.state;
    this.lastTime = event.time;
  }

  follow(event: RecordedEvent): void {
    this.lastCompared = null;
    this.take(event);
    if (event.state !== null) this.told = event.state;
    this.lastSeq = event.seq;
    this.lastTime = event.time;
  }

  private take(event: RecordedEvent): void {
    switch (event.event) {
      case "start":
      case "start.failed":
        this.start(event);
        return;
      case "stop":
      case "kill":
      case "power_loss":
        this.settle(event);
        this.compareNow(event);
        this.storeUnrecordedMeta(event);
        this.end(event, event.event);
        return;
      case "recv":
        this.receive(event);
        return;
      case "client.set":
        this.client(event);
        return;
      case "state":
        this.settle(event);
        this.regain(event);
        this.compareNow(event);
        this.storeUnrecordedMeta(event);
        return;
      case "drop":
        return;
      default:
        if (!this.tracked) this.regain(event);
        if (this.tracked) this.observe(event);
    }
  }

  /** Events of what the node did on its own: by a tick, or in the handler of the message before. */
  private observe(event: RecordedEvent): void {
    switch (event.event) {
      case "handled":
        this.endHandler(event, null);
        return;
      case "tick":
        this.endTick(event);
        return;
      case "timer.election_expired":
        this.ringTimer(event);
        return;
      case "journal.append":
        this.appended(event);
        return;
      case "journal.truncate":
        this.match(event, "truncate", (found) => {
          this.compare(event, "keep", event.fields.keep ?? null, found.state.log?.length ?? 0);
          this.note(event, storesDifference(event, found));
        });
        return;
      case "send":
        this.sent(event);
        return;
      case "apply":
        this.applied(event);
        return;
      case "client.result":
        this.answered(event);
        return;
      case "meta.store":
        this.metaStored(event);
        return;
      case "become_leader":
        this.compareNow(event);
        return;
      case "dump.write":
        this.dumpWritten(event);
        return;
      case "journal.compact":
        this.compacted(event);
        return;
      case "journal.clear":
        this.cleared(event);
        return;
      case "dump.load":
        this.dumpLoaded(event);
        return;
      default:
        if (event.event.startsWith("handler.")) this.endHandler(event, event.event.slice(8));
        else if (event.event === "tick.exception") this.endTick(event);
        else this.run.gap(event, "unclear", `${event.event} is no event that is known`);
    }
  }

  // Lives

  private start(event: RecordedEvent): void {
    const { node } = this;
    this.tracked = true;
    if (node.server === null && event.state !== null) {
      if (this.disk !== "known") this.restoreDisk(event, event.state);
      else if (this.metaUnknown) this.restoreMeta(event, event.state);
    }
    const isOwn = this.disk === "known" && !this.metaUnknown;
    if (node.server === null && isOwn) this.compareSizes(event);
    this.disk = "known";
    this.metaUnknown = false;
    this.mode = "idle";
    if (node.server === null) {
      const failure = boot(node, event.time);
      const wanted = event.event === "start.failed";
      if ((failure !== null) !== wanted) {
        this.differ(event, "start", event.event, failure === null ? "started" : failure.text);
        return;
      }
    }
    node.emitted = [];
    this.compareNow(event);
  }

  private end(event: RecordedEvent, how: "stop" | "kill" | "power_loss"): void {
    const { node } = this;
    const isForked = node.child !== null && how !== "power_loss";
    shutDown(node, how, event.time);
    this.mode = "idle";
    if (how === "power_loss") this.disk = "lost";
    // A child outlives its server, and renames what nobody waits for.
    if (isForked) this.compareDump(event);
  }

  /** What lay on the disk is known from the files beside the trace, or else from what the record goes on to tell. */
  private restoreDisk(event: RecordedEvent, state: RecordedState): void {
    const { node } = this;
    const own = filesOf(node);
    if (this.disk === "rebuilt" && isDiskOf(state, own)) return;
    const lying = this.run.disksOf(node.id).find((each) => isDiskOf(state, each));
    if (lying !== undefined) {
      this.run.gap(event, "disk", `a disk, taken from ${groupOf(lying, node.id)}`);
      this.takenFrom.add(lying.folder);
      putFiles(node, lying);
      return;
    }
    const told = toldEntries(this.run.appliedFrom(event), state);
    const entries = remainingEntries(own.journal, state) ?? told;
    this.run.gap(event, "disk", "a disk, made out from what its node did before and after");
    if (entries === null) this.loseTrack();
    else rebuildDisk(node, entries, state.commitIndex ?? 1, sizeIn(event, "journal") ?? 1024);
  }

  /** As far as the record says what a start found. */
  private compareSizes(event: RecordedEvent): void {
    if (!isJsonObject(event.fields.diskBytes)) return;
    const { journal, meta, dump } = filesOf(this.node);
    const length = (bytes: Uint8Array | null): number | null => bytes?.length ?? null;
    const mine = { journal: length(journal), meta: length(meta), dump: length(dump) };
    const wanted = {
      journal: sizeIn(event, "journal"),
      meta: sizeIn(event, "meta"),
      dump: sizeIn(event, "dump"),
    };
    // Of a new journal the first entry is recorded before the start.
    if (wanted.journal !== null) this.compare(event, "diskBytes", sizesOf(wanted), sizesOf(mine));
  }

  private restoreMeta(event: RecordedEvent, state: RecordedState): void {
    if (raftCommitIndexIn(readFile(this.node.disk, META)) === state.commitIndex) return;
    this.run.gap(event, "timer", "a store of raftCommitIndex by the timer");
    rebuildMeta(this.node, state.commitIndex ?? 1);
  }

  // Inputs

  private receive(event: RecordedEvent): void {
    this.settle(event);
    if (!this.tracked) this.regain(event);
    this.compareNow(event);
    const message = this.messageIn(event);
    if (message === null || !this.tracked) return;
    this.lastReceived.set(message.from, message);
    this.run.sent(message);
    this.mode = "handler";
    this.answersEntries = message.entries.length > 0;
    handle(this.node, { type: "receive", message }, event.time);
  }

  private messageIn(event: RecordedEvent): Message | null {
    const json = isJsonObject(event.fields.msg) ? event.fields.msg : {};
    const message = messageOf(json, this.run.completed.command);
    if (message !== null) return message;
    this.run.gap(event, "unclear", "a message that is not recorded whole");
    this.loseTrack();
    return null;
  }

  private client(event: RecordedEvent): void {
    this.settle(event);
    if (!this.tracked) this.regain(event);
    this.compareNow(event);
    const { key = null, value = null } = event.fields;
    const id = `op-${event.seq}`;
    this.operations.set(id, { key, value });
    const text = { key: String(key), value: this.run.completed.value(event) };
    const operation = { id, client: "client", type: "write", ...text, expected: null } as const;
    const command = encodeSet(text.key, text.value);
    handle(this.node, { type: "client", operation, command }, event.time);
  }

  /** The one-second timer had time to ring since the dict was set, in ticks that the record leaves out. */
  private storeUnrecordedMeta(event: RecordedEvent): void {
    const { server } = this.node;
    if (server === null || !this.tracked || !server.metaDirty) return;
    const secondsAt = (time: number): number => Math.ceil((time - server.startTime) / 1_000_000);
    if (secondsAt(event.time) <= secondsAt(this.lastTime)) return;
    if (raftCommitIndexIn(readFile(this.node.disk, META)) === server.metaCommitIndex) return;
    this.run.gap(
      event,
      "timer",
      `a store of raftCommitIndex ${server.metaCommitIndex} by the timer`,
    );
    server.oneSecondDumps = -1;
    handle(this.node, { type: "phase", phase: "meta-timer" }, event.time);
    this.node.emitted = [];
  }

  private ringTimer(event: RecordedEvent): void {
    if (this.mode !== "tick" || (this.node.phase ?? 0) > PHASES.indexOf("election")) {
      this.beginTick(event, null);
    }
    this.compareNow(event);
    while ((this.node.phase ?? 0) < PHASES.indexOf("election")) this.nextPhase(event, null);
    this.nextPhase(event, "election");
  }

  // Ticks: run phase by phase, as far as the record shows that they got

  private beginTick(event: RecordedEvent, rings: Timer | null): void {
    this.settle(event);
    const { server } = this.node;
    if (server === null) return;
    this.mode = "tick";
    this.node.phase = 0;
    if (event.seq > this.lastSeq + 1) this.repeatReplies(event);
    // The one-second timer rings when the record says so.
    const storesMeta = rings === "meta-timer";
    server.oneSecondDumps = storesMeta ? -1 : Number.MAX_SAFE_INTEGER;
    if (storesMeta && !server.metaDirty) this.repeatHeartbeat(event, server);
    this.node.emitted = [];
    loadDump(this.node, event.time); // In the first tick, and before all else.
    this.nextPhase(event, rings);
  }

  private nextPhase(event: RecordedEvent, rings: Timer | null): void {
    const { server, phase } = this.node;
    if (server === null || phase === null) return;
    const name = PHASES[phase] ?? "";
    if (name === "election" && server.electionDeadline !== null) {
      server.electionDeadline = rings === "election" ? event.time - 1 : event.time;
    }
    if (name === "compaction" && rings === "compaction") server.forceLogCompaction = true;
    handle(this.node, { type: "phase", phase: name }, event.time);
    this.node.phase = phase + 1 < PHASES.length ? phase + 1 : null;
  }

  /** An idle leader's followers answer every heartbeat alike; the record shows the first of them. */
  private repeatReplies(event: RecordedEvent): void {
    for (const message of this.lastReceived.values()) {
      const isReply = message.name === "next_node_idx" && message.fields.success === true;
      const { server } = this.node;
      if (isReply && server !== null && isConnected(server, message.from)) {
        handle(this.node, { type: "receive", message }, event.time);
      }
    }
  }

  /** A follower's meta dict is dirty because heartbeats came that the record leaves out. */
  private repeatHeartbeat(event: RecordedEvent, server: PySyncObj): void {
    if (event.seq <= this.lastSeq + 1) return;
    const senders = server.leader === null ? server.peers : [server.leader];
    for (const sender of senders) {
      const message = this.run.heartbeat(sender, this.node.id);
      if (message === null || !isConnected(server, sender)) continue;
      handle(this.node, { type: "receive", message }, event.time);
    }
  }

  /** Ends what is going on; all that the record left out of it must be repeated heartbeats. */
  private settle(event: RecordedEvent): void {
    while (this.node.phase !== null) this.nextPhase(event, null);
    if (this.tracked) this.dismiss(event, this.node.emitted);
    this.node.emitted = [];
    this.mode = "idle";
    this.answersEntries = false;
  }

  private dismiss(event: RecordedEvent, emitted: readonly Emitted[]): void {
    for (const each of emitted) {
      if (this.isLeftOut(each.effect)) continue;
      this.differ(event, "effect", "nothing of this kind", effectText(each.effect));
      return;
    }
  }

  private isLeftOut(effect: Shown): boolean {
    if (effect.type === "notice") return true;
    if (effect.type !== "send") return false;
    const { message } = effect;
    if (!isHeartbeat(message)) return false;
    const last = this.node.lastSent.get(channel(message));
    if (last !== undefined) return last === messageText(message);
    return this.node.jumped && !this.answersEntries;
  }

  private endHandler(event: RecordedEvent, error: string | null): void {
    const raised = this.node.emitted.find(({ effect }) => effect.type === "error")?.effect;
    const name = raised?.type === "error" ? raised.name : null;
    this.compare(event, "handler", error === "exception" ? errorIn(event) : error, name);
    const rest = this.node.emitted.filter(({ effect }) => effect.type !== "error");
    this.dismiss(event, rest);
    this.node.emitted = [];
    this.mode = "idle";
    this.answersEntries = false;
    this.compareNow(event);
  }

  private endTick(event: RecordedEvent): void {
    if (this.mode !== "tick") this.beginTick(event, null);
    while (this.node.phase !== null) this.nextPhase(event, null);
    const raised = this.node.emitted.find(({ effect }) => effect.type === "error");
    if (event.event === "tick.exception") {
      const name = raised?.effect.type === "error" ? raised.effect.name : null;
      this.compare(event, "exception", errorIn(event), name);
      this.node.emitted = this.node.emitted.filter((each) => each !== raised);
    }
    this.settle(event);
    this.compareNow(event);
  }

  // What the model must have done

  /** Finds the effect among what the model did; in a tick, in what its next phases or the next tick do. */
  private find(
    event: RecordedEvent,
    rings: Timer | null,
    isWanted: (effect: Shown) => boolean,
  ): Emitted | null {
    const { server } = this.node;
    for (let attempt = 0; server !== null && this.run.firstDifference === null; ) {
      const found = this.pick(event, isWanted);
      if (found !== null || this.mode === "handler") return found;
      if (this.mode === "tick" && this.node.phase !== null) {
        this.nextPhase(event, rings);
        continue;
      }
      attempt += 1;
      if (attempt === 1) this.beginTick(event, rings);
      else if (attempt === 2) {
        this.settle(event);
        this.repeatHeartbeat(event, server);
      } else return null;
    }
    return null;
  }

  /** The first that fits. Only repeated heartbeats, and messages to other nodes, may come before it. */
  private pick(event: RecordedEvent, isWanted: (effect: Shown) => boolean): Emitted | null {
    const { emitted } = this.node;
    const at = emitted.findIndex(({ effect }) => isWanted(effect));
    const found = emitted[at];
    if (found === undefined) return null;
    const kept: Emitted[] = [];
    for (const each of emitted.slice(0, at)) {
      if (this.isLeftOut(each.effect)) continue;
      if (!isToAnother(each.effect, found.effect)) {
        this.differ(event, "order", effectText(found.effect), effectText(each.effect));
      }
      kept.push(each);
    }
    this.node.emitted = [...kept, ...emitted.slice(at + 1)];
    return found;
  }

  private match(
    event: RecordedEvent,
    type: Shown["type"],
    check: (emitted: Emitted) => void,
    { rings = null, what }: { readonly rings?: Timer | null; readonly what?: string } = {},
  ): void {
    const isWanted = (effect: Shown): boolean =>
      effect.type === type && (effect.type !== "store" || effect.what === what);
    const found = this.find(event, rings, isWanted);
    if (found === null) {
      const did = this.node.emitted.map(({ effect }) => effectText(effect)).join(", ");
      this.differ(event, event.event, type, did === "" ? "nothing" : did);
      return;
    }
    check(found);
    this.compareState(event, found.state);
  }

  private sent(event: RecordedEvent): void {
    const message = this.messageIn(event);
    if (message === null) return;
    const text = messageText(message);
    const isSame = (effect: Shown): boolean =>
      effect.type === "send" && messageText(effect.message) === text;
    const found = this.find(event, message.name === "request_vote" ? "election" : null, isSame);
    if (isHeartbeat(message)) this.node.lastSent.set(channel(message), text);
    this.run.sent(message);
    if (found !== null) {
      this.compareState(event, found.state);
      return;
    }
    const sends = this.node.emitted.flatMap(({ effect }) =>
      effect.type === "send" ? [messageText(effect.message)] : [],
    );
    this.differ(event, "msg", text, sends.length === 0 ? "no message" : sends.join(" and "));
  }

  private appended(event: RecordedEvent): void {
    const entry = isJsonObject(event.fields.entry) ? event.fields.entry : {};
    const command = commandIn(entry, this.run.completed.command);
    if (command === null) {
      this.run.gap(event, "unclear", "a command that is not recorded whole");
      this.loseTrack();
      return;
    }
    if (this.node.server === null) {
      // The very first entry of a new journal: part of the start that is recorded next.
      const failure = boot(this.node, event.time);
      if (failure !== null) this.differ(event, "start", "started", failure.text);
      this.compareNow(event);
      return;
    }
    this.match(event, "append", (found) => {
      if (found.effect.type !== "append") return;
      const [added] = found.effect.entries;
      const { index, term } = entry;
      const mine = added === undefined ? null : [added.index, added.term, toHex(added.command)];
      this.compare(event, "entry", [index ?? null, term ?? null, toHex(command)], mine);
      this.note(event, storesDifference(event, found));
    });
  }

  private applied(event: RecordedEvent): void {
    this.match(event, "apply", ({ effect, state }) => {
      if (effect.type !== "apply") return;
      const { term, command } = effect.entry;
      // The recorder counts from lastApplied; in a log with a hole it finds no term for that index.
      const index = (state.lastApplied ?? 0) + 1;
      const { index: wanted = null, entryTerm = null, cmd = null } = event.fields;
      const text = asRecorded(cmd, commandText(command));
      const mine = [index, entryTerm === null ? null : term, text];
      this.compare(event, "entry", [wanted, entryTerm, cmd], mine);
      applyTo(this.node.values, command);
    });
  }

  private answered(event: RecordedEvent): void {
    this.match(event, "reply", ({ effect }) => {
      if (effect.type !== "reply") return;
      const { key = null, value = null, result = null } = event.fields;
      const asked = this.operations.get(effect.operation);
      const mine = [asked?.key ?? null, asked?.value ?? null, effect.result.code];
      this.compare(event, "result", [key, value, result], mine);
    });
  }

  private metaStored(event: RecordedEvent): void {
    this.metaUnknown = false;
    const check = ({ written }: Emitted): void => {
      const disk = isJsonObject(event.fields.disk) ? event.fields.disk : {};
      this.compare(event, "meta", disk.hex ?? null, written.map(toHex).join(""));
    };
    this.match(event, "store", check, { rings: "meta-timer", what: "meta" });
  }

  // Dumps and compactions

  /** Compaction is forced when the record shows one. `forked`: by a child, and then the file comes later. */
  private dumpWritten(event: RecordedEvent): void {
    const { node } = this;
    const disk = isJsonObject(event.fields.disk) ? event.fields.disk : {};
    const isForked = disk.forked === true;
    node.options = { ...node.options, useFork: Number(isForked) };
    const check = (): void => {
      const id = node.server?.serializer.id ?? null;
      this.compare(event, "journalWillStartAt", event.fields.journalWillStartAt ?? id, id);
      if (!isForked) this.compareDump(event);
    };
    this.match(event, "store", check, { rings: "compaction", what: "dump" });
  }

  /** With a dump beside the trace that ends with the same entry. */
  private compareDump(event: RecordedEvent): void {
    const { dump } = filesOf(this.node);
    const mine = dump === null ? null : decodeDump(dump);
    if (dump === null || !mine?.ok) {
      this.differ(event, "dump", "a dump", dump === null ? "none" : "one that cannot be read");
      return;
    }
    const { index } = mine.value.last;
    for (const lying of this.run.disksOf(this.node.id)) {
      const other = lying.dump === null ? null : decodeDump(lying.dump);
      if (lying.dump === null || !other?.ok || other.value.last.index !== index) continue;
      this.note(event, dumpDifference(lying.dump, dump));
      return;
    }
  }

  private compacted(event: RecordedEvent): void {
    if (this.node.child !== null) {
      runChild(this.node, event.time);
      this.compareDump(event);
    }
    const before = this.told?.log?.length ?? 0;
    this.match(event, "rebase", (found) => {
      const dropped = before - (found.state.log?.length ?? 0);
      this.compare(event, "dropped", event.fields.dropped ?? null, dropped);
      this.note(event, storesDifference(event, found));
    });
  }

  private cleared(event: RecordedEvent): void {
    this.match(event, "clear", (found) => this.note(event, storesDifference(event, found)));
  }

  private dumpLoaded(event: RecordedEvent): void {
    this.match(event, "restore", ({ state: { log } }) => {
      const mine = log === null ? null : [log.first[0], log.tail[0], log.length];
      this.compare(event, "journalAfter", event.fields.journalAfter ?? mine, mine);
    });
  }

  // What the record leaves out

  /** After a gap: state events tell all but the log, and the log is as it was if its window is. */
  private regain(event: RecordedEvent): void {
    const { server } = this.node;
    if (this.tracked || server === null || event.state === null) return;
    if (!sameWindow(stateOf(server).log, event.state.log)) return;
    takeState(server, event.state, event.time);
    this.tracked = true;
  }

  private adopt(event: RecordedEvent, server: PySyncObj, checkpoint: Checkpoint): void {
    const { node } = this;
    const disks = this.run.disksOf(node.id);
    const entries = checkpointEntries(server, checkpoint, disks);
    server.log = createLog(entries, (entries[0]?.index ?? 1) - 1);
    takeState(server, checkpoint.state, event.time);
    server.leaderCommitIndex = checkpoint.leaderCommitIndex;
    server.onReadyCalled = checkpoint.ready;
    const { values } = checkpoint;
    node.values = values === null ? null : new Map(Object.entries(values).map(textPair));
    const disk = adoptDisk(node, entries, checkpoint, disks);
    server.dump = filesOf(node).dump;
    if (disk !== null) {
      this.takenFrom.add(disk.folder);
      this.run.gap(event, "disk", `a disk, taken from ${groupOf(disk, node.id)}`);
    }
    const isKnown = raftCommitIndexIn(filesOf(node).meta) === checkpoint.state.commitIndex;
    this.disk = isKnown && disk !== null ? "known" : "rebuilt";
    this.metaUnknown = !isKnown;
    this.tracked = true;
  }

  // Comparing

  private compareNow(event: RecordedEvent): void {
    const { server } = this.node;
    if (server === null || !this.tracked) return;
    this.compareState(event, stateOf(server));
  }

  private compareState(event: RecordedEvent, mine: RecordedState): void {
    this.lastCompared = mine;
    if (event.state === null) return;
    this.run.compared += 1;
    this.note(event, stateDifference(event.state, mine));
  }

  private compare(event: RecordedEvent, field: string, wanted: Json, mine: Json): void {
    this.note(event, firstDifference([[field, wanted, mine]]));
  }

  private note(event: RecordedEvent, difference: FieldDifference | null): void {
    if (difference === null) return;
    this.differ(event, difference.field, difference.wanted, difference.mine);
  }

  private differ(event: RecordedEvent, field: string, wanted: Json, mine: Json): void {
    this.run.differ(event, this.node.id, field, wanted, mine);
  }
}

/** Tenths are as fine as the recorder's clock goes between stretches. */
function secondsOf({ time }: RecordedEvent): string {
  const tenths = Math.round(time / 100_000);
  return `${Math.floor(tenths / 10)}.${tenths % 10}`;
}

/** The folder that holds the disks of all nodes. */
function groupOf({ folder }: LyingDisk, node: ServerId): string {
  return folder.slice(0, -`${node}/`.length);
}

/** In bytes, as a start found it; null: it was not there. */
function sizeIn({ fields }: RecordedEvent, file: "journal" | "meta" | "dump"): number | null {
  const size = isJsonObject(fields.diskBytes) ? fields.diskBytes[file] : null;
  return typeof size === "number" ? size : null;
}

/** The name of the exception that left a handler or a tick. */
function errorIn({ fields }: RecordedEvent): string | null {
  return typeof fields.error === "string" ? (fields.error.split(":")[0] ?? null) : null;
}

function applyTo(values: Map<string, string> | null, bytes: Uint8Array): void {
  const command = commandOf(bytes);
  if (command.type === "set") values?.set(command.key, command.value);
  if (command.type === "delete") values?.delete(command.key);
}
