import { createDisk, installFile } from "#disk/disk.ts";
import type { Slices } from "#importer/contract.ts";
import type { Entry, ServerMemory } from "#raft/types.ts";
import { recoverOn, serverOf } from "#sim/recovery.ts";
import { bugsOfPreset, optionsOfPreset, systemEntry } from "#system/catalogue.ts";
import { decodeCommand } from "#system/pysyncobj/format.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import type { DiskFile } from "./disks.ts";

/** A disk that is booted, and whose it is. */
export interface BootedDisk {
  readonly id: string;
  readonly files: readonly DiskFile[];
}

/** What became of a disk under one version of the system. */
export interface Start {
  readonly id: string;
  readonly version: string;
  readonly end: Started | Refused;
}

export interface Refused {
  readonly started: false;
  readonly name: string;
  readonly text: string;
}

/** A server right after its recovery, and after its first tick. */
export interface Started {
  readonly started: true;
  readonly currentTerm: number;
  readonly votedFor: string | null;
  readonly commitIndex: number;
  readonly entries: readonly Entry[];
  /** Of the dump that was loaded; null: none was. */
  readonly dump: number | null;
  readonly lastApplied: number;
  /** The entry that cannot be applied, and with what it raises; null: there is none. */
  readonly raises: { readonly index: number; readonly reason: string } | null;
}

/** The versions that are tried, in the catalogue's order; the first is the one as released. */
export function versionsTried(): readonly string[] {
  return systemEntry(pysyncobj.id)?.presets.map(({ id }) => id) ?? [];
}

/** Runs the model's own recovery on every disk with the bugs of every version. */
export function* startAll(disks: readonly BootedDisk[]): Slices<readonly Start[]> {
  const versions = versionsTried();
  const of = disks.length * versions.length;
  const starts: Start[] = [];
  for (const disk of disks) {
    const peers = disks.flatMap(({ id }) => (id === disk.id ? [] : [id]));
    for (const version of versions) {
      const text = `Booting ${disk.id} with ${version}`;
      yield { done: starts.length, of, text };
      starts.push({ id: disk.id, version, end: start(disk, peers, version) });
    }
  }
  return starts;
}

function start({ id, files }: BootedDisk, peers: readonly string[], version: string) {
  const disk = createDisk({ policy: "strict", sectorSize: 512, writeBack: null });
  for (const { path, bytes } of files) installFile(disk, path, bytes);
  const patient = {
    server: id,
    peers,
    directory: `${id}/`,
    now: 0,
    bugs: new Set(bugsOfPreset(pysyncobj.id, version) ?? []),
    options: { ...pysyncobj.options, ...optionsOfPreset(pysyncobj.id, version) },
  };
  const outcome = recoverOn(pysyncobj, disk, patient);
  if (outcome === null || !outcome.ok) {
    const { name = "", text = "" } = outcome ?? {};
    return { started: false, name, text } as const;
  }
  const server = serverOf(pysyncobj, patient, outcome.recovered);
  return afterFirstTick(server, outcome.recovered.state?.lastApplied ?? null);
}

/** Before it hears from anybody a server applies up to its commit index, by position (syncobj.py:653-679 and 1062-1070). */
function afterFirstTick(server: ServerMemory, dump: number | null): Started {
  const { currentTerm, votedFor, commitIndex, log } = server;
  const entries = log.entries.slice(0, log.length);
  const first = entries[0]?.index ?? 1;
  let { lastApplied } = server;
  let raises: Started["raises"] = null;
  while (lastApplied < commitIndex) {
    const entry = entries[lastApplied + 1 - first];
    if (entry === undefined) break;
    const decoded = decodeCommand(entry.command);
    if (decoded.type === "broken") {
      raises = { index: entry.index, reason: `${decoded.name}: ${decoded.text}` };
      break;
    }
    lastApplied += 1;
  }
  return { started: true, currentTerm, votedFor, commitIndex, entries, dump, lastApplied, raises };
}
