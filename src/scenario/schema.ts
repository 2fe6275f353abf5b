import * as v from "valibot";
import { ok, type Result, refused } from "#base/result.ts";
import { systemEntry } from "#system/catalogue.ts";
import { DOCUMENT, type FilledDocument } from "./document.ts";
import { readJson } from "./json.ts";
import { type PathPart, type Problem, pathText, problemOf } from "./problem.ts";
import { problemsOf } from "./rules.ts";
import type { Scenario } from "./types.ts";
import { type RawDocument, upgrade } from "./upgrade.ts";

/** A text longer than this is not even parsed. Characters; the files alone may take 5.6 million. */
const TEXT_MOST = 8_000_000;
const DEPTH_MOST = 12;
const VALUES_MOST = 400_000;
/** Nobody reads more; the rest is counted. */
const PROBLEMS_MOST = 20;

/** Fields whose keys are free; a list there would pass as an object whose keys are numbers. */
const RECORDS: ReadonlySet<PathPart> = new Set(["options", "choices", "match", "of"]);

/** Reads a scenario document from its text. */
export function readScenario(text: string): Result<Scenario, readonly Problem[]> {
  if (text.length > TEXT_MOST) {
    return refused([{ path: "", reason: `is longer than ${TEXT_MOST} characters` }]);
  }
  const json = readJson(text);
  if (!json.ok) return refused([{ path: "", reason: `is not JSON: ${json.problem}` }]);
  return parseScenario(json.value);
}

/**
 * Checks parsed JSON and fills in what was left out. Never throws: whatever is wrong is listed, at most 20 problems, each
 * with the path it is at.
 */
export function parseScenario(json: unknown): Result<Scenario, readonly Problem[]> {
  const shape = shapeProblem(json);
  if (shape !== null) return refused([shape]);
  if (!isObject(json)) return refused([{ path: "", reason: "must be an object" }]);
  if (json.format !== "blackstart-scenario") {
    return refused([{ path: "format", reason: 'must be "blackstart-scenario"' }]);
  }
  const upgraded = upgrade(json);
  if (!upgraded.ok) return refused([{ path: "version", reason: upgraded.problem }]);
  const parsed = v.safeParse(DOCUMENT, upgraded.value);
  if (!parsed.success) return refused(capped(parsed.issues.map(problemOf)));
  const scenario = fill(parsed.output);
  const problems = problemsOf(scenario);
  return problems.length === 0 ? ok(scenario) : refused(capped(problems));
}

/** Defaults that depend on other fields. */
function fill(document: FilledDocument): Scenario {
  const { cluster, system, bugs, twin } = document;
  const entry = systemEntry(system);
  const preset = entry?.defaultPreset ?? "";
  const order = entry?.bugs.map(({ id }) => id) ?? [];
  const sorted = (ids: string[] | null) =>
    ids === null ? null : ids.toSorted((a, b) => order.indexOf(a) - order.indexOf(b));
  return {
    ...document,
    preset: document.preset ?? preset,
    bugs: sorted(bugs),
    twin:
      twin === null ? null : { ...twin, preset: twin.preset ?? preset, bugs: sorted(twin.bugs) },
    cluster: {
      ...cluster,
      machines: cluster.machines.map(({ disk, ...machine }) => ({
        ...machine,
        ...(disk === undefined || Object.keys(disk).length === 0 ? {} : { disk }),
        servers: (machine.servers ?? [{ id: machine.id }]).map((server) => ({
          id: server.id,
          address: server.address ?? server.id,
        })),
      })),
    },
  };
}

/** What the schema is not asked about: depth, amount, and keys that mean something to JavaScript itself. */
function shapeProblem(json: unknown): Problem | null {
  let values = 0;
  const visit = (value: unknown, path: readonly PathPart[]): Problem | null => {
    values += 1;
    if (values > VALUES_MOST) return { path: "", reason: `holds more than ${VALUES_MOST} values` };
    if (typeof value !== "object" || value === null) return null;
    if (path.length >= DEPTH_MOST) return { path: pathText(path), reason: "is nested too deeply" };
    if (Array.isArray(value) && RECORDS.has(path.at(-1) ?? "")) {
      return { path: pathText(path), reason: "must be an object, not a list" };
    }
    for (const [key, inner] of Object.entries(value)) {
      const at = [...path, Array.isArray(value) ? Number(key) : key];
      if (!Array.isArray(value) && key in Object.prototype) {
        return { path: pathText(at), reason: "is not a field that is known here" };
      }
      const found = visit(inner, at);
      if (found !== null) return found;
    }
    return null;
  };
  return visit(json, []);
}

function isObject(json: unknown): json is RawDocument {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function capped(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length <= PROBLEMS_MOST) return problems;
  const more = problems.length - PROBLEMS_MOST;
  return [...problems.slice(0, PROBLEMS_MOST), { path: "", reason: `has ${more} more problems` }];
}
