import type { Boot, Forensics, Position, ServerBoots } from "#importer/contract.ts";
import { metaContents, type Whole } from "#system/pysyncobj/format.ts";
import type { Refused, Start, Started } from "./boots.ts";
import { listed } from "./entries.ts";
import type { ServerFiles } from "./servers.ts";

/** All that was tried, and what the files said. */
export interface Trials {
  readonly servers: readonly ServerFiles[];
  readonly starts: readonly Start[];
  readonly versions: readonly string[];
  /** Numbers that stand for others beyond 2^53: the true ones, by their stand-ins. */
  readonly truly: ReadonlyMap<number, bigint>;
  /** Only the ends of the journals were booted. */
  readonly isTail: boolean;
}

/** Terms from here on are no counts of elections. */
const GARBAGE_TERM = 2 ** 32;

/** Per server what each version makes of its disk, versions with one outcome together. */
export function bootsOf(trials: Trials): ServerBoots[] {
  return trials.servers.map((server) => {
    const own = trials.starts.filter(({ id }) => id === server.id);
    const [released] = own;
    const groups = new Map<string, { boot: Omit<Boot, "versions">; versions: string[] }>();
    for (const { end, version } of own) {
      const boot = bootOf(trials, server, end, version, released?.end ?? end);
      const key = JSON.stringify(boot);
      const group = groups.get(key) ?? { boot, versions: [] };
      group.versions.push(version);
      groups.set(key, group);
    }
    const boots = [...groups.values()].map(({ boot, versions }) => ({ versions, ...boot }));
    return { server: server.id, boots };
  });
}

function bootOf(
  trials: Trials,
  server: ServerFiles,
  end: Started | Refused,
  version: string,
  released: Started | Refused,
): Omit<Boot, "versions"> {
  const differences = differencesOf(trials, end, released);
  if (!end.started) {
    const consequences = [`It does not start: ${end.name}: ${end.text}.`];
    return { verdict: "refuses", server: null, consequences, differences };
  }
  const { lastApplied, commitIndex, currentTerm, votedFor, dump } = end;
  const said = consequencesOf(trials, server, end, version);
  return {
    verdict: said[0]?.verdict ?? "starts",
    server: {
      currentTerm: say(trials, currentTerm),
      votedFor,
      commitIndex: say(trials, commitIndex),
      first: positionOf(trials, end.entries.at(0)),
      last: positionOf(trials, end.entries.at(-1)),
      dump: dump === null ? null : say(trials, dump),
      lastApplied: say(trials, lastApplied),
    },
    consequences: said.map(({ text }) => text),
    differences,
  };
}

interface Consequence {
  readonly verdict: Boot["verdict"];
  readonly text: string;
}

/** What a start comes to, the worst first. */
function consequencesOf(
  trials: Trials,
  server: ServerFiles,
  end: Started,
  version: string,
): Consequence[] {
  const found = [
    raising(trials, end),
    neverApplying(trials, end),
    startingOver(server, end),
    losing(trials, server, end),
    waiting(trials, server.id, end, version),
    garbage(trials, end),
  ];
  return found.filter((each) => each !== null);
}

function raising(trials: Trials, { raises }: Started): Consequence | null {
  if (raises === null) return null;
  const text = `Applying index ${say(trials, raises.index)} raises ${raises.reason}. It is tried again on every tick, before the connections are looked at: the server neither votes nor answers.`;
  return { verdict: "not ready", text };
}

function neverApplying(trials: Trials, end: Started): Consequence | null {
  const first = end.entries[0]?.index ?? 1;
  if (trials.isTail || first <= end.lastApplied + 1) return null;
  const text = `The state machine is empty, lastApplied is ${end.lastApplied}, and the log begins at ${say(trials, first)}: the entry that it would apply next is nowhere, so it never applies anything again.`;
  return { verdict: "never applies", text };
}

function startingOver({ journal, meta }: ServerFiles, end: Started): Consequence | null {
  if (journal === null || journal.journal.records.length > 0) return null;
  const commit = meta?.meta.ok ? metaContents(meta.meta.value).raftCommitIndex : null;
  const then =
    commit !== null && commit > 1
      ? `, and takes whatever comes up to index ${commit} for committed`
      : "";
  const last = end.entries.at(-1)?.index ?? 0;
  const text = `The journal counts as empty: it starts over with index ${last}${then}.`;
  return { verdict: "starts with less", text };
}

/** Entries that lie whole in the journal and are neither in the log nor in the dump afterwards. */
function losing(trials: Trials, { journal, meta }: ServerFiles, end: Started): Consequence | null {
  if (journal === null || journal.journal.loadError !== null) return null;
  const had = carried(trials, journal.journal.records.at(-1)?.index ?? 0);
  const has = Math.max(end.entries.at(-1)?.index ?? 0, end.dump ?? 0);
  if (had <= has) return null;
  const commit = meta?.meta.ok ? (metaContents(meta.meta.value).raftCommitIndex ?? 0) : 0;
  const range = has + 1 === had ? `Index ${had}` : `The entries ${has + 1} to ${had}`;
  const were =
    commit > has ? `, of which those up to ${Math.min(commit, had)} were committed,` : "";
  const text = `${range}${were} are in the journal and lost by starting: loading the dump replaces a journal that does not begin with the dump's two entries (syncobj.py:1401-1407).`;
  return { verdict: "starts with less", text };
}

/** A commit index past its own log: who has the rest? */
function waiting(
  trials: Trials,
  id: string,
  { commitIndex, entries }: Started,
  version: string,
): Consequence | null {
  const end = entries.at(-1)?.index ?? 0;
  if (commitIndex <= end) return null;
  const reach = endOfAll(trials, version);
  const commit = say(trials, commitIndex);
  if (commitIndex <= reach) {
    const holders = trials.starts.filter(
      (each) =>
        each.version === version &&
        each.id !== id &&
        each.end.started &&
        (each.end.entries.at(-1)?.index ?? 0) >= commitIndex,
    );
    const text = `Its commit index ${commit} is past its log, which ends at ${say(trials, end)}: it is ready once it has copied the rest from ${listed(holders.map((each) => each.id))}.`;
    return { verdict: "not ready", text };
  }
  const text = `Its commit index ${commit} is past its log, which ends at ${say(trials, end)}, and no server here has more: it is not ready before the log is that long, and what is appended until then is applied at once, replicated or not.`;
  return { verdict: "not ready", text };
}

function garbage(trials: Trials, end: Started): Consequence | null {
  const last = end.entries.at(-1)?.term ?? 0;
  if (last < GARBAGE_TERM) return null;
  const text =
    end.currentTerm >= GARBAGE_TERM
      ? `Its term becomes ${say(trials, end.currentTerm)}, which a torn record left, and with its first message that is the term of all servers.`
      : `The term of its last entry, ${say(trials, last)}, was left by a torn record and is later than any real one: no other server's log is ever as up to date, so this one wins the elections.`;
  return { verdict: "starts", text };
}

/** The longest log of those that start. */
function endOfAll({ starts }: Trials, version: string): number {
  let end = 0;
  for (const each of starts) {
    if (each.version !== version || !each.end.started) continue;
    end = Math.max(end, each.end.entries.at(-1)?.index ?? 0);
  }
  return end;
}

/** What is different from the version as released, and by what. */
function differencesOf(
  trials: Trials,
  end: Started | Refused,
  released: Started | Refused,
): string[] {
  if (end === released || end.started !== released.started) return [];
  if (!end.started || !released.started) return [];
  const found: string[] = [];
  if (end.currentTerm !== released.currentTerm) {
    found.push(
      `It starts at term ${say(trials, end.currentTerm)} instead of ${say(trials, released.currentTerm)}: the term is restored from what was saved and from the last entry.`,
    );
  }
  if (end.votedFor !== released.votedFor) {
    found.push(`It still knows its vote for ${end.votedFor ?? "nobody"}.`);
  }
  if (end.commitIndex !== released.commitIndex) {
    found.push(
      `Its commit index is ${say(trials, end.commitIndex)} instead of ${say(trials, released.commitIndex)}: it is clamped to the end of the log. That lets it go on; it brings no entry back.`,
    );
  }
  const [mine, theirs] = [end, released].map(({ entries }) => entries.at(-1)?.index ?? 0);
  if (mine !== undefined && theirs !== undefined && mine > theirs) {
    found.push(`It keeps the entries ${theirs + 1} to ${mine}, which are behind the dump.`);
  }
  return found;
}

/** What all servers come to together, versions that come to the same in one. */
export function togetherOf(trials: Trials): Forensics["together"] {
  if (trials.servers.length < 2) return [];
  const groups = new Map<string, string[]>();
  for (const version of trials.versions) {
    const text = together(trials, version);
    groups.set(text, [...(groups.get(text) ?? []), version]);
  }
  return [...groups].map(([text, versions]) => ({ versions, text }));
}

function together(trials: Trials, version: string): string {
  const own = trials.starts.filter((each) => each.version === version);
  const up = own.filter(({ end }) => end.started && end.raises === null);
  const count = own.length;
  if (up.length * 2 <= count) {
    return `Only ${up.length} of ${count} servers come up: no leader can be elected.`;
  }
  const reach = endOfAll(trials, version);
  const all =
    up.length === count ? `All ${count} servers start` : `${up.length} of ${count} servers start`;
  const committed = Math.max(
    ...trials.servers.map((server) => carried(trials, knownCommit(server))),
  );
  const lost =
    committed > reach
      ? ` The entries ${reach + 1} to ${committed} were committed, and none of these disks gives them back.`
      : "";
  const stuck = up.filter(({ end }) => end.started && end.commitIndex > reach);
  const commit = Math.max(0, ...stuck.map(({ end }) => (end.started ? end.commitIndex : 0)));
  const waits =
    stuck.length > 0
      ? `, elect a leader, and ${listed(stuck.map(({ id }) => id))} ${stuck.length === 1 ? "is" : "are"} not ready before the log, which ends at ${say(trials, reach)}, has reached ${commit}; each election adds one entry, and clients are kept waiting`
      : ` and go on behind index ${say(trials, reach)}`;
  return `${all}${waits}.${lost}${reusedTerms(up)}`;
}

/** Servers whose logs have terms and that start below them. */
function reusedTerms(up: readonly Start[]): string {
  const below = up.filter(
    ({ end }) => end.started && end.currentTerm < (end.entries.at(-1)?.term ?? 0),
  );
  return below.length === 0
    ? ""
    : ` ${listed(below.map(({ id }) => id))} ${below.length === 1 ? "starts" : "start"} at a term that the own log is already past: terms and votes are used a second time.`;
}

/** The highest index that this server's files call committed. */
function knownCommit({ meta, dump }: ServerFiles): Whole {
  const commit = meta?.meta.ok ? (metaContents(meta.meta.value).raftCommitIndex ?? 0) : 0;
  const applied = dump?.dump.ok ? dump.dump.value.last.index : 0;
  return applied > commit ? applied : commit;
}

function positionOf(
  trials: Trials,
  entry: { readonly index: number; readonly term: number } | undefined,
): Position | null {
  if (entry === undefined) return null;
  return { index: say(trials, entry.index), term: say(trials, entry.term) };
}

/** The number that was in the file. */
function say({ truly }: Pick<Trials, "truly">, value: number): string {
  return String(truly.get(value) ?? value);
}

/** The number that stands for it on the booted disk. */
function carried({ truly }: Trials, value: Whole): number {
  if (typeof value === "number") return value;
  for (const [standIn, true_] of truly) if (true_ === value) return standIn;
  return Number.MAX_SAFE_INTEGER;
}
