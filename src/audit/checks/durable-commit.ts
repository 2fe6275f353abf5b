import type { Check } from "#audit/check.ts";
import { tellBreak } from "#audit/explanation/breaks.ts";
import { tellHastyAcks, tellOwnHaste } from "#audit/explanation/promises.ts";
import { mirrorOf } from "#audit/ghost.ts";
import { testHolders } from "#audit/holders.ts";

export const durableCommit: Check = {
  id: "C10",
  title: "A commit rests on stable storage",
  about:
    "As a leader commits an entry, a quorum of servers would still hold it after the worst crash that the scenario admits.",
  source: "Raft paper, section 5.3 (stored on a majority) and Figure 2; thesis, section 10.2.1",
  on: ["commit"],
  asks: "commit",

  test(ghost, observation) {
    if (observation.type !== "commit") return null;
    const { claim, currentTerm, id } = mirrorOf(ghost, observation.server);
    if (claim === null || claim.sequence !== observation.sequence) return null;
    return testHolders(ghost, id, claim.prefix, `${id}, leader of term ${currentTerm}, committed`);
  },

  testEnd: null,

  tell(tale, broken) {
    tellBreak(tale, broken);
    tellHastyAcks(tale, broken.entries?.to ?? 0);
    tellOwnHaste(tale, broken.server, broken.entries?.to ?? 0);
  },
};
