import { expect, openStill, stage, test } from "./page.ts";

test("the table of fixes is run in the page, and a cell of it plays", async ({ page }) => {
  await openStill(page);
  await page.keyboard.press("Shift+G");
  const dialog = page.getByRole("dialog", { name: "Which fix helps against what?" });
  const released = dialog.getByRole("row", { name: /^none/ }).getByRole("button");
  await expect(released).toHaveCount(15);
  await expect(dialog.getByRole("button", { name: /^none .*, S4: two leaders/ })).toBeVisible();

  // One stop of Tab; from there arrows go on.
  await released.first().focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await expect(dialog.getByRole("button", { name: /^\(a\) .*, S2: / })).toBeFocused();
  await page.keyboard.press("End");
  await expect(dialog.getByRole("button", { name: /^\(a\) .*, S15: / })).toBeFocused();
  await expect(dialog.locator(".fix-cell[tabindex='0']")).toHaveCount(1);

  // No other row is needed for this one to be opened.
  await dialog.getByRole("button", { name: /^PR #197: clamp in dump load, S7: / }).click();

  await expect(dialog).toBeHidden();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("PySyncObj #197");
  for (const side of ["main", "twin"] as const) {
    await expect(stage(page, side).getByRole("button", { name: /^A, / })).toBeVisible();
  }

  // The page says which cell it is, and leads back to it. What is known stays known.
  await page.getByRole("button", { name: "S7 · PR #197: back to the table of fixes" }).click();
  await expect(dialog.getByRole("button", { name: /^PR #197: .*, S7: / })).toBeFocused();
  await expect(dialog.getByRole("button", { name: /^none .*, S4: two leaders/ })).toBeVisible();
});

test("from the library to the table and out of it: the focus is where it was", async ({ page }) => {
  await openStill(page);
  const library = page.getByRole("button", { name: "Library" });
  await library.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: /^Which fix of PySyncObj helps/ }).click();
  await expect(page.getByRole("row", { name: /^none/ })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(library).toBeFocused();
});
