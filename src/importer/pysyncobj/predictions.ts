import type { Boot, Forensics, Position, ServerBoots } from "#importer/contract.ts";
import { metaNumbers, type Whole } from "#system/pysyncobj/format.ts";
import type { Place, Refused, Start, Started, Version } from "./boots.ts";
import { type Cast, castOf, cutFrom, endOf, type Up } from "./election.ts";
import { listed } from "./entries.ts";
import type { ServerFiles } from "./servers.ts";

/** All that was tried, and what the files said. */
export interface Trials {
  readonly servers: readonly ServerFiles[];
  readonly starts: readonly Start[];
  /** The first is the one as released. */
  readonly versions: readonly Version[];
}

/** Terms from here on are no counts of elections. */
const GARBAGE_TERM = 2n ** 32n;

/** Per server what each version makes of its disk, versions with one outcome together. */
export function bootsOf(trials: Trials): ServerBoots[] {
  const casts = castsOf(trials);
  return trials.servers.map((server) => {
    const own = trials.starts.filter(({ id }) => id === server.id);
    const [released] = own;
    const groups = new Map<string, { boot: Omit<Boot, "versions">; versions: Version[] }>();
    for (const { end, version } of own) {
      const cast = casts.get(version) ?? castOf([]);
      const boot = bootOf({ server, cast }, end, released?.end ?? end);
      const key = JSON.stringify(boot);
      const group = groups.get(key) ?? { boot, versions: [] };
      group.versions.push(version);
      groups.set(key, group);
    }
    const [first, ...others] = groups.values();
    const changing = others.flatMap(({ versions }) => versions.flatMap(({ alone }) => alone ?? []));
    const boots = [first, ...others].flatMap((group) =>
      group === undefined
        ? []
        : { versions: namesIn(group.versions, group === first), ...group.boot },
    );
    return { server: server.id, boots, repairs: repairsText(changing) };
  });
}

function castsOf({ starts, versions }: Trials): ReadonlyMap<Version, Cast> {
  return new Map(
    versions.map((version) => [version, castOf(starts.filter((each) => each.version === version))]),
  );
}

/** Single repairs that change nothing are left out: they would be most of them. */
function namesIn(versions: readonly Version[], isReleased: boolean): string[] {
  return versions.filter(({ alone }) => alone === null || !isReleased).map(({ name }) => name);
}

function repairsText(changing: readonly string[]): string {
  if (changing.length === 0) return "No single repair changes what becomes of this start.";
  const verb = changing.length === 1 ? "changes" : "change";
  return `Of the single repairs, ${listed(changing)} ${verb} what becomes of this start; no other does.`;
}

/** One server among the others of its version. */
interface Scene {
  readonly server: ServerFiles;
  readonly cast: Cast;
}

function bootOf(
  scene: Scene,
  end: Started | Refused,
  released: Started | Refused,
): Omit<Boot, "versions"> {
  const differences = differencesOf(end, released);
  if (!end.started) {
    const consequences = [`It does not start: ${end.name}: ${end.text}.`];
    return { verdict: "refuses", server: null, consequences, differences };
  }
  const { lastApplied, commitIndex, currentTerm, votedFor, dump, first, last } = end;
  const said = consequencesOf(scene, end);
  return {
    verdict: said[0]?.verdict ?? "starts",
    server: {
      currentTerm: `${currentTerm}`,
      votedFor,
      commitIndex: `${commitIndex}`,
      first: positionOf(first),
      last: positionOf(last),
      dump: dump === null ? null : `${dump}`,
      lastApplied: `${lastApplied}`,
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
function consequencesOf(scene: Scene, end: Started): Consequence[] {
  const found = [
    raising(end),
    neverApplying(end),
    startingOver(scene.server, end),
    losing(scene.server, end),
    waiting(scene, end),
    displaced(end),
    overruled(scene, end),
    garbage(scene, end),
  ];
  return found.filter((each) => each !== null);
}

function raising({ raises }: Started): Consequence | null {
  if (raises === null) return null;
  const text = `Applying index ${raises.index} raises ${raises.reason}. It is tried again on every tick, before the connections are looked at: the server neither votes nor answers.`;
  return { verdict: "not ready", text };
}

function neverApplying(end: Started): Consequence | null {
  if (!neverApplies(end)) return null;
  const text = `The state machine is empty, lastApplied is ${end.lastApplied}, and the log begins at ${end.first?.index ?? 1n}: the entry that it would apply next is nowhere, so it never applies anything again.`;
  return { verdict: "never applies", text };
}

function neverApplies({ first, lastApplied }: Started): boolean {
  return (first?.index ?? 1n) > lastApplied + 1n;
}

function startingOver({ journal }: ServerFiles, end: Started): Consequence | null {
  if (journal === null || journal.journal.records.length > 0) return null;
  const last = endOf(end);
  const { commitIndex } = end;
  const then =
    commitIndex > last ? `, and takes whatever comes up to index ${commitIndex} for committed` : "";
  const text = `The journal counts as empty: it starts over with index ${last}${then}.`;
  return { verdict: "starts with less", text };
}

/** Entries that lie whole in the journal and are neither in the log nor in the dump afterwards. */
function losing(server: ServerFiles, end: Started): Consequence | null {
  const { journal } = server;
  if (journal === null || journal.journal.loadError !== null) return null;
  const had = BigInt(journal.journal.records.at(-1)?.index ?? 0);
  const has = larger(endOf(end), end.dump ?? 0n);
  if (had <= has) return null;
  const commit = savedCommit(server);
  const were =
    commit > has ? `, of which those up to ${commit < had ? commit : had} were committed,` : "";
  const text = `${capital(rangeText(has + 1n, had))}${were} are in the journal and lost by starting: loading the dump replaces a journal that does not begin with the dump's two entries (syncobj.py:1401-1407).`;
  return { verdict: "starts with less", text };
}

/** Entries are found by their places (syncobj.py:1062-1070), so where an index is missing the last ones never are. */
function displaced(end: Started): Consequence | null {
  const { commitIndex, lastApplied, raises } = end;
  const wanted = commitIndex < endOf(end) ? commitIndex : endOf(end);
  if (raises !== null || neverApplies(end) || lastApplied >= wanted) return null;
  const text = `It has applied up to ${lastApplied} of ${wanted}: entries are found by their places, and where an index is missing in the log, all behind it are sought too far back. It is not ready before as many more entries have come.`;
  return { verdict: "not ready", text };
}

/** A commit index past its own log: who has the rest, and can be elected to hand it out? */
function waiting({ server, cast }: Scene, end: Started): Consequence | null {
  const { commitIndex } = end;
  if (commitIndex <= endOf(end)) return null;
  const start = `Its commit index ${commitIndex} is past its log, which ends at ${endOf(end)}`;
  const holdersAmong = (all: readonly Up[]): string =>
    listed(
      all
        .filter((each) => each.id !== server.id && endOf(each.end) >= commitIndex)
        .map(({ id }) => id),
    );
  const holders = holdersAmong(cast.leaders);
  if (holders !== "") {
    const text = `${start}: it is ready once it has copied the rest from ${holders}.`;
    return { verdict: "not ready", text };
  }
  const others = holdersAmong(cast.up);
  const who = others.includes(" and ") ? "none of them" : "it";
  const why =
    others === ""
      ? `no server here ${cast.up.length < cast.count ? "that answers " : ""}has more`
      : `nobody copies the rest from ${others}, for ${who} can${who === "it" ? "not" : ""} be elected`;
  const text = `${start}, and ${why}: it is not ready before the log is that long, and what is appended until then is applied at once, replicated or not.`;
  return { verdict: "not ready", text };
}

/** Its log is behind those of others in the order of elections, and holds what they do not. */
function overruled({ server, cast }: Scene, end: Started): Consequence | null {
  const cut = cutOff({ id: server.id, end }, cast);
  if (cut === null) return null;
  const { from, to, term } = cut;
  const { lastApplied } = end;
  const skips =
    lastApplied >= from
      ? ` It has applied ${rangeText(from, lastApplied < to ? lastApplied : to)}, and skips what comes in ${lastApplied === from ? "its" : "their"} place.`
      : "";
  const leaders = listed(cast.leaders.map(({ id }) => id));
  const text = `It cannot be elected, and whoever can (${leaders}) does not have ${rangeText(from, to)} of term ${term}: ${from === to ? "it is" : "they are"} cut off.${skips}`;
  return { verdict: lastApplied > cast.reach ? "not ready" : "starts", text };
}

interface CutOff {
  readonly from: bigint;
  readonly to: bigint;
  /** Of the last of them. */
  readonly term: bigint;
}

/** What a server loses to whoever leads; null: nothing, it may lead itself, or nobody can. */
function cutOff({ id, end }: Up, { up, leaders }: Cast): CutOff | null {
  const isOut = up.some((each) => each.id === id) && !leaders.some((each) => each.id === id);
  if (!isOut || leaders.length === 0 || end.first === null || end.last === null) return null;
  const place = cutFrom(end, leaders);
  if (place === null) return null;
  return { from: end.first.index + BigInt(place), to: end.last.index, term: end.last.term };
}

function garbage({ server, cast }: Scene, end: Started): Consequence | null {
  const last = end.last?.term ?? 0n;
  if (last < GARBAGE_TERM) return null;
  if (end.currentTerm >= GARBAGE_TERM) {
    const text = `Its term becomes ${end.currentTerm}, which a torn record left, and with its first message that is the term of all servers.`;
    return { verdict: "starts", text };
  }
  const isFirst = cast.leaders.length === 1 && cast.leaders[0]?.id === server.id;
  const then = isFirst
    ? "no other server's log is ever as up to date, so this one wins the elections"
    : "nobody whose log has only real ones gets this server's vote";
  const text = `The term of its last entry, ${last}, was left by a torn record and is later than any real one: ${then}.`;
  return { verdict: "starts", text };
}

/** What is different from the version as released, and by what. */
function differencesOf(end: Started | Refused, released: Started | Refused): string[] {
  if (end === released || !end.started || !released.started) return [];
  const found: string[] = [];
  if (end.currentTerm !== released.currentTerm) {
    found.push(
      `It starts at term ${end.currentTerm} instead of ${released.currentTerm}: the term is restored from what was saved and from the last entry.`,
    );
  }
  if (end.votedFor !== released.votedFor) {
    found.push(`It still knows its vote for ${end.votedFor ?? "nobody"}.`);
  }
  if (end.commitIndex !== released.commitIndex) {
    found.push(
      `Its commit index is ${end.commitIndex} instead of ${released.commitIndex}: it is clamped to the end of the log. That lets it go on; it brings no entry back.`,
    );
  }
  const [mine, theirs] = [endOf(end), endOf(released)];
  if (mine > theirs) {
    found.push(`It keeps ${rangeText(theirs + 1n, mine)}, behind the dump.`);
  }
  return found;
}

/** What all servers come to together, versions that come to the same in one. */
export function togetherOf(trials: Trials): Forensics["together"] {
  if (trials.servers.length < 2) return [];
  const groups = new Map<string, Version[]>();
  for (const [version, cast] of castsOf(trials)) {
    const text = together(trials, cast);
    groups.set(text, [...(groups.get(text) ?? []), version]);
  }
  const [released] = groups.keys();
  return [...groups].map(([text, versions]) => ({
    versions: namesIn(versions, text === released),
    text,
  }));
}

function together(trials: Trials, cast: Cast): string {
  const { up, count, leaders, reach } = cast;
  if (leaders.length === 0) {
    return `Only ${up.length} of ${count} servers come up: no leader can be elected.`;
  }
  const idle = up.filter(({ end }) => neverApplies(end));
  const waits = leaders.every((each) => idle.includes(each))
    ? " and can elect a leader, but none that ever applies anything: no client is answered"
    : waitsText(cast);
  const all =
    up.length === count ? `All ${count} servers start` : `${up.length} of ${count} servers start`;
  return [
    `${all}${waits}.`,
    leadersText(cast),
    ...up.flatMap((each) => cutText(each, cast)),
    idle.length === 0
      ? ""
      : `${listed(idle.map(({ id }) => id))} never ${verb(idle, "applies", "apply")} anything again.`,
    lostText(trials, cast, reach),
    reusedTerms(up),
  ]
    .filter((sentence) => sentence !== "")
    .join(" ");
}

function waitsText({ up, reach }: Cast): string {
  const stuck = up.filter(({ end }) => end.commitIndex > reach);
  if (stuck.length === 0) return ` and go on behind index ${reach}`;
  let commit = 0n;
  for (const { end } of stuck) commit = larger(commit, end.commitIndex);
  const who = `${listed(stuck.map(({ id }) => id))} ${verb(stuck, "is", "are")}`;
  return `, elect a leader, and ${who} not ready before the log, which ends at ${reach}, has reached ${commit}; each election adds one entry, and clients are kept waiting`;
}

/** Who leads, where it is not anybody. */
function leadersText({ up, leaders }: Cast): string {
  if (leaders.length === up.length) return "";
  const out = up.filter((each) => !leaders.includes(each));
  const say = (all: readonly Up[], last: "or" | "and"): string =>
    listed(all.map(({ id }) => id)).replace(/ and (\S+)$/, ` ${last} $1`);
  return `Only ${say(leaders, "or")} can be elected, for ${say(out, "and")} ${verb(out, "ends", "end")} with an earlier term or a lower index.`;
}

function cutText(server: Up, cast: Cast): string[] {
  const cut = cutOff(server, cast);
  if (cut === null) return [];
  const { from, to, term } = cut;
  const { commitIndex } = server.end;
  const top = commitIndex < to ? commitIndex : to;
  const were =
    top >= from ? `, although ${server.id} counts ${rangeText(from, top)} as committed` : "";
  return [
    `${capital(rangeText(from, to))} of term ${term} on ${server.id} ${from === to ? "is" : "are"} cut off${were}.`,
  ];
}

function lostText({ servers }: Trials, { up }: Cast, reach: bigint): string {
  let committed = 0n;
  for (const server of servers) committed = larger(committed, knownCommit(server));
  if (committed <= reach) return "";
  const isHeld = up.some(({ end }) => endOf(end) > reach);
  const who = isHeld
    ? "no server that can be elected has them"
    : "none of these disks gives them back";
  return `The entries ${reach + 1n} to ${committed} were committed, and ${who}.`;
}

/** Servers whose logs have terms and that start below them. */
function reusedTerms(up: readonly Up[]): string {
  const below = up.filter(({ end }) => end.currentTerm < (end.last?.term ?? 0n));
  if (below.length === 0) return "";
  return `${listed(below.map(({ id }) => id))} ${verb(below, "starts", "start")} at a term that the own log is already past: terms and votes are used a second time.`;
}

function verb(who: readonly unknown[], one: string, several: string): string {
  return who.length === 1 ? one : several;
}

/** The highest index that this server's files call committed. */
function knownCommit(server: ServerFiles): bigint {
  const { dump } = server;
  return larger(savedCommit(server), dump?.dump.ok ? BigInt(dump.dump.value.last.index) : 0n);
}

function savedCommit({ meta }: ServerFiles): bigint {
  const commit: Whole | null = meta?.meta.ok ? metaNumbers(meta.meta.value).raftCommitIndex : null;
  return BigInt(commit ?? 0);
}

function larger(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

function rangeText(from: bigint, to: bigint): string {
  return from === to ? `index ${from}` : `the entries ${from} to ${to}`;
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

function positionOf(place: Place | null): Position | null {
  return place === null ? null : { index: `${place.index}`, term: `${place.term}` };
}
