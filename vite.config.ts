/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig, type UserConfig } from "vite";
import { launchOptions } from "./src/tools/browser.mjs";

const BROWSER_TESTS = "src/**/*.browser.test.{ts,tsx}";

/** The command line tool is built into one file that needs nothing installed. */
const commandLine: UserConfig = {
  ssr: { noExternal: true },
  build: {
    target: "node20",
    copyPublicDir: false,
    rolldownOptions: { output: { entryFileNames: "main.js", codeSplitting: false } },
  },
};

export default defineConfig(({ isSsrBuild }) => ({
  base: "./", // the built site works from any folder of any server
  plugins: [react()],
  worker: { format: "es" },
  // Named ahead, for the dev server reloads the page whenever it discovers a dependency late.
  optimizeDeps: {
    include: [
      "@tanstack/react-virtual",
      "d3",
      "fflate",
      "idb",
      "immer",
      "radix-ui",
      "react",
      "react-dom",
      "react-dom/client",
      "react/jsx-dev-runtime",
      "react/jsx-runtime",
      "valibot",
      "zustand",
      "zustand/middleware/immer",
    ],
  },
  ...(isSsrBuild
    ? commandLine
    : { build: { target: "es2022", modulePreload: { polyfill: false } } }),
  test: {
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          environment: "node",
          include: ["src/**/*.test.{ts,tsx}"],
          exclude: [BROWSER_TESTS],
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: [BROWSER_TESTS],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: launchOptions() }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
}));
