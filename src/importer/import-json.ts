import type { Forensics, ImportedEntry, ImportReport } from "./contract.ts";

/** What `blackstart import --json` prints. Ghost records are no entries of the log, so they are not among them. */
export interface ImportJson {
  readonly files: readonly {
    readonly path: string;
    readonly kind: string;
    readonly intact: boolean;
    readonly entries: readonly {
      readonly index: number | string;
      readonly term: number | string;
      readonly command: string;
    }[];
    /** Only where some are left out, of a very long file. */
    readonly entriesLeftOut?: number;
    readonly meta: Readonly<Record<string, string | number | null>> | null;
    readonly problems: readonly { readonly offset: number; readonly reason: string }[];
  }[];
  /** Only where it was asked for. */
  readonly report?: Forensics;
}

export function importJson({ files, forensics }: ImportReport, withReport = false): ImportJson {
  return {
    files: files.map(({ path, kind, intact, entries, entriesLeftOut, meta, problems }) => ({
      path,
      kind,
      intact,
      entries: entries.filter(({ ghost }) => !ghost).map(entryJson),
      ...(entriesLeftOut > 0 ? { entriesLeftOut } : {}),
      meta,
      problems,
    })),
    ...(withReport ? { report: forensics } : {}),
  };
}

function entryJson({ index, term, command }: ImportedEntry): ImportJson["files"][0]["entries"][0] {
  return { index: wholeJson(index), term: wholeJson(term), command };
}

/** A number as far as JSON readers hold it exactly; text beyond. */
function wholeJson(decimal: string): number | string {
  const value = Number(decimal);
  return Number.isSafeInteger(value) ? value : decimal;
}
