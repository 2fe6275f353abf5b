import type { Locator, Page } from "@playwright/test";
import {
  card,
  expect,
  expectStep,
  inspect,
  MAIN_INCIDENT,
  openStill,
  position,
  script,
  stepOf,
  test,
} from "./page.ts";

/** Here C has cut its journal, grown it again, and synced nothing of it. */
const UNSYNCED = 86;
/** Of the incident of PR #197: the commit index is durable, and the entries that it counts are not. */
const PAST_THE_JOURNAL = 319;
/** The step in which C cuts its journal. */
const CUTTING = 85;

test("every crash state of a machine: bad outcomes first, one of them is made the run and undone", async ({
  page,
}) => {
  await openStill(page, MAIN_INCIDENT, UNSYNCED);
  const panel = await tryStates(page, "C");
  await expect(
    panel.getByRole("heading", { name: /^C: \d+ outcomes, \d+ of them bad/ }),
  ).toBeVisible();
  await expect(panel).toContainText(/crash states/);
  await expect(panel).toContainText(/Every state has been tried/);
  await expect(page.getByTestId("trials-said")).toHaveText(/^C: \d+ outcomes/);

  const bad = panel.getByRole("list", { name: /^\d+ bad outcomes?$/ });
  const worst = bad.getByRole("button").first();
  await expect(worst).toHaveAccessibleName(/^Bad: /);
  await worst.click();
  await expect(worst).toHaveAttribute("aria-expanded", "true");
  await expect(panel.locator(".wrong").first()).toHaveText(/^C\d+, /);
  await panel.getByText(/^The platter has \d+ of \d+ waiting writes$/).click();
  await expect(panel.locator(".kept li").first()).toHaveText(/^(kept|lost): C\//);

  await panel.getByRole("button", { name: "Make this the run" }).click();
  await expect(panel).toContainText(`Done: the power of C failed after step ${UNSYNCED}`);
  await expect(card(page, "C")).toHaveAccessibleName("C, no power");
  await expectStep(page, UNSYNCED + 1);

  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await expect(card(page, "C")).toHaveAccessibleName(/^C, follower/);
  await expectStep(page, UNSYNCED);
});

test("what boots are like, and the smallest cause of each", async ({ page }) => {
  await openStill(page, MAIN_INCIDENT, UNSYNCED);
  const panel = await tryStates(page, "C");
  const fates = panel.getByRole("list", { name: "What a boot is like" });
  await expect(fates.getByRole("listitem").first()).toContainText(/boots.*states? \(/);
  await expect(fates).toContainText(/Smallest cause: identical to a .*state.*, except that/);
  await fates.getByRole("button", { name: "Show it" }).first().click();
  await expect(panel.locator(".outcome[aria-expanded='true']")).toHaveCount(1);
});

test("the same crash under every version, beside each other", async ({ page }) => {
  await openStill(page, "pysyncobj-197", PAST_THE_JOURNAL);
  const panel = await openPanel(page);
  await panel.getByText("Compare fixes").click();
  await panel.getByRole("button", { name: "All with power" }).click();
  await panel.getByRole("button", { name: /^Compare all versions/ }).click();
  const table = panel.getByRole("table");
  const released = table.getByRole("row", { name: /^0\.3\.14/ });
  await expect(released.getByRole("button", { name: /stuck/ })).toBeVisible();
  const fixed = table.getByRole("row", { name: /^all fixes/ });
  await expect(fixed.getByRole("button")).toHaveCount(1);
  await expect(fixed).toContainText("all");
  await table
    .getByRole("button", { name: /lost acknowledged entries/ })
    .first()
    .click();
  await expect(panel.locator(".why")).toContainText(/PR #197: boots having lost/);
  await expect(panel.getByRole("list", { name: "Smallest causes" })).toContainText(
    "A: identical to",
  );
});

test("under another policy than the disk's, the disk becomes one of that policy first", async ({
  page,
}) => {
  await openStill(page, MAIN_INCIDENT, UNSYNCED);
  await card(page, "C").click();
  const panel = await openPanel(page);
  await panel.getByText("Options").click();
  await panel.getByRole("combobox", { name: "Policy" }).selectOption("strict");
  await start(panel);
  await expect(panel).toContainText("policy strict");
  await panel.locator(".outcome").first().click();
  await expect(panel).toContainText("The disk of C becomes strict first.");
  await panel.getByRole("button", { name: "Make this the run" }).click();
  await expect(card(page, "C")).toHaveAccessibleName("C, no power");
});

test("all machines together: combinations, and a verdict that says it is static", async ({
  page,
}) => {
  await openStill(page, MAIN_INCIDENT, UNSYNCED);
  const panel = await openPanel(page);
  await panel.getByRole("button", { name: "All with power" }).click();
  await start(panel);
  const all = panel.getByRole("region", { name: "All machines together" });
  await expect(all).toContainText("combinations");
  await expect(all).toContainText("This verdict is static.");
  const rows = all.getByRole("list", { name: "Kinds of combinations" }).getByRole("listitem");
  await expect(rows.first()).toHaveAttribute("data-good", "false");
  await rows.first().getByRole("button", { name: "Make this the run" }).click();
  for (const server of ["A", "B", "C"]) {
    await expect(card(page, server)).toHaveAccessibleName(`${server}, no power`);
  }
});

test("results say of which step they are, and lead back to it", async ({ page }) => {
  await openStill(page, MAIN_INCIDENT, UNSYNCED);
  const panel = await tryStates(page, "C");
  await expect(panel.getByRole("heading", { name: /^C: / })).toBeVisible();
  await page.getByRole("button", { name: "Forward one step" }).click();
  await expect(panel).toContainText(`This is of step ${UNSYNCED}; step ${UNSYNCED + 1} is shown.`);
  await panel.getByRole("button", { name: `Back to step ${UNSYNCED}` }).click();
  await expectStep(page, UNSYNCED);
});

test("the inside of a step: a handle from notch to notch, and power is cut right there", async ({
  page,
}) => {
  await openStill(page, MAIN_INCIDENT, CUTTING);
  const panel = await openPanel(page);
  await panel.getByText("Inside the step").click();
  const handle = panel.getByRole("slider", { name: "Where power fails" });
  await handle.focus();
  await handle.press("Home");
  await expect(handle).toHaveAttribute("aria-valuenow", "1");
  await expect(panel.locator(".here")).toContainText("before anything of this event is done");
  await handle.press("ArrowDown");
  await expect(handle).toHaveAttribute("aria-valuenow", "2");
  await expect(panel.locator(".here")).toContainText(/^Power fails here, after “/);
  const sentence = (await panel.locator(".here p").textContent()) ?? "";
  await expect(handle).toHaveAttribute("aria-valuetext", sentence);

  // Dragged to the end, and back by a click on a notch.
  const last = Number(await handle.getAttribute("aria-valuemax"));
  await drag(page, handle, panel.locator(".notch").last());
  await expect(handle).toHaveAttribute("aria-valuenow", String(last));
  await expect(panel.locator(".here")).toContainText("after all of this event is done");
  await panel.getByRole("button", { name: /^Notch 2, (safe|unsafe)$/ }).click();
  await expect(handle).toHaveAttribute("aria-valuenow", "2");

  const machine = /^(\w+) in step/.exec(
    (await panel.getByRole("heading", { name: / in step / }).textContent()) ?? "",
  )?.[1];
  await panel.getByRole("button", { name: "Cut the power here" }).click();
  await expect(panel).toContainText(
    `The power of ${machine} failed in the middle of step ${CUTTING}`,
  );
  await expectStep(page, CUTTING);
  await expect(card(page, machine ?? "")).toHaveAccessibleName(`${machine}, no power`);
  await inspect(page, "Script");
  await expect(script(page).filter({ hasText: `cut the power of ${machine}` })).toHaveCount(1);
});

test("the meter: every policy, both designs beside each other, and why", async ({ page }) => {
  await openStill(page, MAIN_INCIDENT, UNSYNCED);
  await card(page, "A").click();
  const panel = await openPanel(page);
  await panel.getByText("Every policy").click();
  await panel.getByRole("button", { name: `Measure A at step ${UNSYNCED}` }).click();
  const table = panel.getByRole("table");
  await expect(table.getByRole("row")).toHaveCount(7);
  const strict = table.getByRole("row", { name: /^strict / });
  await expect(strict.getByRole("button")).toHaveCount(4);
  await expect(strict.getByRole("button").first()).toHaveAccessibleName(/^L \d+/);
  await strict.getByRole("button").last().click();
  await expect(panel.locator(".why h4")).toHaveText(/with PR #202.*, strict, Power loss/);
  await expect(panel.locator(".why li").first()).toBeVisible();
});

test("steps can be shown while crash states are tried, and trying can be cancelled", async ({
  page,
}) => {
  await holdTrials(page);
  await openStill(page, MAIN_INCIDENT, UNSYNCED);
  const panel = await openPanel(page);
  await start(panel);
  await expect(panel.getByRole("progressbar")).toBeVisible();
  const at = await stepOf(page);
  await page.getByRole("button", { name: "Forward one step" }).click();
  await expectStep(page, at + 1);
  await panel.getByRole("button", { name: "Cancel" }).click();
  await expect(panel.getByRole("progressbar")).toBeHidden();
  await expect(page.getByTestId("trials-said")).toHaveText("Cancelled.");
  await expect(panel.getByRole("button", { name: /^Try every crash state/ })).toBeEnabled();
});

test("checks are apart by what they say against the run, and red is for violations", async ({
  page,
}) => {
  await openStill(page, MAIN_INCIDENT, UNSYNCED);
  await inspect(page, "Checks");
  const family = (name: string) => page.locator(`.family[data-family=${name}]`);
  await expect(family("violation")).toContainText("Violation");
  await expect(family("violation").locator("[data-check=C12]")).toHaveAttribute(
    "data-standing",
    "broken",
  );
  await expect(family("broken-promise")).toContainText("Nothing is lost yet");
  const ground = (check: Locator) =>
    check.evaluate((each) => getComputedStyle(each).backgroundColor);
  const promise = family("broken-promise").locator("[data-check][data-standing=broken]").first();
  expect(await ground(promise)).not.toBe(
    await ground(family("violation").locator("[data-check=C12]")),
  );
  await page.getByText("What the marks mean").click();
  await expect(page.locator(".families")).toContainText("Unavailable by design");
});

test("all of it without a pointer", async ({ page }) => {
  await openStill(page, MAIN_INCIDENT, UNSYNCED);
  const { keyboard } = page;
  await keyboard.press("3");
  await keyboard.press("w");
  const panel = page.getByRole("tabpanel", { name: "Crash states" });
  await panel.getByRole("button", { name: /^Try every crash state/ }).focus();
  await keyboard.press("Enter");
  const first = panel.locator(".outcome").first();
  await expect(first).toBeVisible();
  await first.focus();
  await keyboard.press("Enter");
  await expect(first).toHaveAttribute("aria-expanded", "true");
  await keyboard.press("Tab");
  await keyboard.press("Tab");
  await panel.getByRole("button", { name: "Make this the run" }).focus();
  await keyboard.press("Enter");
  await expect(card(page, "C")).toHaveAccessibleName("C, no power");
});

test("of the right side: one of its states is made the run, and its power is cut inside an event", async ({
  page,
}) => {
  await openStill(page, MAIN_INCIDENT, UNSYNCED);
  await card(page, "C", "twin").click();
  const panel = await openPanel(page);
  const asked = panel.getByRole("button", { name: /^Try every crash state/ });
  const step = Number(/step (\d+)/.exec((await asked.textContent()) ?? "")?.[1]);
  await start(panel);
  await panel.locator(".outcome").first().click();
  await panel.getByRole("button", { name: "Make this the run" }).click();
  await expect(panel).toContainText(`Done: the power of C failed after step ${step}`);
  await expect(position(page)).toContainText(`right side: step ${step + 1}`);
  await expect(card(page, "C", "twin")).toHaveAccessibleName("C, no power");
  await page.getByRole("button", { name: "Undo", exact: true }).click();
  await expect(card(page, "C", "twin")).toHaveAccessibleName(/^C, follower/);

  await panel.getByText("Inside the step").click();
  await expect(panel.locator(".here")).toContainText("fails here");
  const heading = await panel.getByRole("heading", { name: / in step / }).textContent();
  const [, machine = "", event = ""] = /^(\w+) in step (\d+)/.exec(heading ?? "") ?? [];
  const handle = panel.getByRole("slider", { name: "Where power fails" });
  await handle.press("Home");
  await panel.getByRole("button", { name: "Cut the power here" }).click();
  await expect(panel).toContainText(
    `The power of ${machine} failed in the middle of step ${event}`,
  );
  await expect(card(page, machine, "twin")).toHaveAccessibleName(`${machine}, no power`);
});

async function openPanel(page: Page): Promise<Locator> {
  await page.keyboard.press("w");
  const panel = page.getByRole("tabpanel", { name: "Crash states" });
  await expect(panel.getByRole("radiogroup", { name: "What to try" })).toBeVisible();
  return panel;
}

async function tryStates(page: Page, server: string): Promise<Locator> {
  await card(page, server).click();
  const panel = await openPanel(page);
  await start(panel);
  return panel;
}

async function start(panel: Locator): Promise<void> {
  await panel.getByRole("button", { name: /^Try every crash state/ }).click();
}

/** Drags one thing to the middle of another. */
async function drag(page: Page, from: Locator, to: Locator): Promise<void> {
  await from.hover();
  await page.mouse.down();
  await to.scrollIntoViewIfNeeded();
  const box = await to.boundingBox();
  if (box === null) throw new Error("there is a place to drag to");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 5 });
  await page.mouse.up();
}

/** The answers to trials are kept from the page until they are cancelled. */
async function holdTrials(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const { addEventListener } = Worker.prototype;
    Worker.prototype.addEventListener = function (
      this: Worker,
      ...[type, listener]: Parameters<typeof addEventListener>
    ) {
      const held = (event: Event) => {
        const { data } = event as MessageEvent<{ readonly type: string }>;
        if (data?.type !== "swept" && typeof listener === "function") listener.call(this, event);
      };
      return addEventListener.call(this, type, type === "message" ? held : listener);
    } as typeof addEventListener;
  });
}
