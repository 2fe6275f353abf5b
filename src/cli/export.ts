import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve, sep } from "node:path";
import { ok, type Result, refused } from "#base/result.ts";
import { type ExportedFile, exportedFiles, type Which } from "#exporter/files.ts";
import { zipOf } from "#exporter/zip.ts";
import { diskOf, outlineOf, type Timeline } from "#sim/timeline.ts";
import { type Answer, badInput } from "./answer.ts";
import { runScenario } from "./engine.ts";
import { scenarioNamed } from "./input.ts";
import { choose, type RunOptions } from "./run.ts";
import { secondsText } from "./text.ts";

export interface ExportOptions extends Omit<RunOptions, "json"> {
  /** Null: the last one. */
  readonly step: string | null;
  /** Separated by commas; null: all. */
  readonly machine: string | null;
  /** What a power loss would leave, in place of what processes read. */
  readonly durable: boolean;
  /** A folder that is made or empty, or a file that ends in .zip. */
  readonly to: string | null;
}

/** `blackstart export SCENARIO --to DIR`: the simulated disks at a step as the real files. */
export function exportCommand(name: string, options: ExportOptions): Answer {
  const { to } = options;
  if (to === null) return badInput("Say where to: --to a folder, or a file that ends in .zip.");
  const found = scenarioNamed(name);
  if (!found.ok) return badInput(...found.problem);
  const chosen = choose(found.value, options);
  if (!chosen.ok) return badInput(...chosen.problem);
  const { scenario } = chosen.value;
  if (scenario.recording !== undefined) return badInput(RECORDED);
  const run = runScenario(scenario);
  if (!run.ok) return badInput(run.problem);
  const { timeline } = run.value;
  const step = stepOf(timeline, options.step);
  const machines = machinesOf(timeline, options.machine);
  if (!step.ok) return badInput(step.problem);
  if (!machines.ok) return badInput(machines.problem);
  const which: Which = options.durable ? "durable" : "cache";
  const disks = machines.value.map((machine) => diskOf(timeline, step.value, machine));
  const files = exportedFiles(disks, which);
  if (files.length === 0) return badInput(nothingText(machines.value, step.value));
  const problem = to.endsWith(".zip") ? writeZip(to, files) : writeFolder(to, files);
  if (problem !== null) return badInput(problem);
  const time = secondsText(outlineOf(timeline).times[step.value] ?? 0);
  const what = options.durable ? "What a power loss leaves" : "What the cache holds";
  const heading = `${what} of ${machines.value.join(", ")} at step ${step.value} (${time}), in ${to}:`;
  const lines = files.map(({ path, bytes }) => `  ${path}, ${bytes.length} bytes`);
  return { exit: 0, out: [heading, ...lines].join("\n"), err: "" };
}

const RECORDED =
  "A record tells what the servers did, not what was on their disks at each step: there is nothing to export.";

function stepOf({ steps }: Timeline, text: string | null): Result<number> {
  if (text === null) return ok(steps);
  const step = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return step <= steps
    ? ok(step)
    : refused(`--step is a whole number from 0 to ${steps}, not ${JSON.stringify(text)}.`);
}

function machinesOf({ plan }: Timeline, text: string | null): Result<readonly string[]> {
  const all = plan.machines.map(({ id }) => id);
  if (text === null) return ok(all);
  const wanted = [...new Set(text.split(",").filter((id) => id !== ""))];
  const unknown = wanted.filter((id) => !all.includes(id));
  return unknown.length === 0 && wanted.length > 0
    ? ok(wanted)
    : refused(`There is no machine ${unknown.join(", ")}; there are ${all.join(", ")}.`);
}

function nothingText(machines: readonly string[], step: number): string {
  const has = machines.length === 1 ? "has" : "have";
  return `${machines.join(", ")} ${has} no file at step ${step} that could be written.`;
}

/** Null: it is done; else why not. */
function writeZip(path: string, files: readonly ExportedFile[]): string | null {
  if (existsSync(path)) return `${path} is there already; nothing is overwritten.`;
  return attempt(() => {
    mkdirSync(dirname(resolve(path)), { recursive: true });
    writeFileSync(path, zipOf(files));
  });
}

function writeFolder(folder: string, files: readonly ExportedFile[]): string | null {
  if (existsSync(folder)) {
    if (!statSync(folder).isDirectory()) return `${folder} is a file.`;
    if (readdirSync(folder).length > 0) return `${folder} is not empty; nothing is overwritten.`;
  }
  const root = resolve(folder);
  return attempt(() => {
    for (const { path, bytes } of files) {
      const target = resolve(root, path);
      // No scenario may name such a path; a second look costs nothing.
      if (!target.startsWith(root + sep)) throw new Error(`${path} leads out of ${folder}.`);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, bytes);
    }
  });
}

function attempt(write: () => void): string | null {
  try {
    write();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : "It cannot be written.";
  }
}
