import { referenceOptions } from "#raft/options.ts";
import { referenceProtocol } from "#raft/reference.ts";
import type { System } from "#system/contract.ts";
import { stateMachine } from "./commands.ts";
import { codec } from "./format.ts";
import { keepingActor } from "./keeping.ts";
import { recoveryActor } from "./recovery.ts";
import { walActor } from "./storage.ts";

/** The textbook design: append to a log with checksums, sync, and only then speak. */
export const reference: System = {
  id: "reference",
  protocol: referenceProtocol,
  loop: [
    { type: "poll", timeout: null, most: Number.MAX_SAFE_INTEGER },
    { type: "persist", actor: walActor.id },
    { type: "persist", actor: keepingActor.id },
  ],
  actors: [walActor, recoveryActor, keepingActor],

  route(effect) {
    switch (effect.type) {
      case "append":
      case "hard-state":
        return { actor: walActor.id, wait: false };
      case "truncate": // Waits while entries of which an acknowledgement tells are still to be kept.
        return { actor: walActor.id, wait: true };
      case "apply":
        return { actor: keepingActor.id, wait: false };
      default:
        return null;
    }
  },

  holds({ obligation }) {
    return obligation.hardState !== null || obligation.log !== null;
  },

  recovery: recoveryActor.id,
  transport: { type: "datagram" },
  machine: stateMachine,
  codec,
  options: { ...referenceOptions, compactAbove: 0, keepState: 0, syncEvery: 120_000_000 },
};
