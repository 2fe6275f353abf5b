import type { Check, Finding } from "#audit/check.ts";
import type { Blame } from "#audit/disks.ts";
import { tellBreak, tellCause, tellSpeech } from "#audit/explanation/breaks.ts";
import { tellEndings } from "#audit/explanation/restarts.ts";
import { type Ghost, mirrorOf, type TermPromise } from "#audit/ghost.ts";
import type { Observed } from "#sim/observation.ts";

export const termMonotone: Check = {
  id: "C7",
  title: "Terms never go back",
  about:
    "A server's term never decreases, and after a restart it is no lower than any that it spoke in or holds an entry of.",
  source: "Raft paper, section 5.1 and Figure 2 (currentTerm is persistent)",
  on: ["term", "recovered"],

  test(ghost, observation) {
    if (observation.type === "recovered") return testRecovery(ghost, observation);
    if (observation.type !== "term" || observation.to >= observation.from) return null;
    const { from, server, to } = observation;
    const text = `${server} went back from term ${from} to term ${to}.`;
    return { family: "violation", text, server, against: null, entries: null };
  },

  testEnd: null,

  tell(tale, broken) {
    tellBreak(tale, broken);
    tellSpeech(tale, broken.against);
    tellEndings(tale, [broken.server]);
    tellCause(tale, broken);
  },
};

function testRecovery(ghost: Ghost, observation: Observed<"recovered">): Finding | null {
  const { baseTerm, currentTerm, entries, server } = observation;
  const { amnesia, promise } = mirrorOf(ghost, server);
  const lastTerm = entries.at(-1)?.term ?? baseTerm;
  let logTerm = baseTerm;
  for (const { term } of entries) if (term > logTerm) logTerm = term;

  if (currentTerm < logTerm) {
    const what = lastTerm === logTerm ? "the last entry of its log is" : "its log holds an entry";
    const text = `${server} restarted at term ${currentTerm}, although ${what} of term ${logTerm}.`;
    return { family: "violation", text, server, against: null, entries: null };
  }
  if (promise !== null && currentTerm < promise.term) {
    return brokenPromise(server, currentTerm, promise, null);
  }
  const lost = amnesia?.promise ?? null;
  if (amnesia === null || lost === null || currentTerm >= lost.term) return null;
  return brokenPromise(server, currentTerm, lost, amnesia.blame);
}

const EXCUSES: Readonly<Record<Blame, string>> = {
  own: "",
  dropped: "",
  swap: ", on a disk that was swapped",
  lie: ", which its disk had said was durable",
  "lost-write": ", which its disk has lost",
  rot: ", on a disk that is damaged now",
};

function brokenPromise(
  server: string,
  currentTerm: number,
  { sequence, term }: TermPromise,
  excuse: Blame | null,
): Finding {
  const why = EXCUSES[excuse ?? "own"];
  const family = excuse === null ? "violation" : "assumption-broken";
  const text = `${server} restarted at term ${currentTerm}, although it had spoken in term ${term}${why}.`;
  return { family, text, server, against: sequence, entries: null };
}
