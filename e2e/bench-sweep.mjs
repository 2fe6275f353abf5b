// Does the page keep its pace while crash states are tried? The times from one animation frame to the next, from the click
// to the picture of what was found. Prints one line of JSON. Needs a built site (`npm run build`) and a browser:
//
//   node e2e/bench-sweep.mjs [FOLDER OF THE BUILT SITE]

import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { preview } from "vite";
import { launchOptions } from "../src/tools/browser.mjs";

const LESSON = "pysyncobj-201";
/** A lesson's sweeps are short, so there are many of them. */
const SWEEPS = 25;
const METHOD = `wall time from one animation frame to the next, from the click on "Try every crash state" to the end, all machines of ${LESSON} at its last step under adversarial, ${SWEEPS} times after one to warm up`;

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
  await page.goto(`${server.resolvedUrls?.local[0] ?? ""}#l=${LESSON}`);
  await page.locator("[data-testid=app][data-ready=true]").waitFor({ timeout: 120_000 });
  // By then most is waiting in all three page caches.
  await page.getByRole("slider", { name: "Step" }).press("End");
  await page.getByRole("tab", { name: "Crash states" }).click();
  await page.getByRole("button", { name: "All with power" }).click();
  await page.getByText(/^Options/).click();
  await page.getByRole("combobox", { name: "Policy" }).selectOption("adversarial");
  await sweep(page);
  const times = [];
  for (let round = 0; round < SWEEPS; round++) times.push(await sweep(page));
  const frames = times.flat();
  return {
    what: "frames while a sweep runs, ms",
    frames: frames.length,
    perSweep: Math.round(frames.reduce((sum, each) => sum + each, 0) / SWEEPS),
    p50: quantile(frames, 0.5),
    p95: quantile(frames, 0.95),
    most: quantile(frames, 1),
    method: METHOD,
  };
}

/** Milliseconds of each frame of one sweep. */
function sweep(/** @type {import("@playwright/test").Page} */ page) {
  return page.evaluate(
    () =>
      /** @type {Promise<number[]>} */ (
        new Promise((resolve) => {
          const button = /** @type {HTMLButtonElement} */ (
            document.querySelector(".sweep-form button[type=submit]")
          );
          const times = /** @type {number[]} */ ([]);
          let before = 0;
          let after = 0;
          const tick = (/** @type {number} */ now) => {
            if (before === 0) button.click();
            else times.push(now - before);
            before = now;
            // Two frames more: what was found is drawn as well.
            if (times.length > 2 && !button.disabled) after += 1;
            if (after > 2) resolve(times);
            else requestAnimationFrame(tick);
          };
          requestAnimationFrame(tick);
        })
      ),
  );
}

function quantile(/** @type {readonly number[]} */ values, /** @type {number} */ part) {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
  return Math.round(value * 100) / 100;
}
