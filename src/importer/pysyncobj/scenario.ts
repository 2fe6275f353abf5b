import type { Schedule } from "#importer/contract.ts";
import { encodeBase64 } from "#scenario/base64.ts";
import type { ScenarioDocument } from "#scenario/document.ts";
import { problemText } from "#scenario/problem.ts";
import { parseScenario } from "#scenario/schema.ts";
import type { Scenario } from "#scenario/types.ts";
import type { Disk } from "./disks.ts";
import { listed } from "./entries.ts";
import type { ServerFiles } from "./servers.ts";

/** A cluster that can be booted: its servers, their disks and addresses, each in the same order. */
export interface Cluster {
  readonly servers: readonly ServerFiles[];
  readonly disks: readonly Disk[];
  readonly addresses: readonly string[];
  /** Only the ends of the journals are on these disks. */
  readonly isTail: boolean;
}

/** The scenario that boots these disks; null: there is none, and `findings` says why. */
export function scenarioOf(
  cluster: Cluster,
  schedule: Schedule,
  findings: string[],
): Scenario | null {
  const { servers, disks, addresses, isTail } = cluster;
  if (servers.length === 0) return null;
  const ids = servers.map(({ id }) => id);
  const names = servers.map(({ name }) => name);
  const plan = schedule(ids);
  const writes = (plan.script ?? []).filter(({ action }) => action.type === "client").length;
  const about = aboutBoot(names, writes, isTail);
  const document: ScenarioDocument = {
    format: "blackstart-scenario",
    version: 2,
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

/** The same disks, booted and left alone; null: nothing else happens to them anyhow. */
export function withoutWrites(scenario: Scenario, { servers, isTail }: Cluster): Scenario | null {
  const script = scenario.script.filter(({ action }) => action.type === "boot");
  if (script.length === scenario.script.length) return null;
  const names = servers.map(({ name }) => name);
  const [title, about] = [titleOf(names, 0), aboutBoot(names, 0, isTail)];
  return { ...scenario, title, about, script, choices: {}, narration: [] };
}

function titleOf(names: readonly string[], writes: number): string {
  const added = writes === 0 ? "" : `, with ${writesText(writes)} added`;
  return `Imported: ${names.join(", ")}`.slice(0, 200 - added.length) + added;
}

function aboutBoot(names: readonly string[], writes: number, isTail: boolean): string {
  const added =
    writes === 0
      ? "Nothing is added."
      : `With the incident's schedule: ${writesText(writes)} ${writes === 1 ? "is" : "are"} added.`;
  const tail = isTail ? " Only the ends of their journals are here; the files are too long." : "";
  return `Booted from the files of ${listed(names)}, of a real PySyncObj cluster.${tail} ${added}`;
}

function writesText(count: number): string {
  const words = ["no", "one", "two", "three", "four", "five", "six"];
  return `${words[count] ?? count} ${count === 1 ? "write" : "writes"}`;
}
