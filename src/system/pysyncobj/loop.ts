import type { Phase } from "#system/contract.ts";
import { OPTIONS } from "./server.ts";

/**
 * _onTick (syncobj.py:556-651), over and over. Messages are handled inside the poll at its end, which a socket wakes early
 * and autoTickPeriod ends at the latest; so a leader commits one tick after the reply that made it possible.
 */
export const LOOP: readonly Phase[] = [
  { type: "input", phase: "meta-timer" },
  { type: "input", phase: "election" },
  { type: "input", phase: "commit" },
  { type: "input", phase: "fallback" },
  { type: "input", phase: "apply" },
  { type: "input", phase: "heartbeat" },
  { type: "input", phase: "ready" },
  { type: "input", phase: "queue" },
  { type: "input", phase: "compaction" },
  { type: "poll", timeout: OPTIONS.autoTickPeriod, most: 1_000 },
];
