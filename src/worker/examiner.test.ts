import { describe, expect, it } from "vitest";
import { examiner } from "./examiner.ts";
import type { SweepAsk } from "./protocol.ts";
import { type Answer, browser, openTab, scenario, type Tab } from "./session.testkit.ts";

const POWER: SweepAsk = { machines: ["A"], kind: "power", policy: null, most: 2_000 };

describe("a real run", () => {
  it("is swept: what A forgets is told, and survivors that lead there", async () => {
    const { tab, voted } = await opened();
    const { report } = await tab.ask(
      { type: "sweep", side: "main", step: voted, ask: POWER },
      "swept",
    );
    const [sweep] = report.machines;
    expect(sweep?.outcomes[0]).toMatchObject({ good: false, servers: [{ server: "A" }] });
    expect(sweep?.outcomes[0]?.wrongs[0]?.text).toContain("A forgot");
  });

  it("is held against every preset at the same time, which says of this one what a sweep says", async () => {
    const { tab, voted } = await opened();
    const asked = { side: "main", step: voted, ask: POWER } as const;
    const { presets } = await tab.ask({ type: "compare", ...asked }, "compared");
    const { report } = await tab.ask({ type: "sweep", ...asked }, "swept");
    const own = presets.find(({ isOwn }) => isOwn);
    expect(own).toMatchObject({ step: voted, machines: [{ fates: report.machines[0]?.fates }] });
    expect(presets.map(({ preset }) => preset)).toContain("all fixes");
    const progress = tab.told.filter((each) => each.type === "progress" && each.text !== undefined);
    expect(progress.length).toBeGreaterThan(0);
  });

  it("becomes what an outcome says when its survivors are chosen", async () => {
    const { tab, voted } = await opened();
    const { report } = await tab.ask(
      { type: "sweep", side: "main", step: voted, ask: POWER },
      "swept",
    );
    const outcome = report.machines[0]?.outcomes.find(({ servers }) =>
      servers.every(({ failure }) => failure === null),
    );
    await tab.ask({ type: "seek", step: voted }, "shown");
    const survivors = { type: "chosen", effects: outcome?.witness ?? [] } as const;
    const action = { ...RESTART, machines: ["A"], survivors };
    const { step } = await tab.ask({ type: "act", action }, "loaded");
    const server = await firstUp(tab, step);
    const [recovered] = outcome?.servers ?? [];
    expect(server.memory.currentTerm).toBe(recovered?.currentTerm);
    expect(server.lastIndex).toBe(recovered?.log.at(-1)?.to ?? 0);
  });

  it("is cut inside an event: the step stays the same, and what comes after the notch does not happen", async () => {
    const { tab, voted } = await opened();
    const { notches } = await tab.ask(
      { type: "notches", side: "main", step: voted, kind: "power" },
      "notches",
    );
    const own = notches.filter(({ machine }) => machine === "A");
    expect(own.map(({ notch }) => notch)).toEqual(own.map((_, at) => at));
    expect(own.at(-1)).toMatchObject({ text: null, notch: own.length - 1 });
    const [first] = own;
    if (first === undefined) throw new Error("A does something in this step");
    await tab.ask({ type: "seek", step: voted }, "shown");
    const { time, order, notch } = first;
    const action = { type: "crash", machines: ["A"], kind: "power", survivors: NONE } as const;
    const cut = await tab.ask({ type: "act", action, inside: { time, order, notch } }, "loaded");
    expect(cut.step).toBe(voted);
    expect((await serverAt(tab, voted)).process).toBe("down");
  });

  it("has the last event of a machine taken apart where a step is only told about, and says which", async () => {
    const tab = openTab(browser(), { examiner });
    const told = {
      anchor: { type: "at", time: 3_000_000 },
      action: { type: "narrate", text: "So." },
    };
    const script = [...scenario().script, told];
    const { outlines } = await tab.ask(
      { type: "load", run: "r", scenario: scenario({ script }), step: 0 },
      "loaded",
    );
    const story = outlines[0]?.outline.marks.find(({ kind }) => kind === "story")?.step ?? 0;
    const inside = (step: number) =>
      tab.ask({ type: "notches", side: "main", step, kind: "power" }, "notches");
    const found = await inside(story);
    expect(found.step).toBeLessThan(story);
    expect(found.notches).not.toHaveLength(0);
    expect({ ...(await inside(found.step)), id: found.id }).toEqual(found);
  });

  it("is measured under every policy and both kinds of crash", async () => {
    const { tab, voted } = await opened();
    const { rows } = await tab.ask(
      { type: "meter", side: "main", step: voted, machine: "A", most: 500 },
      "meter",
    );
    expect(rows).toHaveLength(12);
    expect(new Set(rows.map(({ policy, kind }) => `${policy} ${kind}`)).size).toBe(12);
  });
});

it("refuses what is not there, in a sentence", async () => {
  const { tab } = await opened();
  const ask = { ...POWER, machines: ["Z"] };
  const { reason } = await tab.ask({ type: "sweep", side: "main", step: 1, ask }, "refused");
  expect(reason).toMatch(/no machine.*Z/);
});

it("has both tables of what policies allow", async () => {
  const { tab } = await opened();
  const { tables } = await tab.ask({ type: "litmus" }, "litmus");
  expect(tables.map(({ id }) => id)).toEqual(["litmus", "vote"]);
});

const NONE = { type: "none" } as const;
const RESTART = { type: "restart", kind: "power", down: 10_000, stagger: 0 } as const;

/** A run, and the step in which A, the leader, appended its first entry. */
async function opened(): Promise<{ readonly tab: Tab; readonly voted: number }> {
  const tab = openTab(browser(), { examiner });
  const loaded = await tab.ask({ type: "load", run: "r", scenario: scenario(), step: 0 }, "loaded");
  const voted = loaded.outlines[0]?.outline.marks.find(({ kind }) => kind === "election")?.step;
  if (voted === undefined) throw new Error("somebody is elected");
  return { tab, voted };
}

/** A when it is up again, some steps after this one. */
async function firstUp(tab: Tab, step: number) {
  for (let later = step; later < step + 60; later++) {
    const server = await serverAt(tab, later);
    if (server.process === "up") return server;
  }
  throw new Error("A boots again");
}

async function serverAt(tab: Tab, step: number) {
  const { views }: Answer<"shown"> = await tab.ask({ type: "seek", step }, "shown");
  const server = views[0]?.frame.servers.find(({ id }) => id === "A");
  if (server === undefined) throw new Error("there is a server A");
  return server;
}
