import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { systemEntry } from "#system/catalogue.ts";
import { canonicalJson } from "./canonical.ts";
import { decodeLink, encodeLink } from "./link.ts";
import { readScenario } from "./schema.ts";
import { upgrade } from "./upgrade.ts";

/**
 * A document and a link of each version, as they were when that version, or what it gained, was written. They are never made
 * anew.
 */
describe.each(["v1", "v1-disk"])("%s, frozen", (name) => {
  const document = fixture(`${name}-document.json`);
  const link = fixture(`${name}-link.txt`).trim();

  it("is still read as the same scenario by document and by link", () => {
    const read = readScenario(document);
    const decoded = decodeLink(link, []);
    expect(read.ok && decoded.ok).toBe(true);
    expect(decoded).toMatchObject({
      value: { position: 345, view: { tab: "disk", server: "C" }, outcome: "00c0ffee00c0ffee" },
    });
    expect(decoded.ok && canonicalJson(decoded.value.scenario)).toBe(
      read.ok && canonicalJson(read.value),
    );
  });

  it("has a link of the current version that says the same", () => {
    const decoded = decodeLink(link, []);
    const again = decoded.ok ? encodeLink(decoded.value, []) : null;
    expect(again?.ok && decodeLink(again.value.fragment, [])).toEqual(decoded);
  });

  it("keeps every field it was written with", () => {
    const read = readScenario(document);
    const { bugs, twin, ...rest } = JSON.parse(document);
    expect(read).toMatchObject({ value: { ...rest, version: 2 } });
    const named = (given: unknown) => (Array.isArray(given) ? expect.arrayContaining(given) : null);
    expect(read.ok && read.value.bugs).toEqual(named(bugs));
    expect(read.ok && (read.value.twin?.bugs ?? null)).toEqual(named(twin?.bugs));
  });
});

it("a document of the current version is upgraded to itself", () => {
  const document = { version: 2, anything: 2 };
  expect(upgrade(document)).toEqual({ ok: true, value: document });
});

describe("version 1", () => {
  const was = { version: 1, system: "pysyncobj" };

  it("a list of PySyncObj's bugs says what had no name then", () => {
    const upgraded = upgrade({ ...was, bugs: ["vote-not-saved"], twin: { bugs: [] } });
    expect(upgraded).toMatchObject({ ok: true, value: { version: 2, system: "pysyncobj" } });
    const { bugs, twin } = (upgraded.ok ? upgraded.value : {}) as unknown as Lists;
    expect(bugs[0]).toBe("vote-not-saved");
    expect(bugs).toContain("append-cuts-everything");
    expect(bugs).toContain("applied-truncation-unnoticed");
    expect(twin.bugs).toContain("append-cuts-everything");
    expect(twin.bugs).not.toContain("applied-truncation-unnoticed");
    const known = systemEntry("pysyncobj")?.bugs.map(({ id }) => id) ?? [];
    expect([...bugs, ...twin.bugs].filter((id) => !known.includes(id))).toEqual([]);
  });

  it("whoever names a preset, and every other system, means the same as before", () => {
    const named = { ...was, preset: "PR #202", bugs: null };
    expect(upgrade(named)).toEqual({ ok: true, value: { ...named, version: 2 } });
    const other = { version: 1, system: "reference", bugs: ["no-checksum"] };
    expect(upgrade(other)).toEqual({ ok: true, value: { ...other, version: 2 } });
  });
});

interface Lists {
  readonly bugs: readonly string[];
  readonly twin: { readonly bugs: readonly string[] };
}

function fixture(name: string): string {
  return readFileSync(`src/scenario/fixtures/${name}`, "utf8");
}
