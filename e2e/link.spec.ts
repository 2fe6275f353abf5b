import { deflateRawSync } from "node:zlib";
import type { Browser, Page } from "@playwright/test";
import { crc32 } from "#base/crc.ts";
import {
  card,
  expect,
  expectStep,
  forward,
  inspect,
  listenIn,
  MAIN_INCIDENT,
  openStill,
  ready,
  script,
  stage,
  states,
  switchBug,
  test,
  toEnd,
  traceHash,
} from "./page.ts";

test("a link reopens this very scenario, step, twin and selection somewhere else", async ({
  page,
  browser,
}) => {
  await openStill(page, MAIN_INCIDENT, 90);
  await card(page, "C", "twin").click();
  await inspect(page, "Disk");
  const link = await share(page);
  const hash = await traceHash(page);

  await elsewhere(browser, link, async (other) => {
    await expectStep(other, 90);
    await expect(stage(other, "twin")).toBeVisible();
    await expect(card(other, "C", "twin")).toHaveAttribute("aria-pressed", "true");
    await expect(other.getByRole("tab", { name: "Disk" })).toHaveAttribute("aria-selected", "true");
    await expect(other.getByRole("heading", { name: /^Disk of C/ })).toBeVisible();
    expect(await share(other), "the same state gives the same link").toBe(link);
    expect(await traceHash(other)).toBe(hash);
  });
});

test("what was done by hand, other bugs and the missing twin travel with a link", async ({
  page,
  browser,
}) => {
  await openStill(page);
  await page.getByRole("button", { name: "Twin" }).click();
  await expect(stage(page, "twin")).toBeHidden();
  await switchBug(page, "votedFor is not saved", false);
  await forward(page, 35);
  await card(page, "C").click();
  await page.getByRole("button", { name: "Cut power" }).click();
  await expectStep(page, 36);
  const link = await share(page);
  const hash = await traceHash(page);
  const actions = await script(page).allTextContents();

  await elsewhere(browser, link, async (other) => {
    await expectStep(other, 36);
    await expect(stage(other, "twin")).toHaveCount(0);
    await expect(card(other, "C")).toHaveAccessibleName("C, no power");
    expect(await traceHash(other)).toBe(hash);
    expect(await script(other).allTextContents()).toEqual(actions);
    await expect(
      stage(other, "main").getByRole("switch", { name: "votedFor is not saved" }),
    ).not.toBeChecked();
  });
});

test("copying makes the link this page's own address", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openStill(page);
  await forward(page, 12);
  await page.getByRole("button", { name: "Share" }).click();
  const dialog = page.getByRole("dialog", { name: "Share" });
  const link = await dialog.getByRole("textbox", { name: "Link" }).inputValue();
  await dialog.getByRole("button", { name: "Copy the link" }).click();
  await expect(dialog.getByRole("status")).toContainText("Copied");

  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);
  expect(page.url()).toBe(link);
  await page.reload();
  await ready(page);
  await expectStep(page, 12);
});

test("a good link in the address of an open page opens there", async ({ page }) => {
  await openStill(page);
  await goto(page, "#l=reference-steady");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Plain sailing");
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("PySyncObj #201");
});

test("a link that cannot be used says why, and the run that is open stays as it is", async ({
  page,
}) => {
  await openStill(page, MAIN_INCIDENT, 35);
  await card(page, "C").click();
  await page.getByRole("button", { name: "Cut power" }).click();
  await expectStep(page, 36);
  const good = new URL(await share(page)).hash;
  const hash = await traceHash(page);
  const actions = await script(page).allTextContents();

  for (const [fragment, reason] of badLinks(good)) {
    await goto(page, fragment);
    await expect(page.getByRole("alert"), fragment.slice(0, 80)).toContainText(reason);
    await expect(page.getByRole("alert")).toHaveCount(1);
    await page.getByRole("button", { name: "Close this message" }).click();
    await expect(page.getByRole("alert")).toHaveCount(0);
  }

  await expectStep(page, 36);
  await expect(card(page, "C")).toHaveAccessibleName("C, no power");
  expect(await traceHash(page)).toBe(hash);
  expect(await script(page).allTextContents()).toEqual(actions);
  await toEnd(page);
  await expect(page.getByText("read only")).toHaveCount(0);
});

test("a page that is opened by a broken link says so and shows the main incident", async ({
  page,
}) => {
  await page.goto("./#s=1.AAAA.BBBB");
  await ready(page);
  await expect(page.getByRole("alert")).toContainText("This link is damaged");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("PySyncObj #201");
});

test("a link's words stay words", async ({ page }) => {
  const evil = '<img src=x onerror="document.body.dataset.hacked=1"><script>hacked=1</script>';
  await page.goto(
    `./${linkOf({ scenario: { ...TINY, title: evil, about: evil }, view: { tab: evil, selected: evil } })}`,
  );
  await ready(page);

  await expect(page.getByRole("heading", { level: 1 })).toHaveText(evil);
  await toEnd(page);
  await inspect(page, "Script");
  await expect(page.getByRole("tabpanel", { name: "Script" }).getByText(evil)).toBeVisible();
  expect(await page.evaluate(() => document.body.dataset.hacked)).toBeUndefined();
  await expect(states(page, "main")).toBeVisible();
});

const TINY = {
  format: "blackstart-scenario",
  version: 2,
  title: "Tiny",
  system: "reference",
  cluster: { machines: [{ id: "A", servers: [{ id: "A" }] }] },
  script: [{ anchor: { type: "at", time: 0 }, action: { type: "boot", machines: ["A"] } }],
  until: 1_000_000,
};

/** What may come in from outside, and what must be said of it. */
function badLinks(good: string): readonly (readonly [string, string | RegExp])[] {
  const middle = Math.floor(good.length / 2);
  const other = good[middle] === "A" ? "B" : "A";
  const bomb = deflateRawSync(new Uint8Array(64 * 1024 * 1024), { level: 9 }).toString("base64url");
  return [
    ["#hello", "not one of ours"],
    ["#l=no-such-thing", '"no-such-thing" that is not in the library'],
    [good.slice(0, -30), /cut off/],
    [good.slice(0, middle), /cut off|damaged/],
    [`${good.slice(0, middle)}${other}${good.slice(middle + 1)}`, /damaged/],
    [`#s=1.${bomb}.AAAAAA`, "unpacks to more than"],
    ["#s=9.AAAA.AAAAAA", "format 9"],
    [linkOf("text"), "This link is broken"],
    [linkOf({ scenario: TINY, run: "alert(1)" }), "run"],
    [linkOf({ scenario: { ...TINY, backdoor: true } }), "backdoor"],
    [linkOf({ scenario: { ...TINY, version: 99 } }), "version"],
    [linkOf({ scenario: { ...TINY, system: "nonesuch" } }), "nonesuch"],
    [linkOf({ scenario: { ...TINY, until: 1e300 } }), "until"],
    [linkOf({ scenario: { ...TINY, script: [{ action: { type: "eval" } }] } }), "script"],
    [linkOf({ scenario: TINY, position: -1 }), "position"],
    [linkOf('{"scenario":{"__proto__":{"title":"x"}}}', true), "cannot be used"],
  ];
}

/** A link of format 1 that holds anything. */
function linkOf(content: unknown, isText = false): string {
  const bytes = Buffer.from(isText ? String(content) : JSON.stringify(content));
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return `#s=1.${deflateRawSync(bytes).toString("base64url")}.${sum.toString("base64url")}`;
}

/** As a click on a link to this same page does. */
async function goto(page: Page, fragment: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, fragment);
}

async function share(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Share" }).click();
  const link = page.getByRole("dialog", { name: "Share" }).getByRole("textbox", { name: "Link" });
  const url = await link.inputValue();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  return url;
}

/** In a browser that has never seen this page. */
async function elsewhere(
  browser: Browser,
  url: string,
  look: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext();
  const troubles = listenIn(context);
  const page = await context.newPage();
  await page.goto(url);
  await ready(page);
  await look(page);
  expect(troubles).toEqual([]);
  await context.close();
}
