import { type Check, familyOf } from "#audit/check.ts";
import { tellBreak } from "#audit/explanation/breaks.ts";
import { tellCutAt } from "#audit/explanation/losses.ts";
import { mirrorOf, removedBy } from "#audit/ghost.ts";
import { inWords, stretchOf } from "#audit/stretch.ts";

export const noDeepCut: Check = {
  id: "C13",
  title: "No cut below commit or applied",
  about: "A server never removes an entry that it has applied, or that it knows to be committed.",
  source: "Raft paper, sections 5.3 and 5.4 (a committed entry is never in conflict)",
  on: ["truncate", "rebase"],

  test(ghost, observation) {
    if (observation.type !== "truncate" && observation.type !== "rebase") return null;
    const { server } = observation;
    const { appliedThrough, commitIndex, lastApplied, snapshotIndex } = mirrorOf(ghost, server);
    // A snapshot stands for the entries that it has applied.
    const covered = observation.type === "rebase" ? snapshotIndex : 0;
    const removed = removedBy(ghost, observation).filter(({ index }) => index > covered);
    const [first] = removed;
    if (first === undefined) return null;
    const from = observation.type === "truncate" ? observation.from : first.index;
    const applied = Math.max(appliedThrough, lastApplied);
    if (from > applied && from > commitIndex) return null;
    const entries = stretchOf(removed);
    const why =
      from <= applied
        ? `which it had already applied up to ${applied}`
        : `although its commitIndex is ${commitIndex}`;
    return {
      family: familyOf(ghost),
      text: `${server} cut its ${inWords(entries)}, ${why}.`,
      server,
      against: null,
      entries,
    };
  },

  testEnd: null,

  tell(tale, broken) {
    tellBreak(tale, broken);
    tellCutAt(tale, broken);
  },
};
