import type { Boot, FilePart, FileState, Forensics } from "./contract.ts";

/** The forensic report for a terminal. */
export function reportLines(report: Forensics): readonly string[] {
  const { files, findings, boots, together, limits } = report;
  return [
    ...section("Files", files.flatMap(fileLines)),
    ...section(
      "Findings",
      findings.map(({ severity, text }) => `  [${severity}] ${text}`),
    ),
    ...section(
      "What each version makes of these disks at a start",
      boots.flatMap(({ server, boots: own, repairs }) => [
        `  ${server}`,
        ...own.flatMap(bootLines),
        `    ${repairs}`,
      ]),
    ),
    ...section(
      "All servers together",
      together.map(({ versions, text }) => `  ${versions.join(", ")}: ${text}`),
    ),
    ...section(
      "Limits",
      limits.map((text) => `  ${text}`),
    ),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines, ""];
}

function fileLines({ path, kind, server, size, condition, parts }: FileState): string[] {
  const whose = server === null ? "" : ` of ${server}`;
  return [
    `  ${path}: ${kind}${whose}, ${size} bytes, ${condition}`,
    ...parts.map((part) => `    ${partText(part)}`),
  ];
}

/** One run of bytes: "40..1624  intact  30 records, 1 (term 0) to 30 (term 1)". */
export function partText({ condition, offset, length, records, text }: FilePart): string {
  const range = `${offset}..${offset + length}`.padEnd(16);
  if (records === null) return `${range} ${condition.padEnd(7)} ${text}`;
  const { count, first, last } = records;
  const what = `${count} ${count === 1 ? "record" : "records"}`;
  const ends =
    count === 1
      ? `${first.index} (term ${first.term})`
      : `${first.index} (term ${first.term}) to ${last.index} (term ${last.term})`;
  const more = text === "records" ? "" : `, ${text}`;
  return `${range} ${condition.padEnd(7)} ${what}, ${ends}${more}`;
}

function bootLines(boot: Boot): string[] {
  const { versions, verdict, consequences, differences } = boot;
  const state = bootText(boot);
  return [
    `    ${versions.join(", ")}: ${verdict}${state === "" ? "" : `; ${state}`}`,
    ...consequences.map((text) => `      ${text}`),
    ...differences.map((text) => `      ${text}`),
  ];
}

/** What a server is right after its start; empty: it is none. */
export function bootText({ server }: Boot): string {
  if (server === null) return "";
  const { currentTerm, votedFor, commitIndex, first, last, dump, lastApplied } = server;
  const log =
    first === null || last === null
      ? "log empty"
      : `log ${first.index}..${last.index}, last term ${last.term}`;
  const vote = votedFor === null ? "" : `, vote for ${votedFor}`;
  const loaded = dump === null ? "" : `, dump up to ${dump}`;
  return `term ${currentTerm}${vote}, commit ${commitIndex}, applied ${lastApplied}, ${log}${loaded}`;
}
