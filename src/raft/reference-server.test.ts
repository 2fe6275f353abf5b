import { expect, it } from "vitest";
import { createLog } from "./log.ts";
import type { Effect } from "./protocol.ts";
import { referenceProtocol } from "./reference.ts";

it("goes on after the last entry of the state machine that was kept", () => {
  expect(appliedAtStart(2, 3)).toEqual([3]);
});

it("applies its log from the start without one", () => {
  expect(appliedAtStart(null, 3)).toEqual([1, 2, 3]);
});

/** What a server with so many committed entries applies at first. */
function appliedAtStart(kept: number | null, commitIndex: number): number[] {
  const entries = [1, 2, 3].map((index) => ({ index, term: 1, command: new Uint8Array(0) }));
  const server = referenceProtocol.create(
    { id: "s1", peers: ["s2", "s3"], incarnation: 2, bugs: new Set(), options: {} },
    {
      ...{ currentTerm: 1, votedFor: null, commitIndex, extra: {} },
      log: createLog(entries),
      ...(kept !== null && { state: { lastApplied: kept, values: [], beyond: "0".repeat(16) } }),
    },
  );
  const seen: Effect[] = [];
  const emit = (effect: Effect) => seen.push(effect);
  referenceProtocol.step(server, { type: "start" }, { now: 0, emit, choose: (_, low) => low });
  return seen.flatMap((effect) => (effect.type === "apply" ? [effect.entry.index] : []));
}
