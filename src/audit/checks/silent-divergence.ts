import { type Check, type Finding, familyOf } from "#audit/check.ts";
import { tellApplyConflict, tellStates } from "#audit/explanation/states.ts";
import { type Ghost, type Mirror, mirrorOf } from "#audit/ghost.ts";

export const silentDivergence: Check = {
  id: "C15",
  title: "No silent divergence",
  about:
    "Servers that have applied the same number of entries have the same state, even if their logs agree.",
  source: "Raft paper, section 2 (replicated state machines); PySyncObj issue #201",
  on: ["apply", "applied-index"],

  test(ghost, observation) {
    if (observation.type === "apply") {
      const mirror = mirrorOf(ghost, observation.server);
      return compare(ghost, mirror, observation.entry.index);
    }
    if (observation.type !== "applied-index") return null;
    const mirror = mirrorOf(ghost, observation.server);
    return mirror.skipped === null ? null : compare(ghost, mirror, mirror.skipped.to);
  },

  testEnd: null,

  tell(tale, broken) {
    tellStates(tale, broken);
    tellApplyConflict(tale, broken);
  },
};

function compare(ghost: Ghost, mirror: Mirror, index: number): Finding | null {
  const first = ghost.applied.get(index);
  if (first === undefined || mirror.state === null || first.state === mirror.state) return null;
  const { id: server } = mirror;
  const text =
    first.server === server
      ? `${server} has applied its log up to ${index} again, and its state machine is not what it was then.`
      : `${first.server} and ${server} have both applied their logs up to ${index}, but their state machines differ.`;
  return { family: familyOf(ghost), text, server, against: first.sequence, entries: null };
}
