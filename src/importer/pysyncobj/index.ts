import type { GivenFile, Importer, ImportReport, Schedule } from "#importer/contract.ts";
import { encodeBase64 } from "#scenario/base64.ts";
import type { ScenarioDocument } from "#scenario/document.ts";
import { problemText } from "#scenario/problem.ts";
import { parseScenario } from "#scenario/schema.ts";
import type { Scenario } from "#scenario/types.ts";
import { diskOf, narrowNumbers, wideNumbers } from "./disks.ts";
import { damage, disagreements, oddities } from "./findings.ts";
import { importedFile, type ReadFile, readFile } from "./read.ts";
import { recognise } from "./recognise.ts";
import { renamings, type ServerFiles, serversOf } from "./servers.ts";

/** The journal, the meta and the full dump of PySyncObj, of any release and in any layout. */
export const pysyncobjImporter: Importer = {
  id: "pysyncobj",
  sniff: (file) => recognise(file)?.confidence ?? "no",
  decode,
};

function decode(files: readonly GivenFile[], schedule: Schedule): ImportReport {
  const read = files.map(readFile);
  const servers = serversOf(read);
  const set = largestSet(servers);
  const findings = [...setSentences(servers, set), ...renamings(set), ...damage(read)];
  for (const server of set) findings.push(...oddities(server));
  findings.push(...disagreements(set));
  const scenario = scenarioOf(set, schedule, findings);
  return {
    files: read.map((each) => importedFile(each, serverOf(each, servers))),
    scenario,
    findings: [...new Set(findings)],
  };
}

function serverOf(read: ReadFile, servers: readonly ServerFiles[]): string | null {
  const own = servers.find(({ journal, meta, unfinishedMeta, dump }) =>
    [journal, meta, unfinishedMeta, dump].some((each) => each === read),
  );
  return own?.id ?? null;
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

function scenarioOf(
  servers: readonly ServerFiles[],
  schedule: Schedule,
  findings: string[],
): Scenario | null {
  if (servers.length === 0) return null;
  const addresses = servers.map(
    ({ id, name, address }, i) => address ?? (id === name ? `127.0.0.1:${7001 + i}` : name),
  );
  const idOf = (address: string): string | null =>
    servers[addresses.indexOf(address)]?.id ??
    servers.find(({ name }) => name === address)?.id ??
    null;
  const numbers = narrowNumbers(wideNumbers(servers));
  const disks = servers.map((server) => diskOf(server, idOf, numbers));
  findings.push(...disks.flatMap(({ changes }) => changes));
  const ids = servers.map(({ id }) => id);
  const names = servers.map(({ name }) => name);
  const document: ScenarioDocument = {
    format: "blackstart-scenario",
    version: 1,
    title: `Imported: ${names.join(", ")}`.slice(0, 200),
    about: "Booted from the files of a real PySyncObj cluster.",
    system: "pysyncobj",
    preset: "0.3.14",
    twin: { preset: "PR #202" },
    cluster: {
      machines: servers.map(({ id }, i) => ({
        id,
        servers: [{ id, address: addresses[i] ?? id }],
        files: (disks[i]?.files ?? []).map(({ path, bytes }) => ({
          path,
          base64: encodeBase64(bytes),
        })),
      })),
    },
    options: { appendEntriesUseBatch: 0 },
    ...schedule(ids),
  };
  const scenario = parseScenario(document);
  if (scenario.ok) return scenario.value;
  findings.push(
    `These disks cannot be booted together: ${scenario.problem.map(problemText).join("; ")}.`,
  );
  return null;
}
