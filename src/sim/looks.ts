import { crash, crashImage } from "#disk/crash.ts";
import { cloneDisk } from "#disk/disk.ts";
import { entriesFrom, lastIndex, lastTerm, termAt } from "#raft/log.ts";
import type { Index, Message, Obligation, ServerId, ServerMemory, Term } from "#raft/types.ts";
import { localTime } from "./clock.ts";
import { diskPlanOf } from "./disk-plan.ts";
import type { Plan } from "./faults.ts";
import { durabilityOf, keeps } from "./inspection.ts";
import type { Observed } from "./observation.ts";
import { type Patient, recoverOn, serverOf } from "./recovery.ts";
import { machineOf, type Process, peersOf, type World } from "./world.ts";

// What the disks say at certain observations, for the auditor. A look is told right before its observation is made, and
// bears its sequence. Nothing here changes the run.

/** The servers of a plan, as the auditor is to know them. `given`: files lie on their disk before the first boot. */
export function judgedServers({ machines }: Plan): readonly {
  readonly id: ServerId;
  readonly machine: string;
  readonly given: boolean;
}[] {
  return machines.flatMap(({ files, id: machine, servers }) =>
    servers.map(({ id }) => ({ id, machine, given: files.length > 0 })),
  );
}

/** Decides what a message promises, as it leaves right now. */
export function promiseOf(
  world: World,
  process: Process,
  { obligation }: Message,
  wasHeld: boolean,
): Observed<"send">["promise"] {
  const promise = durabilityOf(world, process, obligation, wasHeld);
  if (promise === "durable") remember(process, obligation);
  else if (promise === "not-durable" && wouldKeep(world, process, obligation)) {
    world.look?.({ type: "lied-to", sequence: world.observations });
  }
  return promise;
}

/** The server has cut its log: what was known to be durable of it says less now. */
export function forgetFrom(process: Process, from: Index): void {
  if (process.kept !== null && from <= process.kept.index) process.kept = null;
}

/** The server has given up its log as it was, or a part of it that it may have written anew. */
export function forgetAll(process: Process): void {
  process.kept = null;
}

/** Before a `commit` to this index is observed: who holds what a leader claims by it. */
export function lookAtCommit(world: World, process: Process, to: Index): void {
  const { server } = process;
  if (world.look === null || server?.role !== "leader") return;
  const index = Math.min(to, lastIndex(server.log));
  const term = termAt(server.log, index);
  if (term === server.currentTerm) lookAtHolders(world, process, { index, term });
}

/** Before a `return` of OK about this entry is observed. */
export function lookAtHolders(
  world: World,
  process: Process,
  entry: { readonly index: Index; readonly term: Term },
): void {
  if (world.look === null) return;
  const sequence = world.observations;
  const known = knownHolders(world, process, entry);
  if (known.length * 2 > world.servers.size) {
    world.look({ type: "holders", sequence, holders: known, sworn: known });
    return;
  }
  const owed: Obligation = { hardState: null, log: entry };
  const holders: ServerId[] = [];
  const sworn: ServerId[] = [];
  for (const each of world.servers.values()) {
    const holds = durabilityOf(world, each, owed, false) === "durable";
    if (holds) holders.push(each.id);
    if (holds || wouldKeep(world, each, owed)) sworn.push(each.id);
  }
  world.look({ type: "holders", sequence, holders, sworn });
}

/**
 * Before a `recovered` is observed: would the same come of a crash right now? What a lying sync said is taken for true, since
 * this asks about the design, not about the disk.
 */
export function lookAtRecovery(world: World, process: Process): void {
  const { server } = process;
  if (world.look === null || server === null) return;
  const machine = machineOf(world, process.machine);
  const { admits } = diskPlanOf(world.plan, machine.id);
  const kind = admits.includes("power") ? "power" : admits.includes("os") ? "os" : "process";
  const disk = cloneDisk(machine.disk);
  crash(disk, kind, { type: "chosen", effects: [...machine.disk.forsworn] });
  const { bugs, options, system } = world;
  const patient: Patient = {
    server: process.id,
    peers: peersOf(world, process.id),
    directory: process.directory,
    now: localTime(machine.clock, world.now),
    ...{ bugs, options },
  };
  const again = recoverOn(system, disk, patient);
  const differs =
    again === null || !again.ok
      ? `recovery fails with ${again?.name}${again?.text ? ` (${again.text})` : ""}`
      : differenceOf(server, serverOf(system, patient, again.recovered));
  world.look({ type: "recovered-again", sequence: world.observations, differs });
}

/** What a second recovery gives else than the first; null: the same. */
function differenceOf(first: ServerMemory, again: ServerMemory): string | null {
  const parts: string[] = [];
  if (again.currentTerm !== first.currentTerm) {
    parts.push(`term ${again.currentTerm} and not ${first.currentTerm}`);
  }
  if (again.votedFor !== first.votedFor) {
    parts.push(`${voteOf(again)} and not ${voteOf(first)}`);
  }
  if (!isSameLog(first, again)) parts.push(`${endOf(again)} and not ${endOf(first)}`);
  return parts.length === 0 ? null : parts.join("; ");
}

function isSameLog({ log: a }: ServerMemory, { log: b }: ServerMemory): boolean {
  if (a.baseIndex !== b.baseIndex || lastIndex(a) !== lastIndex(b)) return false;
  const others = entriesFrom(b, b.baseIndex + 1);
  return entriesFrom(a, a.baseIndex + 1).every(({ term }, at) => others[at]?.term === term);
}

function voteOf({ votedFor }: ServerMemory): string {
  return votedFor === null ? "no vote" : `a vote for ${votedFor}`;
}

function endOf({ log }: ServerMemory): string {
  const last = lastIndex(log);
  return last === 0 ? "an empty log" : `a log up to (${last}, term ${lastTerm(log)})`;
}

/** A log that left as durable in a term agrees with that term's leader up to its end. */
function remember(process: Process, { hardState, log }: Obligation): void {
  if (hardState === null || log === null) return;
  const { kept } = process;
  if (kept !== null && hardState.term === kept.term && log.index <= kept.index) return;
  process.kept = { term: hardState.term, index: log.index };
}

/** Those of whom it is known without a look at their disks. Empty when it is not the leader who asks. */
function knownHolders(
  world: World,
  { server }: Process,
  { index, term }: { readonly index: Index; readonly term: Term },
): readonly ServerId[] {
  const holders: ServerId[] = [];
  if (server?.role !== "leader" || termAt(server.log, index) !== term) return holders;
  for (const each of world.servers.values()) {
    const { kept } = each;
    if (kept === null || kept.term !== server.currentTerm || kept.index < index) continue;
    if (isSound(world, each)) holders.push(each.id);
  }
  return holders;
}

/** Nothing has happened to the medium, so that what was durable still is. */
function isSound(world: World, process: Process): boolean {
  const { disk } = machineOf(world, process.machine);
  return disk.rotten.size === 0 && disk.unreadable.size === 0;
}

/** Would it be durable if every sync had done what it said? */
function wouldKeep(world: World, process: Process, owed: Obligation): boolean {
  const { disk } = machineOf(world, process.machine);
  if (disk.forsworn.size === 0) return false;
  const image = crashImage(disk, [...disk.forsworn]);
  return keeps(world.system.codec.inspect(image, process.directory, world.bugs), owed);
}
