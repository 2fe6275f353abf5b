import * as v from "valibot";
import { assert } from "#base/assert.ts";
import { equalBytes } from "#base/bytes.ts";
import { crc32 } from "#base/crc.ts";
import { ok, type Result, refused } from "#base/result.ts";
import { decodeUtf8, encodeUtf8 } from "#base/utf8.ts";
import { decodeBase64Url, encodeBase64Url } from "./base64.ts";
import { documentOf, type Json, type JsonObject, sortedJson } from "./canonical.ts";
import { deflate, inflate } from "./inflate.ts";
import { readJson } from "./json.ts";
import { problemOf, problemText } from "./problem.ts";
import { parseScenario } from "./schema.ts";
import type { Scenario } from "./types.ts";

/** What a link reopens. */
export interface Link {
  readonly scenario: Scenario;
  /** The step that is shown. */
  readonly position: number;
  /** What is selected and open, in the interface's own words. */
  readonly view: Readonly<Record<string, string>>;
  /** The trace hash that the run had where the link was made; null: not known. Another one: it no longer reproduces. */
  readonly outcome: string | null;
}

/** Scenarios that both ends know, so that a link need not carry them: documents by id. */
export type Shelf = readonly { readonly id: string; readonly scenario: unknown }[];

export interface LinkText {
  /** With its leading "#". */
  readonly fragment: string;
  /** A warning in a sentence, when the link is so long that chat programs cut it. */
  readonly warning: string | null;
}

/** The format that links are written in. Older ones stay readable for ever. */
const CURRENT_FORMAT = 1;
/** Chat and mail programs cut longer links. Characters. */
const COMFORTABLE = 8000;
/** Browsers refuse to go to longer addresses. Characters. */
const LONGEST = 2_000_000;
/** Of the unpacked text. */
const UNPACKED_MOST = 4 * 1024 * 1024;

/**
 * The link of a scenario, position and selection: `#l=<library id>`, `#s=1.<rest>.<checksum>`, or both joined by "&". The
 * rest is JSON, deflated, as base64url. Equal links have equal text. Refused: the scenario is too large for any link.
 */
export function encodeLink(link: Link, shelf: Shelf): Result<LinkText> {
  const { id, content } = contentOf(documentOf(link.scenario), shelf);
  const rest: JsonObject = {
    ...content,
    ...(link.position === 0 ? {} : { position: link.position }),
    ...(Object.keys(link.view).length === 0 ? {} : { view: link.view }),
    ...(link.outcome === null ? {} : { outcome: link.outcome }),
  };
  const parts = id === null ? [] : [`l=${id}`];
  if (id === null || Object.keys(rest).length > 0) {
    const bytes = encodeUtf8(sortedJson(rest));
    if (bytes.length > UNPACKED_MOST) return refused(TOO_LARGE);
    const payload = encodeBase64Url(deflate(bytes));
    parts.push(`s=${CURRENT_FORMAT}.${payload}.${encodeBase64Url(checksum(bytes))}`);
  }
  const fragment = `#${parts.join("&")}`;
  if (fragment.length > LONGEST) return refused(TOO_LARGE);
  const isLong = fragment.length > COMFORTABLE;
  return ok({ fragment, warning: isLong ? warningOf(fragment.length) : null });
}

/**
 * Reads the part of an address from its "#" on. Refused, in a sentence: broken, cut off, too large, of a newer format, or
 * holding what is no scenario. Nothing in a link is ever run.
 */
export function decodeLink(fragment: string, shelf: Shelf): Result<Link> {
  if (fragment.length > LONGEST) return refused("This link is too long to be one of ours.");
  const fields = fieldsOf(fragment.replace(/^#/, ""));
  if (fields === null || (fields.l === null && fields.s === null)) {
    return refused("This link is not one of ours: it names no scenario.");
  }
  const rest = fields.s === null ? ok({}) : readRest(fields.s);
  if (!rest.ok) return rest;
  const checked = v.safeParse(REST, rest.value);
  if (!checked.success)
    return refused(`This link is broken: ${problemText(firstProblem(checked))}.`);
  const { scenario, change, without, position, view, outcome } = checked.output;
  const document = fields.l === null ? ok(scenario) : shelved(fields.l, shelf);
  if (!document.ok) return document;
  if (fields.l === null ? change !== undefined || without.length > 0 : scenario !== undefined) {
    return refused("This link is broken: it both names a scenario and holds one.");
  }
  const parsed = parseScenario(changed(document.value, change ?? {}, without));
  if (!parsed.ok) {
    const [problem = { path: "", reason: "is no scenario" }] = parsed.problem;
    return refused(`The scenario in this link cannot be used: ${problemText(problem)}.`);
  }
  return ok({ scenario: parsed.value, position, view, outcome });
}

const TOO_LARGE = "This scenario is too large for a link. Save it as a file instead.";

function warningOf(length: number): string {
  return `This link has ${length} characters; chat and mail programs may cut it. Saving the scenario as a file is safer.`;
}

const REST = v.strictObject({
  /** The whole document, when it is on no shelf. */
  scenario: v.optional(v.record(v.string(), v.unknown())),
  /** Fields of the document on the shelf that are replaced, and those that are left out. */
  change: v.optional(v.record(v.string(), v.unknown())),
  without: v.optional(v.array(v.string()), []),
  position: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 0),
  view: v.optional(
    v.pipe(
      v.record(v.pipe(v.string(), v.maxLength(40)), v.pipe(v.string(), v.maxLength(400))),
      v.maxEntries(40),
    ),
    {},
  ),
  outcome: v.optional(v.nullable(v.pipe(v.string(), v.regex(/^[0-9a-f]{1,64}$/))), null),
});

/** One decoder a format, each to the JSON it carries. None is ever removed. */
const DECODERS: Readonly<Record<number, (body: string) => Result<unknown>>> = {
  1(body) {
    const [payload = "", sum, ...more] = body.split(".");
    if (sum === undefined) return refused("This link is cut off: its end is missing.");
    const packed = decodeBase64Url(payload);
    const expected = decodeBase64Url(sum);
    if (packed === null || expected === null || more.length > 0) return refused(DAMAGED);
    const bytes = inflate(packed, UNPACKED_MOST);
    if (!bytes.ok) return refused(`This link is damaged: ${bytes.problem}.`);
    if (!equalBytes(checksum(bytes.value), expected)) return refused(DAMAGED);
    const text = decodeUtf8(bytes.value);
    const json = text === null ? refused("") : readJson(text);
    return json.ok ? json : refused("This link is broken: what it holds is not JSON.");
  },
};

const DAMAGED =
  "This link is damaged or cut off: some of its characters are not the ones it was made with.";

for (let format = 1; format <= CURRENT_FORMAT; format++) {
  assert(DECODERS[format] !== undefined, `there is a decoder for link format ${format}`);
}

function readRest(text: string): Result<unknown> {
  const match = /^(\d{1,6})\.(.*)$/s.exec(text);
  if (match === null) return refused("This link is broken: it does not say its format.");
  const format = Number(match[1]);
  const decoder = DECODERS[format];
  if (decoder === undefined) {
    return refused(
      `This link is of format ${format}; this page reads formats up to ${CURRENT_FORMAT}. Reload it to get a newer one.`,
    );
  }
  return decoder(match[2] ?? "");
}

/** Null when anything but `l` and `s`, once each, is in it. */
function fieldsOf(text: string): { l: string | null; s: string | null } | null {
  const fields: { l: string | null; s: string | null } = { l: null, s: null };
  for (const part of text.split("&")) {
    const [name = "", ...value] = part.split("=");
    if ((name !== "l" && name !== "s") || fields[name] !== null || value.length === 0) return null;
    fields[name] = value.join("=");
  }
  return fields;
}

interface Content {
  readonly id: string | null;
  readonly content: JsonObject;
}

/** The shortest way to say a document: what is on the shelf and how it differs, or all of it. */
function contentOf(document: JsonObject, shelf: Shelf): Content {
  let best: Content = { id: null, content: { scenario: document } };
  let length = sortedJson(best.content).length;
  for (const { id, scenario } of shelf) {
    const parsed = parseScenario(scenario);
    if (!parsed.ok) continue;
    const content = difference(documentOf(parsed.value), document);
    const size = sortedJson(content).length;
    if (size < length) [best, length] = [{ id, content }, size];
  }
  return best;
}

/** Field by field of the document itself; a field that differs is given whole. */
function difference(from: JsonObject, to: JsonObject): JsonObject {
  const change: Record<string, Json> = {};
  for (const [field, value] of Object.entries(to)) {
    if (from[field] === undefined || sortedJson(from[field]) !== sortedJson(value)) {
      change[field] = value;
    }
  }
  const without = Object.keys(from).filter((field) => to[field] === undefined);
  return {
    ...(Object.keys(change).length === 0 ? {} : { change }),
    ...(without.length === 0 ? {} : { without: without.sort() }),
  };
}

function shelved(id: string, shelf: Shelf): Result<unknown> {
  const found = shelf.find((each) => each.id === id);
  if (found === undefined) {
    return refused(
      `This link names a scenario ${JSON.stringify(id.slice(0, 60))} that is not in the library.`,
    );
  }
  const parsed = parseScenario(found.scenario);
  return parsed.ok ? ok(documentOf(parsed.value)) : refused(`The library's ${id} cannot be read.`);
}

function changed(
  document: unknown,
  change: Readonly<Record<string, unknown>>,
  without: readonly string[],
): unknown {
  if (typeof document !== "object" || document === null) return document;
  const kept = Object.entries(document).filter(([field]) => !without.includes(field));
  return { ...Object.fromEntries(kept), ...change };
}

/** CRC-32 of the unpacked text, so that a changed letter is seen even where it gives readable JSON. */
function checksum(bytes: Uint8Array): Uint8Array {
  const sum = crc32(bytes);
  return Uint8Array.of(sum >>> 24, (sum >>> 16) & 255, (sum >>> 8) & 255, sum & 255);
}

function firstProblem(failed: { readonly issues: readonly v.BaseIssue<unknown>[] }) {
  const [issue] = failed.issues;
  return issue === undefined ? { path: "", reason: "is broken" } : problemOf(issue);
}
