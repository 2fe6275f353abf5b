import { type Check, familyOf } from "#audit/check.ts";
import { tellBreak } from "#audit/explanation/breaks.ts";
import { electionAt, tellElection } from "#audit/explanation/elections.ts";
import { tellLostVotes, tellReturns } from "#audit/explanation/restarts.ts";
import { mirrorOf } from "#audit/ghost.ts";

export const electionSafety: Check = {
  id: "C1",
  title: "Election safety",
  about: "A term has at most one leader, and a leader that restarts does not lead that term again.",
  source: "Raft paper, Figure 3 and section 5.2",
  on: ["role"],

  test(ghost, observation) {
    if (observation.type !== "role" || observation.to !== "leader") return null;
    const { currentTerm: term, id: server, incarnation } = mirrorOf(ghost, observation.server);
    const first = ghost.leaders.get(term);
    if (first === undefined) return null;
    if (first.server === server && first.incarnation === incarnation) return null;
    const text =
      first.server === server
        ? `${server} became leader of term ${term}, which it had led in an earlier life.`
        : `${server} became leader of term ${term}, of which ${first.server} already was the leader.`;
    return { family: familyOf(ghost), text, server, against: first.sequence, entries: null };
  },

  testEnd: null,

  tell(tale, broken) {
    tellBreak(tale, broken);
    const first = electionAt(tale, broken.against);
    const second = electionAt(tale, broken.sequence);
    const before = tellElection(tale, first, 70);
    const after = tellElection(tale, second, 80);
    tellLostVotes(tale, before, after);
    tellReturns(tale, [...before, ...after]);
  },
};
