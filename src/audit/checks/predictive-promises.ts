import type { Check } from "#audit/check.ts";
import { tellBreak, tellCause } from "#audit/explanation/breaks.ts";
import { tellHaste } from "#audit/explanation/unsynced.ts";
import { hasteOf } from "#audit/ghost.ts";
import { hastySpeech, speech } from "#audit/speech.ts";

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
      haste === "lie" ? "after a sync that was a lie" : "after a sync of what its disk had lost";
    const text = haste === "own" ? hastySpeech(message) : `${speech(message)} ${why}`;
    return {
      family: haste === "own" ? "broken-promise" : "assumption-broken",
      text: `${text}.`,
      server,
      against: null,
      entries: null,
    };
  },

  testEnd: null,

  tell(tale, broken) {
    tellBreak(tale, broken);
    const sent = tale.chronicle.history[broken.sequence];
    if (sent?.type === "send" && broken.family === "broken-promise") tellHaste(tale, sent, 80);
    tellCause(tale, broken);
  },
};
