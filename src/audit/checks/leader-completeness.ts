import { type Check, familyOf } from "#audit/check.ts";
import { tellBreak } from "#audit/explanation/breaks.ts";
import { electionAt } from "#audit/explanation/elections.ts";
import { tellLoss } from "#audit/explanation/losses.ts";
import { comesAfter, holds, mirrorOf } from "#audit/ghost.ts";
import { inWords, stretchBeyond } from "#audit/stretch.ts";

export const leaderCompleteness: Check = {
  id: "C5",
  title: "Leader completeness",
  about: "A new leader's log holds every entry that was committed in an earlier term.",
  source: "Raft paper, Figure 3 and section 5.4",
  on: ["role"],

  test(ghost, observation) {
    if (observation.type !== "role" || observation.to !== "leader") return null;
    const mirror = mirrorOf(ghost, observation.server);
    for (const claim of ghost.claims) {
      if (holds(mirror, claim.prefix) || !comesAfter(mirror, claim)) continue;
      const entries = stretchBeyond(claim.prefix, (prefix) => holds(mirror, prefix));
      const were = entries.from === entries.to ? "was" : "were";
      return {
        family: familyOf(ghost),
        text: `${mirror.id} became leader of term ${mirror.currentTerm} without ${inWords(entries)}, which ${were} committed.`,
        server: mirror.id,
        against: claim.sequence,
        entries,
      };
    }
    return null;
  },

  testEnd: null,

  tell(tale, broken) {
    tellBreak(tale, broken);
    tellLoss(tale, broken.entries, electionAt(tale, broken.sequence));
  },
};
