import type { Page } from "@playwright/test";
import {
  check,
  expect,
  expectStep,
  forward,
  inspect,
  MAIN_INCIDENT,
  onward,
  openStill,
  position,
  stage,
  stepOf,
  test,
  toEnd,
  toStart,
} from "./page.ts";

test("both sides stand at one moment, wherever the transport goes", async ({ page }) => {
  await openStill(page);
  for (const side of ["main", "twin"] as const) {
    for (const server of ["A", "B", "C"]) {
      await expect(stage(page, side).getByRole("button", { name: `${server}, ` })).toHaveAttribute(
        "aria-label",
        `${server}, no power`,
      );
    }
  }

  // A boots half a second after B, on both sides.
  await forward(page, 5);
  await expect(position(page)).toContainText("0.500 s");
  for (const side of ["main", "twin"] as const) {
    await expect(stage(page, side).getByRole("button", { name: /^A, follower/ })).toBeVisible();
    await expect(stage(page, side).getByRole("button", { name: "C, no power" })).toBeVisible();
  }

  await toEnd(page);
  await expect(
    stage(page, "main").getByRole("button", { name: /^B, leader, term 2/ }),
  ).toBeVisible();
  await expect(
    stage(page, "twin").getByRole("button", { name: /^C, leader, term 8/ }),
  ).toBeVisible();

  await toStart(page);
  for (const side of ["main", "twin"] as const) {
    await expect(stage(page, side).getByRole("button", { name: "A, no power" })).toBeVisible();
  }
});

test("the scrubber moves both sides", async ({ page }) => {
  await openStill(page);
  const scrubber = page.getByRole("slider", { name: "Step" });
  const box = await scrubber.boundingBox();
  if (box === null) throw new Error("the scrubber is not drawn");

  await scrubber.click({ position: { x: box.width - 2, y: box.height - 4 } });

  await expect(stage(page, "main")).toHaveAttribute("data-diverged", "true");
  await expect(
    stage(page, "twin").getByRole("button", { name: /^C, leader, term 8/ }),
  ).toBeVisible();
  await scrubber.click({ position: { x: box.width * 0.1, y: box.height - 4 } });
  await expect(stage(page, "main")).toHaveAttribute("data-diverged", "false");
  await expect(stage(page, "twin").getByRole("button", { name: /^A, .*term 8/ })).toBeHidden();
});

test("the timeline is of the side that is looked at", async ({ page }) => {
  await openStill(page);
  await toEnd(page);
  const scrubber = page.getByRole("slider", { name: "Step" });
  await expect(scrubber).toHaveAttribute("aria-valuetext", /, term 2$/);
  await page.keyboard.press("s");
  await expect(scrubber).toHaveAttribute("aria-valuetext", /, term 8$/);
  const box = await scrubber.boundingBox();
  if (box === null) throw new Error("the scrubber is not drawn");
  await scrubber.click({ position: { x: box.width * 0.2, y: box.height - 4 } });
  await expect(scrubber).toHaveAttribute("aria-valuetext", /, term 6$/);
});

test("the twin goes and comes back where it was, and the step stays", async ({ page }) => {
  await openStill(page, MAIN_INCIDENT, 90);
  const step = await stepOf(page);
  const twin = page.getByRole("button", { name: "Twin" });
  await expect(twin).toHaveAttribute("aria-pressed", "true");

  await twin.click();
  await expect(stage(page, "twin")).toBeHidden();
  await expect(twin).toHaveAttribute("aria-pressed", "false");
  await expectStep(page, step);

  await twin.click();
  await expect(stage(page, "twin")).toBeVisible();
  await expect(
    stage(page, "twin").getByRole("heading", { name: "with PR #202: term and vote persisted" }),
  ).toBeVisible();
  await expectStep(page, step);
});

test("a click on a side's title shows its checks, and where the sides differ is listed", async ({
  page,
}) => {
  await openStill(page);
  await toEnd(page);
  await inspect(page, "Checks");
  await expect(check(page, "C15")).toHaveAttribute("data-standing", "broken");

  await stage(page, "twin")
    .getByRole("button", { name: /^with PR #202/ })
    .click();
  await expect(check(page, "C15")).toHaveAttribute("data-standing", "holds");

  await inspect(page, "Event");
  await expect(page.getByText("left: term 2", { exact: true }).first()).toBeVisible();
});

test("a scenario without a twin gets one of another version", async ({ page }) => {
  await openStill(page, "reference-steady");
  await expect(stage(page, "twin")).toBeHidden();
  await page.getByRole("button", { name: "Twin" }).click();
  await expect(stage(page, "twin")).toBeVisible();
  await expect(stage(page, "twin").getByRole("switch", { checked: true })).not.toHaveCount(0);
});

test("every moment of the right side is stepped through: its vote, its election, its crash", async ({
  page,
}) => {
  await openStill(page, "disk-02-forgotten-vote");
  const caption = page.locator(".caption[data-side=twin]");
  const steps: number[] = [];
  const told: string[] = [];
  const clock: number[] = [];
  for (;;) {
    const text = (await position(page).textContent()) ?? "";
    steps.push(Number(/right side: step (\d+)/.exec(text)?.[1]));
    clock.push(Number(/· ([\d.]+) s/.exec(text)?.[1]));
    told.push((await caption.locator(".now").textContent()) ?? "");
    if (told.length > 10 && /\bA, (no power|system crashed)/.test(await names(page))) break;
    await onward(page, 1);
  }
  for (const moment of [/A granted B its vote/, /B became leader/, /system of A crashed/]) {
    expect(told).toContainEqual(expect.stringMatching(moment));
  }
  const all = Array.from({ length: (steps.at(-1) ?? 0) + 1 }, (_, step) => step);
  expect([...new Set(steps)], "every step, in order").toEqual(all);
  expect(clock).toEqual(clock.toSorted((a, b) => a - b));
});

/** What is said of the servers of the right side. */
async function names(page: Page): Promise<string> {
  const cards = stage(page, "twin").getByRole("button", { name: /^[A-C], / });
  return (await cards.evaluateAll((all) => all.map((each) => each.ariaLabel))).join("; ");
}
