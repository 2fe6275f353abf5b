import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { breaches, overrules, plugInBreaches, type Source } from "./check.ts";
import { layers, OVERRULES_MAX } from "./layers.ts";

const src = fileURLToPath(new URL("../", import.meta.url));
const paths = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(src.length).replaceAll("\\", "/"));
const sources: Source[] = paths
  .filter((path) => /\.tsx?$/.test(path) && !path.includes("/fixtures/"))
  .map((path) => ({ path, text: readFileSync(join(src, path), "utf8") }));

describe("the files under src/", () => {
  it("were found", () => {
    expect(sources.map(({ path }) => path)).toContain("main.tsx");
    expect(sources.map(({ path }) => path)).toContain("tidy/tidy.test.ts");
  });

  it("keep the import law and the purity of their layers", () => {
    expect(breaches(sources)).toEqual([]);
  });

  it("have every plug-in registered, and every system explained", () => {
    expect(plugInBreaches(paths, sources)).toEqual([]);
  });

  it(`overrule a check at most ${OVERRULES_MAX} times`, () => {
    const judged = sources.filter(({ path }) => !path.startsWith("tidy/"));
    expect(overrules(judged)).toBeLessThanOrEqual(OVERRULES_MAX);
  });
});

describe("the import law", () => {
  it("names only layers and files that are spelt as such", () => {
    for (const allowed of Object.values(layers).flatMap(({ may }) => may)) {
      expect(layers).toHaveProperty([allowed.split("/")[0] ?? ""]);
    }
  });

  it.each([
    ["a lower layer", "raft/step.ts", `import { assert } from "#base/assert.ts";`],
    ["a file of its own folder", "disk/disk.ts", `import { a } from "./cell.ts";`],
    ["a file further up in its layer", "ui/panels/A.tsx", `import { a } from "#ui/store.ts";`],
    ["a root file of the plug-in layer", "system/ra/wal.ts", `import "#system/contract.ts";`],
    ["a plug-in by its door", "system/registry.ts", `import { ra } from "./ra/index.ts";`],
    ["a system's codec", "importer/ra/index.ts", `import { f } from "#system/ra/format.ts";`],
    ["the one file it may know", "view/ring.ts", `import type { F } from "#sim/frame.ts";`],
    ["its worker", "worker/client.ts", `new URL("./host.ts", import.meta.url);`],
    ["what a test needs", "raft/step.test.ts", `import { it } from "vitest"; import "#sim/a.ts";`],
  ])("allows %s", (_, path, text) => {
    expect(breaches([{ path, text }])).toEqual([]);
  });

  it.each([
    ["an upper layer", "disk/disk.ts", `import { a } from "#sim/machine.ts";`],
    ["an upper layer's type", "raft/log.ts", `type A = import("#disk/types.ts").A;`],
    ["an upper layer on demand", "view/ring.ts", `const a = await import("#sim/machine.ts");`],
    ["an upper layer passed on", "base/a.ts", `export { a } from "#raft/types.ts";`],
    ["another file than the one it may know", "sim/a.ts", `import "#raft/quorum.ts";`],
    ["../ for another layer", "disk/disk.ts", `import { a } from "../base/rng.ts";`],
    ["../ in a test", "ui/panels/A.test.ts", `import { a } from "../store.ts";`],
    ["./ for another layer", "main.tsx", `import { App } from "./ui/App.tsx";`],
    ["# for its own folder", "disk/disk.ts", `import { a } from "#disk/cell.ts";`],
    ["a sibling plug-in", "system/ra/wal.ts", `import "#system/valkey/index.ts";`],
    ["a sibling's codec", "importer/ra/index.ts", `import "#importer/valkey/index.ts";`],
    ["the inside of a plug-in", "hunt/swarm.ts", `import "#system/ra/wal.ts";`],
    ["the inside of its own plug-in", "system/registry.ts", `import "./ra/wal.ts";`],
    ["a package of others", "raft/log.ts", `import { useState } from "react";`],
    ["Node in a pure layer", "audit/a.ts", `import { readFileSync } from "node:fs";`],
    ["a file without its extension", "disk/disk.ts", `import { a } from "./cell";`],
    ["a file of no layer", "utils/a.ts", ""],
    ["a file beside main.tsx", "helpers.ts", ""],
    ["a barrel", "disk/index.ts", ""],
    ["a wholesale export", "disk/disk.ts", `export * from "./cell.ts";`],
    ["chance", "sim/a.ts", "const a = Math.random();"],
    ["the time of day", "sim/a.ts", "const a = new Date();"],
    ["the time of day, as a function", "library/a.ts", "const a = [Date.now].map((f) => f());"],
    ["a stopwatch", "hunt/a.ts", "const a = performance.now();"],
    ["the console", "audit/a.ts", `console.log("here");`],
    ["a locale", "view/a.ts", `["b", "a"].sort((a, b) => a.localeCompare(b));`],
  ])("refuses %s", (_, path, text) => {
    expect(breaches([{ path, text }])).toHaveLength(1);
  });

  it("is not fooled by comments, strings and names", () => {
    const text = `
      // import "#sim/a.ts"; Math.random() and new Date() are not for this layer.
      const text = 'import "#sim/a.ts"; console.log(1)';
      const frame = { Date: 1, performance: text };
      export const sum = frame.Date + frame.performance.length;
    `;
    expect(breaches([{ path: "disk/disk.ts", text }])).toEqual([]);
  });
});

describe("the listing of plug-ins", () => {
  const registry = { path: "system/registry.ts", text: `import { ra } from "./ra/index.ts";` };
  const whole = ["system/registry.ts", "system/ra/index.ts", "system/ra/README.md"];

  it("is content when registry and folders agree", () => {
    expect(plugInBreaches([...whole, "system/fixtures/a.bin"], [registry])).toEqual([]);
  });

  it("misses a folder that is not registered, and one that is not explained", () => {
    expect(plugInBreaches([...whole, "system/valkey/index.ts"], [registry])).toEqual([
      "system/valkey is not in system/registry.ts",
      "system/valkey has no README.md",
    ]);
  });
});

it("counts what overrules a check", () => {
  const text = `
    // @ts-ignore
    const a = 1 as any; // biome-ignore lint: no
    const b = "as any";
  `;
  expect(overrules([{ path: "base/a.ts", text }])).toBe(3);
});
