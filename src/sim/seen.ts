import { cloneLog, entriesFrom, lastIndex } from "#raft/log.ts";
import type { Entry, ServerMemory } from "#raft/types.ts";
import { lookAtCommit } from "./looks.ts";
import { changeMembers } from "./network.ts";
import type { Happening } from "./observation.ts";
import { observe, type Process, type World } from "./world.ts";

// What is seen of a server: its fields are compared around each effect, so a change is observed whether or not the
// protocol reports it.

const NO_ENTRIES: readonly Entry[] = [];

/** A server is there: what it starts with is seen as a whole, not as changes. */
export function meet(process: Process, server: ServerMemory): void {
  process.seenLog = cloneLog(server.log);
  take(process, server);
}

/** Entries of the log as it was before this effect, from `from` on. */
export function removedBy(process: Process, from: number): readonly Entry[] {
  return process.seenLog === null || from > lastIndex(process.seenLog)
    ? NO_ENTRIES
    : entriesFrom(process.seenLog, from);
}

export function takeLog(process: Process, server: ServerMemory): void {
  const { seenLog } = process;
  if (seenLog === null) return;
  seenLog.baseIndex = server.log.baseIndex;
  seenLog.baseTerm = server.log.baseTerm;
  seenLog.entries = server.log.entries;
  seenLog.length = server.log.length;
}

export function tell(world: World, process: Process, server: ServerMemory): void {
  if (differs(process, server)) tellChanges(world, process, changesOf(process, server));
}

export function tellChanges(world: World, process: Process, changes: readonly Happening[]): void {
  for (const change of changes) {
    if (change.type === "commit") lookAtCommit(world, process, change.to);
    const sequence = observe(world, change);
    if (change.type === "timer") process.timerSeen = sequence;
    if (change.type === "members") changeMembers(world, process.id, change.peers);
  }
}

/** What changed in the server since it was last looked at. */
export function changesOf(process: Process, memory: ServerMemory): Happening[] {
  const { seen, id: server } = process;
  const changes: Happening[] = [];
  if (seen.term !== memory.currentTerm) {
    changes.push({ type: "term", server, from: seen.term, to: memory.currentTerm });
  }
  if (seen.vote !== memory.votedFor) {
    changes.push({ type: "vote", server, from: seen.vote, to: memory.votedFor });
  }
  if (seen.peers !== memory.peers) {
    changes.push({ type: "members", server, peers: memory.peers });
  }
  if (seen.role !== memory.role) {
    changes.push({ type: "role", server, from: seen.role, to: memory.role });
  }
  if (seen.leader !== memory.leader) {
    changes.push({ type: "leader", server, from: seen.leader, to: memory.leader });
  }
  if (seen.commit !== memory.commitIndex) {
    changes.push({ type: "commit", server, from: seen.commit, to: memory.commitIndex });
  }
  if (seen.applied !== memory.lastApplied) {
    changes.push({ type: "applied-index", server, from: seen.applied, to: memory.lastApplied });
  }
  if (seen.deadline !== memory.electionDeadline || seen.timeout !== memory.electionTimeout) {
    changes.push({
      type: "timer",
      server,
      deadline: memory.electionDeadline,
      timeout: memory.electionTimeout,
    });
  }
  take(process, memory);
  return changes;
}

function differs({ seen }: Process, server: ServerMemory): boolean {
  return (
    seen.term !== server.currentTerm ||
    seen.vote !== server.votedFor ||
    seen.role !== server.role ||
    seen.leader !== server.leader ||
    seen.commit !== server.commitIndex ||
    seen.applied !== server.lastApplied ||
    seen.deadline !== server.electionDeadline ||
    seen.timeout !== server.electionTimeout ||
    seen.peers !== server.peers
  );
}

function take(process: Process, server: ServerMemory): void {
  const { seen } = process;
  seen.role = server.role;
  seen.term = server.currentTerm;
  seen.vote = server.votedFor;
  seen.leader = server.leader;
  seen.commit = server.commitIndex;
  seen.applied = server.lastApplied;
  seen.deadline = server.electionDeadline;
  seen.timeout = server.electionTimeout;
  seen.peers = server.peers;
}
