import type { Check } from "#audit/check.ts";
import { tellBreak, tellCause } from "#audit/explanation/breaks.ts";
import { electionOf, tellElection } from "#audit/explanation/elections.ts";
import { tellReturns } from "#audit/explanation/restarts.ts";
import { mirrorOf, removedBy } from "#audit/ghost.ts";
import { inWords, stretchOf } from "#audit/stretch.ts";

export const leaderAppendOnly: Check = {
  id: "C3",
  title: "Leader append-only",
  about:
    "A leader only adds to its log; it never overwrites or removes entries, except those that a snapshot stands for.",
  source: "Raft paper, Figure 3 and section 5.3",
  on: ["truncate", "rebase"],

  test(ghost, observation) {
    const removed = removedBy(ghost, observation);
    if (removed.length === 0 || !("server" in observation)) return null;
    const { currentTerm, id: server, role } = mirrorOf(ghost, observation.server);
    if (role !== "leader") return null;
    const entries = stretchOf(removed);
    return {
      family: "violation",
      text: `${server} cut its ${inWords(entries)} while it was leader of term ${currentTerm}.`,
      server,
      against: null,
      entries,
    };
  },

  testEnd: null,

  tell(tale, broken) {
    tellBreak(tale, broken);
    tellCause(tale, broken);
    tellReturns(tale, tellElection(tale, electionOf(tale, broken.server, null), 70));
  },
};
