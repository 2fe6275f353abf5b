// How much the main thread does for each frame of motion: five servers, about a hundred messages on their way, more than
// five hundred entries in every log. Prints one line of JSON. Needs a built site (`npm run build`) and a browser:
//
//   node e2e/bench-frame.mjs [FOLDER OF THE BUILT SITE]

import { fileURLToPath } from "node:url";
import { crc32, deflateRawSync } from "node:zlib";
import { chromium } from "@playwright/test";
import { preview } from "vite";
import { launchOptions } from "../src/tools/browser.mjs";

const MILLISECOND = 1_000;
const SECOND = 1_000_000;
/** Eight messages for each write, each on its way for so long: about a hundred at any time. */
const WRITE_EVERY = 8 * MILLISECOND;
const DELAY = 100 * MILLISECOND;
const WRITES = 800;
const ENTRIES = 500;
const WATCHED_MS = 6_000;
const METHOD =
  "CPU time of the tasks of the page's main thread between one animation frame and the next, from a trace, while the run plays at a tenth of real time";

const server = await preview({
  root: fileURLToPath(new URL("..", import.meta.url)),
  logLevel: "error",
  build: { outDir: process.argv[2] ?? "dist" },
  preview: { host: "127.0.0.1", port: 0, open: false },
});
const browser = await chromium.launch(launchOptions());
try {
  process.stdout.write(`${JSON.stringify(await measure())}\n`);
} finally {
  await browser.close();
  await server.close();
}

async function measure() {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  await page.goto(`${server.resolvedUrls?.local[0] ?? ""}${fragmentOf(crowd())}`);
  await page.locator("[data-testid=app][data-ready=true]").waitFor({ timeout: 120_000 });
  const entries = await toCrowdedStep(page);
  await page.getByRole("combobox", { name: "Speed" }).selectOption({ label: "1/10 of real time" });
  await page.getByRole("button", { name: "Play" }).click();
  await page.waitForTimeout(500);

  await browser.startTracing(page, {
    categories: ["devtools.timeline", "disabled-by-default-devtools.timeline", "toplevel"],
  });
  const messages = [];
  for (let waited = 0; waited < WATCHED_MS; waited += 500) {
    await page.waitForTimeout(500);
    messages.push(Number(await page.locator(".flights").first().getAttribute("data-messages")));
  }
  const trace = JSON.parse((await browser.stopTracing()).toString());

  const work = frameWork(trace.traceEvents);
  return {
    what: "frame work on the main thread, ms",
    frames: work.length,
    perSecond: Math.round((1000 * work.length) / WATCHED_MS),
    p50: quantile(work, 0.5),
    p95: quantile(work, 0.95),
    most: quantile(work, 1),
    messages: quantile(messages, 0.5),
    entries,
    method: METHOD,
  };
}

/** Goes on until the logs are long enough. Returns how long they are. */
async function toCrowdedStep(/** @type {import("@playwright/test").Page} */ page) {
  const scrubber = page.getByRole("slider", { name: "Step" });
  const box = await scrubber.boundingBox();
  if (box === null) throw new Error("The scrubber is not there.");
  for (let part = 0.6; part < 0.9; part += 0.05) {
    const before = await page.getByTestId("app").getAttribute("data-step");
    await scrubber.click({ position: { x: part * box.width, y: box.height - 6 } });
    await page.locator(`[data-testid=app]:not([data-step="${before}"])`).waitFor();
    const card = page.getByRole("button", { name: /^A, / });
    const log = /log up to (\d+)/.exec((await card.getAttribute("aria-label")) ?? "")?.[1];
    if (Number(log) >= ENTRIES) return Number(log);
  }
  throw new Error(`No log has ${ENTRIES} entries.`);
}

/** Five servers far apart, and a client that never stops writing. */
function crowd() {
  const names = ["A", "B", "C", "D", "E"];
  const writes = Array.from({ length: WRITES }, (_, at) => ({
    anchor: { type: "at", time: SECOND + at * WRITE_EVERY },
    action: { type: "client", client: "load", server: "A", key: `key-${at % 20}`, value: `${at}` },
  }));
  return {
    format: "blackstart-scenario",
    version: 2,
    title: "A crowd of messages",
    system: "reference",
    cluster: { machines: names.map((id) => ({ id })) },
    choices: { "A/1/election-timeout/0": 150 * MILLISECOND },
    options: { electionTimeoutMin: SECOND, electionTimeoutMax: 2 * SECOND },
    network: { delay: [DELAY, DELAY] },
    script: [
      { anchor: { type: "at", time: 0 }, action: { type: "boot", machines: names } },
      ...writes,
    ],
    until: SECOND + WRITES * WRITE_EVERY,
  };
}

/** The scenario as a link carries it. */
function fragmentOf(/** @type {unknown} */ scenario) {
  const bytes = Buffer.from(JSON.stringify({ scenario }));
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return `#s=1.${deflateRawSync(bytes).toString("base64url")}.${sum.toString("base64url")}`;
}

/**
 * @typedef {object} TraceEvent
 * @property {string} name
 * @property {string} ph
 * @property {number} pid
 * @property {number} tid
 * @property {number} ts microseconds
 * @property {number} [dur] microseconds
 * @property {number} [tdur] microseconds that the thread itself was running
 */

/** For every animation frame the milliseconds of all tasks from its own to the next frame's. */
function frameWork(/** @type {readonly TraceEvent[]} */ events) {
  const ticks = events.filter(({ name }) => name === "FireAnimationFrame");
  const [tick] = ticks;
  if (tick === undefined) throw new Error("Nothing moved.");
  const tasks = events
    .filter(({ name, ph, tid, pid }) => {
      return name === "RunTask" && ph === "X" && tid === tick.tid && pid === tick.pid;
    })
    .toSorted((a, b) => a.ts - b.ts);
  const frames = [];
  for (const { ts, dur = 0, tdur = dur } of tasks) {
    const isFrame = ticks.some((each) => each.ts >= ts && each.ts <= ts + dur);
    if (isFrame) frames.push(0);
    if (frames.length > 0) frames[frames.length - 1] = (frames.at(-1) ?? 0) + tdur / 1000;
  }
  return frames.slice(0, -1);
}

function quantile(/** @type {readonly number[]} */ values, /** @type {number} */ part) {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
  return Math.round(value * 100) / 100;
}
