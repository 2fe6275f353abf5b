import { DOCUMENT } from "./document.ts";
import type { Scenario } from "./types.ts";

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** As much of a schema as writing needs; every schema of valibot has those of these that it needs. */
interface Shape {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Shape>>;
  readonly item?: Shape;
  /** Of a variant: shapes. Of a picklist: texts. */
  readonly options?: readonly (Shape | string | number)[];
  readonly wrapped?: Shape;
  readonly default?: unknown;
  readonly literal?: unknown;
}

/**
 * The document of a scenario in its one form: fields in the schema's order, free keys sorted, whatever equals its default
 * left out. Parsing it gives the scenario back.
 */
export function documentOf(scenario: Scenario): JsonObject {
  return write(DOCUMENT as Shape, scenario) as JsonObject;
}

/** Two scenarios are the same when this is; `indent` is for people. */
export function canonicalJson(scenario: Scenario, indent = 0): string {
  return JSON.stringify(documentOf(scenario), null, indent);
}

export function sameScenario(a: Scenario, b: Scenario): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b);
}

/** JSON with sorted keys: equal values give equal text. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function write(shape: Shape, value: unknown): Json {
  if (shape.wrapped !== undefined) return value === null ? null : write(shape.wrapped, value);
  if (Array.isArray(value)) {
    const { item } = shape;
    return item === undefined ? (value as Json[]) : value.map((each) => write(item, each));
  }
  if (!isRecord(value)) return value as Json;
  if (shape.type === "variant") {
    const option = shape.options?.find(
      (each) => typeof each === "object" && each.entries?.type?.literal === value.type,
    );
    return typeof option === "object" ? write(option, value) : sorted(value);
  }
  return shape.entries === undefined ? sorted(value) : writeFields(shape.entries, value);
}

function writeFields(
  entries: Readonly<Record<string, Shape>>,
  value: Readonly<Record<string, unknown>>,
): JsonObject {
  const fields: Record<string, Json> = {};
  for (const [key, shape] of Object.entries(entries)) {
    const inner = value[key];
    if (inner === undefined) continue;
    const written = write(shape, inner);
    // What is left of an object that is all defaults is the empty object, its own default.
    const isDefault =
      shape.default !== undefined && sortedJson(written) === sortedJson(shape.default);
    if (!isDefault) fields[key] = written;
  }
  return fields;
}

function sorted(value: unknown): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value as Json;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
