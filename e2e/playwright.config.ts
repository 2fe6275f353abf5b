import { defineConfig } from "@playwright/test";
import { launchOptions } from "../src/tools/browser.mjs";

// Served from below the root, as on most static hosts, so that an absolute path cannot slip in.
const port = Number(process.env.E2E_PORT ?? 4187);
const base = "/some/folder/";
const url = `http://127.0.0.1:${port}${base}`;
const report = process.env.E2E_REPORT ?? "../.out/e2e.json";

export default defineConfig({
  testDir: ".",
  outputDir: "../.out/e2e",
  snapshotPathTemplate: "{testDir}/__shots__/{arg}{ext}",
  fullyParallel: true,
  forbidOnly: true,
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [["list"], ["json", { outputFile: report }]],
  use: {
    baseURL: url,
    viewport: { width: 1280, height: 800 },
    // A trace of every test costs a third of the time: E2E_TRACE=1 keeps those of the tests that fail.
    trace: process.env.E2E_TRACE === undefined ? "off" : "retain-on-failure",
    screenshot: "only-on-failure",
    video: "off",
    launchOptions: launchOptions(),
  },
  webServer: {
    command: `node node_modules/vite/bin/vite.js preview --host 127.0.0.1 --port ${port} --strictPort --base ${base}`,
    cwd: "..",
    url,
    reuseExistingServer: false,
    timeout: 60_000,
  },
});
