// What a first visit downloads, gzipped: index.html, all it loads eagerly, and the workers.
// Code behind a dynamic import is listed apart.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { inRoot } from "./paths.mjs";

/** Of the built page; another folder may be named. */
const DIST = resolve(process.argv[2] ?? inRoot("dist"));
const FILE = "([^\"'`()\\s?#]+\\.(?:js|css|woff2|wasm))";
const DYNAMIC = new RegExp(`\\bimport\\(\\s*["'\`]${FILE}["'\`]\\s*\\)`, "g");
const STATIC = [
  new RegExp(`\\b(?:from|import)\\s*["']${FILE}["']`, "g"), // modules
  new RegExp(`\\bnew URL\\(\\s*["'\`]${FILE}["'\`]`, "g"), // workers and assets
  new RegExp(`\\burl\\(\\s*["']?${FILE}`, "g"), // fonts in style sheets
  new RegExp(`\\b(?:src|href)="${FILE}"`, "g"), // index.html
];

const page = join(DIST, "index.html");
if (!existsSync(page)) throw new Error("Nothing is built yet: run npm run build first.");

const eager = reach([page], STATIC);
const all = reach([page], [...STATIC, DYNAMIC]);

print("First visit", eager);
print(
  "On demand",
  all.filter((file) => !eager.includes(file)),
);

/**
 * All files that can be reached from `start` by references of these kinds.
 * @param {string[]} start
 * @param {RegExp[]} kinds
 */
function reach(start, kinds) {
  const found = new Set(start);
  for (const file of found) {
    if (!/\.(html|js|css)$/.test(file)) continue;
    const text = readFileSync(file, "utf8");
    for (const [, name = ""] of kinds.flatMap((kind) => [...text.matchAll(kind)])) {
      const target = normalize(join(dirname(file), name));
      if (existsSync(target)) found.add(target); // a set visits what is added while it is walked
    }
  }
  return [...found];
}

/**
 * @param {string} title
 * @param {string[]} files
 */
function print(title, files) {
  const rows = files
    .map((file) => ({ name: relative(DIST, file), bytes: gzipSync(readFileSync(file)).length }))
    .sort((a, b) => b.bytes - a.bytes);
  const total = rows.reduce((sum, { bytes }) => sum + bytes, 0);
  console.log(`${title}: ${kilobytes(total)} gzipped in ${rows.length} files`);
  for (const { name, bytes } of rows) console.log(`  ${kilobytes(bytes).padStart(10)}  ${name}`);
}

/** @param {number} bytes */
function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
