import { openDB } from "idb";
import { afterEach, describe, expect, it } from "vitest";
import { libraryScenario } from "#library/registry.ts";
import type { Action } from "#sim/faults.ts";
import { type Client, createClient } from "./client.ts";
import type { Request, ToUi } from "./protocol.ts";
import { checkScenario } from "./recorder.ts";

// The real worker, the real IndexedDB, the real locks. A worker that is terminated gets no chance to say goodbye, as when its
// tab is killed.

const KILL_ONE: Action = {
  type: "crash",
  machines: ["A"],
  kind: "power",
  survivors: { type: "none" },
};

const tabs: Tab[] = [];
let runs = 0;

afterEach(() => {
  for (const tab of tabs.splice(0)) tab.client.terminate();
});

describe("the main incident", () => {
  it("goes on after its tab was killed, where it was last said to be saved or later, on the same disks", async () => {
    const { run, tab } = await open();
    const { step } = await act(tab, 60, KILL_ONE);
    await ask(tab, { type: "seek", step: step + 20 }, "shown");
    await saved(tab, step + 20);
    const shown = await ask(tab, { type: "seek", step: step + 20 }, "shown");
    const disks = await platters(run);
    tab.client.send({ type: "act", action: { type: "heal" } });
    tab.client.terminate();

    const again = newTab();
    const resumed = await ask(again, { type: "resume", run }, "loaded");
    expect(resumed.readOnly).toBe(false);
    expect(resumed.step).toBeGreaterThanOrEqual(step + 20);
    expect(resumed.scenario.script.map(({ action }) => action)).toContainEqual(KILL_ONE);
    expect(again.storage).toEqual([]);
    const reshown = await ask(again, { type: "seek", step: step + 20 }, "shown");
    expect(reshown.views).toEqual(shown.views);
    await ask(again, { type: "checkpoint" }, "done");
    expect(disks.length).toBe(3);
    expect(await platters(run)).toEqual(disks);
  });

  it("is never behind what was said to be saved, whenever the tab is killed", async () => {
    const { run, tab: first } = await open();
    await saved(first, 0);
    let tab = first;
    let told = 0;
    for (const patience of [0, 20, 90, 230]) {
      const from = told;
      for (let step = from; step < from + 30; step++) {
        await ask(tab, { type: "seek", step }, "shown");
        if (step % 5 === 0) await pause(patience / 3);
      }
      await pause(patience);
      tab.client.terminate();
      told = tab.saved.at(-1) ?? told;
      tab = newTab();
      const resumed = await ask(tab, { type: "resume", run }, "loaded");
      expect(resumed.step).toBeGreaterThanOrEqual(told);
      expect(tab.storage).toEqual([]);
      told = resumed.step;
    }
    expect(told).toBeGreaterThan(30);
  });

  it("keeps both sides of a twin", async () => {
    const { run, tab } = await open();
    const twin = await ask(tab, { type: "twin", on: true }, "loaded");
    await ask(tab, { type: "seek", step: 40 }, "shown");
    await ask(tab, { type: "checkpoint" }, "done");
    expect(await platters(run)).toHaveLength(6);
    tab.client.terminate();
    const resumed = await ask(newTab(), { type: "resume", run }, "loaded");
    expect(resumed).toMatchObject({ step: 40, hash: twin.hash, outlines: twin.outlines });
  });
});

describe("a second tab", () => {
  it("looks on, and forks when something is done in it", async () => {
    const { run, tab } = await open();
    await ask(tab, { type: "seek", step: 9 }, "shown");
    await ask(tab, { type: "checkpoint" }, "done");
    const second = newTab();
    const resumed = await ask(second, { type: "resume", run }, "loaded");
    expect(resumed).toMatchObject({ readOnly: true, step: 9 });
    const forked = await act(second, 5, KILL_ONE);
    expect(forked.readOnly).toBe(false);
    expect(forked.run).not.toBe(run);
    await ask(second, { type: "checkpoint" }, "done");
    const { runs: list } = await ask(tab, { type: "runs" }, "runs");
    expect(list.find((each) => each.run === run)?.step).toBe(9);
    expect(list.find((each) => each.run === forked.run)?.step).toBe(forked.step);
  });

  it("has the run once the first is gone", async () => {
    const { run, tab } = await open();
    await ask(tab, { type: "checkpoint" }, "done");
    tab.client.terminate();
    expect(await ask(newTab(), { type: "resume", run }, "loaded")).toMatchObject({
      readOnly: false,
    });
  });
});

it("says that a run is gone which the browser does not have", async () => {
  const tab = newTab();
  const refused = await ask(tab, { type: "resume", run: "never" }, "refused");
  expect(tab.storage).toEqual([refused.reason]);
});

it("forgets a run to the last record", async () => {
  const { run, tab } = await open();
  await ask(tab, { type: "checkpoint" }, "done");
  const { runs: left } = await ask(tab, { type: "forget", run }, "runs");
  expect(left.map((each) => each.run)).not.toContain(run);
  expect(await platters(run)).toEqual([]);
});

it("answers the load that was overtaken, and shows the one that overtook it", async () => {
  const tab = newTab();
  const scenario = incident();
  const both = ["overtaken", "overtaker"].map((run) =>
    tab.client.send({ type: "load", run, scenario, step: 0 }),
  );
  const answers = await Promise.all(both);
  expect(answers.at(-1)).toMatchObject({ type: "loaded", run: "overtaker" });
  // The first may have been quick enough to be done.
  expect(["loaded", "refused"]).toContain(answers[0]?.type);
});

it("ends over a mistake of its own, says so, and leaves nobody waiting", async () => {
  const tab = newTab();
  const mistake = { type: "no such request" } as unknown as Request;
  const [first, second] = [tab.client.send(mistake), tab.client.send({ type: "runs" })];
  expect(await first).toMatchObject({ type: "refused" });
  expect(["refused", "runs"]).toContain((await second).type);
  expect(tab.crashes).toEqual([expect.stringContaining("broken invariant")]);
  expect(await tab.client.send({ type: "runs" })).toMatchObject({ type: "refused" });
});

interface Tab {
  readonly client: Client;
  readonly saved: number[];
  readonly storage: string[];
  readonly crashes: string[];
}

function newTab(): Tab {
  const tab: Tab = { client: createClient(), saved: [], storage: [], crashes: [] };
  tab.client.onMessage((message) => {
    if (message.type === "saved") tab.saved.push(message.step);
    if (message.type === "storage") tab.storage.push(message.text);
    if (message.type === "crashed") tab.crashes.push(message.text);
  });
  tabs.push(tab);
  return tab;
}

async function ask<Type extends ToUi["type"]>(
  { client }: Tab,
  request: Request,
  type: Type,
): Promise<Extract<ToUi, { type: Type }>> {
  const answer = await client.send(request);
  if (answer.type !== type) throw new Error(`${request.type}: ${JSON.stringify(answer)}`);
  return answer as Extract<ToUi, { type: Type }>;
}

function incident() {
  const scenario = checkScenario(libraryScenario("pysyncobj-201")?.scenario);
  if (!scenario.ok) throw new Error(scenario.problem);
  return { ...scenario.value, twin: null };
}

/** A tab that shows the main incident at its beginning, under a name of its own. */
async function open(): Promise<{ run: string; tab: Tab }> {
  const tab = newTab();
  const run = `test run ${++runs}`;
  await ask(tab, { type: "load", run, scenario: incident(), step: 0 }, "loaded");
  return { run, tab };
}

async function act(tab: Tab, step: number, action: Action) {
  await ask(tab, { type: "seek", step }, "shown");
  return ask(tab, { type: "act", action }, "loaded");
}

function saved({ saved: steps }: Tab, step: number): Promise<void> {
  return expect.poll(() => steps.at(-1)).toBe(step);
}

async function platters(run: string): Promise<unknown[]> {
  const database = await openDB("blackstart");
  const all: { run: string }[] = await database.getAll("platters");
  database.close();
  return all.filter((each) => each.run === run);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
