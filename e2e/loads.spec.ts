import { expect, test } from "@playwright/test";

test("the page loads from a folder below the root without an error", async ({ page }) => {
  const troubles: string[] = [];
  page.on("pageerror", (error) => troubles.push(error.message));
  page.on("requestfailed", (request) => troubles.push(`failed: ${request.url()}`));
  page.on("console", (message) => {
    if (message.type() === "error") troubles.push(message.text());
  });
  page.on("response", (response) => {
    if (response.status() >= 400) troubles.push(`${response.status()}: ${response.url()}`);
  });

  await page.goto("./");

  await expect(page).toHaveTitle(/(^| · )Blackstart$/);
  await expect(page.locator("#root > *").first()).toBeVisible();
  expect(troubles).toEqual([]);
});
