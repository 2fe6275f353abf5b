import type {
  Confidence,
  FileState,
  Finding,
  GivenFile,
  ImportedFile,
  Importer,
  ImportOptions,
  ImportReport,
  Schedule,
  Slices,
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

/** A file of this size is read; a longer one is named, and left out. Bytes. */
export const FILE_MOST = 256 * 1024 * 1024;
/** Of all files together, which are in memory at once. */
export const FILES_MOST = 1024 * 1024 * 1024;

const ENTRIES_MOST = 20_000;

/**
 * Reads files of any origin: each goes to the importer that is surest of it, and those that none knows are reported as
 * such. In slices, so that whoever asks can go on with something else, or give it up.
 */
export function* importing(
  files: readonly GivenFile[],
  { schedule = BOOT_ALL, entriesMost = ENTRIES_MOST }: Partial<ImportOptions> = {},
): Slices<ImportReport> {
  const chosen = files.map((file) => importerOf(file));
  const reports: ImportReport[] = [];
  for (const importer of IMPORTERS) {
    const own = files.filter((_, i) => chosen[i] === importer);
    if (own.length > 0) reports.push(yield* importer.decode(own, { schedule, entriesMost }));
  }
  const unknown = files.filter((_, i) => chosen[i] === null).map(unknownFile);
  const read = [...reports.flatMap((report) => report.files), ...unknown];
  // In the order they were given in, so that a report can be laid beside the folder.
  const order = new Map(files.map(({ path }, i) => [path, i]));
  const booted = reports.find(({ scenario }) => scenario !== null);
  const inOrder = <Each extends { readonly path: string }>(all: readonly Each[]) =>
    all.toSorted((a, b) => (order.get(a.path) ?? 0) - (order.get(b.path) ?? 0));
  const forensics = reports.map((report) => report.forensics);
  return {
    files: inOrder(read),
    scenario: booted?.scenario ?? null,
    bootOnly: booted?.bootOnly ?? null,
    findings: [...reports.flatMap(({ findings }) => findings), ...unknown.map(unknownFinding)],
    forensics: {
      files: inOrder([...forensics.flatMap((each) => each.files), ...unknown.map(foreignState)]),
      findings: [...forensics.flatMap((each) => each.findings), ...unknown.map(foreignFinding)],
      boots: forensics.flatMap(({ boots }) => boots),
      together: forensics.flatMap(({ together }) => together),
      limits: forensics.flatMap(({ limits }) => limits),
    },
  };
}

/** The same at one go. */
export function importFiles(
  files: readonly GivenFile[],
  options: Partial<ImportOptions> = {},
): ImportReport {
  const slices = importing(files, options);
  for (;;) {
    const { done, value } = slices.next();
    if (done) return value;
  }
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
    entriesLeftOut: 0,
    meta: null,
    problems: [{ offset: 0, reason }],
    size: bytes.length,
    bytes: bytes.subarray(0, FOREIGN_START),
    spans: [],
  };
}

/** So much of a foreign file is shown. Bytes. */
const FOREIGN_START = 64 * 1024;

function unknownFinding({ path, problems }: ImportedFile): string {
  return `${path}, byte 0: ${problems[0]?.reason ?? "unknown"}. It is left out; leave it out of what you open, too.`;
}

function foreignFinding(file: ImportedFile): Finding {
  const files = [{ path: file.path, offset: 0 }];
  const text = unknownFinding(file);
  return { kind: "foreign-file", severity: "note", servers: [], files, text };
}

function foreignState({ path, kind, size }: ImportedFile): FileState {
  return { path, kind, server: null, size, condition: "foreign", parts: [] };
}
