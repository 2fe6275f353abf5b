import type {
  GivenFile,
  Importer,
  ImportOptions,
  ImportReport,
  Slices,
} from "#importer/contract.ts";
import {
  type DiskOptions,
  diskOf,
  fitsScenario,
  narrowNumbers,
  tailStart,
  wideNumbers,
} from "./disks.ts";
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
): Slices<ImportReport> {
  const read: ReadFile[] = [];
  for (const file of files) {
    yield { done: read.length, of: files.length, text: `Reading ${file.path}` };
    read.push(yield* readFile(file));
  }
  const servers = serversOf(read);
  const set = largestSet(servers);
  const { cluster, numbers, limits } = clusterOf(set);
  const forensics = yield* forensicsOf({
    ...{ files: read, servers, set, numbers, limits },
    ...{ disks: cluster.disks, isTail: cluster.isTail },
  });
  const sentences = [
    ...setSentences(servers, set),
    ...renamings(set),
    ...forensics.findings.map(({ text }) => text),
    ...cluster.disks.flatMap(({ changes }) => changes),
    ...limits,
  ];
  const scenario = scenarioOf(cluster, schedule, sentences);
  return {
    files: read.map((each) => importedFile(each, ownerOf(each, servers), entriesMost)),
    scenario,
    bootOnly: scenario === null ? null : withoutWrites(scenario, cluster),
    findings: [...new Set(sentences)],
    forensics,
  };
}

/** Files of one cluster lie together; of several such sets the largest is booted, of equal ones the first. */
function largestSet(servers: readonly ServerFiles[]): ServerFiles[] {
  let largest: ServerFiles[] = [];
  for (const name of new Set(servers.map(({ set }) => set))) {
    const own = servers.filter(({ set }) => set === name);
    if (own.length > largest.length) largest = own;
  }
  return largest;
}

function setSentences(servers: readonly ServerFiles[], chosen: readonly ServerFiles[]): string[] {
  const sets = [...new Set(servers.map(({ set }) => set))];
  if (sets.length < 2) return [];
  const booted = chosen[0]?.set ?? "";
  const others = sets.filter((set) => set !== booted).map((set) => set || "the top folder");
  return [
    `These are the files of ${sets.length} clusters. The one in ${booted || "the top folder"} is booted; open ${others.join(" or ")} alone to boot that.`,
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
  const numbers = narrowNumbers(wideNumbers(servers));
  const tailFrom = fitsScenario(servers) ? null : tailStart(servers);
  const limits = fitsScenario(servers) ? [] : [tooLong(tailFrom)];
  const options: DiskOptions = { idOf, numbers, tailFrom };
  const disks = servers.map((server) => diskOf(server, options));
  return { cluster: { servers, disks, addresses, isTail: tailFrom !== null }, numbers, limits };
}

function tooLong(tailFrom: DiskOptions["tailFrom"]): string {
  const what =
    "These files are longer than a scenario or a link can carry (4 MB together). The report is about all of them";
  return tailFrom === null
    ? `${what}; they cannot be opened as a scenario.`
    : `${what}; what is booted, here and in the comparison of versions, are the journals' ends, from index ${tailFrom} on, each with a dump that stands for all before it and holds none of its keys.`;
}
