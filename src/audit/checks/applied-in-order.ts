import { type Check, type Finding, familyOf } from "#audit/check.ts";
import { tellBreak, tellCause } from "#audit/explanation/breaks.ts";
import { tellDeepCuts } from "#audit/explanation/losses.ts";
import { type Ghost, mirrorOf, prefixOf } from "#audit/ghost.ts";
import { sameEntry } from "#audit/prefix.ts";
import { entryAt } from "#audit/words.ts";
import type { Observed } from "#sim/observation.ts";

export const appliedInOrder: Check = {
  id: "C14",
  title: "Applied in order, none skipped",
  about:
    "A server applies its log's entries one after another, and what it applied is what its log says.",
  source: "Raft paper, Figure 2 (rules for all servers) and section 5.3",
  on: ["apply", "applied-index", "restored"],

  test(ghost, observation) {
    if (observation.type === "apply") return testApply(ghost, observation);
    if (observation.type === "restored") return testRestore(ghost, observation);
    return observation.type === "applied-index" ? testIndex(ghost, observation) : null;
  },

  testEnd: null,

  tell(tale, broken) {
    tellBreak(tale, broken);
    tellDeepCuts(tale, broken.server);
    tellCause(tale, broken);
  },
};

function testApply(ghost: Ghost, observation: Observed<"apply">): Finding | null {
  const { entry, server } = observation;
  const mirror = mirrorOf(ghost, server);
  const found = (text: string): Finding => ({
    ...{ family: familyOf(ghost), text, server, against: null, entries: null },
  });
  const due = mirror.appliedBefore + 1;
  if (entry.index !== due)
    return found(`${server} applied ${entryAt(entry)}, although entry ${due} was next.`);

  const logged = prefixOf(mirror, entry.index);
  if (logged === null)
    return found(`${server} applied ${entryAt(entry)}, which its log does not hold.`);
  if (logged.entry !== null && !sameEntry(logged.entry, entry)) {
    const other = logged.term === entry.term ? "with other bytes" : `of term ${logged.term}`;
    return found(
      `${server} applied ${entryAt(entry)}, but its log holds another one there, ${other}.`,
    );
  }
  if (mirror.appliedPrefix === logged) return null;
  return found(
    `${server} applied ${entryAt(entry)}, but what it had applied before is not what its log holds before that entry.`,
  );
}

function testRestore(ghost: Ghost, observation: Observed<"restored">): Finding | null {
  const { lastApplied, sequence, server } = observation;
  const { appliedBefore, bornAt } = mirrorOf(ghost, server);
  if (lastApplied >= appliedBefore) return null;
  const text =
    bornAt === sequence - 1
      ? `${server} restarted as if it had applied its log up to ${appliedBefore}, with a snapshot that goes up to ${lastApplied}.`
      : `${server} replaced its state machine, which had applied its log up to ${appliedBefore}, by an older snapshot that goes up to ${lastApplied}.`;
  return { family: familyOf(ghost), text, server, against: null, entries: null };
}

function testIndex(ghost: Ghost, observation: Observed<"applied-index">): Finding | null {
  const { from, server, to } = observation;
  const { skipped } = mirrorOf(ghost, server);
  let text: string;
  if (to < from) text = `${server}'s lastApplied went back from ${from} to ${to}.`;
  else if (skipped !== null) {
    const which =
      skipped.from === skipped.to ? `index ${skipped.to}` : `${skipped.from}..${skipped.to}`;
    text = `${server}'s lastApplied passed ${which} without an entry being applied.`;
  } else return null;
  return { family: familyOf(ghost), text, server, against: null, entries: null };
}
