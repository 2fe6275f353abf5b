import type { Entry } from "#raft/types.ts";
import type { Frame, Verdict } from "#sim/frame.ts";
import type { Observation, Observed } from "#sim/observation.ts";

/** What a run may come to that no fix should leave behind. */
export type Failure =
  /** Two servers led one term. */
  | "two leaders"
  /** State machines that differ, with nothing that would ever show it. */
  | "divergence"
  /** A write that a client was told OK for is in no later leader's log. */
  | "lost write"
  /** OK was said for an entry that less than half of the servers held. */
  | "unsafe answer"
  /** At the end a server is down, or has not applied all that the leader's log holds. */
  | "not ready";

/** The auditor's checks that say so. */
const CHECKS: readonly (readonly [Failure, readonly string[]])[] = [
  ["two leaders", ["C1"]],
  ["divergence", ["C6", "C15"]],
  ["lost write", ["C11"]],
];

/** All that a finished run came to, by the auditor's verdicts, its observations and its end. */
export function failuresOf(
  verdicts: readonly Verdict[],
  observations: readonly Observation[],
  end: Frame,
): ReadonlySet<Failure> {
  const broken = new Set(verdicts.filter(({ holds }) => !holds).map(({ id }) => id));
  const failures = new Set<Failure>();
  for (const [failure, checks] of CHECKS) {
    if (checks.some((id) => broken.has(id))) failures.add(failure);
  }
  if (hasDiverged(end)) failures.add("divergence");
  if (hasUnsafeAnswer(observations, end.servers.length)) failures.add("unsafe answer");
  if (!isReady(end)) failures.add("not ready");
  return failures;
}

/** Two state machines that have applied as much, and are not the same. */
function hasDiverged({ servers }: Frame): boolean {
  const up = servers.filter(({ process }) => process === "up");
  return up.some((one) =>
    up.some((two) => one.lastApplied === two.lastApplied && one.stateDigest !== two.stateDigest),
  );
}

/** One leader, and every server is up, knows all of its log as committed and has applied it. */
function isReady({ servers }: Frame): boolean {
  const leaders = servers.filter(({ role, process }) => process === "up" && role === "leader");
  const [leader, ...more] = leaders;
  if (leader === undefined || more.length > 0) return false;
  const { lastIndex } = leader;
  return servers.every(
    ({ process, commitIndex, lastApplied, lastIndex: last }) =>
      process === "up" &&
      commitIndex === lastIndex &&
      lastApplied === lastIndex &&
      last === lastIndex,
  );
}

/** Follows the logs of all servers, those that are down as they were last. */
function hasUnsafeAnswer(observations: readonly Observation[], servers: number): boolean {
  const logs = new Map<string, readonly Entry[]>();
  return observations.some((seen) => {
    follow(logs, seen);
    return seen.type === "return" && isUnsafe(seen, logs, servers);
  });
}

function isUnsafe(
  { entry, result, server }: Observed<"return">,
  logs: ReadonlyMap<string, readonly Entry[]>,
  servers: number,
): boolean {
  if (result.outcome !== "ok" || entry === null) return false;
  const told = logs.get(server)?.find(({ index }) => index === entry.index);
  if (told === undefined) return false;
  const holders = [...logs.values()].filter((log) => holds(log, told));
  return 2 * holders.length <= servers;
}

/** What a log begins after, it has in its snapshot. */
function holds(log: readonly Entry[], { index, term, command }: Entry): boolean {
  const [first] = log;
  if (first !== undefined && first.index > index) return true;
  return log.some(
    (each) => each.index === index && each.term === term && isSame(each.command, command),
  );
}

function isSame(one: Uint8Array, two: Uint8Array): boolean {
  return one.length === two.length && one.every((byte, i) => byte === two[i]);
}

function follow(logs: Map<string, readonly Entry[]>, seen: Observation): void {
  if (seen.type === "recovered" || seen.type === "rebase") logs.set(seen.server, seen.entries);
  else if (seen.type === "append") {
    logs.set(seen.server, [...(logs.get(seen.server) ?? []), ...seen.entries]);
  } else if (seen.type === "truncate") {
    const log = logs.get(seen.server) ?? [];
    logs.set(seen.server, log.slice(0, log.length - seen.removed.length));
  }
}
