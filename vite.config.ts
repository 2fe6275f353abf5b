/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vite";
import { launchOptions } from "./src/tools/browser.mjs";

const BROWSER_TESTS = "src/**/*.browser.test.{ts,tsx}";

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
    ],
  },
  ssr: { noExternal: true },
  build: isSsrBuild
    ? {
        // The command line tool: one file that needs nothing installed.
        target: "node20",
        copyPublicDir: false,
        rolldownOptions: { output: { entryFileNames: "main.js", codeSplitting: false } },
      }
    : { target: "es2022" },
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
