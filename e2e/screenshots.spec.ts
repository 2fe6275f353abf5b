import type { Page } from "@playwright/test";
import { check, expect, inspect, MAIN_INCIDENT, openStill, stage, test, toEnd } from "./page.ts";

// Pictures to look at, not to compare: they lie in .out/screenshots.

const SIZES = {
  desktop: { width: 1280, height: 720 },
  phone: { width: 390, height: 844 },
} as const;

for (const [device, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`${device}, ${colorScheme}`, () => {
      test.use({ viewport, colorScheme });

      test("the main incident, at its start, in flight, at the break and at its end", async ({
        page,
      }) => {
        const shoot = (moment: string) => picture(page, `${device}-${colorScheme}-${moment}`);
        await openStill(page, MAIN_INCIDENT, 12);
        await shoot("flight");
        await page.getByRole("tab", { name: "Checks" }).click();
        await check(page, "C15").getByRole("button").first().click();
        await expect(check(page, "C15")).toHaveAttribute("data-standing", "broken");
        await shoot("break");
        await toEnd(page);
        if (device === "desktop") await inspect(page, "Disk");
        await expect(stage(page, "main")).toHaveAttribute("data-diverged", "true");
        await shoot("end");
      });
    });
  }
}

async function picture(page: Page, name: string): Promise<void> {
  const path = `.out/screenshots/${name}.png`;
  const bytes = await page.screenshot({ path, animations: "disabled" });
  expect(bytes.length, "the picture is not blank").toBeGreaterThan(20_000);
}
