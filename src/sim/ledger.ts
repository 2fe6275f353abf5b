import { equalBytes } from "#base/bytes.ts";
import { appendEntry, cloneLog, createLog, entryAt, type Log, lastIndex } from "#raft/log.ts";
import type { ClientOperation, ClientResult, Entry, Index, Micros, ServerId } from "#raft/types.ts";
import type { Observed } from "./observation.ts";

/** What was promised: to clients, by leaders that claimed a commit; and which of it servers do not hold any more. */
export interface Ledger {
  /** The latest operations of clients, oldest first, and those that wait. Records are replaced, not changed. */
  clients: ClientRecord[];
  /** Writes that a client was told OK about, in order; shared with copies, only the first `told` are this ledger's. */
  acknowledgements: Acknowledgement[];
  told: number;
  /** What leaders claimed to be committed; the first claim for an index stands. */
  readonly claims: Log;
  /** Replaced, not changed. */
  lost: readonly Lost[];
}

export interface ClientRecord {
  readonly operation: ClientOperation;
  readonly server: ServerId;
  readonly asked: Micros;
  readonly step: number;
  /** Null while it waits. */
  readonly result: ClientResult | null;
  /** The entry that it was told OK about. */
  readonly entry: Entry | null;
  /** The observation of the answer; 0 while it waits. */
  readonly answered: number;
}

interface Acknowledgement {
  readonly record: ClientRecord;
  readonly entry: Entry;
  /** The highest index acknowledged so far: where a search backwards may end. */
  readonly highest: Index;
}

/** An entry that was applied, acknowledged or committed, and that a server does not hold any more. */
export interface Lost {
  readonly server: ServerId;
  readonly entry: Entry;
  readonly step: number;
  readonly applied: boolean;
  /** What the client was told OK about; null: no client was. */
  readonly record: ClientRecord | null;
}

/** How many operations of clients and how many lost entries are remembered. */
const CLIENTS_KEPT = 48;
const WAITING_KEPT = 192;
const LOST_KEPT = 400;

export function createLedger(): Ledger {
  return { clients: [], acknowledgements: [], told: 0, claims: createLog(), lost: [] };
}

/** A copy that goes its own way; its cost does not depend on how long the run is. */
export function cloneLedger(ledger: Ledger): Ledger {
  return { ...ledger, clients: ledger.clients.slice(), claims: cloneLog(ledger.claims) };
}

export function recordInvoke(ledger: Ledger, seen: Observed<"invoke">): void {
  const { operation, server, time: asked, step } = seen;
  const { clients } = ledger;
  clients.push({ operation, server, asked, step, result: null, entry: null, answered: 0 });
  if (clients.length <= CLIENTS_KEPT) return;
  const oldest = clients.findIndex(({ result }) => result !== null);
  if (oldest >= 0) clients.splice(oldest, 1);
  else if (clients.length > WAITING_KEPT) clients.shift();
}

/** `log`: of the server that answers, to find the entry that its answer is about. */
export function recordReturn(ledger: Ledger, seen: Observed<"return">, log: Log | null): void {
  const { clients } = ledger;
  const at = clients.findLastIndex(({ operation }) => operation.id === seen.operation.id);
  const asked = clients[at];
  if (asked === undefined) return;
  const entry = seen.result.outcome === "ok" ? entryOf(seen, log) : null;
  const record = { ...asked, result: seen.result, entry, answered: seen.sequence };
  clients[at] = record;
  if (entry !== null) acknowledge(ledger, record, entry);
}

/** A leader with this log says that its entries up to an index are committed; `from`: up to which it had said so before. */
export function recordClaim(ledger: Ledger, log: Log, from: Index, to: Index): void {
  const { claims } = ledger;
  const start = claims.length === 0 ? Math.max(from, claims.baseIndex) : lastIndex(claims);
  if (claims.length === 0 || start < log.baseIndex) {
    claims.baseIndex = Math.max(start, log.baseIndex);
    claims.entries = [];
    claims.length = 0;
  }
  for (let index = lastIndex(claims) + 1; index <= to; index++) {
    const entry = entryAt(log, index);
    if (entry === null) return;
    appendEntry(claims, entry);
  }
}

/** A server does not hold these entries any more: what of them had meant something is remembered as lost. */
export function recordLoss(
  ledger: Ledger,
  server: { readonly id: ServerId; readonly lastApplied: Index; readonly commitIndex: Index },
  removed: readonly Entry[],
  step: number,
): void {
  const [first] = removed;
  if (first === undefined) return;
  const acknowledged = acknowledgedFrom(ledger, first.index);
  const found = removed.flatMap((entry): Lost[] => {
    const record = acknowledged.find((each) => isSameEntry(each.entry, entry))?.record ?? null;
    const claimed = entryAt(ledger.claims, entry.index);
    const committed =
      entry.index <= server.commitIndex || (claimed !== null && isSameEntry(claimed, entry));
    const applied = entry.index <= server.lastApplied;
    if (!applied && !committed && record === null) return [];
    return [{ server: server.id, entry, step, applied, record }];
  });
  if (found.length > 0) ledger.lost = [...ledger.lost, ...found].slice(-LOST_KEPT);
}

/** A server's log has changed: what it holds again is not lost any more. */
export function recordFound(ledger: Ledger, server: ServerId, log: Log): void {
  const lost = ledger.lost.filter((each) => each.server !== server || !holds(log, each.entry));
  if (lost.length < ledger.lost.length) ledger.lost = lost;
}

/** Does this log hold this very entry? One that was compacted beyond it does. */
export function holds(log: Log, entry: Entry): boolean {
  if (entry.index <= log.baseIndex) return true;
  const held = entryAt(log, entry.index);
  return held !== null && isSameEntry(held, entry);
}

/** The same command at the same place: a term that was used twice does not make two entries one. */
export function isSameEntry(a: Entry, b: Entry): boolean {
  return a === b || (a.index === b.index && a.term === b.term && equalBytes(a.command, b.command));
}

function entryOf({ entry }: Observed<"return">, log: Log | null): Entry | null {
  if (entry === null || log === null) return null;
  const held = entryAt(log, entry.index);
  return held !== null && held.term === entry.term ? held : null;
}

function acknowledge(ledger: Ledger, record: ClientRecord, entry: Entry): void {
  if (ledger.acknowledgements.length !== ledger.told) {
    ledger.acknowledgements = ledger.acknowledgements.slice(0, ledger.told);
  }
  const before = ledger.acknowledgements.at(-1)?.highest ?? 0;
  ledger.acknowledgements.push({ record, entry, highest: Math.max(before, entry.index) });
  ledger.told += 1;
}

function acknowledgedFrom(ledger: Ledger, index: Index): readonly Acknowledgement[] {
  const found: Acknowledgement[] = [];
  for (let at = ledger.told - 1; at >= 0; at--) {
    const each = ledger.acknowledgements[at];
    if (each === undefined || each.highest < index) break;
    if (each.entry.index >= index) found.push(each);
  }
  return found;
}
