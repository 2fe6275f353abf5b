import type { Page } from "@playwright/test";
import { expect, inspect, openStill, script, test } from "./page.ts";

test("a browser that is full is no simulated disk: nothing is lost, and it is saved when there is room again", async ({
  page,
  baseURL,
}) => {
  const { origin } = new URL(baseURL ?? "");
  // Before anything is stored: a browser does not look at its quota again with every write.
  await limitStorage(page, origin, 1);
  await openStill(page);
  await page.keyboard.press("Shift+x");

  const banner = page.locator(".banner").filter({ hasText: "The storage of this browser is full" });
  await expect(banner).toContainText("which has nothing to do with the simulated disks");
  await expect(banner).toContainText("Nothing recorded is lost");
  await expect(page.getByRole("button", { name: "Play", exact: true })).toBeVisible();
  // It can still be looked at, and done something to.
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("b");
  await banner.getByRole("button", { name: "Try to save again" }).click();
  await expect(banner).toBeVisible();

  await limitStorage(page, origin, null);
  // The page's own next attempt may come first, and takes the banner away.
  await banner
    .getByRole("button", { name: "Try to save again" })
    .click({ timeout: 2_000 })
    .catch(() => {});
  await expect(banner).toBeHidden();
  await page.reload();
  await inspect(page, "Script");
  await expect(script(page).filter({ hasText: "cut the power of A, B and C" })).toHaveCount(1);
  await expect(script(page).filter({ hasText: /^.*boot A, B and C/ })).not.toHaveCount(0);
});

/** Gives the page so many bytes of storage; null: as many as before. */
async function limitStorage(page: Page, origin: string, quotaSize: number | null): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const limit = quotaSize === null ? {} : { quotaSize };
  await session.send("Storage.overrideQuotaForOrigin", { origin, ...limit });
}
