import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { ensureInstalled } from "./install.mjs";
import { locked } from "./lock.mjs";
import { inRoot, root } from "./paths.mjs";

const SCRIPT = inRoot("dist", "cli", "main.js");
const NOT_IN_IT = new Set(["ui", "tidy", "tools", "fixtures"]);

/**
 * Returns the path of a built, current command line tool.
 * @param {(line: string) => void} say
 */
export async function ensureCli(say) {
  if (isCurrent()) return SCRIPT;
  await ensureInstalled(say);
  await locked(inRoot(".out", "cli.lock"), async () => {
    if (!isCurrent()) await buildCli();
  });
  return SCRIPT;
}

/** Builds beside the target and renames, so that nobody ever runs half a file. */
async function buildCli() {
  const { build } = await import("vite");
  const fresh = inRoot(".out", `cli-${process.pid}`);
  await build({
    root,
    logLevel: "error",
    build: { ssr: inRoot("src", "cli", "main.ts"), outDir: fresh, emptyOutDir: true },
  });
  mkdirSync(dirname(SCRIPT), { recursive: true });
  renameSync(join(fresh, "main.js"), SCRIPT);
  rmSync(fresh, { recursive: true, force: true });
}

function isCurrent() {
  if (!existsSync(SCRIPT)) return false;
  const builtAt = statSync(SCRIPT).mtimeMs;
  return newest(inRoot("src")) <= builtAt && changedAt(inRoot("vite.config.ts")) <= builtAt;
}

/**
 * When the youngest file or folder below `folder` changed. Folders count: theirs is the time of
 * the last file added or removed.
 * @param {string} folder
 * @returns {number}
 */
function newest(folder) {
  let latest = changedAt(folder);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (NOT_IN_IT.has(entry.name) || /\.test\.tsx?$/.test(entry.name)) continue;
    const path = join(folder, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(path) : changedAt(path));
  }
  return latest;
}

/** @param {string} path */
function changedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
