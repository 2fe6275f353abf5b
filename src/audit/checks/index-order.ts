import type { Check } from "#audit/check.ts";
import { tellBreak, tellCause } from "#audit/explanation/breaks.ts";
import { tellCutAt } from "#audit/explanation/losses.ts";
import { tellRecoveredIndexes } from "#audit/explanation/restarts.ts";
import { lastIndexOf, type Mirror, mirrorOf } from "#audit/ghost.ts";
import type { Observation } from "#sim/observation.ts";

export const indexOrder: Check = {
  id: "C12",
  title: "Order of the indexes",
  about:
    "The log's base, lastApplied, commitIndex and the log's end follow one another, also right after recovery.",
  source: "Raft paper, Figure 2 (volatile state) and section 7",
  on: ["recovered", "commit", "applied-index", "append", "truncate", "rebase", "restored"],

  test(ghost, observation) {
    if (!("server" in observation) || observation.server === null) return null;
    const mirror = mirrorOf(ghost, observation.server);
    const wrong = wrongOrder(mirror, observation);
    if (wrong === null) return null;
    const when =
      observation.type === "recovered" ? `${mirror.id} restarted with` : `${mirror.id} has`;
    return {
      family: "violation",
      text: `${when} ${wrong}.`,
      server: mirror.id,
      against: null,
      entries: null,
    };
  },

  testEnd(ghost) {
    for (const mirror of ghost.servers.values()) {
      const wrong = mirror.up ? wrongOrder(mirror, null) : null;
      if (wrong === null) continue;
      const { id: server } = mirror;
      const text = `At the end ${server} has ${wrong}.`;
      return { family: "violation", text, server, against: null, entries: null };
    }
    return null;
  },

  tell(tale, broken) {
    tellBreak(tale, broken);
    tellRecoveredIndexes(tale, broken.server);
    tellCutAt(tale, broken);
    tellCause(tale, broken);
  },
};

/** `now`: what is seen; null: nothing more. */
function wrongOrder(mirror: Mirror, now: Observation | null): string | null {
  const { base, commitIndex, lastApplied, rebase, snapshotIndex } = mirror;
  // A leader's snapshot changes log, state machine and indexes in one step, one after the other.
  if (rebase?.reason === "snapshot" && rebase.step === now?.step) return null;
  const lastIndex = lastIndexOf(mirror);
  if (commitIndex > lastIndex) {
    return `commitIndex ${commitIndex}, although its log ends at ${lastIndex}`;
  }
  // What a snapshot has applied is committed; one that a recovery found is seen right after it.
  if (lastApplied > Math.max(commitIndex, snapshotIndex) && now?.type !== "recovered") {
    return `lastApplied ${lastApplied}, although its commitIndex is ${commitIndex}`;
  }
  if (lastApplied < base.index) {
    return `lastApplied ${lastApplied}, although its log starts after ${base.index}`;
  }
  return null;
}
