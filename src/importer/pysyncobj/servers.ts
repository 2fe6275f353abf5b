import type { ReadDump, ReadFile, ReadJournal, ReadMeta } from "./read.ts";

/** The files of one server. */
export interface ServerFiles {
  /** Its name in the simulation, unique among the servers of its set. */
  readonly id: string;
  /** What its folder or its files call it: the same, unless that is long. */
  readonly name: string;
  /** host:port, when the names tell it. */
  readonly address: string | null;
  /** The folder that holds the whole cluster. */
  readonly set: string;
  readonly journal: ReadJournal | null;
  readonly meta: ReadMeta | null;
  readonly unfinishedMeta: ReadMeta | null;
  readonly dump: ReadDump | null;
  readonly unfinishedDump: ReadDump | null;
  readonly incomingDump: ReadDump | null;
  /** Its files had no names of their own: they were put together by their order. */
  readonly paired: boolean;
}

type Unnamed = Omit<ServerFiles, "id" | "name" | "set"> & {
  readonly folder: string;
  readonly stem: string;
};

/** A longer name does not fit where servers are drawn. Characters. */
const SHORT = 4;

const LETTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];

const SUFFIX = /\.journal(\.meta(\.tmp)?)?$|\.dump(\.1)?(\.tmp)?$/;

/**
 * Sorts files into servers, whatever the layout: a folder each, one folder with a name each ("host:port.journal"), or
 * names that say nothing, which leaves their order.
 */
export function serversOf(files: readonly ReadFile[]): ServerFiles[] {
  const groups = new Map<string, ReadFile[]>();
  for (const read of files) {
    const key = `${folderOf(read.file.path)}\n${stemOf(read.file.path)}`;
    groups.set(key, [...(groups.get(key) ?? []), read]);
  }
  const servers = [...groups].flatMap(([key, group]) => {
    const [folder = "", stem = ""] = key.split("\n");
    return serversIn(folder, stem, group);
  });
  return named(servers);
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Empty for a name that is none of this system's: the files of such names are told apart by their order alone. */
function stemOf(path: string): string {
  const base = path.slice(path.lastIndexOf("/") + 1);
  return SUFFIX.test(base) ? base.replace(SUFFIX, "") : "";
}

/** One server, unless there are several files of a kind: then the first of each kind belong together, and so on. */
function serversIn(folder: string, stem: string, group: readonly ReadFile[]): Unnamed[] {
  const journals = group.filter((each): each is ReadJournal => each.kind === "journal");
  const metasOf = (kind: ReadMeta["kind"]): ReadMeta[] =>
    group.filter((each): each is ReadMeta => each.kind === kind);
  const dumpsOf = (kind: ReadDump["kind"]): ReadDump[] =>
    group.filter((each): each is ReadDump => each.kind === kind);
  const [metas, unfinished] = [metasOf("meta"), metasOf("unfinished meta")];
  const dumps = dumpsOf("dump");
  const [unfinishedDumps, incoming] = [dumpsOf("unfinished dump"), dumpsOf("incoming dump")];
  const kinds = [journals, metas, unfinished, dumps, unfinishedDumps, incoming];
  const count = Math.max(...kinds.map(({ length }) => length));
  return Array.from({ length: count }, (_, i) => ({
    folder,
    stem,
    address: addressIn(stem),
    journal: journals[i] ?? null,
    meta: metas[i] ?? null,
    unfinishedMeta: unfinished[i] ?? null,
    dump: dumps[i] ?? null,
    unfinishedDump: unfinishedDumps[i] ?? null,
    incomingDump: incoming[i] ?? null,
    paired: count > 1,
  }));
}

function addressIn(stem: string): string | null {
  return /^[^\s/]{1,150}[:_]\d{1,5}$/.test(stem) ? stem.replace(/_(\d+)$/, ":$1") : null;
}

/** A folder with several servers is a cluster's; a folder with one is that server's, and the one above the cluster's. */
function named(servers: readonly Unnamed[]): ServerFiles[] {
  const inFolder = (folder: string): number =>
    servers.filter((each) => each.folder === folder).length;
  const sets = servers.map(({ folder }) => (inFolder(folder) > 1 ? folder : folderOf(folder)));
  const used = new Set<string>();
  const all = servers.map((server, i) => {
    const set = sets[i] ?? "";
    const isAlone = inFolder(server.folder) === 1;
    const wanted = (isAlone ? lastOf(server.folder) : server.stem) || server.stem;
    const name = uniqueName(wanted, set, used);
    const { folder: _folder, stem: _stem, ...files } = server;
    return { ...files, id: name, name, address: files.address ?? addressIn(name), set };
  });
  return all.map((server) => ({ ...server, id: shortId(server, all) }));
}

/** Long names become letters in the order of the names, and skip those that a server of the set has for its name. */
function shortId({ name, set }: ServerFiles, all: readonly ServerFiles[]): string {
  if (name.length <= SHORT) return name;
  const names = all.filter((each) => each.set === set).map((each) => each.name);
  const free = LETTERS.filter((letter) => !names.includes(letter));
  const rank = names.filter((each) => each.length > SHORT && comesBefore(each, name)).length;
  return free[rank] ?? name;
}

/** host-2 comes before host-10. */
function comesBefore(one: string, other: string): boolean {
  const [a, b] = [padded(one), padded(other)];
  return a === b ? one < other : a < b;
}

function padded(name: string): string {
  return name.replace(/\d+/g, (digits) => digits.padStart(12, "0"));
}

/** Who is who, where the servers have other names here than their files have. */
export function renamings(servers: readonly ServerFiles[]): string[] {
  const renamed = servers.filter(({ id, name }) => id !== name);
  const known = [...renamed].sort((a, b) => (a.id < b.id ? -1 : 1));
  return known.length === 0
    ? []
    : [`${known.map(({ id, name }) => `${id} is ${name}`).join(", ")}.`];
}

function lastOf(folder: string): string {
  return folder.slice(folder.lastIndexOf("/") + 1);
}

/** As the scenario document wants its names: 1 to 64 letters, digits and . _ : - with a letter or digit first. */
function uniqueName(wanted: string, set: string, used: Set<string>): string {
  const plain = wanted.replace(/[^A-Za-z0-9_.:-]/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  const base = plain.slice(0, 60) || "S";
  let name = base === "S" || base === "raft" ? "S1" : base;
  const stem = name === "S1" ? "S" : `${base}-`;
  for (let count = 2; used.has(`${set}\n${name}`); count++) name = `${stem}${count}`;
  used.add(`${set}\n${name}`);
  return name;
}

/** All files of a server. */
export function filesOf(server: ServerFiles): readonly ReadFile[] {
  const { journal, meta, unfinishedMeta, dump, unfinishedDump, incomingDump } = server;
  const all = [journal, meta, unfinishedMeta, dump, unfinishedDump, incomingDump];
  return all.filter((each) => each !== null);
}
