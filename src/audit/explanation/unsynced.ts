import type { ServerId } from "#raft/types.ts";
import type { Observation, Observed } from "#sim/observation.ts";
import { say, type Tale } from "./tale.ts";

// What a server had asked of its disk and not made sure of, told from the calls that were seen.

/** What is not synced, as far as calls tell. Write-back may have saved some of it; nobody could rely on that. */
interface Ledger {
  /** By path. */
  readonly writes: Map<string, { count: number; last: number }>;
  /** By path too: the file was created, renamed or removed, and its directory not synced since. */
  readonly names: Map<string, { text: string; last: number }>;
  /** Syncs that failed, by path. */
  readonly failed: Map<string, Observed<"disk">>;
  calls: number;
}

/**
 * Says what the server had written by then and not synced, which names it had changed without a sync of their directory, and
 * which of its syncs had failed. When there is nothing of all that: what it changed in memory without any write.
 */
export function tellUnsynced(tale: Tale, server: ServerId, until: number, weight: number): void {
  const { writes, names, failed, calls } = ledgerOf(tale.chronicle.history, server, until);
  for (const [path, { count, last }] of [...writes].slice(-3)) {
    if (failed.has(path)) continue;
    const times = count === 1 ? "once" : `${count} times`;
    say(
      tale,
      last,
      weight,
      `${server} wrote to ${path} (${times} since it was last synced) and did not sync it.`,
    );
  }
  for (const { text, last } of [...names.values()].slice(-3)) {
    say(tale, last, weight, `${server} ${text} and did not sync the directory.`);
  }
  for (const [path, { errno, sequence }] of failed) {
    const text = `${server}'s sync of ${path} failed with ${errno}: a later sync does not make up for it.`;
    say(tale, sequence, weight + 2, text);
  }
  if (writes.size + names.size + failed.size > 0) return;
  const change = lastChange(tale.chronicle.history, server, until);
  if (change === null) return;
  const nothing = calls === 0 ? "had asked nothing of its disk" : "wrote nothing of it to its disk";
  say(tale, change.sequence, weight, `${server} ${inChange(change)}, and ${nothing}.`);
}

function ledgerOf(history: readonly Observation[], server: ServerId, until: number): Ledger {
  const ledger: Ledger = { writes: new Map(), names: new Map(), failed: new Map(), calls: 0 };
  for (const observation of history) {
    if (observation.sequence > until) break;
    if (observation.type === "disk" && observation.server === server) take(ledger, observation);
    const isCrash = observation.type === "crash" && observation.kind !== "process";
    const isGone = isCrash || observation.type === "disk-swap";
    if (isGone && observation.servers.includes(server)) clear(ledger);
  }
  return ledger;
}

function take(ledger: Ledger, call: Observed<"disk">): void {
  const { errno, op, path, sequence } = call;
  const { failed, names, writes } = ledger;
  ledger.calls += 1;
  const isSync = op.type === "sync" || op.type === "data-sync" || op.type === "sync-directory";
  if (errno !== null) {
    if (isSync) failed.set(path, call);
    return;
  }
  switch (op.type) {
    case "write":
    case "store":
    case "truncate":
      writes.set(path, { count: (writes.get(path)?.count ?? 0) + 1, last: sequence });
      return;
    case "open":
      if (op.create) names.set(path, { text: `created ${path}`, last: sequence });
      return;
    case "unlink":
      writes.delete(path);
      names.set(path, { text: `removed ${path}`, last: sequence });
      return;
    case "rename": {
      const moved = writes.get(op.from);
      writes.delete(op.from);
      writes.delete(op.to);
      if (moved !== undefined) writes.set(op.to, moved);
      names.delete(op.from);
      names.set(op.to, { text: `renamed ${op.from} to ${op.to}`, last: sequence });
      return;
    }
    case "sync":
    case "data-sync":
      writes.delete(path);
      return;
    case "sync-directory":
      for (const name of names.keys()) if (isIn(name, path)) names.delete(name);
      return;
    case "close":
  }
}

function clear({ failed, names, writes }: Ledger): void {
  writes.clear();
  names.clear();
  failed.clear();
}

/** Is this file, by its path, one of that directory? */
function isIn(path: string, directory: string): boolean {
  return path.slice(0, path.lastIndexOf("/") + 1) === `${directory.replace(/\/$/, "")}/`;
}

type Change = Observed<"vote" | "term" | "append">;

/** What the server last changed of all that it must keep. */
function lastChange(
  history: readonly Observation[],
  server: ServerId,
  until: number,
): Change | null {
  for (let at = Math.min(until, history.length - 1); at >= 0; at--) {
    const each = history[at];
    if (each === undefined || !("server" in each) || each.server !== server) continue;
    if (each.type === "recovered") return null;
    if (each.type === "vote" || each.type === "term" || each.type === "append") return each;
  }
  return null;
}

function inChange(change: Change): string {
  if (change.type === "append")
    return `appended entry ${change.entries.at(-1)?.index ?? 0} in memory`;
  if (change.type === "term") return `moved to term ${change.to}`;
  return change.to === null ? "took back its vote" : `set its vote to ${change.to}`;
}
