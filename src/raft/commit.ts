import { answerApplied, answerReads } from "./answers.ts";
import { entryAt } from "./log.ts";
import type { StepContext } from "./protocol.ts";
import { agreed } from "./quorum.ts";
import type { ReferenceServer } from "./reference-server.ts";
import { mayCommit } from "./rules.ts";
import type { Index } from "./types.ts";

/** A leader's: commits what a majority has stored by now, as far as it may. */
export function commitAgreed(server: ReferenceServer, context: StepContext): void {
  const index = agreed(server.matchIndex);
  if (!mayCommit(server, index)) return;
  server.commitIndex = index;
  applyCommitted(server, context);
}

/** A follower's: commits up to `index`, which a leader told to be committed and which this log is known to hold. */
export function commitTold(server: ReferenceServer, index: Index, context: StepContext): void {
  if (index <= server.commitIndex) return;
  server.commitIndex = index;
  applyCommitted(server, context);
}

/** Applies in log order whatever is committed and here (Raft paper, Figure 2, rules for all servers). */
export function applyCommitted(server: ReferenceServer, context: StepContext): void {
  while (server.lastApplied < server.commitIndex) {
    const entry = entryAt(server.log, server.lastApplied + 1);
    if (entry === null) return;
    server.lastApplied = entry.index;
    context.emit({ type: "apply", entry });
    answerApplied(server, entry, context);
  }
  answerReads(server, context);
}
