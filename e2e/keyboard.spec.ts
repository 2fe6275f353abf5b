import type { Page } from "@playwright/test";
import {
  card,
  expect,
  expectStep,
  MAIN_INCIDENT,
  openStill,
  position,
  ready,
  script,
  stage,
  states,
  stepOf,
  test,
} from "./page.ts";

test("the whole incident without a pointer", async ({ page }) => {
  await openStill(page);
  const { keyboard } = page;

  await keyboard.press("Space");
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
  await expect.poll(() => stepOf(page)).toBeGreaterThan(0);
  await keyboard.press("Space");
  await expect(page.getByRole("button", { name: "Play" })).toBeVisible();

  await keyboard.press("Home");
  await expectStep(page, 0);
  for (const step of [1, 2, 3]) {
    await keyboard.press("ArrowRight");
    await expectStep(page, step);
  }
  await keyboard.press("ArrowLeft");
  await expectStep(page, 2);
  await keyboard.press("Shift+ArrowRight");
  await expect.poll(() => stepOf(page)).toBeGreaterThan(2);
  const interesting = await stepOf(page);
  await keyboard.press("Shift+ArrowRight");
  await expect.poll(() => stepOf(page)).toBeGreaterThan(interesting);
  await keyboard.press("Shift+ArrowLeft");
  await expectStep(page, interesting);
  await keyboard.press("End");
  await expect(states(page, "main")).toContainText("State machines differ");

  await keyboard.press("]");
  await expect(page.getByRole("combobox", { name: "Speed" })).not.toHaveValue("story");
});

test("a clicker steps forward and back and starts the play", async ({ page }) => {
  await openStill(page, MAIN_INCIDENT, 10);
  const app = page.getByTestId("app");
  const place = Number(await app.getAttribute("data-place"));
  await page.keyboard.press("PageDown");
  await expect(app).toHaveAttribute("data-place", String(place + 1));
  await page.keyboard.press("PageUp");
  await expect(app).toHaveAttribute("data-place", String(place));
  await expectStep(page, 10);
  await page.keyboard.press(".");
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
  await page.keyboard.press(".");
  await expect(page.getByRole("button", { name: "Play" })).toBeVisible();
});

test("every fault without a pointer", async ({ page }) => {
  await openStill(page, MAIN_INCIDENT, 35);
  const { keyboard } = page;

  await keyboard.press("3");
  await expect(card(page, "C")).toHaveAttribute("aria-pressed", "true");
  await byKey(page, "x");
  await expect(card(page, "C")).toHaveAccessibleName("C, no power");
  await byKey(page, "b");
  await keyboard.press("Escape");
  await expect(card(page, "C")).toHaveAttribute("aria-pressed", "false");

  await keyboard.press("1");
  await keyboard.press("Shift+Digit2");
  await expect(page.getByText("A and B", { exact: true })).toBeVisible();
  await byKey(page, "p");
  await expect(stage(page, "main").locator(".wall")).not.toHaveCount(0);
  await byKey(page, "h");
  await expect(stage(page, "main").locator(".wall")).toHaveCount(0);

  await keyboard.press("c");
  const form = page.getByRole("dialog", { name: "Client write" });
  await expect(form.getByRole("textbox", { name: "Key" })).toBeFocused();
  await keyboard.press("ControlOrMeta+a");
  await keyboard.type("typed");
  await keyboard.press("Tab");
  await keyboard.press("ControlOrMeta+a");
  await keyboard.type("yes");
  const at = await stepOf(page);
  await keyboard.press("Enter");
  await expectStep(page, at + 1);

  await byKey(page, "r");
  for (const server of ["A", "B", "C"]) {
    await expect(card(page, server)).toHaveAccessibleName(`${server}, stopped`);
  }
  await byKey(page, "Shift+x");
  for (const server of ["A", "B", "C"]) {
    await expect(card(page, server)).toHaveAccessibleName(`${server}, no power`);
  }

  await showScript(page);
  const told = (await script(page).allTextContents()).join("\n");
  for (const action of [
    "cut the power of C",
    "boot C",
    "cut the network between A and B on one side and C on the other",
    "heal every partition",
    "client writes typed = yes",
    "stop A, B and C",
    "cut the power of A, B and C",
  ]) {
    expect(told).toContain(action);
  }
});

test("twin, bugs, theme, help and another scenario without a pointer", async ({ page }) => {
  await openStill(page);
  const { keyboard } = page;

  await keyboard.press("d");
  await expect(stage(page, "twin")).toBeHidden();
  await keyboard.press("d");
  await expect(stage(page, "twin")).toBeVisible();
  await keyboard.press("s");
  await expect(stage(page, "twin")).toHaveAttribute("data-current", "true");

  const theme = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await theme();
  await keyboard.press("t");
  await expect.poll(theme).not.toBe(light);
  await keyboard.press("t");
  await expect.poll(theme).toBe(light);

  await keyboard.press("g");
  const bugs = page.getByRole("dialog", { name: "Bugs and versions" });
  await expect(bugs).toBeVisible();
  await keyboard.press("Escape");
  await expect(bugs).toBeHidden();

  await keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Help" });
  await expect(help).toContainText("Reboot every machine at once");
  await keyboard.press("Escape");
  await expect(help).toBeHidden();

  await keyboard.press("l");
  const library = page.getByRole("dialog", { name: "Library" });
  await expect(library).toBeVisible();
  const wanted = library.getByRole("button", { name: /^Plain sailing/ });
  await tabTo(page, () => wanted.evaluate((button) => button === document.activeElement));
  await keyboard.press("Enter");
  await expect(library).toBeHidden();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Plain sailing");
  await ready(page);
  await expect(position(page)).toBeVisible();
});

test("whatever has the focus shows it, and all of the page is reached by Tab", async ({ page }) => {
  await openStill(page, MAIN_INCIDENT, 35);
  const seen: string[] = [];
  await tabTo(page, async () => {
    const { name, ring } = await page.evaluate(focusShown);
    expect(ring, `${name} shows that it has the focus`).toBe(true);
    seen.push(name);
    return seen.length > 20 && name === seen[0];
  });
  for (const name of ["Reboot all", "Twin", "Library", "Share", "Play", "Step", "Checks"]) {
    expect(seen).toContain(name);
  }
  expect(seen.some((name) => name.startsWith("A, leader"))).toBe(true);
});

/** The script beside the stage, by the keyboard. */
async function showScript(page: Page): Promise<void> {
  const chosen = page.getByRole("tab", { selected: true });
  await tabTo(page, () => chosen.evaluate((each) => each === document.activeElement));
  await page.keyboard.press("End");
  await expect(page.getByRole("tab", { name: "Script" })).toBeFocused();
  await expect(script(page).first()).toBeVisible();
}

/** Does by hand what takes one step, and waits for it. */
async function byKey(page: Page, key: string): Promise<void> {
  const at = await stepOf(page);
  await page.keyboard.press(key);
  await expectStep(page, at + 1);
}

/** Presses Tab until it is so. */
async function tabTo(page: Page, isThere: () => Promise<boolean>): Promise<void> {
  for (let press = 0; press < 200; press++) {
    await page.keyboard.press("Tab");
    if (await isThere()) return;
  }
  throw new Error("Tab does not lead there");
}

/** In the page: the name of what has the focus, and whether anything on the screen tells that it has. */
function focusShown(): { readonly name: string; readonly ring: boolean } {
  const element = document.activeElement;
  if (element === null || element === document.body) return { name: "the page", ring: true };
  const name = element.getAttribute("aria-label") ?? element.textContent ?? "";
  // A hidden field is drawn by its label.
  const drawn = [element, element.closest("label")].filter((each) => each !== null);
  const ring = drawn.some((each) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each);
    return (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
  });
  return { name: name.trim(), ring };
}

test("W leads into the panel, a few Tabs before the question; the events are one stop, walked with the arrows", async ({
  page,
}) => {
  await openStill(page, MAIN_INCIDENT, 35);
  await page.getByRole("slider", { name: "Step" }).focus();
  await page.keyboard.press("w");
  await expect(page.getByRole("tabpanel", { name: "Crash states" })).toBeFocused();
  const ask = page.getByRole("button", { name: /^Try every crash state/ });
  await expect(ask).toBeVisible();
  let presses = 0;
  await tabTo(page, () => {
    presses += 1;
    return ask.evaluate((button) => button === document.activeElement);
  });
  expect(presses).toBeLessThan(9);

  const events = page.getByRole("region", { name: "Events" });
  await expect(events.locator("button[tabindex='0']")).toHaveCount(1);
  await events.locator("button[tabindex='0']").focus();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  const chosen = events.locator("button:focus");
  const step = Number(await chosen.locator(".feed-step").textContent());
  await page.keyboard.press("Enter");
  await expectStep(page, step);
});
