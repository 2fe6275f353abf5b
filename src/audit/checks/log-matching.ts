import { type Check, type Finding, familyOf } from "#audit/check.ts";
import { tellBreak } from "#audit/explanation/breaks.ts";
import { tellLeadersOf } from "#audit/explanation/elections.ts";
import { tellFirstSeen } from "#audit/explanation/losses.ts";
import { type Ghost, mirrorOf, prefixOf } from "#audit/ghost.ts";
import { type Prefix, sameEntry } from "#audit/prefix.ts";
import { entryAt } from "#audit/words.ts";
import type { ServerId } from "#raft/types.ts";
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

/** Who else has this prefix in its log now; null: nobody. */
function holderOf(ghost: Ghost, server: ServerId, prefix: Prefix): ServerId | null {
  for (const mirror of ghost.servers.values()) {
    if (mirror.id !== server && prefixOf(mirror, prefix.index) === prefix) return mirror.id;
  }
  return null;
}

/** ", from entry 43 on"; nothing where that is not known. */
function parting(one: Prefix, other: Prefix): string {
  let from: number | null = null;
  let [a, b]: [Prefix | null, Prefix | null] = [one.parent, other.parent];
  while (a !== null && b !== null && a !== b) {
    from = a.entry === null || b.entry === null ? null : a.index;
    [a, b] = [a.parent, b.parent];
  }
  return from === null ? "" : `, from entry ${from} on`;
}

function findingOf(
  ghost: Ghost,
  { server }: Observation & { server: string },
  prefix: Prefix,
  rival: Prefix,
): Finding {
  const { entry, index, term } = prefix;
  const isSame = entry !== null && rival.entry !== null && sameEntry(entry, rival.entry);
  const holder = holderOf(ghost, server, rival);
  const [other, has] = holder === null ? ["an earlier log", "had"] : [`${holder}'s log`, "has"];
  const text = isSame
    ? `${server}'s log and ${other} both have ${entryAt(prefix)}, but they differ before it${parting(prefix, rival)}.`
    : `${server}'s log has another ${entryAt(prefix)} than ${other} ${has}: the same index and term, but other bytes.`;
  return {
    family: familyOf(ghost),
    text,
    server,
    against: rival.since,
    entries: { from: index, to: index, fromTerm: term, term, last: entry },
  };
}
