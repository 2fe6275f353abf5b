import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { LIBRARY } from "#library/registry.ts";
import { expect, openStill, test, traceHash } from "./page.ts";

const run = promisify(execFile);
const command = fileURLToPath(new URL("../src/tools/blackstart.mjs", import.meta.url));

test.describe("the browser plays a scenario exactly as the command line does", () => {
  for (const { id } of LIBRARY) {
    test(id, async ({ page }) => {
      await openStill(page, id);
      const shown = await traceHash(page);

      const { stdout } = await run(process.execPath, [command, "run", id, "--json"]);

      expect(shown).toMatch(/^[0-9a-f]{16}$/);
      expect(shown).toBe(JSON.parse(stdout).hash);
    });
  }
});
