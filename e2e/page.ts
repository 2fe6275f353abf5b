import { fileURLToPath } from "node:url";
import {
  type BrowserContext,
  test as base,
  type ConsoleMessage,
  expect,
  type Locator,
  type Page,
  type Request,
} from "@playwright/test";
import { LIBRARY, libraryScenario } from "#library/registry.ts";
import { encodeLink } from "#scenario/link.ts";
import { parseScenario } from "#scenario/schema.ts";

/** What every journey needs: a page on which nothing goes wrong unnoticed. */
export const test = base.extend<{ quiet: undefined }>({
  quiet: [
    async ({ context }, use) => {
      const troubles = listenIn(context);
      await use(undefined);
      expect(troubles, "nothing goes wrong behind the scenes").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** Errors of any page of a context, from now on: scripts, the console, requests. */
export function listenIn(context: BrowserContext): readonly string[] {
  const troubles: string[] = [];
  context.on("weberror", (error) => troubles.push(error.error().message));
  context.on("console", (message: ConsoleMessage) => {
    if (["error", "warning"].includes(message.type())) troubles.push(message.text());
  });
  context.on("requestfailed", (request: Request) => {
    // A page that is left gives up what it was fetching.
    if (request.failure()?.errorText !== "net::ERR_ABORTED") {
      troubles.push(`failed: ${request.url()}`);
    }
  });
  context.on("response", (response) => {
    if (response.status() >= 400) troubles.push(`${response.status()}: ${response.url()}`);
  });
  return troubles;
}

export const MAIN_INCIDENT = "pysyncobj-201";

/** Opens a scenario of the library, standing still at a step. */
export async function openStill(page: Page, id = MAIN_INCIDENT, step = 0): Promise<void> {
  await page.goto(`./${fragmentTo(id, step)}`);
  await ready(page);
  await expectStep(page, step);
}

function fragmentTo(id: string, position: number): string {
  const scenario = parseScenario(libraryScenario(id)?.scenario);
  if (!scenario.ok) throw new Error(`${id} is not in the library`);
  const link = encodeLink({ scenario: scenario.value, position, view: {}, outcome: null }, LIBRARY);
  return link.ok ? link.value.fragment : "";
}

/** The run is there, and so are the parts of the page that come later. */
export async function ready(page: Page): Promise<void> {
  await expect(page.getByTestId("app")).toHaveAttribute("data-ready", "true");
  await expect(page.getByRole("button", { name: "Help", exact: true })).toBeVisible();
}

export function position(page: Page): Locator {
  return page.getByTestId("position");
}

/** The step that is shown. */
export async function stepOf(page: Page): Promise<number> {
  return Number(await page.getByTestId("app").getAttribute("data-step"));
}

/** The last step of the run. */
export async function lastStepOf(page: Page): Promise<number> {
  return Number(/\/ (\d+)/.exec((await position(page).textContent()) ?? "")?.[1]);
}

export async function expectStep(page: Page, step: number): Promise<void> {
  await expect(page.getByTestId("app")).toHaveAttribute("data-step", String(step));
}

export async function toStart(page: Page): Promise<void> {
  await page.getByRole("button", { name: "To the start" }).click();
  await expectStep(page, 0);
}

export async function toEnd(page: Page): Promise<void> {
  await page.getByRole("slider", { name: "Step" }).press("End");
  await expectStep(page, await lastStepOf(page));
}

/** Goes on by so many steps of the main side, with the keys of the scrubber; what the twin alone does is passed as well. */
export async function forward(page: Page, steps: number): Promise<void> {
  const goal = (await stepOf(page)) + steps;
  for (let left = steps; left > 0; left = goal - (await stepOf(page))) await onward(page, left);
  await expectStep(page, goal);
}

/** Goes on by so many places: steps of the main side, or of the twin alone, or of both. */
export async function onward(page: Page, places: number): Promise<void> {
  const app = page.getByTestId("app");
  const goal = Number(await app.getAttribute("data-place")) + places;
  const slider = page.getByRole("slider", { name: "Step" });
  for (let ten = 0; ten < Math.floor(places / 10); ten++) await slider.press("PageDown");
  for (let one = 0; one < places % 10; one++) await slider.press("ArrowRight");
  await expect(app).toHaveAttribute("data-place", String(goal));
}

export type Side = "main" | "twin";

export function stage(page: Page, side: Side): Locator {
  return page.getByTestId(`stage-${side}`);
}

/** A server's card. */
export function card(page: Page, server: string, side: Side = "main"): Locator {
  return stage(page, side).getByRole("button", { name: new RegExp(`^${server}, `) });
}

/** The state machines of a side, beside each other. */
export function states(page: Page, side: Side): Locator {
  return page.getByRole("region", { name: "State machines" }).locator(`[data-side=${side}]`);
}

/** What each server holds under a key, in the order of the servers; "–" where there is nothing. */
export async function valuesOf(page: Page, side: Side, key: string): Promise<readonly string[]> {
  const row = states(page, side)
    .getByRole("row")
    .filter({ has: page.locator(`th[scope=row][title=${JSON.stringify(key)}]`) });
  const titles = await row
    .getByRole("cell")
    .evaluateAll((cells) => cells.map((cell) => cell.getAttribute("title") ?? ""));
  return titles.map((title) =>
    title === "not there" ? "–" : title.replace(/, written by .*$/, ""),
  );
}

type Tab = "Server" | "Disk" | "Crash states" | "Event" | "Checks" | "Script";

export function inspect(page: Page, tab: Tab) {
  return page.getByRole("tablist", { name: "Inspector" }).getByRole("tab", { name: tab }).click();
}

/** A check in the inspector. */
export function check(page: Page, id: string): Locator {
  return page.getByRole("list", { name: "Checks" }).locator(`[data-check=${id}]`);
}

/** The actions of the script, in words. */
export function script(page: Page): Locator {
  return page.locator(".script > li");
}

/** The trace hash that the page tells of the run. */
export async function traceHash(page: Page): Promise<string> {
  await inspect(page, "Script");
  const text = (await page.getByText(/trace hash [0-9a-f]+$/).textContent()) ?? "";
  return /trace hash ([0-9a-f]+)$/.exec(text)?.[1] ?? "";
}

export interface DiskShown {
  /** Names and sizes. */
  readonly files: readonly string[];
  /** Of the journal, the first file: how long it is and its checksum, now and after a power loss. */
  readonly sizes: string;
  /** Of the journal: what each stretch of bytes means. */
  readonly records: readonly string[];
  /** What waits in the page cache. */
  readonly pending: readonly string[];
}

/** The disk of a server of the main side at the step shown. */
export async function diskOf(page: Page, server: string): Promise<DiskShown> {
  await card(page, server).click();
  await inspect(page, "Disk");
  const tab = page.getByRole("tabpanel", { name: "Disk" });
  await expect(
    tab.getByRole("heading", { name: `Disk of ${server}, at step ${await stepOf(page)}` }),
  ).toBeVisible();
  return {
    files: await tab.getByRole("list", { name: "Files" }).getByRole("listitem").allTextContents(),
    sizes: (await tab.locator(".file-sizes").textContent()) ?? "",
    records: await tab
      .getByRole("list", { name: "Records" })
      .getByRole("listitem")
      .allTextContents(),
    pending: await tab.locator(".pending li").allTextContents(),
  };
}

/** Real files of real clusters, as the library wrote them. */
export function fixture(path: string): string {
  return fileURLToPath(new URL(`../src/system/pysyncobj/fixtures/${path}`, import.meta.url));
}

/** Lets go of files and folders over the page, as a file manager does. */
export async function drop(page: Page, files: readonly string[]): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  const send = (type: "dragEnter" | "dragOver" | "drop") =>
    devtools.send("Input.dispatchDragEvent", { type, x: 400, y: 300, data });
  const ground = page.getByText("Drop raft files");
  // A hand that drags is over the page all the time, and lets go again when nothing came of it.
  await expect(async () => {
    await send("dragEnter");
    await send("dragOver");
    await expect(ground).toBeVisible({ timeout: 1_000 });
    await send("dragOver");
    await send("drop");
    await expect(ground).toBeHidden({ timeout: 1_000 });
  }).toPass();
  await devtools.detach();
}

/** Switches a bug of a run alone, or of a side, in the list of all. */
export async function switchBug(
  page: Page,
  bug: string,
  on: boolean,
  side: "" | ", left side" | ", right side" = "",
): Promise<void> {
  await page.getByRole("button", { name: /^Bugs: / }).click();
  const bugs = page.getByRole("dialog", { name: "Bugs and versions" });
  const its = bugs.getByRole("switch", { name: bug + side, exact: true });
  await expect(its).toBeChecked({ checked: !on });
  await its.click();
  await expect(its).toBeChecked({ checked: on });
  await page.keyboard.press("Escape");
  await expect(bugs).toBeHidden();
}
