// Runs before `npm start` and `npm test`, so that a fresh clone needs nothing but Node and npm.
// With --browser it also sees to a Chromium for the tests. Built-ins only.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { findBrowser } from "./browser.mjs";
import { ensureInstalled } from "./install.mjs";
import { inRoot, root } from "./paths.mjs";

const OLDEST_NODE = [20, 19];

try {
  checkNode();
  await ensureInstalled(say);
  if (process.argv.includes("--browser")) await ensureBrowser();
} catch (error) {
  console.error(`\nBlackstart: ${error instanceof Error ? error.message : error}`);
  // Whoever reads the last line of `npm test` gets a count even when no test could start.
  if (process.env.npm_lifecycle_event === "pretest") console.log("0 passed, 1 failed");
  process.exitCode = 1;
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new Error(`Node ${OLDEST_NODE.join(".")} or newer is needed; this is ${process.version}.`);
}

async function ensureBrowser() {
  if (await hasBrowser()) return;
  say("The tests need a Chromium and none was found.");
  for (const attempt of [aptInstall, playwrightInstall]) {
    attempt();
    if (await hasBrowser()) return;
  }
  throw new Error(
    "No Chromium could be found or installed. Install Chromium or Chrome, " +
      "or set PLAYWRIGHT_CHROMIUM_PATH to one.",
  );
}

async function hasBrowser() {
  if (findBrowser() !== undefined) return true;
  const { chromium } = await import("playwright");
  return existsSync(chromium.executablePath());
}

/** Preferred where possible: unlike Playwright's download it brings the shared libraries too. */
function aptInstall() {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !existsSync("/etc/debian_version") || !existsSync("/usr/bin/apt-get")) return;
  say("Installing Debian's chromium with apt-get ...");
  if (!run("apt-get", ["-qq", "update"])) return;
  const packages = ["chromium", "fonts-liberation"];
  run("apt-get", ["-qq", "-y", "--no-install-recommends", "install", ...packages]);
}

function playwrightInstall() {
  say("Downloading Playwright's Chromium ...");
  run(process.execPath, [inRoot("node_modules", "playwright", "cli.js"), "install", "chromium"]);
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync(command, args, { cwd: root, env, stdio: ["ignore", 2, 2] }).status === 0;
}

/** @param {string} line */
function say(line) {
  console.error(`Blackstart: ${line}`);
}
