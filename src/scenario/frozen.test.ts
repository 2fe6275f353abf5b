import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
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

  it("has the link that it had", () => {
    const decoded = decodeLink(link, []);
    expect(decoded.ok && encodeLink(decoded.value, [])).toMatchObject({
      value: { fragment: link },
    });
  });

  it("keeps every field it was written with", () => {
    const read = readScenario(document);
    expect(read).toMatchObject({ value: JSON.parse(document) });
  });
});

it("a document of the current version is upgraded to itself", () => {
  const document = { version: 1, anything: 2 };
  expect(upgrade(document)).toEqual({ ok: true, value: document });
});

function fixture(name: string): string {
  return readFileSync(`src/scenario/fixtures/${name}`, "utf8");
}
