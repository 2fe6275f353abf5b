import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import {
  expect,
  expectStep,
  forward,
  MAIN_INCIDENT,
  openStill,
  position,
  stage,
  test,
  toEnd,
} from "./page.ts";

const SIZES = {
  desktop: { width: 1280, height: 720 },
  phone: { width: 390, height: 844 },
} as const;

for (const [device, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`${device}, ${colorScheme}`, () => {
      test.use({ viewport, colorScheme });

      test("axe finds nothing on the main screen, whatever the inspector shows", async ({
        page,
      }) => {
        await openStill(page);
        await toEnd(page);
        await expectClean(page);
        for (const tab of ["Server", "Disk", "Crash states", "Event", "Checks", "Script"]) {
          await page.getByRole("tab", { name: tab }).click();
          await expectClean(page, ".inspector, .sheet");
        }
      });

      test("axe finds nothing in what a crash could leave", async ({ page }) => {
        await openStill(page, MAIN_INCIDENT, 85);
        await page.keyboard.press("w");
        const panel = page.getByRole("tabpanel", { name: "Crash states" });
        await panel.getByRole("button", { name: "All with power" }).click();
        await panel.getByRole("button", { name: /^Try every crash state/ }).click();
        await panel.locator(".outcome").first().click();
        await expectClean(page, ".inspector, .sheet");
        await panel.getByText("Inside the step").click();
        await expect(panel.getByRole("slider")).toBeVisible();
        await expectClean(page, ".inspector, .sheet");
        await panel.getByText("Every policy").click();
        await panel.getByRole("button", { name: /^Measure/ }).click();
        await expect(panel.getByRole("table")).toBeVisible();
        await expectClean(page, ".inspector, .sheet");
      });

      test("axe finds nothing in the dialogs", async ({ page }) => {
        await openStill(page);
        for (const [key, title] of [
          ["?", "Help"],
          ["l", "Library"],
          ["k", "Share"],
          ["o", "Open files"],
        ] as const) {
          await page.keyboard.press(key);
          await expect(page.getByRole("dialog", { name: title })).toBeVisible();
          await expectClean(page, "[role=dialog]");
          await page.keyboard.press("Escape");
          await expect(page.getByRole("dialog")).toBeHidden();
        }
      });
    });
  }
}

test.describe("with less motion", () => {
  test.use({ contextOptions: { reducedMotion: "reduce" } });

  test("messages are arrows along their whole way, and the steps are counted", async ({ page }) => {
    await openStill(page, MAIN_INCIDENT, 8);
    await forward(page, 1);
    await expectStep(page, 9);
    await expect(position(page)).toHaveText(/^step 9 /);
    await expect(stage(page, "main").locator(".arrow-line").first()).toBeVisible();
    await expect(stage(page, "main").locator(".flights")).toHaveCount(0);
  });
});

/** Nothing moves while axe looks, so that it sees the colours that stay. */
async function expectClean(page: Page, part = "html"): Promise<void> {
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finished)).then(() => null),
  );
  const { violations } = await new AxeBuilder({ page })
    .include(part)
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  const told = violations.map(({ id, nodes }) => ({
    id,
    nodes: nodes.map(({ target, failureSummary }) => `${target.join(" ")}: ${failureSummary}`),
  }));
  expect.soft(told).toEqual([]);
}
