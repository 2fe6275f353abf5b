import { answerDone, answerReads, refuseClient } from "./answers.ts";
import { entryAt } from "./log.ts";
import type { StepContext } from "./protocol.ts";
import type { ReferenceServer } from "./reference-server.ts";
import { propose, sendHeartbeats } from "./replication.ts";
import type { ClientOperation, Index } from "./types.ts";

/** Operations that a leader remembers beyond those that still wait, so that a late retry gets its answer again. */
const REMEMBERED = 256;

/** What a client asks. Only a leader takes it; others say who leads, as far as they know (Raft paper, section 8). */
export function handleClient(
  server: ReferenceServer,
  operation: ClientOperation,
  command: Uint8Array,
  context: StepContext,
): void {
  if (server.role !== "leader") refuseClient(server, operation, context);
  else if (operation.type === "read") takeRead(server, operation, context);
  else takeWrite(server, operation, command, context);
}

/** Writes, compare-and-set and increments alike are entries of the log. A retry joins what is there already. */
function takeWrite(
  server: ReferenceServer,
  operation: ClientOperation,
  command: Uint8Array,
  context: StepContext,
): void {
  const place = server.placed.get(operation.id);
  if (place === undefined) {
    const { index } = propose(server, command, context);
    server.waiting.set(index, operation);
    remember(server, operation.id, index);
    return;
  }
  const entry = entryAt(server.log, place);
  if (place <= server.lastApplied && entry !== null) answerDone(operation, entry, context);
}

/**
 * A read is answered from the state machine, once a round of heartbeats that starts now has shown that nobody else leads, and
 * all that may have been committed before is applied: up to the leader's own first entry at the least (section 8).
 */
function takeRead(server: ReferenceServer, operation: ClientOperation, context: StepContext): void {
  server.round += 1;
  server.answeredRound[server.peers.length] = server.round;
  const index = Math.max(server.commitIndex, server.firstOfTerm);
  server.reads.push({ operation, index, round: server.round });
  if (server.peers.length > 0) sendHeartbeats(server, context);
  answerReads(server, context);
}

function remember(server: ReferenceServer, id: string, index: Index): void {
  server.placed.set(id, index);
  if (server.placed.size <= REMEMBERED + server.waiting.size) return;
  for (const [oldest, at] of server.placed) {
    if (!server.waiting.has(at)) server.placed.delete(oldest);
    return;
  }
}
