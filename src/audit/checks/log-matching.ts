import { type Check, type Finding, familyOf } from "#audit/check.ts";
import { tellBreak } from "#audit/explanation/breaks.ts";
import { tellLeadersOf } from "#audit/explanation/elections.ts";
import { tellFirstSeen } from "#audit/explanation/losses.ts";
import { type Ghost, mirrorOf } from "#audit/ghost.ts";
import { type Prefix, sameEntry } from "#audit/prefix.ts";
import { place } from "#audit/words.ts";
import type { Observation } from "#sim/observation.ts";

export const logMatching: Check = {
  id: "C4",
  title: "Log matching",
  about: "Logs that hold an entry of the same index and term are the same up to that entry.",
  source: "Raft paper, Figure 3 and section 5.3",
  on: ["append", "recovered", "rebase"],

  test(ghost, observation) {
    const { type } = observation;
    if (type !== "append" && type !== "recovered" && type !== "rebase") return null;
    const { base, log, rebase } = mirrorOf(ghost, observation.server);
    // What a log keeps has been looked at before.
    const kept = type === "rebase" && rebase !== null ? rebase.same - base.index : 0;
    const from = Math.max(kept, log.length - observation.entries.length);
    for (let at = from; at < log.length; at++) {
      const prefix = log[at];
      const rival = prefix?.rival;
      if (prefix && rival) return findingOf(ghost, observation, prefix, rival);
    }
    return null;
  },

  testEnd: null,

  tell(tale, broken) {
    tellBreak(tale, broken);
    tellFirstSeen(tale, broken.against, broken.entries);
    if (broken.entries !== null) tellLeadersOf(tale, broken.entries.term);
  },
};

function findingOf(
  ghost: Ghost,
  { server }: Observation & { server: string },
  prefix: Prefix,
  rival: Prefix,
): Finding {
  const { entry, index, term } = prefix;
  const isSame = entry !== null && rival.entry !== null && sameEntry(entry, rival.entry);
  const text = isSame
    ? `${server}'s log holds ${place(prefix)}, but before it other entries than another log that holds it.`
    : `${server}'s log holds at ${place(prefix)} another entry than a log seen before.`;
  return {
    family: familyOf(ghost),
    text,
    server,
    against: rival.since,
    entries: { from: index, to: index, fromTerm: term, term, last: entry },
  };
}
