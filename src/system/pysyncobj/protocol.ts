import type { Input, Protocol, StepContext } from "#raft/protocol.ts";
import type { Message, ServerId } from "#raft/types.ts";
import { onApplyCommand, onApplyCommandResponse, onClient } from "./commands.ts";
import { onRequestVote, onResponseVote } from "./election.ts";
import { OBLIGATIONS } from "./obligations.ts";
import { onAppendEntries, onNextNodeIdx } from "./replication.ts";
import { cloneServer, createServer, drawDeadline, option, type PySyncObj } from "./server.ts";
import { PHASES } from "./tick.ts";

/** SyncObj at 0.3.14 (2ec056d), and with PR #202 when its bugs are off. See README.md for what is cited where. */
export const protocol: Protocol<PySyncObj> = {
  obligations: OBLIGATIONS,
  create: createServer,
  step,
  clone: cloneServer,
};

const FIRST_PHASE = "meta-timer";

function step(server: PySyncObj, input: Input, context: StepContext): void {
  switch (input.type) {
    case "start":
      server.startTime = context.now;
      server.lastSerializedTime = context.now;
      drawDeadline(server, context);
      return;
    case "phase":
      tick(server, input.phase, context);
      return;
    case "receive":
      // A tick that an exception cut short never comes to its poll: what arrived stays in the socket.
      if (!server.tickAborted) receive(server, input.message, context);
      return;
    case "client":
      onClient(server, input.operation, input.command, context);
      return;
    case "link":
      link(server, input.peer, input.up);
      return;
    case "told":
      told(server, input.subject, input.data ?? null);
      return;
    case "alarm":
      // No alarms of this protocol's own: the user forces a compaction, or lets the election timer ring.
      if (input.alarm === "compaction") server.forceLogCompaction = true;
      else if (server.electionDeadline !== null) server.electionDeadline = context.now - 1;
      return;
    case "stored":
      return; // Nobody syncs, so nobody waits to be told.
  }
}

function tick(server: PySyncObj, phase: string, context: StepContext): void {
  if (context.now < server.startTime + option(server, "firstTickDelay")) return;
  if (phase === FIRST_PHASE) server.tickAborted = false;
  if (server.tickAborted) return;
  if (server.log.length === 0) loseLog(server, context);
  else PHASES[phase]?.(server, context);
}

/** Whatever looks at the first or the last entry raises; not all of a tick does, but nothing of it is of use then. */
function loseLog(server: PySyncObj, context: StepContext): void {
  server.tickAborted = true;
  context.emit({ type: "error", name: "IndexError", text: "list index out of range" });
}

/** The child has come to its end. A later tick will look. */
function told(server: PySyncObj, subject: string, dump: Uint8Array | null): void {
  const { serializer } = server;
  if (serializer.state !== "busy") return;
  if (subject === "dumped") server.serializer = { ...serializer, state: "done", dump };
  if (subject === "dump failed") server.serializer = { ...serializer, state: "failed" };
}

/** __onMessageReceived (syncobj.py:854-1000). */
function receive(server: PySyncObj, message: Message, context: StepContext): void {
  switch (message.name) {
    case "request_vote":
      onRequestVote(server, message, context);
      return;
    case "append_entries":
      onAppendEntries(server, message, context);
      return;
    case "apply_command":
      onApplyCommand(server, message, context);
      return;
    case "apply_command_response":
      onApplyCommandResponse(server, message, context);
      return;
    case "response_vote":
      onResponseVote(server, message, context);
      return;
    case "next_node_idx":
      onNextNodeIdx(server, message, context);
      return;
  }
}

function link(server: PySyncObj, peer: ServerId, up: boolean): void {
  const others = server.connectedNodes.filter((each) => each !== peer);
  server.connectedNodes = up ? [...others, peer] : others;
}
