import type { Page } from "@playwright/test";
import {
  card,
  diskOf,
  expect,
  expectStep,
  forward,
  inspect,
  MAIN_INCIDENT,
  openStill,
  script,
  stage,
  states,
  stepOf,
  test,
  toEnd,
  traceHash,
} from "./page.ts";

test.describe("what is done by hand becomes part of the script, and the future is another", () => {
  const CRASHES = [
    { item: /^Cut the power Nothing/, told: "cut the power of C, nothing unflushed survives" },
    { item: /^Cut the power, some/, told: "cut the power of C, some writes survive" },
    { item: /^Cut the power, all/, told: "cut the power of C, everything written survives" },
    { item: /^Crash the operating/, told: "crash the system of C, nothing unflushed survives" },
    { item: /^Kill the process/, told: "kill the process of C, everything written survives" },
    { item: /^Stop in an orderly/, told: "stop C" },
  ];

  test("every way to bring a server down", async ({ page }) => {
    await openForHands(page);
    for (const { item, told } of CRASHES) {
      const actions = await script(page).count();
      await card(page, "C").click();
      await page.getByRole("button", { name: "More for the selected servers" }).click();
      const at = await stepOf(page);
      await page.getByRole("menuitem", { name: item }).click();

      await expectStep(page, at + 1);
      await expect(card(page, "C")).toHaveAccessibleName(/no power|stopped|system crashed/);
      await inspect(page, "Script");
      await expect(script(page)).toHaveCount(actions + 1);
      await expect(script(page).filter({ hasText: told })).toHaveCount(1);

      await page.getByRole("button", { name: "Boot", exact: true }).click();
      await expectStep(page, at + 2);
      await expect(script(page)).toHaveCount(actions + 2);
      await forward(page, 3);
      await expect(card(page, "C")).toHaveAccessibleName(/follower/);
      await inspect(page, "Script");
    }
  });

  test("a restart from the menu of a card", async ({ page }) => {
    await openForHands(page);
    const before = await traceHash(page);
    const restart = page.getByRole("menuitem", { name: "Restart in an orderly way" });
    // The menus' code comes right after the first picture.
    await expect(async () => {
      await card(page, "A").click({ button: "right" });
      await expect(restart).toBeVisible({ timeout: 1_000 });
    }).toPass();
    await restart.click();

    await expect(card(page, "A")).toHaveAccessibleName("A, stopped");
    await inspect(page, "Script");
    await expect(script(page).filter({ hasText: /stop A, .* later boot again/ })).toHaveCount(1);
    expect(await traceHash(page)).not.toBe(before);
  });

  test("rebooting all machines at once", async ({ page }) => {
    await openForHands(page);
    await page.getByRole("button", { name: "Reboot all" }).click();

    for (const server of ["A", "B", "C"]) {
      await expect(card(page, server)).toHaveAccessibleName(`${server}, stopped`);
      await expect(card(page, server, "twin")).toHaveAccessibleName(`${server}, stopped`);
    }
    await inspect(page, "Script");
    await expect(
      script(page).filter({ hasText: /stop A, B and C, .* later boot again/ }),
    ).toHaveCount(1);
    await toEnd(page);
    await expect(card(page, "A")).toHaveAccessibleName(/follower|candidate|leader/);
  });

  test("a partition, healed again", async ({ page }) => {
    await openForHands(page);
    await card(page, "C").click();
    await page.getByRole("button", { name: "Cut off" }).click();
    await inspect(page, "Script");
    await expect(
      script(page).filter({
        hasText: "cut the network between C on one side and A and B on the other",
      }),
    ).toHaveCount(1);
    await expect(stage(page, "main").locator(".wall")).not.toHaveCount(0);

    await page.getByRole("button", { name: "Heal" }).click();
    await expect(script(page).filter({ hasText: "heal every partition" })).toHaveCount(1);
    await expect(stage(page, "main").locator(".wall")).toHaveCount(0);
  });

  test("a client's write", async ({ page }) => {
    await openForHands(page);
    await page.getByRole("button", { name: "Client write" }).click();
    const form = page.getByRole("dialog", { name: "Client write" });
    await form.getByRole("textbox", { name: "Key" }).fill("hand");
    await form.getByRole("textbox", { name: "Value" }).fill("made");
    await form.getByRole("combobox", { name: "Asks" }).selectOption("A");
    await form.getByRole("button", { name: "Write at this step" }).click();

    await inspect(page, "Script");
    await expect(script(page).filter({ hasText: "client writes hand = made at A" })).toHaveCount(1);
    await expect(
      stage(page, "main").getByRole("list", { name: "Clients" }).getByText("set hand = made"),
    ).toBeVisible();
    await toEnd(page);
    await expect(states(page, "main").getByRole("row", { name: /hand/ })).toBeVisible();
  });
});

test("the past stays: a fork begins at the step shown", async ({ page }) => {
  await openForHands(page);
  const at = await stepOf(page);
  await inspect(page, "Event");
  const past = await page.getByRole("tabpanel", { name: "Event" }).textContent();

  await card(page, "C").click();
  await page.getByRole("button", { name: "Cut power" }).click();
  await expectStep(page, at + 1);
  await page.getByRole("button", { name: "Back one step" }).click();

  await expectStep(page, at);
  await inspect(page, "Event");
  await expect(page.getByRole("tabpanel", { name: "Event" })).toHaveText(past ?? "");
});

test("what was done is undone, one by one or all at once", async ({ page }) => {
  await openForHands(page);
  const original = await traceHash(page);
  const actions = await script(page).count();
  const at = await stepOf(page);

  for (const more of [1, 2]) {
    await page.getByRole("button", { name: "Reboot all" }).click();
    await expect(script(page)).toHaveCount(actions + more);
  }
  await page.keyboard.press("Control+z");
  await expect(script(page)).toHaveCount(actions + 1);
  await expectStep(page, at + 1);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(script(page)).toHaveCount(actions);
  await expectStep(page, at);
  expect(await traceHash(page)).toBe(original);
  await expect(page.getByRole("button", { name: "Undo" })).toBeHidden();
});

test("a dirty page is flushed by a click, and then a power cut leaves it", async ({ page }) => {
  await openForHands(page);
  const before = await diskOf(page, "A");
  expect(before.sizes).toMatch(TWO_SUMS);
  const [, now, durable] = TWO_SUMS.exec(before.sizes) ?? [];
  expect(durable).not.toBe(now);

  await page.getByRole("button", { name: "Flush this page" }).click();

  await inspect(page, "Script");
  await expect(script(page).filter({ hasText: /flush \d+ writes of A/ })).toHaveCount(1);
  const after = await diskOf(page, "A");
  expect(TWO_SUMS.exec(after.sizes)?.slice(1)).toEqual([now, now]);

  await page.getByRole("button", { name: "Cut power" }).click();
  await expect(card(page, "A")).toHaveAccessibleName("A, no power");
  const survived = await diskOf(page, "A");
  expect(TWO_SUMS.exec(survived.sizes)?.slice(1)).toEqual([now, now]);
  expect(survived.records.join("\n")).toContain('"leader", "A"');
});

const TWO_SUMS = /CRC-32 (\w+); after a power loss .*CRC-32 (\w+)/;

/** The main incident at a step where A leads and has entries that nobody synced. */
async function openForHands(page: Page): Promise<void> {
  await openStill(page, MAIN_INCIDENT, 35);
  await expect(card(page, "A")).toHaveAccessibleName(/^A, leader/);
  await inspect(page, "Script");
}
