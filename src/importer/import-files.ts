import type {
  Confidence,
  GivenFile,
  ImportedFile,
  Importer,
  ImportReport,
  Schedule,
} from "./contract.ts";
import { IMPORTERS } from "./registry.ts";

const SURENESS: readonly Confidence[] = ["no", "possible", "likely", "certain"];

/** All machines at once, a tenth of a second apart, and time for a few elections. */
const BOOT_ALL: Schedule = (machines) => ({
  script: [
    {
      anchor: { type: "at", time: 0 },
      action: { type: "boot", machines: [...machines], stagger: 100_000 },
    },
  ],
  until: 20_000_000,
});

/**
 * Reads files of any origin: each goes to the importer that is surest of it, and those that none knows are reported as
 * such. `schedule`: what happens to the machines that get these disks.
 */
export function importFiles(
  files: readonly GivenFile[],
  schedule: Schedule = BOOT_ALL,
): ImportReport {
  const chosen = files.map((file) => importerOf(file));
  const reports = IMPORTERS.flatMap((importer) => {
    const own = files.filter((_, i) => chosen[i] === importer);
    return own.length === 0 ? [] : [importer.decode(own, schedule)];
  });
  const unknown = files.filter((_, i) => chosen[i] === null).map(unknownFile);
  const read = [...reports.flatMap((report) => report.files), ...unknown];
  // In the order they were given in, so that a report can be laid beside the folder.
  const order = new Map(files.map(({ bytes }, i) => [bytes, i]));
  const booted = reports.find(({ scenario }) => scenario !== null);
  return {
    files: read.toSorted((a, b) => (order.get(a.bytes) ?? 0) - (order.get(b.bytes) ?? 0)),
    scenario: booted?.scenario ?? null,
    bootOnly: booted?.bootOnly ?? null,
    findings: [...reports.flatMap(({ findings }) => findings), ...unknown.map(unknownFinding)],
  };
}

/** The surest of all importers; null when none takes the file for its own. */
export function importerOf(file: GivenFile): Importer | null {
  let best: Importer | null = null;
  let sureness = 0;
  for (const importer of IMPORTERS) {
    const mine = SURENESS.indexOf(importer.sniff(file));
    if (mine <= sureness) continue;
    best = importer;
    sureness = mine;
  }
  return best;
}

function unknownFile({ path, bytes }: GivenFile): ImportedFile {
  const start = [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0"));
  const reason =
    bytes.length === 0
      ? "the file is empty"
      : `the file starts with ${start.join(" ")}, as none of a system that is known here does`;
  return {
    path,
    kind: "unknown",
    server: null,
    intact: false,
    entries: [],
    meta: null,
    problems: [{ offset: 0, reason }],
    bytes,
    spans: [],
  };
}

function unknownFinding({ path, problems }: ImportedFile): string {
  return `${path}, byte 0: ${problems[0]?.reason ?? "unknown"}. It is left out; leave it out of what you open, too.`;
}
