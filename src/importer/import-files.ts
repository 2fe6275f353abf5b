import { refused } from "#base/result.ts";
import { decodeUtf8 } from "#base/utf8.ts";
import { problemText } from "#scenario/problem.ts";
import { documentOfTrace, traceFormatOf } from "#scenario/recording.ts";
import { parseScenario } from "#scenario/schema.ts";
import type { Scenario } from "#scenario/types.ts";
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
  const traces = files.filter(isTrace);
  const chosen = files.map((file) => (traces.includes(file) ? null : importerOf(file)));
  const reports: Omit<ImportReport, "recordings">[] = [];
  for (const importer of IMPORTERS) {
    const own = files.filter((_, i) => chosen[i] === importer);
    if (own.length > 0) reports.push(yield* importer.decode(own, { schedule, entriesMost }));
  }
  const recorded = traces.map(recordedRun);
  const unknown = files
    .filter((file, i) => chosen[i] === null && !traces.includes(file))
    .map(unknownFile);
  const read = [
    ...reports.flatMap((report) => report.files),
    ...recorded.map(({ file }) => file),
    ...unknown,
  ];
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
    recordings: recorded.flatMap(({ file: { path }, scenario }) =>
      scenario === null ? [] : [{ path, scenario }],
    ),
    findings: [
      ...reports.flatMap(({ findings }) => findings),
      ...recorded.map(({ finding }) => finding.text),
      ...unknown.map(unknownFinding),
    ],
    forensics: {
      files: inOrder([
        ...forensics.flatMap((each) => each.files),
        ...recorded.map(({ file }) => recordedState(file)),
        ...unknown.map(foreignState),
      ]),
      findings: [
        ...forensics.flatMap((each) => each.findings),
        ...recorded.map(({ finding }) => finding),
        ...unknown.map(foreignFinding),
      ],
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

/** A recorded run lies beside the files of its servers, in a folder as it was shipped. */
function isTrace({ bytes }: GivenFile): boolean {
  const head = decodeUtf8(bytes.subarray(0, 200));
  return head !== null && traceFormatOf(head) !== null;
}

interface RecordedRun {
  readonly file: ImportedFile;
  readonly scenario: Scenario | null;
  readonly finding: Finding;
}

function recordedRun({ path, bytes }: GivenFile): RecordedRun {
  const text = decodeUtf8(bytes);
  const document = text === null ? refused("it is not UTF-8") : documentOfTrace(text);
  const parsed = document.ok ? parseScenario(document.value) : null;
  const reason = !document.ok
    ? document.problem
    : parsed?.ok === false
      ? parsed.problem.map(problemText).join("; ")
      : null;
  const about = `${path} is a recorded run of the real library, and no server's file`;
  const told = reason === null ? "it can be opened as such, beside the model" : reason;
  const file = {
    ...{ path, kind: "recorded run", server: null, intact: reason === null },
    ...{ entries: [], entriesLeftOut: 0, meta: null },
    problems: reason === null ? [] : [{ offset: 0, reason }],
    ...{ size: bytes.length, bytes: bytes.subarray(0, FOREIGN_START), spans: [] },
  };
  const finding: Finding = {
    ...{ kind: "recorded-run", severity: "note", servers: [] },
    ...{ files: [{ path, offset: null }], text: `${about}: ${told}.` },
  };
  return { file, scenario: parsed?.ok ? parsed.value : null, finding };
}

function recordedState({ path, kind, size, intact, problems }: ImportedFile): FileState {
  const condition = intact ? "intact" : "unreadable";
  const text = problems[0]?.reason ?? "a recorded run";
  const part = { condition: intact ? "intact" : "torn", offset: 0, length: size } as const;
  return { path, kind, server: null, size, condition, parts: [{ ...part, records: null, text }] };
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
