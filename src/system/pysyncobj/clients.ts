import type { StepContext } from "#raft/protocol.ts";
import type { ClientOperation, Index, Term } from "#raft/types.ts";
import type { PySyncObj } from "./server.ts";

/** FAIL_REASON of config.py:2-9. */
export const CODES = [
  "SUCCESS",
  "QUEUE_FULL",
  "MISSING_LEADER",
  "DISCARDED",
  "NOT_LEADER",
  "LEADER_CHANGED",
  "REQUEST_DENIED",
] as const;
export type Code = (typeof CODES)[number];

export function reply(
  operation: string,
  code: Code,
  entry: { readonly index: Index; readonly term: Term } | null,
  context: StepContext,
): void {
  const outcome = code === "SUCCESS" ? "ok" : code === "LEADER_CHANGED" ? "unknown" : "failed";
  const result = { outcome, code, value: null } as const;
  context.emit({ type: "reply", operation, result, entry, readKey: null });
}

/** The call itself raised an exception. */
export function replyRaised(operation: string, code: string, context: StepContext): void {
  const result = { outcome: "failed", code, value: null } as const;
  context.emit({ type: "reply", operation, result, entry: null, readKey: null });
}

/** A local read: any node answers from its own state machine, whoever leads. */
export function replyRead(operation: ClientOperation, context: StepContext): void {
  const result = { outcome: "ok", code: "SUCCESS", value: null } as const;
  const { id, key: readKey } = operation;
  context.emit({ type: "reply", operation: id, result, entry: null, readKey });
}

/** __onLeaderChanged (syncobj.py:1158-1161): what was forwarded may still be committed, but nobody will hear of it. */
export function leaderChanged(server: PySyncObj, context: StepContext): void {
  const waiting = server.commandsWaitingReply;
  server.commandsWaitingReply = [];
  for (const { operation } of waiting) reply(operation, "LEADER_CHANGED", null, context);
}
