import {
  decodeJournal,
  encodeMeta,
  JOURNAL,
  META,
  META_TMP,
  renumbered,
  type Whole,
  withVote,
} from "#system/pysyncobj/format.ts";
import type { ServerFiles } from "./servers.ts";

export interface DiskFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface Disk {
  readonly files: readonly DiskFile[];
  /** In sentences: what is not byte for byte as it was given. */
  readonly changes: readonly string[];
}

/**
 * The disk that a server boots from: its files as they are, under the simulation's names. Two things are renamed: numbers
 * beyond 2^53, and the address that a vote was given to. `idOf`: the server of an address.
 */
export function diskOf(
  server: ServerFiles,
  idOf: (address: string) => string | null,
  numbers: ReadonlyMap<bigint, number>,
): Disk {
  const files: DiskFile[] = [];
  const changes: string[] = [];
  const add = (name: string, bytes: Uint8Array): void => {
    files.push({ path: `${server.id}/${name}`, bytes });
  };
  if (server.journal !== null) {
    const { bytes } = server.journal.file;
    const wide = wideNumbers([server]);
    add(JOURNAL, wide.length === 0 ? bytes : renumbered(bytes, numbers));
    for (const value of wide) {
      changes.push(
        `${server.journal.file.path}: ${value} is beyond 2^53; on the booted disk it is ${numbers.get(value) ?? 0}, which keeps the order.`,
      );
    }
  }
  if (server.meta !== null) add(META, withVoter(server, idOf, changes));
  if (server.unfinishedMeta !== null) add(META_TMP, server.unfinishedMeta.file.bytes);
  return { files, changes };
}

function withVoter(
  { meta }: ServerFiles,
  idOf: (address: string) => string | null,
  changes: string[],
): Uint8Array {
  if (meta === null || !meta.meta.ok) return meta?.file.bytes ?? new Uint8Array();
  const { bytes, path } = meta.file;
  const renamed = withVote(meta.meta.value, idOf);
  if (renamed === null) return bytes;
  changes.push(`${path}: the vote for ${renamed.from} is the vote for ${renamed.to} here.`);
  return encodeMeta(renamed.meta);
}

/** The numbers that no exact number of JavaScript is, each once, in order. */
export function wideNumbers(servers: readonly ServerFiles[]): bigint[] {
  const wide = new Set<bigint>();
  for (const { journal } of servers) {
    for (const { index, term } of journal === null
      ? []
      : decodeJournal(journal.file.bytes).records) {
      for (const value of [index, term]) if (isWide(value)) wide.add(value);
    }
  }
  return [...wide].sort((a, b) => (a < b ? -1 : 1));
}

function isWide(value: Whole): value is bigint {
  return typeof value === "bigint";
}

/** Renames wide numbers from 2^52 on: the order stays, and what followed directly still does. */
export function narrowNumbers(wide: readonly bigint[]): ReadonlyMap<bigint, number> {
  const names = new Map<bigint, number>();
  let name = 2 ** 52;
  let previous: bigint | null = null;
  for (const value of wide) {
    name += previous !== null && value === previous + 1n ? 1 : 2;
    names.set(value, name);
    previous = value;
  }
  return names;
}
