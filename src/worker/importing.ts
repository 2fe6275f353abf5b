import { ok, type Result, refused } from "#base/result.ts";
import type { GivenFile, ImportReport, Progress, Slices } from "#importer/contract.ts";
import { simultaneousReboot } from "#library/incidents/pysyncobj-201/schedule.ts";
import type { SentFile, ToUi } from "./protocol.ts";

/** Reads real files beside whatever else is asked: in pieces, with words on how far it is, until it is cancelled. */
export interface Importing {
  /** Settles when the request has been answered. */
  start(id: number, files: readonly SentFile[]): Promise<void>;
  /** Ends this request, if it is being worked on: it is refused with "cancelled". */
  cancel(request: number): void;
}

/** The part of the importer that is used here; fetched when it is first needed. */
export type Importer = typeof import("#importer/import-files.ts");

export interface ImportingPorts {
  tell(message: ToUi): void;
  /** Milliseconds since whenever. */
  now(): number;
  /** Lets requests in that have come meanwhile. */
  breathe(): Promise<void>;
  importer(): Promise<Result<Importer>>;
}

/** Bytes that are asked of the browser at a time. */
const PIECE = 8 * 1024 * 1024;
/** Milliseconds that the page waits at most before its other requests are looked at. */
const SLICE_MS = 16;
const TELL_MS = 100;
const CANCELLED = "cancelled";

export function createImporting(ports: ImportingPorts): Importing {
  const { tell, now, breathe } = ports;
  const open = new Set<number>();

  /** Says so now and then, and lets others in. False: it was cancelled meanwhile. */
  function teller(id: number): (progress: Progress) => Promise<boolean> {
    let told = Number.NEGATIVE_INFINITY;
    return async (progress) => {
      if (now() - told >= TELL_MS) {
        told = now();
        tell({ type: "progress", id, ...progress });
      }
      await breathe();
      return open.has(id);
    };
  }

  async function work(id: number, files: readonly SentFile[]): Promise<Result<ImportReport>> {
    const importer = await ports.importer();
    if (!importer.ok) return importer;
    const { FILE_MOST, FILES_MOST, importing } = importer.value;
    const problem = tooLarge(files, FILE_MOST, FILES_MOST);
    if (problem !== null) return refused(problem);
    const goOn = teller(id);
    const read = await readAll(files, goOn);
    if (!read.ok) return read;
    return drain(importing(read.value, { schedule: simultaneousReboot, entriesMost: 2000 }), goOn);
  }

  async function drain(
    slices: Slices<ImportReport>,
    goOn: (progress: Progress) => Promise<boolean>,
  ): Promise<Result<ImportReport>> {
    for (let until = now() + SLICE_MS; ; ) {
      const { done, value } = slices.next();
      if (done) return ok(value);
      if (now() < until) continue;
      if (!(await goOn(value))) return refused(CANCELLED);
      until = now() + SLICE_MS;
    }
  }

  return {
    async start(id, files) {
      open.add(id);
      const report = await work(id, files);
      if (!open.delete(id)) return; // It was answered when it was cancelled.
      tell(
        report.ok
          ? { type: "imported", id, report: report.value }
          : { type: "refused", id, reason: report.problem },
      );
    },
    cancel(request) {
      if (open.delete(request)) tell({ type: "refused", id: request, reason: CANCELLED });
    },
  };
}

function tooLarge(files: readonly SentFile[], most: number, allMost: number): string | null {
  const large = files.find(({ content }) => content.size > most);
  if (large !== undefined) {
    return `${large.path} has ${sizeText(large.content.size)}; files of up to ${sizeText(most)} are read. Open the others without it.`;
  }
  const all = files.reduce((sum, { content }) => sum + content.size, 0);
  return all > allMost
    ? `These files have ${sizeText(all)} together; up to ${sizeText(allMost)} are read at once. Open one server's files at a time.`
    : null;
}

function sizeText(bytes: number): string {
  return `${Math.ceil(bytes / (1024 * 1024))} MB`;
}

async function readAll(
  files: readonly SentFile[],
  goOn: (progress: Progress) => Promise<boolean>,
): Promise<Result<GivenFile[]>> {
  const of = files.reduce((sum, { content }) => sum + content.size, 0);
  const read: GivenFile[] = [];
  let done = 0;
  for (const { path, content } of files) {
    try {
      const bytes = new Uint8Array(content.size);
      for (let at = 0; at < bytes.length; at += PIECE) {
        if (!(await goOn({ done, of, text: `Reading ${path}` }))) return refused(CANCELLED);
        const piece = await content.slice(at, at + PIECE).arrayBuffer();
        bytes.set(new Uint8Array(piece), at);
        done += piece.byteLength;
      }
      read.push({ path, bytes });
    } catch {
      return refused(
        `${path} cannot be read: it was changed or removed meanwhile, or there is no room for ${sizeText(content.size)} in memory.`,
      );
    }
  }
  return ok(read);
}
