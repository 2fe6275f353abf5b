import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { ok, type Result, refused } from "#base/result.ts";
import { LIBRARY, libraryScenario } from "#library/registry.ts";
import { type Problem, problemText } from "#scenario/problem.ts";
import { documentOfTrace, traceFormatOf } from "#scenario/recording.ts";
import { parseScenario, readScenario } from "#scenario/schema.ts";
import type { Scenario } from "#scenario/types.ts";

export interface Limits {
  /** Bytes of one file, at most. */
  readonly file: number;
  /** Of all of them. */
  readonly all: number;
}

const LIMITS: Limits = { file: 64 * 1024 * 1024, all: 256 * 1024 * 1024 };
const FILES_MOST = 2000;

export interface InputFile {
  /** Below the folder that was named, with forward slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A scenario by its id in the library or by the path of its file; the id goes first. */
export function scenarioNamed(name: string): Result<Scenario, readonly string[]> {
  const entry = libraryScenario(name);
  const read = entry === null ? null : parseScenario(entry.scenario);
  if (read !== null) return read.ok ? read : refused(linesOf(name, read.problem));
  const file = readInput(name);
  if (!file.ok) {
    const ids = LIBRARY.map(({ id }) => id).join(", ");
    return refused([`${file.problem} The library has: ${ids}.`]);
  }
  const text = Buffer.from(file.value).toString("utf8");
  const trace = traceFormatOf(text) === null ? null : documentOfTrace(text);
  if (trace?.ok === false) return refused([`${name}: ${trace.problem}`]);
  const parsed = trace === null ? readScenario(text) : parseScenario(trace.value);
  return parsed.ok ? parsed : refused(linesOf(name, parsed.problem));
}

/** All files below a folder, or the one file itself, in the order of their paths; of these, those that are wanted. */
export function filesIn(
  path: string,
  wanted: (name: string) => boolean = () => true,
  limits: Limits = LIMITS,
): Result<readonly InputFile[]> {
  const files: InputFile[] = [];
  let seen = 0;
  let bytes = 0;
  const take = (at: string, name: string): string | null => {
    seen += 1;
    if (seen > FILES_MOST) return `There are more than ${FILES_MOST} files in ${path}.`;
    const found = statOf(at);
    if (found === null) return `There is no file or folder ${at}.`;
    if (found.isDirectory()) {
      for (const inner of namesIn(at)) {
        const problem = take(join(at, inner), name === "" ? inner : `${name}/${inner}`);
        if (problem !== null) return problem;
      }
      return null;
    }
    if (!wanted(at)) return null;
    const read = readInput(at, limits.file);
    if (!read.ok) return read.problem;
    bytes += read.value.length;
    if (bytes > limits.all) {
      return `The files in ${path} have more than ${limits.all} bytes together; give fewer of them.`;
    }
    files.push({ path: name === "" ? basename(at) : name, bytes: read.value });
    return null;
  };
  const problem = take(path, "");
  return problem === null ? ok(files) : refused(problem);
}

/** The bytes of a file, or why they cannot be had. */
export function readInput(path: string, most = LIMITS.file): Result<Uint8Array> {
  const found = statOf(path);
  if (found === null) return refused(`There is no file ${path}.`);
  if (!found.isFile()) return refused(`${path} is not a file.`);
  if (found.size > most) {
    return refused(`${path} has ${found.size} bytes; at most ${most} are read.`);
  }
  try {
    return ok(new Uint8Array(readFileSync(path)));
  } catch (error) {
    return refused(error instanceof Error ? error.message : `${path} cannot be read.`);
  }
}

/** Sorted; a folder that may not be read has none. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function statOf(path: string) {
  return statSync(path, { throwIfNoEntry: false }) ?? null;
}

function linesOf(name: string, problems: readonly Problem[]): readonly string[] {
  return [
    `${name} is no scenario that can be run:`,
    ...problems.map((each) => `  ${problemText(each)}`),
  ];
}
