import type { Finding, Forensics, Slices } from "#importer/contract.ts";
import { disagreements, grouped, restarts } from "./agreement.ts";
import { startAll, versionsTried } from "./boots.ts";
import { damage } from "./damage.ts";
import type { Disk } from "./disks.ts";
import { oddities } from "./findings.ts";
import { fileState } from "./parts.ts";
import { bootsOf, type Trials, togetherOf } from "./predictions.ts";
import type { ReadFile } from "./read.ts";
import { filesOf, type ServerFiles } from "./servers.ts";

export interface Evidence {
  readonly files: readonly ReadFile[];
  /** Of all files. */
  readonly servers: readonly ServerFiles[];
  /** The cluster that is looked into and booted. */
  readonly set: readonly ServerFiles[];
  /** The disks that the set's servers are booted from, in the same order. */
  readonly disks: readonly Disk[];
  readonly numbers: ReadonlyMap<bigint, number>;
  readonly isTail: boolean;
  readonly limits: readonly string[];
}

/** What the files say, and what each version of the library would make of them. */
export function* forensicsOf(evidence: Evidence): Slices<Forensics> {
  const { files, servers, set, disks, limits } = evidence;
  yield { done: 0, of: 1, text: "Comparing the servers' files" };
  const findings = findingsOf(files, servers, set);
  const starts = yield* startAll(set.map(({ id }, i) => ({ id, files: disks[i]?.files ?? [] })));
  const truly = new Map([...evidence.numbers].map(([value, name]) => [name, value]));
  const trials: Trials = {
    servers: set,
    starts,
    versions: versionsTried(),
    truly,
    isTail: evidence.isTail,
  };
  return {
    files: files.map((read) => fileState(read, ownerOf(read, servers))),
    findings,
    boots: bootsOf(trials),
    together: togetherOf(trials),
    limits,
  };
}

function findingsOf(
  files: readonly ReadFile[],
  servers: readonly ServerFiles[],
  set: readonly ServerFiles[],
): Finding[] {
  const found = [
    ...damage(files, servers),
    ...restarts(set),
    ...grouped(set.flatMap(oddities)),
    ...disagreements(set),
  ];
  return found.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

/** What is told first. */
const SEVERITIES: readonly Finding["severity"][] = ["loss", "stuck", "warning", "note"];

/** The server whose file it is. */
export function ownerOf(read: ReadFile, servers: readonly ServerFiles[]): string | null {
  return servers.find((server) => filesOf(server).includes(read))?.id ?? null;
}
