import type { Check } from "#audit/check.ts";
import { tellBreak, tellCause } from "#audit/explanation/breaks.ts";
import { tellUnsynced } from "#audit/explanation/unsynced.ts";
import { hasteOf } from "#audit/ghost.ts";
import { speech } from "#audit/speech.ts";

export const predictivePromises: Check = {
  id: "C9",
  title: "Nothing is promised before it is durable",
  about:
    "When a message leaves, also one to the server itself, what it promises would survive the worst crash that the scenario admits.",
  source: "Raft paper, Figure 2 (persistent state is on stable storage before answering)",
  on: ["send"],
  asks: "promise",

  test(ghost, observation) {
    if (observation.type !== "send") return null;
    const haste = hasteOf(ghost, observation);
    if (haste === null) return null;
    const { message, server } = observation;
    const why =
      haste === "own" ? "before that was durable" : "after a sync that lied: it was not durable";
    return {
      family: haste === "own" ? "broken-promise" : "assumption-broken",
      text: `${speech(message)} ${why}.`,
      server,
      against: null,
      entries: null,
    };
  },

  testEnd: null,

  tell(tale, broken) {
    tellBreak(tale, broken);
    if (broken.family === "broken-promise") tellUnsynced(tale, broken.server, broken.sequence, 80);
    tellCause(tale, broken);
  },
};
