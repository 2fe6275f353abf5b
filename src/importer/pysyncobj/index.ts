import type { GivenFile, Importer, ImportOptions } from "#importer/contract.ts";
import { type DiskOptions, diskOf, fitsScenario, numbersOn, tailStart } from "./disks.ts";
import { TOO_MUCH } from "./dump.ts";
import { importedFile, type ReadFile, readFile } from "./read.ts";
import { recognise } from "./recognise.ts";
import { forensicsOf, ownerOf } from "./report.ts";
import { scenarioOf, withoutWrites } from "./scenario.ts";
import { renamings, type ServerFiles, serversOf } from "./servers.ts";

/** The journal, the meta and the full dump of PySyncObj, of any release and in any layout. */
export const pysyncobjImporter: Importer = {
  id: "pysyncobj",
  sniff: (file) => recognise(file)?.confidence ?? "no",
  decode,
};

function* decode(
  files: readonly GivenFile[],
  { schedule, entriesMost }: ImportOptions,
): ReturnType<Importer["decode"]> {
  const read: ReadFile[] = [];
  for (const file of files) {
    yield { done: read.length, of: files.length, text: `Reading ${file.path}` };
    read.push(yield* readFile(file));
  }
  const servers = labelled(serversOf(read));
  const clusters = clustersIn(servers);
  const chosen = largest(clusters);
  const all = clusters.map((labels) => ({ labels, ...clusterOf(labels.map(plain)) }));
  const booted = all.find(({ labels }) => labels === chosen) ?? clusterOf([]);
  const refusals: string[] = [];
  const scenario = scenarioOf(booted.cluster, schedule, refusals);
  const names = clusters.flatMap(renamings);
  const limits = [
    ...setSentences(clusters, chosen),
    ...names,
    ...all.flatMap((each) => each.limits),
    ...refusals,
  ];
  const forensics = yield* forensicsOf({
    files: read,
    servers,
    clusters: all.map(({ labels, cluster }) => ({ labels, ...cluster })),
    limits,
  });
  const sentences = [
    ...setSentences(clusters, chosen),
    ...names,
    ...forensics.findings.map(({ text }) => text),
    ...booted.cluster.disks.flatMap(({ changes }) => changes),
    ...limits,
  ];
  return {
    files: read.map((each) => importedFile(each, ownerOf(each, servers), entriesMost)),
    scenario,
    bootOnly: scenario === null ? null : withoutWrites(scenario, booted.cluster),
    findings: [...new Set(sentences)],
    forensics,
  };
}

/** Where there are several clusters, their servers are told apart by their folders. */
function labelled(servers: readonly ServerFiles[]): ServerFiles[] {
  const isOne = servers.every(({ set }) => set === servers[0]?.set);
  return servers.map((server) => {
    const label = isOne || server.set === "" ? "" : `${server.set}/`;
    return { ...server, id: label + server.id, name: label + server.name };
  });
}

/** As it is called among the servers of its own cluster. */
function plain(server: ServerFiles): ServerFiles {
  const label = server.set === "" ? "" : `${server.set}/`;
  const without = (name: string): string =>
    label !== "" && name.startsWith(label) ? name.slice(label.length) : name;
  return { ...server, id: without(server.id), name: without(server.name) };
}

/** Files of one cluster lie together. */
function clustersIn(servers: readonly ServerFiles[]): ServerFiles[][] {
  const sets = [...new Set(servers.map(({ set }) => set))];
  return sets.map((name) => servers.filter(({ set }) => set === name));
}

/** Of several clusters the largest is booted, of equal ones the first. */
function largest(clusters: readonly (readonly ServerFiles[])[]): readonly ServerFiles[] {
  let found: readonly ServerFiles[] = [];
  for (const each of clusters) if (each.length > found.length) found = each;
  return found;
}

function setSentences(
  clusters: readonly (readonly ServerFiles[])[],
  chosen: readonly ServerFiles[],
): string[] {
  if (clusters.length < 2) return [];
  const nameOf = (servers: readonly ServerFiles[]) => servers[0]?.set || "the top folder";
  const others = clusters.filter((each) => each !== chosen).map(nameOf);
  return [
    `These are the files of ${clusters.length} clusters. The one in ${nameOf(chosen)} is booted; open ${others.join(" or ")} alone to boot that. The report looks at each by itself.`,
  ];
}

function clusterOf(servers: readonly ServerFiles[]) {
  const addresses = servers.map(
    ({ id, name, address }, i) => address ?? (id === name ? `127.0.0.1:${7001 + i}` : name),
  );
  const idOf = (address: string): string | null =>
    servers[addresses.indexOf(address)]?.id ??
    servers.find(({ name }) => name === address)?.id ??
    null;
  const numbers = numbersOn(servers);
  const fits = fitsScenario(servers);
  const tailFrom = fits ? null : tailStart(servers);
  const limits = [
    ...(fits ? [] : [tooLong(tailFrom)]),
    ...servers.filter(hasVastDump).map(vastText),
  ];
  const options: DiskOptions = { idOf, numbers, tailFrom };
  const disks = servers.map((server) => diskOf(server, options));
  const isTail = tailFrom !== null;
  const isOnPaper = !fits || servers.some(hasVastDump);
  return { cluster: { servers, disks, addresses, numbers, idOf, isTail, isOnPaper }, limits };
}

function tooLong(tailFrom: DiskOptions["tailFrom"]): string {
  const what =
    "These files are longer than a scenario or a link can carry (4 MB together). The report is about all of them";
  return tailFrom === null
    ? `${what}; they cannot be opened as a scenario.`
    : `${what}; what can be opened are the journals' ends, from index ${tailFrom} on, each with a dump that stands for all before it and holds none of its keys.`;
}

function hasVastDump({ dump }: ServerFiles): boolean {
  return dump !== null && !dump.dump.ok && dump.dump.problem.reason === TOO_MUCH;
}

function vastText({ id }: ServerFiles): string {
  return `${id}: what its full dump holds is too much to be looked into (64 MB). Of a start it is supposed here that the journal, where it does not begin with index 1, begins with the dump's two entries.`;
}
