import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { decodeLink, encodeLink } from "#scenario/link.ts";
import { parseScenario } from "#scenario/schema.ts";
import { filesOf } from "./incidents/pysyncobj-201/files.ts";
import { LIBRARY, libraryScenario } from "./registry.ts";

describe.each(LIBRARY)("$id", ({ id, scenario }) => {
  it("is a document of the published schema", () => {
    const parsed = parseScenario(scenario);
    expect(parsed.ok ? [] : parsed.problem).toEqual([]);
  });

  it("is JSON and nothing else", () => {
    expect(JSON.parse(JSON.stringify(scenario))).toEqual(scenario);
  });

  it("is linked by its id", () => {
    const parsed = parseScenario(scenario);
    if (!parsed.ok) return;
    const link = { scenario: parsed.value, position: 0, view: {}, outcome: null };
    expect(encodeLink(link, LIBRARY)).toEqual({
      ok: true,
      value: { fragment: `#l=${id}`, warning: null },
    });
    expect(decodeLink(`#l=${id}`, LIBRARY)).toEqual({ ok: true, value: link });
  });
});

it("has every scenario under one id only", () => {
  expect(new Set(LIBRARY.map(({ id }) => id)).size).toBe(LIBRARY.length);
  expect(libraryScenario("pysyncobj-201")?.kind).toBe("incident");
  expect(libraryScenario("nope")).toBeNull();
});

it("has the real files of the main incident, unchanged", () => {
  const sums = filesOf("A").map(({ path, base64 }) => {
    const bytes = Buffer.from(base64, "base64");
    return { path, size: bytes.length, sum: createHash("sha256").update(bytes).digest("hex") };
  });
  expect(sums).toEqual([
    {
      path: "A/raft.journal",
      size: 4096,
      sum: "1266d0f0624913d2b11da79e6ddb1cb134a31efaa790a283f8e0f07068d4a9de",
    },
    {
      path: "A/raft.journal.meta",
      size: 31,
      sum: "9ca8e7b657c7247e0e465b6debd1376f5000924a1c6b565da16d39e141a099a7",
    },
  ]);
});
