import { SIMULTANEOUS_REBOOT } from "#library/incidents/pysyncobj-201/scenario.ts";
import type { Scenario } from "#scenario/types.ts";
import type { Action, Anchor } from "./contract.ts";

const { twin, cluster, script, narration } = SIMULTANEOUS_REBOOT;

/**
 * What an empty address opens, with all that its document leaves out, so that a first visit does without the code that reads
 * documents. The test holds it to what that code makes of the document.
 */
export const FIRST_SCENARIO: Scenario = {
  ...SIMULTANEOUS_REBOOT,
  bugs: null,
  twin: { ...twin, bugs: null },
  cluster: {
    machines: cluster.machines.map((machine) => ({ ...machine, clockOffset: 0, clockDrift: 0 })),
  },
  network: { delay: [1_000, 4_000], lossPerMille: 0, duplicatePerMille: 0 },
  disk: {
    policy: "ordered-journal",
    sectorSize: 512,
    writeBack: null,
    writeTime: 10,
    syncTime: 500,
    admits: ["process", "os", "power"],
    syncScope: "posix",
    tear: "sector",
    powersafeOverwrite: true,
    exposure: "zeros",
    renameAtomic: true,
    storeGrain: null,
    syncFailure: "clean",
    flushing: "honest",
    capacity: null,
    allocation: "at-write",
  },
  seed: 1,
  script: script.map(({ anchor, action }) => ({
    anchor: wholeAnchor(anchor),
    action: wholeAction(action),
  })),
  narration: narration.map(({ anchor, text }) => ({ anchor: wholeAnchor(anchor), text })),
};

function wholeAnchor(anchor: Given): Anchor {
  if (anchor.type === "at") return { ...anchor, order: 0 };
  return { type: "when", match: anchor.match, count: 1, delay: anchor.delay ?? 0 };
}

/** Of an anchor it names these at most. */
type Given =
  | { readonly type: "at"; readonly time: number }
  | {
      readonly type: "when";
      readonly match: Extract<Anchor, { type: "when" }>["match"];
      readonly delay?: number;
    };

/** Of the two kinds of action that it has. */
function wholeAction(action: (typeof script)[number]["action"]): Action {
  if (action.type === "boot") return action;
  return { ...action, operation: "write", expected: null };
}
