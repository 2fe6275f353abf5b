import { createDisk, installFile } from "#disk/disk.ts";
import type { Slices } from "#importer/contract.ts";
import type { Entry, ServerMemory } from "#raft/types.ts";
import { recoverOn, serverOf } from "#sim/recovery.ts";
import { bugsOfPreset, optionsOfPreset, systemEntry } from "#system/catalogue.ts";
import { decodeCommand } from "#system/pysyncobj/format.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import type { DiskFile } from "./disks.ts";
import type { Numbers } from "./numbers.ts";

/** A disk that is booted, and whose it is. */
export interface BootedDisk {
  readonly id: string;
  readonly files: readonly DiskFile[];
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
  readonly named: readonly Entry[];
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

/** Runs the model's own recovery on every disk with the bugs of every version. */
export function* startAll(
  disks: readonly BootedDisk[],
  versions: readonly Version[],
  numbers: Numbers,
): Slices<readonly Start[]> {
  const of = disks.length * versions.length;
  const starts: Start[] = [];
  for (const disk of disks) {
    const peers = disks.flatMap(({ id }) => (id === disk.id ? [] : [id]));
    const known: Known[] = [];
    for (const version of versions) {
      let same = known.find(({ asked, options }) => isAlike(version, asked, options));
      if (same === undefined) {
        yield { done: starts.length, of, text: `Booting ${disk.id} with ${version.name}` };
        const bugs = new AskedSet(version.bugs);
        const end = start(disk, peers, { ...version, bugs }, numbers);
        same = { asked: bugs.asked, options: version.options, end };
        known.push(same);
      }
      starts.push({ id: disk.id, version, end: same.end });
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

function start(
  { id, files }: BootedDisk,
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

/** Before it hears from anybody a server applies up to its commit index, by position (syncobj.py:653-679 and 1062-1070). */
function afterFirstTick(server: ServerMemory, dump: number | null, { trueOf }: Numbers): Started {
  const { currentTerm, votedFor, commitIndex, log } = server;
  const named = log.entries.slice(0, log.length);
  const first = named[0]?.index ?? 1;
  let { lastApplied } = server;
  let raises: Started["raises"] = null;
  while (lastApplied < commitIndex) {
    const entry = named[lastApplied + 1 - first];
    if (entry === undefined) break;
    const decoded = decodeCommand(entry.command);
    if (decoded.type === "broken") {
      const reason = `${decoded.name}: ${decoded.text}`;
      raises = { index: trueOf(entry.index), reason };
      break;
    }
    lastApplied += 1;
  }
  const place = (entry: Entry | undefined): Place | null =>
    entry === undefined ? null : { index: trueOf(entry.index), term: trueOf(entry.term) };
  return {
    started: true,
    currentTerm: trueOf(currentTerm),
    votedFor,
    commitIndex: trueOf(commitIndex),
    named,
    first: place(named[0]),
    last: place(named.at(-1)),
    dump: dump === null ? null : trueOf(dump),
    lastApplied: trueOf(lastApplied),
    raises,
  };
}
