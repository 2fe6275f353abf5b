import { describe, expect, it } from "vitest";
import type { SweepAsk } from "./protocol.ts";
import { browser, openTab, scenario, slowExaminer, type Tab } from "./session.testkit.ts";

const ASK: SweepAsk = { machines: ["A"], kind: "os", policy: null, most: 100 };

describe("crash states that are tried", () => {
  it("come with how far it is, and one answer at the end", async () => {
    const tab = await opened(5_000);
    const { report } = await tab.ask(sweep(3), "swept");
    expect(report).toMatchObject({ ask: ASK, step: 3 });
    const told = progress(tab);
    expect(told.map(({ of, text }) => [of, text])).toEqual(told.map(() => [5_000, "A"]));
    expect(told.length).toBeGreaterThan(2);
    expect(told.map(({ done }) => done)).toEqual(
      told.map(({ done }) => done).sort((a, b) => a - b),
    );
  });

  it("let steps be shown meanwhile", async () => {
    const tab = await opened(1_000_000);
    const swept = tab.post(sweep(0));
    await someTime();
    for (const step of [1, 2, 3]) {
      const { views } = await tab.ask({ type: "seek", step }, "shown");
      expect(views[0]?.frame.step).toBe(step);
    }
    expect(answersTo(tab, swept)).toEqual([]);
  });

  it("do not make a short question wait for a long one", async () => {
    const tab = await opened(3_000, 100);
    const long = tab.post(sweep(1));
    await tab.ask({ type: "meter", side: "main", step: 1, machine: "A", most: 9 }, "meter");
    await tab.ask({ type: "notches", side: "main", step: 1, kind: "power" }, "notches");
    expect(answersTo(tab, long)).toEqual([]);
    await until(() => answersTo(tab, long).length > 0);
    expect(answersTo(tab, long)).toMatchObject([{ type: "swept" }]);
  });

  it("end when they are cancelled, each by itself", async () => {
    const tab = await opened(1_000_000);
    const [first, second] = [tab.post(sweep(0)), tab.post(sweep(1))];
    await someTime();
    await tab.ask({ type: "cancel", request: second }, "done");
    await tab.ask({ type: "cancel", request: first }, "done");
    const refused = (id: number) => [{ type: "refused", id, reason: "cancelled" }];
    expect(answersTo(tab, first)).toEqual(refused(first));
    expect(answersTo(tab, second)).toEqual(refused(second));
    await someTime();
    expect(tab.told.filter(({ type }) => type === "swept")).toEqual([]);
  });

  it("are given up, in a sentence, when their run is changed", async () => {
    const tab = await opened(1_000_000);
    const asked = tab.post(sweep(0));
    await tab.ask({ type: "act", action: { type: "heal" } }, "loaded");
    expect(answersTo(tab, asked)).toMatchObject([
      { type: "refused", reason: expect.stringContaining("The run was changed") },
    ]);
  });

  it("go on when only the other side of the twin is changed", async () => {
    const tab = await opened(2_000);
    const asked = tab.post(sweep(0));
    await tab.ask({ type: "twin", on: true }, "loaded");
    await until(() => answersTo(tab, asked).length > 0);
    expect(answersTo(tab, asked)).toMatchObject([{ type: "swept" }]);
  });

  it("are refused with the examiner's reason", async () => {
    const tab = await opened(10);
    const ask = { ...ASK, machines: ["nobody"] };
    const answer = await tab.ask({ type: "sweep", side: "main", step: 0, ask }, "refused");
    expect(answer.reason).toBe("There is no machine nobody.");
  });

  it("are refused where there is no run", async () => {
    const empty = openTab(browser());
    expect((await empty.ask(sweep(0), "refused")).reason).toBe("No run is shown.");
    const tab = await opened(10);
    await tab.ask({ type: "sweep", side: "twin", step: 0, ask: ASK }, "refused");
  });
});

it("says done to the cancelling of what is over", async () => {
  const tab = await opened(10);
  await tab.ask(sweep(0), "swept");
  await tab.ask({ type: "cancel", request: 2 }, "done");
});

/** A tab with a run, where a sweep takes so many recoveries, and other trials `few`. */
describe("a row of the table of fixes", () => {
  const ROW_MS = 60_000;

  it(
    "is of no run: it goes on when another one is opened",
    async () => {
      const tab = await opened(1);
      const row = tab.post({ type: "matrix", fixSet: "all" });
      await someTime();
      await tab.ask({ type: "load", run: "s", scenario: scenario(), step: 0 }, "loaded");
      await until(() => answersTo(tab, row).length > 0);
      expect(answersTo(tab, row)).toMatchObject([{ type: "matrix" }]);
    },
    ROW_MS,
  );

  it("can be cancelled", async () => {
    const tab = await opened(1);
    const row = tab.post({ type: "matrix", fixSet: "none" });
    await someTime();
    await tab.ask({ type: "cancel", request: row }, "done");
    expect(answersTo(tab, row)).toMatchObject([{ type: "refused", reason: "cancelled" }]);
  });

  it("is refused where there is no such set", async () => {
    const tab = await opened(1);
    const { reason } = await tab.ask({ type: "matrix", fixSet: "nope" }, "refused");
    expect(reason).toBe("There is no set of fixes nope.");
  });
});

async function opened(recoveries: number, few = recoveries): Promise<Tab> {
  const tab = openTab(browser(), { examiner: slowExaminer(recoveries, few) });
  await tab.ask({ type: "load", run: "r", scenario: scenario(), step: 0 }, "loaded");
  tab.told.length = 0;
  return tab;
}

function sweep(step: number) {
  return { type: "sweep", side: "main", step, ask: ASK } as const;
}

function progress({ told }: Tab) {
  return told.flatMap((each) => (each.type === "progress" ? [each] : []));
}

function answersTo({ told }: Tab, id: number) {
  return told.filter((each) => "id" in each && each.id === id && each.type !== "progress");
}

async function someTime(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20));
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await someTime();
}
