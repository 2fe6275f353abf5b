import { expect, type Page } from "@playwright/test";
import {
  drop,
  expectStep,
  fixture,
  forward,
  inspect,
  lastStepOf,
  openStill,
  stage,
  states,
  test,
  toEnd,
} from "./page.ts";

const RESTART = "recorded-02-simultaneous-restart";

test("a recorded run of the library plays beside the model, and both are in the same state", async ({
  page,
}) => {
  await openStill(page);
  await page.getByRole("button", { name: "Library" }).click();
  await page.getByRole("dialog").getByRole("button").filter({ hasText: RESTART }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Recorded: #201");

  await openStill(page, RESTART, 150);
  await expect(stage(page, "main").getByRole("heading")).toHaveText(/^recorded/);
  await expect(stage(page, "twin").getByRole("heading")).toHaveText(/^model/);
  for (const steps of [0, 1, 7, 30]) {
    await forward(page, steps);
    expect(await cards(page, "main")).toEqual(await cards(page, "twin"));
  }

  await toEnd(page);
  await expectStep(page, await lastStepOf(page));
  expect(await cards(page, "main")).toEqual(await cards(page, "twin"));
  expect(await states(page, "main").allTextContents()).not.toEqual([]);
  const maps = await states(page, "main").getByRole("row").allTextContents();
  expect(await states(page, "twin").getByRole("row").allTextContents()).toEqual(maps);
});

test("what was not recorded is not made up, and what was cannot be changed", async ({ page }) => {
  await openStill(page, RESTART, 100);
  await expect(stage(page, "main").getByText("not recorded").first()).toBeVisible();
  for (const tab of ["Disk", "Crash states"] as const) {
    await inspect(page, tab);
    await expect(page.getByRole("tabpanel", { name: tab })).toContainText(
      "not what lay on their disks",
    );
  }

  await page.getByRole("button", { name: "Reboot all" }).click();
  await expect(page.locator(".banner").filter({ hasText: "as it was recorded" })).toBeVisible();
  await expectStep(page, 100);
});

test("a recording that is dropped on the page is opened", async ({ page }) => {
  await openStill(page);
  await drop(page, [fixture("05-deviations/b-double-vote/trace.json")]);

  const heading = page.getByRole("heading", { level: 1 });
  await expect(heading).toHaveText("Recorded: double-vote-same-term");
  await toEnd(page);
  for (const side of ["main", "twin"] as const) {
    await expect(
      stage(page, side).getByRole("button", { name: /^C, leader, term 1/ }),
    ).toBeVisible();
  }
});

/** What the cards of a side say, server by server. */
function cards(page: Page, side: "main" | "twin"): Promise<readonly (string | null)[]> {
  return stage(page, side)
    .getByRole("button", { name: /^[ABC], / })
    .evaluateAll((buttons) => buttons.map((button) => button.getAttribute("aria-label")));
}
