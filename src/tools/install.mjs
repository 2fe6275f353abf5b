// Brings node_modules in line with the lockfile. Built-ins only, for the obvious reason.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { locked } from "./lock.mjs";
import { inRoot, root } from "./paths.mjs";

const STAMP = inRoot("node_modules", ".installed"); // written last, so a cut install is redone

/**
 * Returns at once when the lockfile has not changed since the last time.
 * @param {(line: string) => void} say
 */
export async function ensureInstalled(say) {
  if (isInstalled()) return;
  await locked(
    inRoot(".out", "install.lock"),
    () => {
      if (!isInstalled()) install(say);
    },
    () => say("Another command is installing dependencies; waiting for it."),
  );
}

function isInstalled() {
  return existsSync(STAMP) && readFileSync(STAMP, "utf8") === wanted();
}

function wanted() {
  const [major] = process.versions.node.split(".");
  const lockfile = readFileSync(inRoot("package-lock.json"));
  return createHash("sha256")
    .update(lockfile)
    .update(`${process.platform} ${process.arch} ${major}`)
    .digest("hex");
}

/** @param {(line: string) => void} say */
function install(say) {
  say("Installing dependencies from package-lock.json ...");
  const started = Date.now();
  if (!npmCi("--prefer-offline")) {
    say("That failed; once more, without trusting the cache ...");
    if (!npmCi("--prefer-online")) throw new Error("npm ci failed. Its output is above.");
  }
  writeFileSync(STAMP, wanted());
  say(`Dependencies installed in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}

/** @param {string} cachePolicy */
function npmCi(cachePolicy) {
  const options = ["--include=dev", "--no-audit", "--no-fund", "--loglevel=error", cachePolicy];
  const npm = npmScript();
  const result = spawnSync(
    npm === undefined ? "npm" : process.execPath,
    [...(npm === undefined ? [] : [npm]), "ci", ...options],
    {
      cwd: root,
      stdio: ["ignore", 2, 2], // all to stderr: stdout may be a command's result
      shell: npm === undefined && process.platform === "win32", // there, npm is a .cmd
    },
  );
  if (result.error) throw result.error;
  return result.status === 0;
}

/** The npm that is running us if there is one, else the one that came with this Node. */
function npmScript() {
  const bin = dirname(process.execPath);
  const candidates = [
    process.env.npm_execpath ?? "",
    join(bin, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
    join(bin, "node_modules", "npm", "bin", "npm-cli.js"),
  ];
  return candidates.find((path) => basename(path) === "npm-cli.js" && existsSync(path));
}
