import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "@playwright/test";
import {
  card,
  type DiskShown,
  diskOf,
  expect,
  expectStep,
  forward,
  inspect,
  listenIn,
  MAIN_INCIDENT,
  openStill,
  position,
  ready,
  script,
  stage,
  stepOf,
  test,
  traceHash,
} from "./page.ts";

test("a reload goes on where it was, with the same disks, twin and script", async ({ page }) => {
  await openStill(page, MAIN_INCIDENT, 70);
  await card(page, "C").click();
  await page.getByRole("button", { name: "Cut power" }).click();
  await expectStep(page, 71);
  await expectSaved(page, 71);
  const before = await disksOf(page);
  const hash = await traceHash(page);

  await page.reload();

  await ready(page);
  await expectStep(page, 71);
  await expect(card(page, "C")).toHaveAccessibleName("C, no power");
  await expect(stage(page, "twin")).toBeVisible();
  expect(await disksOf(page)).toEqual(before);
  expect(await traceHash(page)).toBe(hash);
  await expect(script(page).filter({ hasText: "cut the power of C" })).toHaveCount(1);
});

test("a reload while it plays loses no step that was shown as saved", async ({ page, browser }) => {
  await openStill(page, MAIN_INCIDENT, 80);
  await page.getByRole("combobox", { name: "Speed" }).selectOption("32 events/s");
  await page.getByRole("button", { name: "Play" }).click();
  await expect.poll(() => savedOf(page), { timeout: 30_000 }).toBeGreaterThan(100);
  const saved = await savedOf(page);

  await page.reload();

  await ready(page);
  await expectResumedFrom(page, saved, browser);
});

test("a tab that is closed, or killed, is taken up by the next", async ({ page, context }) => {
  await openStill(page, MAIN_INCIDENT, 40);
  await expectSaved(page, 40);
  const before = await disksOf(page);
  await page.close();

  const next = await context.newPage();
  await next.goto("./");
  await ready(next);
  await expectStep(next, 40);
  expect(await disksOf(next)).toEqual(before);

  await forward(next, 30);
  await expectSaved(next, 70);
  const killed = next.waitForEvent("crash");
  const devtools = await context.newCDPSession(next);
  devtools.send("Page.crash").catch(() => undefined);
  await killed;

  const last = await context.newPage();
  await last.goto("./");
  await ready(last);
  await expectStep(last, 70);
  await expect(last.getByText("read only")).toHaveCount(0);
});

test("a run chosen from the library is what a reload goes on with, whatever link is in the address", async ({
  page,
}) => {
  await openStill(page, MAIN_INCIDENT, 20);
  await page.getByRole("button", { name: "Library" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Plain sailing/ })
    .click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Plain sailing");
  await page.getByRole("button", { name: "Pause" }).click();
  const step = await stepOf(page);
  await expectSaved(page, step);

  await page.reload();

  await ready(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Plain sailing");
  await expectStep(page, step);

  await page.getByRole("button", { name: "Library" }).click();
  const kept = page.getByRole("dialog").getByRole("region", { name: "Your runs" });
  await kept.getByRole("button", { name: /^PySyncObj #201.*step 20 of/ }).click();
  await expectStep(page, 20);
  await page.reload();
  await ready(page);
  await expectStep(page, 20);
});

test("a browser that is killed goes on from the last step saved", async ({
  baseURL,
  browser,
  launchOptions,
}) => {
  const profile = await mkdtemp(join(tmpdir(), "blackstart-profile-"));
  const options = { ...launchOptions, baseURL: baseURL ?? "" };
  const open = () => chromium.launchPersistentContext(profile, options);
  try {
    const first = await open();
    const page = await first.newPage();
    await openStill(page, MAIN_INCIDENT, 80);
    await page.getByRole("combobox", { name: "Speed" }).selectOption("32 events/s");
    await page.getByRole("button", { name: "Play" }).click();
    await expect.poll(() => savedOf(page), { timeout: 30_000 }).toBeGreaterThan(100);
    const saved = await savedOf(page);
    const gone = new Promise((resolve) => first.once("close", resolve));
    const devtools = await first.browser()?.newBrowserCDPSession();
    const { processInfo } = (await devtools?.send("SystemInfo.getProcessInfo")) ?? {};
    const root = processInfo?.find(({ type }) => type === "browser");
    if (root === undefined) throw new Error("the browser's process is not listed");

    process.kill(root.id, "SIGKILL");

    await gone;
    const second = await open();
    const troubles = listenIn(second);
    const again = await second.newPage();
    await again.goto("./");
    await ready(again);
    await expectResumedFrom(again, saved, browser);
    expect(troubles).toEqual([]);
    await second.close();
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
});

test("a second tab on the same run only reads it, and forks it when something is done", async ({
  page,
  context,
}) => {
  await openStill(page, MAIN_INCIDENT, 35);
  await expectSaved(page, 35);
  const hash = await traceHash(page);
  const actions = await script(page).count();

  const second = await context.newPage();
  await second.goto("./");
  await ready(second);
  await expect(second.getByText("read only")).toBeVisible();
  await expectStep(second, 35);
  await forward(second, 5);
  await expectStep(page, 35);

  await card(second, "A").click();
  await second.getByRole("button", { name: "Cut power" }).click();
  await expect(card(second, "A")).toHaveAccessibleName("A, no power");
  await expect(second.getByText("read only")).toHaveCount(0);
  await inspect(second, "Script");
  await expect(script(second)).toHaveCount(actions + 1);
  await expectSaved(second, 41);

  expect(await traceHash(page)).toBe(hash);
  await expect(script(page)).toHaveCount(actions);
  await page.reload();
  await ready(page);
  await expectStep(page, 35);
  expect(await traceHash(page)).toBe(hash);
  await second.reload();
  await ready(second);
  await expectStep(second, 41);
  await expect(card(second, "A")).toHaveAccessibleName("A, no power");
});

/** It stands at the step that was shown as saved or a later one, and its disks are those that the script makes there. */
async function expectResumedFrom(page: Page, saved: number, browser: Browser): Promise<void> {
  await expect(position(page)).toBeVisible();
  const step = await stepOf(page);
  expect(step).toBeGreaterThanOrEqual(saved);
  const resumed = await disksOf(page);
  const fresh = await browser.newContext();
  const replay = await fresh.newPage();
  await openStill(replay, MAIN_INCIDENT, step);
  expect(await disksOf(replay)).toEqual(resumed);
  await fresh.close();
}

async function disksOf(page: Page): Promise<readonly DiskShown[]> {
  const disks: DiskShown[] = [];
  for (const server of ["A", "B", "C"]) disks.push(await diskOf(page, server));
  return disks;
}

/** The last step that is shown as saved; -1: none. */
async function savedOf(page: Page): Promise<number> {
  const text = await page.locator("[data-saved]").getAttribute("data-saved");
  return text === null ? -1 : Number(text);
}

async function expectSaved(page: Page, step: number): Promise<void> {
  await expect(page.locator("[data-saved]")).toHaveAttribute("data-saved", String(step));
  await expect(page.locator("[data-saved]")).toHaveText("saved");
}
