import { fromHex, toHex } from "#base/bytes.ts";
import type { StepContext } from "#raft/protocol.ts";
import { type ClientOperation, type Message, NOTHING_OWED, type ServerId } from "#raft/types.ts";
import { CODES, type Code, reply, replyRaised, replyRead } from "./clients.ts";
import { changeClusterAsLeader, isDynamic, membershipOf } from "./membership.ts";
import { addToLog } from "./replication.ts";
import { sendAppendEntries } from "./sending.ts";
import { option, type PySyncObj, type QueuedCommand, send } from "./server.ts";

/** A call of the application. Reads never leave the node; the key-value class has no compare-and-set and no counters. */
export function onClient(
  server: PySyncObj,
  operation: ClientOperation,
  command: Uint8Array,
  context: StepContext,
): void {
  switch (operation.type) {
    case "read":
      replyRead(operation, context);
      return;
    case "compare-and-set":
    case "increment":
      reply(operation.id, "REQUEST_DENIED", null, context);
      return;
    case "add-server":
    case "remove-server":
      changeMembers(server, operation, command, context);
      return;
    case "write":
      enqueue(server, { command, callback: { type: "client", operation: operation.id } }, context);
      return;
  }
}

/** syncobj.py:359-404, as its command-line tool asks for it: nobody is told to remove itself. */
function changeMembers(
  server: PySyncObj,
  { type, key, id }: ClientOperation,
  command: Uint8Array,
  context: StepContext,
): void {
  if (!isDynamic(server)) replyRaised(id, "dynamicMembershipChange is disabled", context);
  else if (type === "remove-server" && key === server.id) {
    reply(id, "REQUEST_DENIED", null, context);
  } else enqueue(server, { command, callback: { type: "client", operation: id } }, context);
}

/** _applyCommand (syncobj.py:437-446); the queue takes one more than its size (fast_queue.py:16-20). */
function enqueue(server: PySyncObj, queued: QueuedCommand, context: StepContext): void {
  if (server.commandsQueue.length > option(server, "commandsQueueSize")) {
    refuse(server, queued, "QUEUE_FULL", context);
  } else server.commandsQueue.push(queued);
}

/** _checkCommandsToApply (syncobj.py:448-519). Commands wait in the queue while no leader is known. */
export function drainQueue(server: PySyncObj, context: StepContext): void {
  while (server.commandsQueue.length > 0) {
    if (server.leader === null && option(server, "commandsWaitLeader") !== 0) return;
    const queued = server.commandsQueue.shift();
    if (queued === undefined) return;
    if (server.role === "leader") appendCommand(server, queued, context);
    else if (server.leader !== null) forward(server, server.leader, queued, context);
    else refuse(server, queued, "MISSING_LEADER", context);
  }
}

function appendCommand(server: PySyncObj, queued: QueuedCommand, context: StepContext): void {
  const change = isDynamic(server) ? membershipOf(queued.command) : null;
  if (change !== null && !changeClusterAsLeader(server, change, context)) {
    refuse(server, queued, "REQUEST_DENIED", context);
    return;
  }
  const { index, term } = addToLog(server, queued.command, context);
  const { callback } = queued;
  if (callback?.type === "client") subscribe(server, index, term, callback.operation);
  if (callback?.type === "node") {
    const fields = { request_id: callback.requestId, log_idx: index, log_term: term };
    respond(server, callback.node, fields, context);
  }
  if (option(server, "appendEntriesUseBatch") === 0) sendAppendEntries(server, context);
}

function subscribe(server: PySyncObj, index: number, term: number, operation: string): void {
  server.commandsWaitingCommit.push({ index, term, operation });
}

/** A command that came from another node is not passed on a second time. */
function forward(
  server: PySyncObj,
  leader: ServerId,
  queued: QueuedCommand,
  context: StepContext,
): void {
  const { callback, command } = queued;
  if (callback?.type === "node") {
    refuse(server, queued, "NOT_LEADER", context);
    return;
  }
  const fields: Record<string, string | number> = { command: toHex(command) };
  if (callback !== null) {
    server.commandsLocalCounter += 1;
    const requestId = server.commandsLocalCounter;
    server.commandsWaitingReply.push({ requestId, operation: callback.operation });
    fields.request_id = requestId;
  }
  const head = { kind: "forward", name: "apply_command", term: null, success: null } as const;
  send(server, leader, { ...head, fields, obligation: NOTHING_OWED }, context);
}

function respond(
  server: PySyncObj,
  to: ServerId,
  fields: Readonly<Record<string, number>>,
  context: StepContext,
): void {
  const success = !("error" in fields);
  const head = { kind: "forward-reply", name: "apply_command_response", term: null } as const;
  send(server, to, { ...head, success, fields, obligation: NOTHING_OWED }, context);
}

/** __callErrCallback (syncobj.py:1002-1013). */
function refuse(
  server: PySyncObj,
  { callback }: QueuedCommand,
  code: Code,
  context: StepContext,
): void {
  if (callback?.type === "client") reply(callback.operation, code, null, context);
  if (callback?.type === "node") {
    const fields = { request_id: callback.requestId, error: CODES.indexOf(code) };
    respond(server, callback.node, fields, context);
  }
}

/** syncobj.py:961-965. */
export function onApplyCommand(server: PySyncObj, message: Message, context: StepContext): void {
  const { command, request_id } = message.fields;
  const bytes = fromHex(String(command)) ?? new Uint8Array();
  const callback =
    typeof request_id === "number"
      ? ({ type: "node", node: message.from, requestId: request_id } as const)
      : null;
  enqueue(server, { command: bytes, callback }, context);
}

/** syncobj.py:967-978. The assertion fails on a node that has applied past the place its own command was given. */
export function onApplyCommandResponse(
  server: PySyncObj,
  message: Message,
  context: StepContext,
): void {
  const { request_id, error, log_idx, log_term } = message.fields;
  const waiting = server.commandsWaitingReply.find((each) => each.requestId === request_id);
  if (waiting === undefined) return;
  server.commandsWaitingReply = server.commandsWaitingReply.filter((each) => each !== waiting);
  if (typeof error === "number") {
    reply(waiting.operation, CODES[error] ?? "REQUEST_DENIED", null, context);
    return;
  }
  const index = Number(log_idx);
  if (index > server.lastApplied) {
    subscribe(server, index, Number(log_term), waiting.operation);
    return;
  }
  const text = `assert idx > self.__raftLastApplied: idx is ${index}, raftLastApplied is ${server.lastApplied}. The client is never answered.`;
  context.emit({ type: "error", name: "AssertionError", text });
}
