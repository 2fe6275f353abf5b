import { createDisk, installFile } from "#disk/disk.ts";
import type { Slices } from "#importer/contract.ts";
import type { Entry, ServerMemory } from "#raft/types.ts";
import { recoverOn, serverOf } from "#sim/recovery.ts";
import { bugsOfPreset, optionsOfPreset, systemEntry } from "#system/catalogue.ts";
import type { Places } from "#system/pysyncobj/dump-load.ts";
import { decodeCommand } from "#system/pysyncobj/format.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import type { DiskFile } from "./disks.ts";
import { briefly } from "./entries.ts";
import type { Numbers } from "./numbers.ts";

/** A server, and how it is booted. */
export interface Bootable {
  readonly id: string;
  readonly boot: (version: Version) => Start["end"];
}

/** A release, a release with repairs, or the first with a single one. */
export interface Version {
  readonly name: string;
  readonly bugs: ReadonlySet<string>;
  readonly options: Readonly<Record<string, number>>;
  /** The one bug that is repaired; null: it is a preset of the catalogue. */
  readonly alone: string | null;
}

/** What became of a disk under one version of the system. */
export interface Start {
  readonly id: string;
  readonly version: Version;
  readonly end: Started | Refused;
}

export interface Refused {
  readonly started: false;
  readonly name: string;
  readonly text: string;
}

/** A server right after its recovery, and after its first tick. Its numbers are those of the files, however large. */
export interface Started {
  readonly started: true;
  readonly currentTerm: bigint;
  readonly votedFor: string | null;
  readonly commitIndex: bigint;
  /** Under the names of their numbers, which the servers of a cluster share: they can be compared, and not be told. */
  readonly named: Places;
  readonly first: Place | null;
  readonly last: Place | null;
  /** Of the dump that was loaded; null: none was. */
  readonly dump: bigint | null;
  readonly lastApplied: bigint;
  /** The entry that cannot be applied, and with what it raises; null: there is none. */
  readonly raises: { readonly index: bigint; readonly reason: string } | null;
}

/** Of an entry in the log, exact. */
export interface Place {
  readonly index: bigint;
  readonly term: bigint;
}

/** The presets in the catalogue's order, the first as released; behind them that one with one repair at a time. */
export function versionsTried(): readonly Version[] {
  const presets = systemEntry(pysyncobj.id)?.presets.map(({ id }) => id) ?? [];
  const versions = presets.map((name) => ({
    name,
    bugs: new Set(bugsOfPreset(pysyncobj.id, name) ?? []),
    options: optionsOfPreset(pysyncobj.id, name),
    alone: null,
  }));
  const [released] = versions;
  if (released === undefined) return [];
  const alone = [...released.bugs].map((bug) => ({
    name: `${released.name} without ${bug}`,
    bugs: new Set([...released.bugs].filter((each) => each !== bug)),
    options: released.options,
    alone: bug,
  }));
  return [...versions, ...alone];
}

/** Boots every server with the bugs of every version. */
export function* startAll(
  servers: readonly Bootable[],
  versions: readonly Version[],
): Slices<readonly Start[]> {
  const of = servers.length * versions.length;
  const starts: Start[] = [];
  for (const { id, boot } of servers) {
    const known: Known[] = [];
    for (const version of versions) {
      let same = known.find(({ asked, options }) => isAlike(version, asked, options));
      if (same === undefined) {
        yield { done: starts.length, of, text: `Booting ${id} with ${version.name}` };
        const bugs = new AskedSet(version.bugs);
        const end = boot({ ...version, bugs });
        same = { asked: bugs.asked, options: version.options, end };
        known.push(same);
      }
      starts.push({ id, version, end: same.end });
    }
  }
  return starts;
}

/** A start that was tried, and all that it depended on. */
interface Known {
  /** The bugs that were asked for, and whether they were there. */
  readonly asked: ReadonlyMap<string, boolean>;
  readonly options: Version["options"];
  readonly end: Start["end"];
}

/** Would a start with this version be the very same? It would ask the same, and be told the same. */
function isAlike(
  { bugs, options }: Version,
  asked: Known["asked"],
  others: Version["options"],
): boolean {
  if (JSON.stringify(options) !== JSON.stringify(others)) return false;
  return [...asked].every(([bug, had]) => bugs.has(bug) === had);
}

class AskedSet extends Set<string> {
  readonly asked = new Map<string, boolean>();
  override has(id: string): boolean {
    const has = super.has(id);
    this.asked.set(id, has);
    return has;
  }
}

/** Runs the model's own recovery on a disk of these files. */
export function startOnDisk(
  id: string,
  files: readonly DiskFile[],
  peers: readonly string[],
  version: Version,
  numbers: Numbers,
): Start["end"] {
  const disk = createDisk({ policy: "strict", sectorSize: 512, writeBack: null });
  for (const { path, bytes } of files) installFile(disk, path, bytes);
  const patient = {
    server: id,
    peers,
    directory: `${id}/`,
    now: 0,
    bugs: version.bugs,
    options: { ...pysyncobj.options, ...version.options },
  };
  const outcome = recoverOn(pysyncobj, disk, patient);
  if (outcome === null || !outcome.ok) {
    const { name = "", text = "" } = outcome ?? {};
    return { started: false, name, text };
  }
  const server = serverOf(pysyncobj, patient, outcome.recovered);
  return afterFirstTick(server, outcome.recovered.state?.lastApplied ?? null, numbers);
}

function afterFirstTick(server: ServerMemory, dump: number | null, numbers: Numbers): Started {
  const { currentTerm, votedFor, commitIndex, log, lastApplied } = server;
  const named = log.entries.slice(0, log.length);
  const hard = { currentTerm, votedFor };
  return startedWith({ ...hard, commitIndex, named, dump, lastApplied }, firstBroken, numbers);
}

/** A server after its recovery, under the names of its numbers. */
export interface Awake extends Pick<ServerMemory, "currentTerm" | "votedFor"> {
  readonly commitIndex: number;
  readonly named: Places;
  readonly dump: number | null;
  readonly lastApplied: number;
}

/** The first entry from a place on, before another one, that cannot be applied. */
export type FindBroken = (
  named: Places,
  from: number,
  to: number,
) => { readonly place: number; readonly reason: string } | null;

export const firstBroken: FindBroken = (named, from, to) => {
  for (let place = from; place < to; place++) {
    const decoded = decodeCommand(named.at(place)?.command ?? new Uint8Array());
    if (decoded.type === "broken") {
      return { place, reason: briefly(`${decoded.name}: ${decoded.text}`) };
    }
  }
  return null;
};

/** Before it hears from anybody a server applies up to its commit index, by position (syncobj.py:653-679 and 1062-1070). */
export function startedWith(
  { currentTerm, votedFor, commitIndex, named, dump, lastApplied }: Awake,
  findBroken: FindBroken,
  { trueOf }: Numbers,
): Started {
  const first = named.at(0)?.index ?? 1;
  const from = lastApplied + 1 - first;
  const to = Math.min(named.length, commitIndex + 1 - first);
  const canApply = from >= 0 && from < to;
  const broken = canApply ? findBroken(named, from, to) : null;
  const place = (entry: Entry | undefined): Place | null =>
    entry === undefined ? null : { index: trueOf(entry.index), term: trueOf(entry.term) };
  const at = broken === null ? undefined : named.at(broken.place);
  return {
    started: true,
    currentTerm: trueOf(currentTerm),
    votedFor,
    commitIndex: trueOf(commitIndex),
    named,
    first: place(named.at(0)),
    last: named.length === 0 ? null : place(named.at(named.length - 1)),
    dump: dump === null ? null : trueOf(dump),
    lastApplied: trueOf(canApply ? first + (broken?.place ?? to) - 1 : lastApplied),
    raises:
      broken === null || at === undefined
        ? null
        : { index: trueOf(at.index), reason: broken.reason },
  };
}
