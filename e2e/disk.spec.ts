import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import {
  card,
  diskOf,
  expect,
  expectStep,
  inspect,
  MAIN_INCIDENT,
  openStill,
  script,
  test,
} from "./page.ts";

test.describe("how disks behave", () => {
  test("other disks play the same script again, of all machines or of one", async ({ page }) => {
    await openDisk(page);
    await inspect(page, "Script");
    const actions = await script(page).count();

    await page.keyboard.press("m");
    await disks(page).getByLabel("Order of write-back").selectOption("adversarial");
    await expect(disks(page).getByText("One setting is changed.")).toBeVisible();
    await disks(page).getByRole("button", { name: "Run again" }).click();

    await expect(disks(page)).toBeHidden();
    await expect(page.getByRole("button", { name: "Disks: adversarial" })).toBeVisible();
    await expect(script(page)).toHaveCount(actions);

    await page.getByRole("button", { name: "Disks: adversarial" }).click();
    await disks(page).getByRole("radio", { name: "A", exact: true }).check({ force: true });
    await expect(disks(page).getByLabel("Order of write-back")).toHaveValue("5");
    await disks(page).getByLabel("Honesty").selectOption("lies: device cache");
    await disks(page).getByRole("button", { name: "Run again" }).click();
    const both = "Disks: adversarial, A: syncs lie (device)";
    await expect(page.getByRole("button", { name: both })).toBeVisible();

    await card(page, "A").click();
    await inspect(page, "Disk");
    await expect(tab(page).locator(".disk-chips .chip")).toHaveText([
      "adversarial",
      "syncs lie (device)",
    ]);
    await page.keyboard.press("Control+z");
    await expect(page.getByRole("button", { name: "Disks: adversarial" })).toBeVisible();
  });

  test("what contradicts itself is refused, and the run is as it was", async ({ page }) => {
    await openDisk(page);
    await page.keyboard.press("m");
    await disks(page).getByLabel("Size without data").selectOption("garbage");
    await disks(page).getByRole("button", { name: "Run again" }).click();

    await expect(disks(page).getByRole("alert")).toContainText("does not fit");
    await expect(disks(page).getByLabel("Size without data")).toHaveValue("1");
    await page.keyboard.press("Escape");
    await expectStep(page, AT);
    await expect(page.getByRole("button", { name: /^Disks: / })).toHaveCount(0);
  });

  test("the tables of what a crash may leave", async ({ page }) => {
    await openDisk(page);
    await page.keyboard.press("q");
    const dialog = page.getByRole("dialog", { name: "What may a crash leave?" });
    await expect(dialog.locator(".litmus")).toHaveCount(2);
    const strict = dialog.locator(".litmus-row").first().locator(".litmus-outcomes > div").first();
    await expect(strict).toContainText("strict");
    await expect(dialog.locator("li[data-harmful=true]").first()).toBeVisible();
  });
});

test.describe("what a crash keeps is chosen", () => {
  test("keeping an effect keeps what it needs, dropping one drops what needs it", async ({
    page,
  }) => {
    await openDisk(page);
    await page.keyboard.press("v");
    const bar = survivors(page);
    await expect(bar).toContainText("loses all 6");

    await keep(page, 6).click();
    await expect(bar).toContainText("keeps 3 of 6");
    await expect(bar).toContainText("#4 was kept too: #6 was made on top of it");
    await expect(keep(page, 2)).toBeChecked();

    await keep(page, 2).click();
    await expect(bar).toContainText("loses all 6");
    await expect(bar).toContainText("#4 was dropped too");

    await tab(page).getByRole("button", { name: "Keep this page" }).click();
    await expect(bar).toContainText("keeps all 6");
    await tab(page).getByRole("button", { name: "Lose this page" }).click();
    await expect(bar).toContainText("loses all 6");
  });

  test("the power is cut with exactly this", async ({ page }) => {
    await openDisk(page);
    await tab(page).getByRole("button", { name: "Choose what a power cut keeps" }).click();
    await keep(page, 5).click();
    await survivors(page).getByRole("checkbox", { name: "and boot again" }).uncheck();
    await survivors(page).getByRole("button", { name: "Cut the power with exactly this" }).click();

    await expect(card(page, "A")).toHaveAccessibleName("A, no power");
    const disk = await diskOf(page, "A");
    expect(disk.pending).toEqual([]);
    expect(disk.records.join("\n")).toContain("lastRecordOffset 2197");
    await inspect(page, "Script");
    await expect(
      script(page).filter({ hasText: "cut the power of A, 3 chosen writes survive" }),
    ).toHaveCount(1);
  });

  test("a system crash that boots again", async ({ page }) => {
    await openDisk(page);
    await tab(page).getByRole("radio", { name: "if the system crashes" }).check({ force: true });
    await tab(page).getByRole("button", { name: "Choose what a system crash keeps" }).click();
    await survivors(page).getByRole("button", { name: "Keep all" }).click();
    await survivors(page)
      .getByRole("button", { name: "Crash the system with exactly this" })
      .click();

    await inspect(page, "Script");
    await expect(
      script(page).filter({
        hasText: /crash the system of A, 6 chosen writes survive, .* later boot again/,
      }),
    ).toHaveCount(1);
  });
});

test("one effect is written to the platter, with what its page held before", async ({ page }) => {
  await openDisk(page);
  await tab(page).getByRole("button", { name: "Write #4 to the platter now" }).click();

  // A page is written as a whole, with what was put into it before.
  await expect(tab(page).getByRole("heading", { name: "Not flushed: 2" })).toBeVisible();
  await inspect(page, "Script");
  await expect(script(page).filter({ hasText: "flush 1 write of A" })).toHaveCount(1);
});

test("a fault of the disk is put there, and listed while it waits", async ({ page }) => {
  await openDisk(page);
  await page.keyboard.press("f");
  const form = page.getByRole("dialog", { name: "Faults of the disk of A" });
  await form.getByLabel("Fault").selectOption("a write fails");
  await form.getByLabel("Answers").selectOption("ENOSPC: no room");
  await form.getByLabel("Times").fill("2");
  await form.getByRole("button", { name: "Do it at this step" }).click();

  await expect(tab(page).getByRole("list", { name: "Faults in force" })).toContainText("ENOSPC");
  await inspect(page, "Script");
  await expect(
    script(page).filter({ hasText: "the next 2 writes of any file fail with ENOSPC" }),
  ).toHaveCount(1);
});

test("the menu of a server has the faults of its disk", async ({ page }) => {
  await openDisk(page);
  await card(page, "B").click({ button: "right" });
  await page.getByRole("menuitem", { name: /^Its disk/ }).click();
  await page.getByRole("menuitem", { name: /^The next sync fails/ }).click();
  await inspect(page, "Script");
  await expect(
    script(page).filter({ hasText: "on the disk of B: the next sync of any file fails" }),
  ).toHaveCount(1);
});

test("sectors, bytes and effects are walked through with the arrows", async ({ page }) => {
  await openDisk(page);
  const first = tab(page).getByRole("button", { name: /Sector 0, bytes 0 to 511: written/ });
  await first.focus();
  await page.keyboard.press("ArrowRight");
  const second = tab(page).getByRole("button", { name: /Sector 1, bytes 512 to 1023: durable/ });
  await expect(second).toBeFocused();
  await expect(second).toHaveAttribute("aria-pressed", "true");
  await expectStep(page, AT);

  await tab(page).getByText("what needs what").click();
  await tab(page).getByRole("button", { name: /^#1, / }).focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(tab(page).locator(".graph-words")).toContainText("#3 A/raft.journal");
  await expect(tab(page).locator(".graph-words")).toContainText("It survives only with #1");
  await expect(tab(page).locator(".graph-words")).toContainText("Without it #5 cannot survive.");

  await tab(page).getByRole("region", { name: "Bytes" }).focus();
  for (let at = 0; at < 5; at++) await page.keyboard.press("ArrowDown");
  for (let at = 0; at < 4; at++) await page.keyboard.press("ArrowRight");
  await expect(tab(page).locator(".span-line[data-looked=true]")).toContainText("lastRecordOffset");
  await expectStep(page, AT);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const viewport of [
    { width: 1280, height: 720 },
    { width: 390, height: 844 },
  ]) {
    test.describe(`${colorScheme}, ${viewport.width} wide`, () => {
      test.use({ colorScheme, viewport });

      test("axe finds nothing in what draws a disk", async ({ page }) => {
        await openDisk(page);
        await page.keyboard.press("v");
        await keep(page, 5).click();
        await expectClean(page, ".disk-tab");
        await tab(page).getByText("what needs what").click();
        await tab(page).getByRole("button", { name: /^#3, / }).hover();
        await expectClean(page, ".disk-tab");
        for (const [key, title] of [
          ["m", "Disks"],
          ["q", "What may a crash leave?"],
          ["f", "Faults of the disk of A"],
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

const AT = 35;

/** The main incident where A leads with six effects that nobody synced, and the tab of A's disk. */
async function openDisk(page: Page): Promise<void> {
  await openStill(page, MAIN_INCIDENT, AT);
  await card(page, "A").click();
  await page.keyboard.press("i");
  await expect(tab(page).getByRole("heading", { name: `Disk of A, at step ${AT}` })).toBeVisible();
  await expect(tab(page).getByRole("heading", { name: "Not flushed: 6" })).toBeVisible();
}

function tab(page: Page): Locator {
  return page.getByRole("tabpanel", { name: "Disk" });
}

function disks(page: Page): Locator {
  return page.getByRole("dialog", { name: "Disks" });
}

function survivors(page: Page): Locator {
  return page.getByRole("region", { name: /^What a .* keeps$/ });
}

function keep(page: Page, effect: number): Locator {
  return page.getByRole("switch", { name: `Keep #${effect}`, exact: true });
}

async function expectClean(page: Page, within: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .include(within)
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}
