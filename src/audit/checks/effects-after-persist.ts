import type { Check } from "#audit/check.ts";
import { tellBreak } from "#audit/explanation/breaks.ts";
import { tellHastyAcks, tellOwnHaste } from "#audit/explanation/promises.ts";
import { ackedPrefix, mirrorOf } from "#audit/ghost.ts";
import { testHolders } from "#audit/holders.ts";

export const effectsAfterPersist: Check = {
  id: "C20",
  title: "Clients are told what will stay",
  about:
    "As a client is told OK about an entry, a quorum of servers would still hold it after the worst crash that the scenario admits.",
  source:
    "Raft paper, section 5.3 (a leader answers when the entry is safely replicated); etcd #14370",
  on: ["return"],
  asks: "answer",

  test(ghost, observation) {
    if (observation.type !== "return") return null;
    const { entry, operation, result, server } = observation;
    if (result.outcome !== "ok" || entry === null) return null;
    const prefix = ackedPrefix(ghost, mirrorOf(ghost, server), entry) ?? entry;
    return testHolders(ghost, server, prefix, `${server} answered OK to ${operation.client} for`);
  },

  testEnd: null,

  tell(tale, broken) {
    tellBreak(tale, broken);
    tellHastyAcks(tale, broken.entries?.to ?? 0);
    tellOwnHaste(tale, broken.server, broken.entries?.to ?? 0);
  },
};
