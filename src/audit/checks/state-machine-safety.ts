import { type Check, familyOf } from "#audit/check.ts";
import { tellBreak } from "#audit/explanation/breaks.ts";
import { tellApplyConflict } from "#audit/explanation/states.ts";
import { sameEntry } from "#audit/prefix.ts";
import { entryAt } from "#audit/words.ts";

export const stateMachineSafety: Check = {
  id: "C6",
  title: "State machine safety",
  about: "All servers that apply an entry at an index apply the same entry there.",
  source: "Raft paper, Figure 3 and section 5.4.3",
  on: ["apply"],

  test(ghost, observation) {
    if (observation.type !== "apply") return null;
    const { entry, server } = observation;
    const first = ghost.applied.get(entry.index);
    if (first === undefined || sameEntry(first.entry, entry)) return null;
    const who = first.server === server ? "it had itself applied" : `${first.server} had applied`;
    const other =
      first.entry.term === entry.term
        ? "another one of that term"
        : `one of term ${first.entry.term}`;
    return {
      family: familyOf(ghost),
      text: `${server} applied ${entryAt(entry)}, where ${who} ${other}.`,
      server,
      against: first.sequence,
      entries: null,
    };
  },

  testEnd: null,

  tell(tale, broken) {
    tellBreak(tale, broken);
    tellApplyConflict(tale, broken);
  },
};
