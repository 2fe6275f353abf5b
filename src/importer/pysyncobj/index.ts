import type { GivenFile, Importer, ImportReport, Schedule } from "#importer/contract.ts";
import { encodeBase64 } from "#scenario/base64.ts";
import type { ScenarioDocument } from "#scenario/document.ts";
import { problemText } from "#scenario/problem.ts";
import { parseScenario } from "#scenario/schema.ts";
import type { Scenario } from "#scenario/types.ts";
import { diskOf, narrowNumbers, wideNumbers } from "./disks.ts";
import { damage, disagreements, grouped, listed, oddities, restarts } from "./findings.ts";
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
  const findings = [...setSentences(servers, set), ...renamings(set), ...damage(read, servers)];
  const ids = set.map(({ id }) => id);
  findings.push(...restarts(set), ...grouped(set.flatMap(oddities), ids));
  findings.push(...disagreements(set));
  const scenario = scenarioOf(set, schedule, findings);
  return {
    files: read.map((each) => importedFile(each, serverOf(each, servers))),
    scenario,
    bootOnly:
      scenario === null
        ? null
        : withoutWrites(
            scenario,
            set.map(({ name }) => name),
          ),
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
  const plan = schedule(ids);
  const writes = (plan.script ?? []).filter(({ action }) => action.type === "client").length;
  const about = aboutBoot(names, writes);
  const document: ScenarioDocument = {
    format: "blackstart-scenario",
    version: 1,
    title: titleOf(names, writes),
    about,
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
    ...plan,
    ...(writes > 0 && {
      narration: [...(plan.narration ?? []), { anchor: { type: "at", time: 0 }, text: about }],
    }),
  };
  const scenario = parseScenario(document);
  if (scenario.ok) return scenario.value;
  findings.push(
    `These disks cannot be booted together: ${scenario.problem.map(problemText).join("; ")}.`,
  );
  return null;
}

function titleOf(names: readonly string[], writes: number): string {
  const added = writes === 0 ? "" : `, with ${writesText(writes)} added`;
  return `Imported: ${names.join(", ")}`.slice(0, 200 - added.length) + added;
}

function aboutBoot(names: readonly string[], writes: number): string {
  const added =
    writes === 0
      ? "Nothing is added."
      : `With the incident's schedule: ${writesText(writes)} ${writes === 1 ? "is" : "are"} added.`;
  return `Booted from the files of ${listed(names)}, of a real PySyncObj cluster. ${added}`;
}

function writesText(count: number): string {
  const words = ["no", "one", "two", "three", "four", "five", "six"];
  return `${words[count] ?? count} ${count === 1 ? "write" : "writes"}`;
}

/** The same disks, booted and left alone; null: nothing else happens to them anyhow. */
function withoutWrites(scenario: Scenario, names: readonly string[]): Scenario | null {
  const script = scenario.script.filter(({ action }) => action.type === "boot");
  if (script.length === scenario.script.length) return null;
  const [title, about] = [titleOf(names, 0), aboutBoot(names, 0)];
  return { ...scenario, title, about, script, choices: {}, narration: [] };
}
