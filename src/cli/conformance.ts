import { dirname, resolve, sep } from "node:path";
import { ok, type Result, refused } from "#base/result.ts";
import { type Conformance, checkTraceText } from "#system/pysyncobj/conformance.ts";
import { conformanceTable } from "#system/pysyncobj/conformance-table.ts";
import { type Answer, badInput } from "./answer.ts";
import { filesIn, readInput } from "./input.ts";

/** What `conformance --json` prints, under `files`. */
export interface ConformanceReport {
  readonly path: string;
  readonly compared: number;
  readonly gaps: Conformance["gaps"];
  readonly firstDifference: Conformance["firstDifference"];
  readonly folders: Conformance["folders"];
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
  const out = json ? JSON.stringify({ files: reports }) : linesOfAll(reports).join("\n");
  return { exit: differs ? 1 : 0, out, err: "" };
}

/** The disks of a trace lie in folders beside it. */
function check(path: string): Result<ConformanceReport> {
  const text = readInput(path);
  if (!text.ok) return text;
  const disks = filesIn(dirname(path), (name) => /\.(journal|meta|dump)$/.test(name));
  if (!disks.ok) return disks;
  const checked = checkTraceText(path, Buffer.from(text.value).toString("utf8"), disks.value);
  if (!checked.ok) return refused(checked.problem);
  const { compared, gaps, firstDifference, folders } = checked.value;
  return ok({ path, compared, gaps, firstDifference, folders });
}

function linesOfAll(reports: readonly ConformanceReport[]): readonly string[] {
  const runs = reports.map((report) => ({ ...report, name: nameOf(report.path) }));
  return [...reports.flatMap(linesOf), "", ...conformanceTable(runs)];
}

/** Of the folder, and of the one that it is in when that alone says little. */
function nameOf(path: string): string {
  return resolve(path).split(sep).slice(-3, -1).join("/");
}

function gapText({ seq, node, text }: ConformanceReport["gaps"][number]): string {
  return `  left out at seq ${seq}${node === null ? "" : ` of ${node}`}: ${text}`;
}

function folderText({
  name,
  files,
  seq,
  isTaken,
  isLater,
}: ConformanceReport["folders"][number]): string {
  const where = name === "" ? "the trace's folder" : name;
  if (isLater) return `  files: ${where} is from after the record: its journals go on`;
  if (seq === null) return `  files: the disks were never those of ${where}`;
  const how = isTaken ? ", some taken from there" : "";
  return `  files: after seq ${seq} the disks are those of ${where} (${files} files${how})`;
}

function linesOf({
  path,
  compared,
  gaps,
  firstDifference,
  folders,
}: ConformanceReport): readonly string[] {
  const count = `${compared} events compared, ${gaps.length} gaps crossed`;
  return [
    `${path}: ${count}, ${differenceText(firstDifference)}`,
    ...folders.map(folderText),
    ...gaps.map(gapText),
  ];
}

function differenceText(difference: ConformanceReport["firstDifference"]): string {
  if (difference === null) return "no difference";
  const { seq, node, field, expected, actual } = difference;
  return `FIRST DIFFERENCE at seq ${seq}: ${field} of ${node} is ${actual}, recorded was ${expected}`;
}
