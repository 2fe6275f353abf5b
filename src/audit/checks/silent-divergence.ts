import { type Check, type Finding, familyOf } from "#audit/check.ts";
import { tellApplyConflict, tellStates } from "#audit/explanation/states.ts";
import { type FirstState, type Ghost, type Mirror, mirrorOf } from "#audit/ghost.ts";
import type { Index } from "#raft/types.ts";

export const silentDivergence: Check = {
  id: "C15",
  title: "No silent divergence",
  about:
    "Servers that have applied the same number of entries have the same state, even if their logs agree.",
  source: "Raft paper, section 2 (replicated state machines); PySyncObj issue #201",
  on: ["apply", "applied-index", "restored"],

  test(ghost, observation) {
    if (observation.type === "apply") {
      const mirror = mirrorOf(ghost, observation.server);
      return compare(ghost, mirror, observation.entry.index);
    }
    if (observation.type === "restored") {
      return compare(ghost, mirrorOf(ghost, observation.server), observation.lastApplied);
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

function compare(ghost: Ghost, mirror: Mirror, index: Index): Finding | null {
  const { id: server, state } = mirror;
  if (state === null) return null;
  for (const first of firstsAt(ghost, index)) {
    if (first.state === state) continue;
    const text = inWords(mirror, first, index, ghost.restored.get(index) === first);
    return { family: familyOf(ghost), text, server, against: first.sequence, entries: null };
  }
  return null;
}

/** State machines that were seen after this entry, the earlier one first. */
function firstsAt({ applied, restored }: Ghost, index: Index): readonly FirstState[] {
  const [apply, snapshot] = [applied.get(index), restored.get(index)];
  if (apply === undefined) return snapshot === undefined ? [] : [snapshot];
  if (snapshot === undefined) return [apply];
  return apply.sequence < snapshot.sequence ? [apply, snapshot] : [snapshot, apply];
}

function inWords(
  { id: server, snapshotIndex }: Mirror,
  first: FirstState,
  index: Index,
  wasRestored: boolean,
): string {
  const other = wasRestored
    ? `the one in an earlier snapshot of ${first.server}`
    : `${first.server}'s after the same entries`;
  if (snapshotIndex === index) {
    const own = first.server === server && !wasRestored ? "its own after the same entries" : other;
    return `${server} took over a state machine that was kept up to entry ${index}, and it is not the same as ${own}.`;
  }
  if (wasRestored) {
    return `${server} has applied its log up to ${index}, and its state machine is not the same as ${other}.`;
  }
  return first.server === server
    ? `${server} has applied its log up to ${index} again, and its state machine is not what it was then.`
    : `${first.server} and ${server} have both applied their logs up to ${index}, but their state machines differ.`;
}
