import { importFiles } from "#importer/import-files.ts";
import { importJson } from "#importer/import-json.ts";
import { type Answer, badInput } from "./answer.ts";
import { filesIn } from "./input.ts";

/** `blackstart import DIR`: what the files in a folder are, and what is in them. */
export function importCommand(folder: string, { json }: { readonly json: boolean }): Answer {
  const files = filesIn(folder);
  if (!files.ok) return badInput(files.problem);
  if (files.value.length === 0) return badInput(`There is no file in ${folder}.`);
  const report = importFiles(files.value);
  const out = json
    ? JSON.stringify(importJson(report))
    : [...report.files.flatMap(linesOf), ...report.findings.map((each) => `! ${each}`)].join("\n");
  const isForeign = report.files.every(({ kind }) => kind === "unknown");
  return { exit: isForeign ? 2 : 0, out, err: isForeign ? FOREIGN : "" };
}

const FOREIGN = "None of these files is of a system that is known here.";

type Imported = ReturnType<typeof importFiles>["files"][number];

function linesOf({ path, kind, bytes, intact, entries, meta, problems }: Imported) {
  return [
    `${path}: ${kind}, ${bytes.length} bytes, ${intact ? "intact" : "DAMAGED"}`,
    ...entries.map(({ index, term, text, ghost }) => {
      return `  ${index.padStart(6)}  term ${term.padEnd(4)} ${text}${ghost ? "  (cut off, still readable)" : ""}`;
    }),
    ...(meta === null ? [] : [`  ${JSON.stringify(meta)}`]),
    ...problems.map(({ offset, reason }) => `  byte ${offset}: ${reason}`),
  ];
}
