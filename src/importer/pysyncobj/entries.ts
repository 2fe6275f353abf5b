import { equalBytes } from "#base/bytes.ts";
import type { Whole } from "#system/pysyncobj/format.ts";

/** An entry of a journal or of a dump. */
export interface AnyEntry {
  readonly index: Whole;
  readonly term: Whole;
  readonly command: Uint8Array;
}

export function sameEntry(a: AnyEntry | undefined, b: AnyEntry | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.index === b.index && a.term === b.term && equalBytes(a.command, b.command);
}

/** "A", "A and B", "A, B and C". */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}

/** What a damaged or forged file says may be long. Characters. */
const SAID_MOST = 160;

/** A sentence's worth of it. */
export function briefly(text: string): string {
  return text.length > SAID_MOST ? `${text.slice(0, SAID_MOST)}...` : text;
}
