import type { Finding, Forensics, ServerBoots, Slices } from "#importer/contract.ts";
import { disagreements, grouped, restarts } from "./agreement.ts";
import { type Bootable, startAll, startOnDisk, versionsTried } from "./boots.ts";
import { callFindings } from "./calls.ts";
import { damage } from "./damage.ts";
import type { Disk } from "./disks.ts";
import { oddities } from "./findings.ts";
import { bootOnPaper } from "./long-boots.ts";
import type { Numbers } from "./numbers.ts";
import { fileState } from "./parts.ts";
import { bootsOf, type Trials, togetherOf } from "./predictions.ts";
import type { ReadFile } from "./read.ts";
import { filesOf, type ServerFiles } from "./servers.ts";

export interface Evidence {
  readonly files: readonly ReadFile[];
  /** Of all files. */
  readonly servers: readonly ServerFiles[];
  /** Each is looked into and booted by itself. */
  readonly clusters: readonly BootedCluster[];
  readonly limits: readonly string[];
}

export interface BootedCluster {
  /** Its servers as the report calls them: with their folder where there are several clusters. */
  readonly labels: readonly ServerFiles[];
  readonly servers: readonly ServerFiles[];
  /** The disks that its servers are booted from, in the same order. */
  readonly disks: readonly Disk[];
  readonly numbers: Numbers;
  /** The server of an address. */
  readonly idOf: (address: string) => string | null;
  /** Its files are too long for disks, or one of them is too large to be looked into. */
  readonly isOnPaper: boolean;
}

/** What the files say, and what each version of the library would make of them. */
export function* forensicsOf(evidence: Evidence): Slices<Forensics> {
  const { files, servers, clusters, limits } = evidence;
  yield { done: 0, of: 1, text: "Comparing the servers' files" };
  const findings = findingsOf(files, servers, clusters);
  const versions = versionsTried();
  const boots: ServerBoots[] = [];
  const together: Forensics["together"][number][] = [];
  for (const cluster of clusters) {
    const { labels, servers: own } = cluster;
    const starts = yield* startAll(bootables(cluster), versions);
    const trials: Trials = { servers: own, starts, versions };
    const set = labels[0]?.set ?? "";
    const where = clusters.length === 1 || set === "" ? "" : `In ${set}: `;
    boots.push(
      ...bootsOf(trials).map((each, i) => ({ ...each, server: labels[i]?.id ?? each.server })),
    );
    together.push(
      ...togetherOf(trials).map(({ text, ...each }) => ({ ...each, text: where + text })),
    );
  }
  return {
    files: files.map((read) => fileState(read, ownerOf(read, servers))),
    findings,
    boots,
    together,
    limits,
  };
}

function bootables({ servers, disks, numbers, idOf, isOnPaper }: BootedCluster): Bootable[] {
  return servers.map((server, i) => {
    const { id } = server;
    if (isOnPaper) return { id, boot: bootOnPaper(server, numbers, idOf) };
    const peers = servers.flatMap((each) => (each === server ? [] : [each.id]));
    const files = disks[i]?.files ?? [];
    return { id, boot: (version) => startOnDisk(id, files, peers, version, numbers) };
  });
}

function findingsOf(
  files: readonly ReadFile[],
  servers: readonly ServerFiles[],
  clusters: readonly BootedCluster[],
): Finding[] {
  const found = [
    ...damage(files, servers),
    ...callFindings(files, servers),
    ...clusters.flatMap(({ labels: own }) => [
      ...restarts(own),
      ...grouped(own.flatMap(oddities)),
      ...disagreements(own),
    ]),
  ];
  return found.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

/** What is told first. */
const SEVERITIES: readonly Finding["severity"][] = ["loss", "stuck", "warning", "note"];

/** The server whose file it is. */
export function ownerOf(read: ReadFile, servers: readonly ServerFiles[]): string | null {
  return servers.find((server) => filesOf(server).includes(read))?.id ?? null;
}
