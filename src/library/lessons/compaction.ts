import { at, boot, join, part, QUIET, read, ring, write } from "#library/writing.ts";
import type { ScenarioDocument } from "#scenario/document.ts";

type Script = NonNullable<ScenarioDocument["script"]>;

export const COMPACTING = {
  type: "disk",
  server: "A",
  "op.type": "open",
  "op.truncate": true,
};

/** A's answer to C, which asks for a vote in the term in which A was a candidate. */
export const ASKED_IN_TERM_2 = {
  type: "send",
  server: "A",
  "message.kind": "vote-reply",
  "message.to": "C",
  "message.term": 2,
};

/** A little is enough to compact for. */
export const OFTEN = { ...QUIET, compactAbove: 20 };

/**
 * A and B commit a write without C. A second election leaves superseded terms and votes behind, and A compacts its log. It
 * goes down meanwhile. C then asks A for its vote, without B.
 */
export function compactedMeanwhile(crash: Script[number]): Script {
  return [
    { anchor: at(0), action: boot("A", "B", "C") },
    { anchor: at(100_000), action: ring("B") },
    { anchor: at(300_000), action: part("C", "A", "B") },
    { anchor: at(400_000), action: write("x", "on A and B") },
    { anchor: at(700_000), action: ring("A") },
    crash,
    { anchor: at(1_700_000), action: part("B", "A", "C") },
    { anchor: at(1_700_000), action: join("C", "A") },
    { anchor: at(1_800_000), action: ring("C") },
    { anchor: at(2_100_000), action: read("x", "C") },
    { anchor: at(2_400_000), action: join("B", "A", "C") },
    { anchor: at(2_500_000), action: ring("B") },
    { anchor: at(2_900_000), action: read("x") },
  ];
}
