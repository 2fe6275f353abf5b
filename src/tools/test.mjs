// `npm test`: every gate in turn, stopping at the first that fails. The last line is the count.
// With --quick (`npm run check`): no build and no browser.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { performance } from "node:perf_hooks";
import { inRoot, root } from "./paths.mjs";

/** @typedef {{ passed: number, failed: number }} Count */

/**
 * A gate runs its commands in order. `count` reads how many tests that was; without it the gate
 * counts as one.
 * @typedef {object} Gate
 * @property {string} title
 * @property {string[][]} commands
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string} [report] a JSON report that the last command writes
 * @property {(report: any) => Count} [count]
 */

const quick = process.argv.includes("--quick");
const VITEST_REPORT = inRoot(".out", "vitest.json");
const E2E_REPORT = inRoot(".out", "e2e.json");

const vite = bin("vite", "bin", "vite.js");

/** @type {Gate[]} */
const always = [
  { title: "Format and lint", commands: [[bin("@biomejs", "biome", "bin", "biome"), "check"]] },
  { title: "Types", commands: [[bin("typescript", "bin", "tsc"), "-b"]] },
  { title: "Dead code", commands: [[bin("knip", "bin", "knip.js"), "--no-config-hints"]] },
  {
    title: quick ? "Unit tests" : "Unit and browser tests",
    commands: [
      [
        bin("vitest", "vitest.mjs"),
        "run",
        ...(quick ? ["--project", "unit"] : []),
        "--reporter=default",
        "--reporter=json",
        `--outputFile.json=${VITEST_REPORT}`,
      ],
    ],
    report: VITEST_REPORT,
    count: (report) => ({ passed: report.numPassedTests, failed: report.numFailedTests }),
  },
];

/** @type {() => Promise<Gate[]>} */
const thorough = async () => [
  {
    title: "Build",
    commands: [
      [vite, "build"],
      [vite, "build", "--ssr", "src/cli/main.ts", "--outDir", "dist/cli"],
    ],
  },
  {
    title: "End to end",
    commands: [[bin("@playwright", "test", "cli.js"), "test", "-c", "e2e/playwright.config.ts"]],
    env: { E2E_PORT: String(await freePort()), E2E_REPORT },
    report: E2E_REPORT,
    count: ({ stats }) => ({ passed: stats.expected + stats.flaky, failed: stats.unexpected }),
  },
];

process.exitCode = await runGates([...always, ...(quick ? [] : await thorough())]);

/**
 * @param {Gate[]} gates
 * @returns {Promise<number>} the exit code
 */
async function runGates(gates) {
  mkdirSync(inRoot(".out"), { recursive: true });
  const total = { passed: 0, failed: 0 };
  for (const [index, gate] of gates.entries()) {
    console.log(`\n=== ${index + 1}/${gates.length} ${gate.title} ===`);
    const started = performance.now();
    const count = await runGate(gate);
    total.passed += count.passed;
    total.failed += count.failed;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`=== ${gate.title}: ${count.failed === 0 ? "passed" : "FAILED"} in ${seconds} s`);
    if (count.failed > 0) {
      const rest = gates.slice(index + 1).map((each) => each.title.toLowerCase());
      console.log(`\nFailed at: ${gate.title}. What is wrong is said above.`);
      if (rest.length > 0) console.log(`Not run: ${rest.join(", ")}.`);
      break;
    }
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 ? 0 : 1;
}

/**
 * @param {Gate} gate
 * @returns {Promise<Count>}
 */
async function runGate(gate) {
  if (gate.report !== undefined) rmSync(gate.report, { force: true });
  let succeeded = true;
  for (const command of gate.commands) {
    succeeded = succeeded && (await run(command, gate.env ?? {}));
  }
  if (gate.report === undefined || gate.count === undefined) {
    return succeeded ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  }
  const counted = existsSync(gate.report)
    ? gate.count(JSON.parse(readFileSync(gate.report, "utf8")))
    : { passed: 0, failed: 0 };
  // A run can fail outside of any test (a file that does not load), or say it is well and have
  // run nothing: both count as one failure.
  const isSound = succeeded && counted.passed > 0;
  return isSound ? counted : { ...counted, failed: Math.max(counted.failed, 1) };
}

/**
 * @param {string[]} command a script for Node, and its arguments
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<boolean>}
 */
function run(command, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, ...env },
    });
    child.on("error", reject);
    child.on("close", (code) => resolve(code === 0));
  });
}

/** @param {string[]} path */
function bin(...path) {
  return inRoot("node_modules", ...path);
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = address !== null && typeof address === "object" ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
