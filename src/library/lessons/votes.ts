import { at, boot, join, part, ring, when, write } from "#library/writing.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

type Script = NonNullable<ScenarioDocument["script"]>;

/**
 * A votes for B in term 1, goes down and comes back, and is asked by C in the same term. C has never heard of B. When A has
 * forgotten its vote, two servers lead term 1 and both give out its first indexes.
 */
export function askedTwice(whatHappensToA: Script): Script {
  return [
    { anchor: at(0), action: boot("A", "B", "C") },
    { anchor: at(0), action: part("C", "A", "B") },
    { anchor: at(300_000), action: ring("B") },
    {
      anchor: when({ type: "role", server: "B", to: "leader" }),
      action: part("B", "A"),
    },
    ...whatHappensToA,
    { anchor: at(1_100_000), action: join("C", "A") },
    { anchor: at(1_200_000), action: ring("C") },
    { anchor: at(1_400_000), action: write("x", "from C", "C") },
    { anchor: at(1_700_000), action: write("x", "from B", "B") },
    { anchor: at(1_900_000), action: join("B", "A", "C") },
  ];
}

export const VOTED = { type: "send", server: "A", "message.kind": "vote-reply", "message.to": "B" };
export const VOTED_AGAIN = {
  type: "send",
  server: "A",
  "message.kind": "vote-reply",
  "message.to": "C",
  "message.term": 1,
};
