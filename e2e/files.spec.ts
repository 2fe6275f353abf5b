import { readFile as read, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { unzipSync } from "fflate";
import {
  check,
  diskOf,
  drop,
  expect,
  expectStep,
  fixture,
  inspect,
  MAIN_INCIDENT,
  openStill,
  script,
  stage,
  states,
  stepOf,
  switchBug,
  test,
  toEnd,
  toStart,
  valuesOf,
} from "./page.ts";

test("the folder of a real cluster, dropped on the page, is recognised and decoded", async ({
  page,
}) => {
  await openStill(page);
  await drop(page, [fixture("02-simultaneous-restart/before")]);

  const report = page.getByTestId("import-report");
  await expect(report).toBeVisible();
  const files = report.getByRole("list", { name: "Imported files" }).getByRole("button");
  await expect(files).toHaveCount(6);
  for (const server of ["A", "B", "C"]) {
    await expect(files.filter({ hasText: new RegExp(`${server}/raft\\.journal`) })).toHaveCount(2);
  }
  await expect(files.filter({ hasText: "problem" })).toHaveCount(0);

  await files.filter({ hasText: /B\/raft\.journalpysyncobj journal/ }).click();
  const file = report.getByRole("region", { name: /B\/raft\.journal$/ });
  await expect(file).toContainText("pysyncobj journal, of server B, 4096 bytes, intact");
  await file.getByText(/^42 entries/).click();
  await expect(
    file.getByRole("listitem").filter({ hasText: 'f1("k06", "v36")' }).last(),
  ).toBeVisible();

  await files.filter({ hasText: /B\/raft\.journal\.meta/ }).click();
  await expect(report.getByText("raftCommitIndex", { exact: true })).toBeVisible();
  await expect(report.getByRole("definition").first()).toHaveText("42");
});

test("bytes and records stand side by side and point at each other", async ({ page }) => {
  await openStill(page);
  await pickFolder(page, fixture("02-simultaneous-restart/before"));
  const report = page.getByTestId("import-report");
  const bytes = report.getByRole("region", { name: "Bytes" });
  await expect(bytes).toContainText("50 59 53 59 4e 43 4f 42".replaceAll(" ", ""));
  await expect(bytes).toContainText("PYSYNCOB");

  const record = report
    .getByRole("list", { name: "Records" })
    .getByRole("button", { name: 'record 3 of term 1: f1("k01", "v1")' });
  await record.hover();
  const marked = bytes.locator(".byte[data-looked=true]");
  await expect(marked.first()).toBeVisible();
  await expect(report.getByText(/record 3 of term 1.*bytes 90–144/)).toBeVisible();
});

test("records that were cut off and can still be read are shown as ghosts", async ({ page }) => {
  await openStill(page);
  await pickFolder(page, fixture("02-simultaneous-restart/truncated-C"));
  const report = page.getByTestId("import-report");
  await expect(
    report.getByText(
      /C: behind the end of the journal \(index 43\) the records 44 to 45 of term 1/,
    ),
  ).toBeVisible();

  await report
    .getByRole("list", { name: "Imported files" })
    .getByRole("button", { name: /C\/raft\.journal pysyncobj journal/ })
    .click();
  const file = report.getByRole("region", { name: /C\/raft\.journal$/ });
  await file.getByText("43 entries and 2 ghosts").click();
  const ghosts = file.locator("[data-ghost=true]");
  await expect(ghosts).toHaveCount(2);
  await expect(ghosts.first()).toContainText('f1("leader", "A")');
  await expect(ghosts.last()).toContainText('f1("members/A", "conn_url=A")');
  await expect(
    file.getByRole("list", { name: "Records" }).locator("[data-kind=ghost]"),
  ).toHaveCount(2);
});

test("booted, the files are three machines' disks and part as the real ones did; with the fix they do not", async ({
  page,
}) => {
  await openStill(page);
  await drop(page, [fixture("02-simultaneous-restart/before")]);
  await page.getByRole("button", { name: "Boot, and add the five writes of #201" }).click();

  await expect(page.getByTestId("import-report")).toBeHidden();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(
    "Imported: A, B, C, with five writes added",
  );
  await page.getByRole("button", { name: "Pause" }).click();
  await toStart(page);
  for (const server of ["A", "B", "C"]) {
    const disk = await diskOf(page, server);
    expect(disk.records.filter((text) => text.includes("record "))).toHaveLength(42);
    expect(disk.pending).toEqual([]);
  }
  await inspect(page, "Script");
  await expect(script(page).first()).toContainText("boot B, A and C");

  await toEnd(page);
  await expect(stage(page, "main")).toHaveAttribute("data-diverged", "true");
  expect(await valuesOf(page, "main", "leader")).toEqual(["A", "B", "A"]);
  await inspect(page, "Checks");
  await expect(check(page, "C15")).toHaveAttribute("data-standing", "broken");
  await expect(stage(page, "twin")).toHaveAttribute("data-diverged", "false");
  await expect(states(page, "twin")).toContainText("They agree");

  await switchBug(page, "The term is not restored from the log", false, ", left side");
  await toEnd(page);
  await expect(states(page, "main")).toContainText("They agree");
});

test.describe("damaged and foreign files are refused by name, offset and reason", () => {
  const CASES = [
    ["truncated-mid-record", "raft.journal, byte 2141: the record is cut short"],
    ["truncated-at-record-boundary", /raft\.journal, byte \d+: /],
    ["cut-in-command-bytes", /raft\.journal, byte \d+: /],
    ["zeroed-last-record", /raft\.journal, byte \d+: /],
    ["empty-file", "raft.journal, byte 0: the file is shorter than its 40-byte header"],
    ["all-zero-file", /raft\.journal, byte \d+: /],
    ["meta-empty", /raft\.journal\.meta, byte 0: /],
  ] as const;

  test("torn and truncated ones", async ({ page }) => {
    await openStill(page, MAIN_INCIDENT, 20);
    await page.getByRole("button", { name: "Open" }).click();
    for (const [set, reason] of CASES) {
      await chooseFolder(page, fixture(`07-torn/${set}`));
      const files = page.getByRole("list", { name: "Imported files" });
      await expect(files.getByText(`${set}/raft.journal`, { exact: true })).toBeVisible();
      const damaged = files.getByRole("button").and(page.locator("[data-intact=false]"));
      await damaged.first().click();
      await expect(page.locator(".file-report .failure").first(), set).toContainText(reason);
      await expect(
        page.locator(".finding").filter({ hasText: reason }).first(),
        `${set}, what can be done`,
      ).toContainText(/library|copies|Nothing needs/);
    }
    await page.keyboard.press("Escape");
    await expectStep(page, 20);
  });

  test("foreign ones, alone and among good ones", async ({ page }) => {
    await openStill(page, MAIN_INCIDENT, 20);
    await drop(page, [fileURLToPath(import.meta.url)]);
    const report = page.getByTestId("import-report");
    await expect(report.locator(".file-report .failure")).toContainText(
      "files.spec.ts, byte 0: the file starts with",
    );
    await expect(report.getByText("These files make no server that could be booted")).toBeVisible();
    await page.keyboard.press("Escape");
    await expectStep(page, 20);

    await drop(page, [fixture("02-simultaneous-restart/before"), fileURLToPath(import.meta.url)]);
    await expect(report.getByText(/files\.spec\.ts, byte 0: .*It is left out/)).toBeVisible();
    await expect(
      page.getByRole("button", { name: "Boot, and add the five writes of #201" }),
    ).toBeVisible();
  });

  test("a scenario file that is none", async ({ page }) => {
    await openStill(page, MAIN_INCIDENT, 20);
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByLabel("Choose files").setInputFiles({
      name: "story.json",
      mimeType: "application/json",
      buffer: Buffer.from('{"format":"blackstart-scenario","version":2,"title":"x","evil":1}'),
    });
    await expect(page.locator(".banner[data-tone=bad]")).toContainText("story.json is no scenario");
    expect(await stepOf(page)).toBe(20);
  });
});

test("a scenario that was downloaded opens again as a file, and is the same", async ({ page }) => {
  await openStill(page, MAIN_INCIDENT, 35);
  await page.getByRole("button", { name: "Reboot all" }).click();
  await expectStep(page, 36);
  await inspect(page, "Script");
  const told = await script(page).allTextContents();
  const arriving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download as JSON" }).click();
  const path = await (await arriving).path();

  await page.getByRole("button", { name: "Library" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /^Plain sailing/ })
    .click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Plain sailing");
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByLabel("Choose files").setInputFiles({
    name: "mine.json",
    mimeType: "application/json",
    buffer: await read(path),
  });

  await expect(page.getByRole("heading", { level: 1 })).toContainText("PySyncObj #201");
  await inspect(page, "Script");
  await expect(script(page)).toHaveText(told);
});

test("the report tells what each version makes of the disks, and what is in them byte for byte", async ({
  page,
}) => {
  await openStill(page);
  await pickFolder(page, fixture("04-commit-index-past-journal/no-dump/after-power-loss"));
  const report = page.getByTestId("import-report");
  const versions = report.getByRole("region", { name: "What each version makes of these disks" });
  await expect(versions).toContainText("entries 21 to 25 were committed");
  await versions.getByText(/^A at a start: not ready/).click();
  const boot = versions.locator(".boot", { hasText: "0.3.14" }).first();
  await expect(boot).toHaveAttribute("data-verdict", "not ready");
  await expect(boot).toContainText("no server here has more");
  await expect(versions.locator(".boot", { hasText: "all fixes" }).first()).toContainText(
    "it is clamped to the end of the log",
  );
  const parts = report.getByRole("list", { name: "Parts of the file" }).getByRole("listitem");
  await expect(parts.nth(1)).toContainText("20 records, 1 (term 0) to 20 (term 1)");
});

test("a folder of many servers: one of its folders is chosen, booted, and its report saved", async ({
  page,
}) => {
  await openStill(page);
  await pickFolder(page, fixture("07-torn"));
  const report = page.getByTestId("import-report");
  const files = report.getByRole("list", { name: "Imported files" }).getByRole("button");
  await report.getByLabel("Read and boot").selectOption("07-torn/truncated-mid-record");
  await expect(files.filter({ hasNotText: "truncated-mid-record" })).toHaveCount(0);
  await expect(files.first()).toBeVisible();
  await expect(report.getByRole("button", { name: "Boot these disks" })).toBeVisible();

  const arriving = page.waitForEvent("download");
  await report.getByRole("button", { name: "Save this report as text" }).click();
  const saved = (await read(await (await arriving).path())).toString();
  expect(saved).toContain("What each version makes of these disks at a start");
  expect(saved).toContain("truncated-mid-record/raft.journal");
});

test("a long file is read while the page goes on, and can be given up", async ({ page }, info) => {
  await openStill(page, MAIN_INCIDENT, 20);
  const path = info.outputPath("raft.journal");
  await writeFile(path, longJournal(1_200_000));
  await page.getByRole("button", { name: "Open" }).click();
  const dialog = page.getByRole("dialog", { name: "Open files" });
  await dialog.getByLabel("Choose files").setInputFiles(path);
  await expect(dialog.getByRole("progressbar", { name: "Reading files" })).toBeVisible();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toBeHidden();
  await expectStep(page, 20);
  await expect(page.locator(".banner[data-tone=bad]")).toHaveCount(0);
});

test("a machine's disk is exported as the real files, durable or as the cache has it", async ({
  page,
}) => {
  await openStill(page);
  await toEnd(page);
  await inspect(page, "Disk");
  const save = async (which: RegExp, machines: RegExp) => {
    await page.getByRole("button", { name: "Export", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Export disks" });
    await dialog.getByRole("radio", { name: which }).check();
    await dialog.getByRole("radio", { name: machines }).check();
    const arriving = page.waitForEvent("download");
    await dialog.getByRole("button", { name: "Download as a zip archive" }).click();
    const download = await arriving;
    await expect(dialog).toBeHidden();
    const files = unzipSync(new Uint8Array(await read(await download.path())));
    return { name: download.suggestedFilename(), files };
  };
  const cache = await save(/What the cache holds/, /All machines/);
  expect(cache.name).toMatch(/^pysyncobj-201-.*-left-step-\d+-A-B-C-cache\.zip$/);
  expect(Object.keys(cache.files).sort()).toEqual(
    ["A", "B", "C"].flatMap((id) => [`${id}/raft.journal`, `${id}/raft.journal.meta`]),
  );
  const durable = await save(/What a power loss now would leave/, /^A alone/);
  expect(Object.keys(durable.files).sort()).toEqual(["A/raft.journal", "A/raft.journal.meta"]);
  const [lost, kept] = [durable, cache].map(({ files }) =>
    Buffer.from(files["A/raft.journal"] ?? []).toString("latin1"),
  );
  expect(kept).toMatch(/^PYSYNCOBJ/);
  expect(lost).toMatch(/^PYSYNCOBJ/);
  expect(lost).not.toBe(kept);
});

test("axe finds nothing in the report on files", async ({ page }) => {
  await openStill(page);
  await pickFolder(page, fixture("02-simultaneous-restart/truncated-C"));
  await expect(page.getByTestId("import-report")).toBeVisible();
  const { violations } = await new AxeBuilder({ page })
    .include("[role=dialog]")
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target)])).toEqual([]);
});

/** Records of no-ops, one after the other. */
function longJournal(count: number): Buffer {
  const journal = Buffer.alloc(40 + 25 * count);
  journal.write("PYSYNCOBJ", 0, "latin1");
  journal.write("0.3.14", 24, "latin1");
  journal.writeUInt32LE(1, 32);
  journal.writeUInt32LE(journal.length, 36);
  for (let i = 0; i < count; i++) {
    const at = 40 + 25 * i;
    journal.writeUInt32LE(17, at);
    journal.writeUInt32LE(i + 1, at + 4);
    journal.writeUInt32LE(1, at + 12);
    journal.writeUInt8(1, at + 20);
    journal.writeUInt32LE(17, at + 21);
  }
  return journal;
}

async function pickFolder(page: Page, folder: string): Promise<void> {
  await page.getByRole("button", { name: "Open" }).click();
  await chooseFolder(page, folder);
}

async function chooseFolder(page: Page, folder: string): Promise<void> {
  await folderField(page).setInputFiles(folder);
}

function folderField(page: Page): Locator {
  return page.getByRole("dialog", { name: "Open files" }).getByLabel("Choose a folder");
}
