import type { StepContext } from "./protocol.ts";
import type { ReferenceServer } from "./reference-server.ts";
import { mayAnswerRead } from "./rules.ts";
import type { ClientOperation, ClientResult, Entry } from "./types.ts";

const DONE: ClientResult = { outcome: "ok", code: "SUCCESS", value: null };

/** This server does not lead; the value names who does, as far as it knows. */
export function refuseClient(
  server: ReferenceServer,
  operation: ClientOperation,
  context: StepContext,
): void {
  answer(operation, { outcome: "failed", code: "NOT_LEADER", value: server.leader }, null, context);
}

/** Whoever waits for this entry is told that it was applied. */
export function answerApplied(server: ReferenceServer, entry: Entry, context: StepContext): void {
  const operation = server.waiting.get(entry.index);
  if (operation === undefined) return;
  server.waiting.delete(entry.index);
  answerDone(operation, entry, context);
}

/** `entry` is applied, and this operation is what it did. */
export function answerDone(operation: ClientOperation, entry: Entry, context: StepContext): void {
  answer(operation, DONE, entry, context);
}

/** Answers every read whose turn has come. */
export function answerReads(server: ReferenceServer, context: StepContext): void {
  while (server.reads.length > 0) {
    const read = server.reads[0];
    if (read === undefined || !mayAnswerRead(server, read)) return;
    server.reads.shift();
    answer(read.operation, DONE, null, context);
  }
}

/** Leadership is gone: what was put into the log may or may not be committed by others; a read never happened. */
export function abandonClients(server: ReferenceServer, context: StepContext): void {
  const { waiting, reads } = server;
  server.waiting = new Map();
  server.placed = new Map();
  server.reads = [];
  for (const operation of waiting.values()) {
    answer(operation, { outcome: "unknown", code: "LEADERSHIP_LOST", value: null }, null, context);
  }
  for (const { operation } of reads) refuseClient(server, operation, context);
}

function answer(
  operation: ClientOperation,
  result: ClientResult,
  entry: Entry | null,
  context: StepContext,
): void {
  const tellsValue = result.outcome === "ok" && operation.type !== "write";
  context.emit({
    type: "reply",
    operation: operation.id,
    result,
    entry: entry === null ? null : { index: entry.index, term: entry.term },
    readKey: tellsValue ? operation.key : null,
  });
}
