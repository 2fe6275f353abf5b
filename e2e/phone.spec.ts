import type { Page } from "@playwright/test";
import { expect, openStill, stage, test, toEnd } from "./page.ts";

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test("the stage and the transport are in view, and nothing is wider than the screen", async ({
    page,
  }) => {
    await openStill(page);
    await expect(stage(page, "main")).toBeInViewport();
    await expect(page.getByRole("region", { name: "Playback" })).toBeInViewport({ ratio: 1 });
    await toEnd(page);
    await expectNoSidewaysScroll(page);
  });

  test("every tab of the sheet can be used", async ({ page }) => {
    await openStill(page);
    await toEnd(page);
    const sheet = page.getByRole("tablist", { name: "Sheet" });

    await sheet.getByRole("tab", { name: "Log" }).click();
    await expect(page.getByRole("region", { name: "Logs" })).toBeVisible();
    await expect(page.getByRole("region", { name: "State machines" })).toContainText(
      "State machines differ",
    );
    await expectNoSidewaysScroll(page);

    await sheet.getByRole("tab", { name: "Script" }).click();
    await expect(page.getByText(/trace hash/)).toBeVisible();
    await expectNoSidewaysScroll(page);

    await sheet.getByRole("tab", { name: "Inspect" }).click();
    await page.getByRole("tab", { name: "Checks" }).click();
    await expect(page.locator("[data-check=C15]")).toHaveAttribute("data-standing", "broken");
    await expectNoSidewaysScroll(page);
  });

  test("a tap steps, selects, cuts the power and looks at the other side", async ({ page }) => {
    await openStill(page);
    for (let step = 0; step < 6; step++) {
      await page.getByRole("button", { name: "Forward one step" }).tap();
    }
    await stage(page, "main")
      .getByRole("button", { name: /^A, follower/ })
      .tap();
    await page.getByRole("tab", { name: "Inspect" }).tap();
    await page.getByRole("button", { name: "Cut power" }).tap();
    await expect(stage(page, "main").getByRole("button", { name: "A, no power" })).toBeVisible();

    await page
      .getByRole("radiogroup", { name: "Side" })
      .getByText(/^with PR #202/)
      .tap();
    await expect(stage(page, "twin").getByRole("button", { name: "A, no power" })).toBeVisible();
  });
});

test.describe("on a small desktop", () => {
  test.use({ viewport: { width: 1280, height: 720 } });

  test("the whole page is in view: nothing scrolls but the panels", async ({ page }) => {
    await openStill(page);
    await toEnd(page);
    const { scroll, view } = await page.evaluate(() => {
      const { scrollWidth, scrollHeight } = document.documentElement;
      return { scroll: [scrollWidth, scrollHeight], view: [innerWidth, innerHeight] };
    });
    expect(scroll).toEqual(view);
    for (const name of ["Logs", "State machines", "Events", "Playback"]) {
      await expect(page.getByRole("region", { name })).toBeInViewport({ ratio: 0.99 });
    }
  });
});

async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const widest = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(widest, "pixels beyond the right edge").toBeLessThanOrEqual(0);
}
