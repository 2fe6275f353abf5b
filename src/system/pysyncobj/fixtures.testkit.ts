import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { toHex } from "#base/bytes.ts";
import { isDict, isList, isTuple, type PickleValue } from "./pickle.ts";

// The real files of fixtures/ and what an independent reader found in them.

const ROOT = fileURLToPath(new URL("./fixtures/", import.meta.url));

export interface Fixture {
  readonly path: string;
  readonly kind: "journal" | "meta" | "dump";
  readonly bytes: Uint8Array;
  readonly decoded: Decoded;
}

export interface Decoded {
  readonly problems?: readonly string[];
  readonly header?: {
    readonly appName: string;
    readonly appVersion: string;
    readonly formatVersion: number;
    readonly lastRecordOffset: number;
  };
  readonly entries?: readonly DecodedRecord[];
  readonly ghostRecords?: readonly DecodedRecord[];
  readonly value?: unknown;
  readonly error?: string;
}

export interface DecodedRecord {
  readonly offset: number;
  readonly size: number;
  readonly index: number | { readonly $int: string };
  readonly term: number | { readonly $int: string };
  readonly commandHex: string;
  readonly call?: { readonly funcID: number; readonly args: unknown; readonly kwargs: unknown };
}

export function readFixture(path: string): Uint8Array {
  return new Uint8Array(readFileSync(join(ROOT, path)));
}

export function readFixtureText(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** The fidelity report. */
export function readReadme(): string {
  return readFileSync(fileURLToPath(new URL("./README.md", import.meta.url)), "utf8");
}

/** All files below a folder, with paths from there. */
export function filesIn(folder: string): { readonly path: string; readonly bytes: Uint8Array }[] {
  const root = join(ROOT, folder);
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({
      path: path.slice(root.length).replace(/^\//, ""),
      bytes: new Uint8Array(readFileSync(path)),
    }));
}

const manifest = JSON.parse(readFixtureText("manifest.json")) as {
  files: { path: string; kind: Fixture["kind"]; decoded: string }[];
  decoded: Record<string, Decoded>;
};

export const FIXTURES: readonly Fixture[] = manifest.files.map(({ path, kind, decoded }) => ({
  path,
  kind,
  bytes: readFixture(path),
  decoded: manifest.decoded[decoded] ?? {},
}));

export const JOURNALS = FIXTURES.filter(({ kind }) => kind === "journal");
export const DUMPS = FIXTURES.filter(({ kind }) => kind === "dump");
export const METAS = FIXTURES.filter(({ kind }) => kind === "meta");

/** A pickled value by the JSON conventions of the manifest. */
export function json(value: PickleValue): unknown {
  if (typeof value === "bigint") return { $int: String(value) };
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return value.map(json);
  if (isTuple(value)) return { $tuple: value.items.map(json) };
  if (isDict(value)) {
    const pairs = value.pairs.map(([key, each]) => [json(key), json(each)] as const);
    const isText = pairs.every(([key]) => typeof key === "string");
    return isText ? Object.fromEntries(pairs) : { $dict: pairs };
  }
  if (value.type === "shared") return value.text;
  if (value.type === "bytes") return { $bytes: toHex(value.bytes) };
  if (value.type === "set") return { $set: value.items.map(json) };
  if (value.type === "object")
    return { $object: `${value.module}.${value.name}`, state: json(value.state) };
  return { $global: `${value.module} ${value.name}` };
}
