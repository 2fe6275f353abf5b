import type { Check } from "#audit/check.ts";
import { tellBreak, tellCause } from "#audit/explanation/breaks.ts";
import { tellCutAt } from "#audit/explanation/losses.ts";
import { tellRecoveredIndexes } from "#audit/explanation/restarts.ts";
import { lastIndexOf, type Mirror, mirrorOf } from "#audit/ghost.ts";

export const indexOrder: Check = {
  id: "C12",
  title: "Order of the indexes",
  about:
    "The log's base, lastApplied, commitIndex and the log's end follow one another, also right after recovery.",
  source: "Raft paper, Figure 2 (volatile state) and section 7",
  on: ["recovered", "commit", "applied-index", "append", "truncate"],

  test(ghost, observation) {
    if (!("server" in observation) || observation.server === null) return null;
    const mirror = mirrorOf(ghost, observation.server);
    const wrong = wrongOrder(mirror);
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

  testEnd: null,

  tell(tale, broken) {
    tellBreak(tale, broken);
    tellRecoveredIndexes(tale, broken.server);
    tellCutAt(tale, broken);
    tellCause(tale, broken);
  },
};

function wrongOrder(mirror: Mirror): string | null {
  const { base, commitIndex, lastApplied } = mirror;
  const lastIndex = lastIndexOf(mirror);
  if (commitIndex > lastIndex) {
    return `commitIndex ${commitIndex}, although its log ends at ${lastIndex}`;
  }
  if (lastApplied > commitIndex) {
    return `lastApplied ${lastApplied}, although its commitIndex is ${commitIndex}`;
  }
  if (lastApplied < base.index) {
    return `lastApplied ${lastApplied}, although its log starts after ${base.index}`;
  }
  return null;
}
