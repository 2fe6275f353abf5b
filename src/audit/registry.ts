import type { Check, CheckInfo } from "./check.ts";
import { ackedWrites } from "./checks/acked-writes.ts";
import { appliedInOrder } from "./checks/applied-in-order.ts";
import { durableCommit } from "./checks/durable-commit.ts";
import { durablePromises } from "./checks/durable-promises.ts";
import { effectsAfterPersist } from "./checks/effects-after-persist.ts";
import { electionSafety } from "./checks/election-safety.ts";
import { indexOrder } from "./checks/index-order.ts";
import { leaderAppendOnly } from "./checks/leader-append-only.ts";
import { leaderCompleteness } from "./checks/leader-completeness.ts";
import { linearizability } from "./checks/linearizability.ts";
import { logMatching } from "./checks/log-matching.ts";
import { noDeepCut } from "./checks/no-deep-cut.ts";
import { oneVote } from "./checks/one-vote.ts";
import { predictivePromises } from "./checks/predictive-promises.ts";
import { recoveryIdempotent } from "./checks/recovery-idempotent.ts";
import { recoveryTotal } from "./checks/recovery-total.ts";
import { silentDivergence } from "./checks/silent-divergence.ts";
import { stateMachineSafety } from "./checks/state-machine-safety.ts";
import { termMonotone } from "./checks/term-monotone.ts";

/** All checks, in the order in which verdicts are given. */
export const ALL_CHECKS: readonly Check[] = [
  electionSafety,
  oneVote,
  leaderAppendOnly,
  logMatching,
  leaderCompleteness,
  stateMachineSafety,
  termMonotone,
  durablePromises,
  predictivePromises,
  durableCommit,
  ackedWrites,
  indexOrder,
  noDeepCut,
  appliedInOrder,
  silentDivergence,
  recoveryTotal,
  recoveryIdempotent,
  linearizability,
  effectsAfterPersist,
];

/** What there is to check, as data. */
export const CHECKS: readonly CheckInfo[] = ALL_CHECKS.map(({ id, title, about, source }) => ({
  ...{ id, title, about, source },
}));
