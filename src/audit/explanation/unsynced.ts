import type { ServerId } from "#raft/types.ts";
import type { Observation, Observed } from "#sim/observation.ts";
import { say, type Tale } from "./tale.ts";

// What a server had asked of its disk and not made sure of, told from the calls that were seen.

/** What a server asked of its disk, as far as the calls tell. Write-back may save more; nobody can rely on that. */
interface Ledger {
  /** Writes that no sync of their file covers, by path. */
  readonly writes: Map<string, { count: number; last: number }>;
  /** The file was created, renamed or removed, and its directory not synced since. */
  readonly names: Map<string, { text: string; last: number }>;
  /** Syncs that failed, by path. */
  readonly failed: Map<string, Observed<"disk">>;
  /** When each file was last written to, synced or not. */
  readonly touched: Map<string, number>;
}

type Change = Observed<"vote" | "term" | "append">;

/**
 * What stood between a message and the platter when it left: writes that were not synced, names whose directory was not, and
 * syncs that failed. When nothing was written since the server came to know what it promises: just that.
 */
export function tellHaste(tale: Tale, sent: Observed<"send">, weight: number): void {
  const { history } = tale.chronicle;
  const change = promisedChange(history, sent);
  const since = change?.sequence ?? -1;
  const isWritten = tellUnsynced(tale, sent.server, since, sent.sequence, weight);
  if (isWritten || change === null) return;
  const text = `${sent.server} ${inChange(change)}, and wrote nothing of it to its disk.`;
  say(tale, change.sequence, weight, text);
}

/** The same of all that the server wrote since some moment. False: it wrote nothing. */
export function tellUnsynced(
  tale: Tale,
  server: ServerId,
  since: number,
  until: number,
  weight: number,
): boolean {
  const { failed, names, touched, writes } = ledgerOf(tale.chronicle.history, server, until);
  const files = [...touched].filter(([, last]) => last > since).map(([path]) => path);
  for (const path of files) {
    const broken = failed.get(path);
    const unsynced = writes.get(path);
    const name = names.get(path);
    if (broken !== undefined) {
      const text = `${server}'s sync of ${path} failed with ${broken.errno}, and a later one does not make up for it.`;
      say(tale, broken.sequence, weight + 2, text);
    } else if (unsynced !== undefined) {
      const times = unsynced.count === 1 ? "" : ` ${unsynced.count} times`;
      say(tale, unsynced.last, weight, `${server} wrote to ${path}${times} and did not sync it.`);
    }
    if (name !== undefined) {
      say(tale, name.last, weight + 1, `${server} ${name.text} and did not sync the directory.`);
    }
  }
  return files.length > 0;
}

function ledgerOf(history: readonly Observation[], server: ServerId, until: number): Ledger {
  const ledger: Ledger = {
    ...{ writes: new Map(), names: new Map() },
    ...{ failed: new Map(), touched: new Map() },
  };
  for (const observation of history) {
    if (observation.sequence > until) break;
    if (observation.type === "disk" && observation.server === server) take(ledger, observation);
    const isCrash = observation.type === "crash" && observation.kind !== "process";
    if (!isCrash && observation.type !== "disk-swap") continue;
    if (observation.servers.includes(server))
      for (const part of Object.values(ledger)) part.clear();
  }
  return ledger;
}

function take(ledger: Ledger, call: Observed<"disk">): void {
  const { errno, op, path, sequence } = call;
  const { failed, names, touched, writes } = ledger;
  const isSync = op.type === "sync" || op.type === "data-sync" || op.type === "sync-directory";
  if (errno !== null) {
    if (isSync) failed.set(path, call);
    return;
  }
  switch (op.type) {
    case "open":
      // Of one that was written to before, it makes a file without content at most.
      if (op.create && !touched.has(path)) {
        names.set(path, { text: `created ${path}`, last: sequence });
      }
      if (op.truncate && touched.has(path)) addWrite(ledger, path, sequence);
      return;
    case "write":
    case "store":
    case "truncate":
      addWrite(ledger, path, sequence);
      return;
    case "unlink":
      writes.delete(path);
      names.set(path, { text: `removed ${path}`, last: sequence });
      touched.set(path, sequence);
      return;
    case "rename":
      rename(ledger, op.from, op.to, sequence);
      return;
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

function addWrite({ touched, writes }: Ledger, path: string, sequence: number): void {
  writes.set(path, { count: (writes.get(path)?.count ?? 0) + 1, last: sequence });
  touched.set(path, sequence);
}

function rename({ names, touched, writes }: Ledger, from: string, to: string, sequence: number) {
  const unsynced = writes.get(from);
  writes.delete(from);
  if (unsynced === undefined) writes.delete(to);
  else writes.set(to, unsynced);
  names.delete(from);
  names.set(to, { text: `renamed ${from} to ${to}`, last: sequence });
  touched.delete(from);
  touched.set(to, sequence);
}

/** Is this file, by its path, one of that directory? */
function isIn(path: string, directory: string): boolean {
  return path.slice(0, path.lastIndexOf("/") + 1) === `${directory.replace(/\/$/, "")}/`;
}

/** When, in this life, the server came to know what its message promises; the earlier one, of a log and a term. */
function promisedChange(history: readonly Observation[], sent: Observed<"send">): Change | null {
  const { hardState, log } = sent.message.obligation;
  let state: Change | null = null;
  let entry: Change | null = null;
  for (let at = sent.sequence - 1; at >= 0; at--) {
    const each = history[at];
    if (each === undefined || !("server" in each) || each.server !== sent.server) continue;
    if (each.type === "recovered") break;
    if (each.type === "append" && log !== null && entry === null) {
      if (each.entries.some(({ index }) => index === log.index)) entry = each;
    }
    if ((each.type === "vote" || each.type === "term") && hardState !== null) state ??= each;
  }
  if (log === null) return state;
  return entry === null || (state !== null && state.sequence < entry.sequence) ? state : entry;
}

function inChange(change: Change): string {
  if (change.type === "append")
    return `appended entry ${change.entries.at(-1)?.index ?? 0} in memory`;
  if (change.type === "term") return `moved to term ${change.to}`;
  return change.to === null ? "took back its vote" : `set its vote to ${change.to}`;
}
