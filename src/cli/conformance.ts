import { dirname } from "node:path";
import { ok, type Result, refused } from "#base/result.ts";
import { type Conformance, checkTraceText } from "#system/pysyncobj/conformance.ts";
import { type Answer, badInput } from "./answer.ts";
import { filesIn, readInput } from "./input.ts";

/** What `conformance --json` prints, under `files`. */
export interface ConformanceReport {
  readonly path: string;
  readonly compared: number;
  readonly gaps: readonly string[];
  readonly firstDifference: Conformance["firstDifference"];
}

/** `blackstart conformance TRACE...`: drives the model with what was recorded, and compares. */
export function conformanceCommand(
  traces: readonly string[],
  { json }: { readonly json: boolean },
): Answer {
  const reports: ConformanceReport[] = [];
  for (const path of traces) {
    const checked = check(path);
    if (!checked.ok) return badInput(checked.problem);
    reports.push(checked.value);
  }
  const differs = reports.some(({ firstDifference }) => firstDifference !== null);
  const out = json ? JSON.stringify({ files: reports }) : reports.flatMap(linesOf).join("\n");
  return { exit: differs ? 1 : 0, out, err: "" };
}

/** The disks of a trace lie in folders beside it. */
function check(path: string): Result<ConformanceReport> {
  const text = readInput(path);
  if (!text.ok) return text;
  const disks = filesIn(dirname(path), (name) => /\.(journal|meta)$/.test(name));
  if (!disks.ok) return disks;
  const checked = checkTraceText(path, Buffer.from(text.value).toString("utf8"), disks.value);
  if (!checked.ok) return refused(checked.problem);
  const { compared, gaps, firstDifference } = checked.value;
  return ok({ path, compared, gaps, firstDifference });
}

function linesOf({ path, compared, gaps, firstDifference }: ConformanceReport): readonly string[] {
  const count = `${compared} events compared, ${gaps.length} gaps crossed`;
  return [
    `${path}: ${count}, ${differenceText(firstDifference)}`,
    ...gaps.map((gap) => `  gap at ${gap}`),
  ];
}

function differenceText(difference: ConformanceReport["firstDifference"]): string {
  if (difference === null) return "no difference";
  const { seq, node, field, expected, actual } = difference;
  return `FIRST DIFFERENCE at seq ${seq}: ${field} of ${node} is ${actual}, recorded was ${expected}`;
}
