import {
  check,
  diskOf,
  expect,
  expectStep,
  inspect,
  openStill,
  stage,
  states,
  stepOf,
  test,
  toEnd,
  valuesOf,
} from "./page.ts";

test("a stranger sees within ten seconds how three state machines part, beside a twin that agrees", async ({
  page,
}) => {
  await page.goto("./");
  await expect(stage(page, "main")).toBeVisible();
  await expect(stage(page, "twin")).toBeVisible();
  const started = Date.now();
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();

  await expect(stage(page, "main")).toHaveAttribute("data-diverged", "true", { timeout: 30_000 });
  const elapsed = Date.now() - started;

  await expect(states(page, "main")).toContainText("State machines differ");
  await expect(states(page, "twin")).toContainText("They agree");
  await expect(stage(page, "twin")).toHaveAttribute("data-diverged", "false");
  await expect(
    stage(page, "main").getByRole("button", {
      name: /^State machines differ.*: B restarted at term 0/,
    }),
  ).toBeVisible();
  await expect(
    stage(page, "twin").getByRole("button", { name: "Nothing is lost so far" }),
  ).toBeVisible();
  // Ten seconds of watching; the rest is what a busy machine may add.
  expect(elapsed).toBeLessThan(14_000);
});

test("the first divergence is one click away, and its story leads back through every step", async ({
  page,
}) => {
  await openStill(page);
  await inspect(page, "Checks");
  const divergence = check(page, "C15");
  await expect(divergence).toHaveAttribute("data-standing", "breaks-later");

  await divergence.getByRole("button", { name: /^breaks at step/ }).click();

  await expect(divergence).toHaveAttribute("data-standing", "broken");
  const broken = await stepOf(page);
  expect(broken).toBeGreaterThan(0);
  // What was lost is told first; of the rest the story is a click away.
  await divergence.getByText(/^How it came to this/).click();
  const story = divergence.getByRole("listitem");
  await expect(story.filter({ hasText: "restarted at term 0" })).toBeVisible();
  await expect(story.filter({ hasText: "C granted B its vote in term 2" })).toBeVisible();
  await expect(story.filter({ hasText: "it had already applied up to 45" })).toBeVisible();
  await expect(story.filter({ hasText: 'leader is "A" on A and "B" on B' })).toBeVisible();

  const lines = divergence.getByRole("listitem").getByRole("button");
  const steps = await lines.locator(".feed-step").allTextContents();
  expect(steps.map(Number)).toEqual(steps.map(Number).toSorted((a, b) => a - b));
  expect(Number(steps.at(-1))).toBe(broken);
  for (const [at, step] of steps.entries()) {
    await lines.nth(at).click();
    await expectStep(page, Number(step));
  }
});

test("a check breaks at its first step and not one before", async ({ page }) => {
  await openStill(page);
  await inspect(page, "Checks");
  await check(page, "C15")
    .getByRole("button", { name: /^breaks at step/ })
    .click();
  await expect(stage(page, "main")).toHaveAttribute("data-diverged", "true");

  await page.getByRole("button", { name: "Back one step" }).click();

  await expect(check(page, "C15")).toHaveAttribute("data-standing", "breaks-later");
  await page.getByRole("button", { name: "Forward one step" }).click();
  await expect(check(page, "C15")).toHaveAttribute("data-standing", "broken");
});

test("the incident ends as it did in reality: equal logs up to 46, unequal state machines", async ({
  page,
}) => {
  await openStill(page);
  await toEnd(page);

  expect(await valuesOf(page, "main", "leader")).toEqual(["A", "B", "A"]);
  expect(await valuesOf(page, "main", "members/A")).toEqual(["conn_url=A", "–", "conn_url=A"]);
  expect(await valuesOf(page, "main", "members/B")).toEqual(["–", "conn_url=B", "–"]);
  expect(await valuesOf(page, "main", "post")).toEqual(["yes", "yes", "yes"]);
  const journals = new Set<string>();
  for (const server of ["A", "B", "C"]) {
    const { records, sizes } = await diskOf(page, server);
    const entries = records.filter((text) => /^\d+record/.test(text));
    expect(entries).toHaveLength(46);
    expect(entries.at(-1)).toContain('record 46 of term 2: f1("post", "yes")');
    journals.add(sizes.replace(/;.*/, ""));
  }
  expect(journals.size, "the three journals read the same, byte for byte").toBe(1);
  await expect(states(page, "main")).toContainText("State machines differ although the logs agree");
});

test("the two writes that clients were promised are marked as missing", async ({ page }) => {
  await openStill(page);
  await toEnd(page);

  const clients = stage(page, "main").getByRole("list", { name: "Clients" });
  await expect(clients.getByRole("button", { name: /set leader = A/ })).toContainText(
    "told OK, now missing",
  );
  await expect(clients.getByRole("button", { name: /set members\/A/ })).toContainText(
    "told OK, now missing",
  );
  await expect(
    stage(page, "twin").getByRole("list", { name: "Clients" }).getByText("now missing"),
  ).toHaveCount(0);
});
