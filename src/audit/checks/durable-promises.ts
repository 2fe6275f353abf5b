import type { Check } from "#audit/check.ts";
import type { Blame } from "#audit/disks.ts";
import { tellBreak } from "#audit/explanation/breaks.ts";
import { tellPromise } from "#audit/explanation/promises.ts";
import { tellEndings } from "#audit/explanation/restarts.ts";
import { mirrorOf } from "#audit/ghost.ts";
import { list } from "#audit/words.ts";

export const durablePromises: Check = {
  id: "C8",
  title: "Promises are kept across restarts",
  about:
    "A server that comes back still knows the term, the vote and the entries that its messages had promised.",
  source: "Raft paper, Figure 2 (persistent state on all servers) and section 5.4",
  on: ["recovered"],

  test(ghost, observation) {
    if (observation.type !== "recovered") return null;
    const { blame, forgotten } = mirrorOf(ghost, observation.server);
    if (forgotten.length === 0) return null;
    // A damaged medium is no reason to start all the same, but that is for "recovery is total" to say.
    const why = REASONS[blame];
    if (why === null) return null;
    const { server } = observation;
    return {
      family: blame === "own" ? "violation" : "assumption-broken",
      text: `${server} restarted and ${list(forgotten.map(({ text }) => text))}${why}.`,
      server,
      against: null,
      entries: null,
    };
  },

  testEnd: null,

  tell(tale, broken) {
    tellBreak(tale, broken);
    tellPromise(tale, broken);
    tellEndings(tale, [broken.server]);
  },
};

const REASONS: Readonly<Record<Blame, string | null>> = {
  own: "",
  swap: ": its disk was swapped",
  lie: ": its disk had lied about a sync",
  "lost-write": ": its disk had lost a write that it had accepted",
  rot: null,
  dropped: null,
};
