import type { Check } from "#audit/check.ts";
import { tellBreak } from "#audit/explanation/breaks.ts";
import { tellEndings } from "#audit/explanation/restarts.ts";
import { tellUnsynced } from "#audit/explanation/unsynced.ts";
import { isOnDamage } from "#audit/ghost.ts";

export const recoveryIdempotent: Check = {
  id: "C17",
  title: "Recovery repeats itself",
  about:
    "A crash right after a recovery leaves files from which the next recovery gives the same term, vote and log.",
  source: "Raft paper, Figure 2 (persistent state); ARIES, TODS 1992 (restart is idempotent)",
  on: ["recovered"],
  asks: "recovery",

  test(ghost, observation) {
    if (observation.type !== "recovered") return null;
    const { look } = ghost;
    const { server } = observation;
    if (look?.type !== "recovered-again" || look.differs === null) return null;
    if (isOnDamage(ghost, server)) return null;
    // Nothing is lost yet: as with any promise that no crash has put to the test, it is only not kept safe.
    return {
      family: "broken-promise",
      text: `When ${server} restarted at step ${observation.step}, a second crash right then would have brought back something else: ${look.differs}.`,
      server,
      against: null,
      entries: null,
    };
  },

  testEnd: null,

  tell(tale, broken) {
    tellBreak(tale, broken);
    tellUnsynced(tale, broken.server, -1, broken.sequence, 80);
    tellEndings(tale, [broken.server]);
  },
};
