import { FILE_MOST, FILES_MOST, importFiles } from "#importer/import-files.ts";
import { importJson } from "#importer/import-json.ts";
import { reportLines } from "#importer/report-text.ts";
import { type Answer, badInput } from "./answer.ts";
import { filesIn } from "./input.ts";

/** Entries of one file that are printed, at most: its first and its last ones. */
const ENTRIES_MOST = 200_000;

interface Options {
  readonly json: boolean;
  /** The forensic report in place of the entries. */
  readonly report: boolean;
}

/** `blackstart import DIR`: what the files in a folder are, and what is in them. */
export function importCommand(folder: string, { json, report: asReport }: Options): Answer {
  const files = filesIn(folder, undefined, { file: FILE_MOST, all: FILES_MOST });
  if (!files.ok) return badInput(files.problem);
  if (files.value.length === 0) return badInput(`There is no file in ${folder}.`);
  const entriesMost = asReport && !json ? 0 : ENTRIES_MOST;
  const report = importFiles(files.value, { entriesMost });
  const lines = asReport
    ? reportLines(report.forensics)
    : [...report.files.flatMap(linesOf), ...report.findings.map((each) => `! ${each}`)];
  const out = json ? JSON.stringify(importJson(report, asReport)) : lines.join("\n").trimEnd();
  const isForeign = report.files.every(({ kind }) => kind === "unknown");
  return { exit: isForeign ? 2 : 0, out, err: isForeign ? FOREIGN : "" };
}

const FOREIGN = "None of these files is of a system that is known here.";

type Imported = ReturnType<typeof importFiles>["files"][number];

function linesOf({ path, kind, size, intact, entries, entriesLeftOut, meta, problems }: Imported) {
  return [
    `${path}: ${kind}, ${size} bytes, ${intact ? "intact" : "DAMAGED"}`,
    ...entries.map(({ index, term, text, ghost }) => {
      return `  ${index.padStart(6)}  term ${term.padEnd(4)} ${text}${ghost ? "  (cut off, still readable)" : ""}`;
    }),
    ...(entriesLeftOut === 0 ? [] : [`  ${entriesLeftOut} entries in the middle are left out`]),
    ...(meta === null ? [] : [`  ${JSON.stringify(meta)}`]),
    ...problems.map(({ offset, reason }) => `  byte ${offset}: ${reason}`),
  ];
}
