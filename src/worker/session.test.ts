import fc from "fast-check";
import { unzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import type { DiskRecord } from "#disk/record.ts";
import { filesOf } from "#library/incidents/pysyncobj-201/files.ts";
import { decodeBase64 } from "#scenario/base64.ts";
import type { Scenario } from "#scenario/types.ts";
import type { Action } from "#sim/faults.ts";
import {
  type Answer,
  type Browser,
  browser,
  openTab,
  scenario,
  type Tab,
} from "./session.testkit.ts";

const CRASH: Action = {
  type: "crash",
  machines: ["B"],
  kind: "process",
  survivors: { type: "none" },
};
const HEAL: Action = { type: "heal" };
const TWIN = { preset: "PR #202", bugs: null };

describe("a run that is loaded", () => {
  it("tells its outline, its digest and the step it stands at", async () => {
    const tab = openTab(browser());
    const loaded = await load(tab, scenario(), 5);
    expect(loaded).toMatchObject({ run: "r", step: 5, readOnly: false, unmet: [] });
    expect(loaded.outlines.map(({ side }) => side)).toEqual(["main"]);
    expect(loaded.hash).toMatch(/^[0-9a-f]{16}$/);
  });

  it("stands at its end when the step asked for is beyond", async () => {
    const tab = openTab(browser());
    const loaded = await load(tab, scenario(), 1e9);
    expect(loaded.step).toBeGreaterThan(30);
    expect((await show(tab, loaded.step)).views[0]?.frame).toMatchObject({
      step: loaded.step,
      lastStep: loaded.step,
    });
  });

  it("has a mark on the scrubber where a check first breaks", async () => {
    const loaded = await load(openTab(browser()));
    const marks = loaded.outlines[0]?.outline.marks ?? [];
    expect(marks.filter(({ kind }) => kind === "violation").map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/^C7: A restarted at term 0/),
    );
    expect(marks.map(({ step }) => step)).toEqual(
      marks.map(({ step }) => step).sort((a, b) => a - b),
    );
  });

  it("says which anchors never came, and in which side", async () => {
    const never = { type: "when", match: { type: "link", up: "never" } };
    const script = [...scenario().script, { anchor: never, action: HEAL }];
    const loaded = await load(openTab(browser()), scenario({ script, twin: TWIN }));
    expect(loaded.unmet).toMatchObject([
      expect.stringContaining("never"),
      expect.stringMatching(/^In the twin: .*never/),
    ]);
  });

  it("reports progress that ends below the whole", async () => {
    const tab = openTab(browser());
    await load(tab, scenario({ twin: TWIN }));
    const done = tab.told.flatMap((each) =>
      each.type === "progress" ? [each.done / each.of] : [],
    );
    expect(done.length).toBeGreaterThan(2);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(done.at(-1)).toBeLessThanOrEqual(1);
  });

  it("is refused where the scenario is none, and the run shown stays", async () => {
    const tab = openTab(browser());
    await load(tab);
    const wrong = { ...scenario(), system: "nothing" };
    const refused = await tab.ask({ type: "load", run: "s", scenario: wrong, step: 0 }, "refused");
    expect(refused.reason).toContain("system");
    expect((await show(tab, 3)).views[0]?.frame.step).toBe(3);
  });
});

describe("seeking", () => {
  it("shows the frame of that step", async () => {
    const tab = openTab(browser());
    await load(tab);
    expect((await show(tab, 19)).views).toMatchObject([{ side: "main", frame: { step: 19 } }]);
    expect((await show(tab, 3)).views).toMatchObject([{ frame: { step: 3 } }]);
  });

  it("shows the twin at its last step that is not later, when all of that time is shown", async () => {
    const tab = openTab(browser());
    const { outlines } = await load(tab, scenario({ twin: TWIN }));
    const [main, twin] = outlines.map(({ outline }) => outline.times);
    if (main === undefined || twin === undefined) throw new Error("two sides");
    for (const step of [1, 12, 20, 27, 33]) {
      const frame = (await show(tab, step)).views[1]?.frame;
      const at = frame?.step ?? -1;
      expect(twin[at]).toBeLessThanOrEqual(main[step] ?? -1);
      expect(twin[at + 1]).toBeGreaterThan(main[step] ?? -1);
    }
  });

  it("shows the twin before anything happened there, where the main side is", async () => {
    const tab = openTab(browser());
    await load(tab, scenario({ twin: TWIN }));
    expect((await show(tab, 0)).views).toMatchObject([
      { frame: { step: 0 } },
      { side: "twin", frame: { step: 0 } },
    ]);
  });

  it("shows the twin at a step of its own, until another step is asked for without one", async () => {
    const tab = openTab(browser());
    const loaded = await load(tab, scenario({ twin: TWIN }));
    const { step, beside } = onlyOfTwin(loaded);
    expect(await besides(tab, { step, beside })).toEqual([step, beside]);
    expect(await besides(tab, { step })).not.toContain(beside);
    const last = (loaded.outlines[1]?.outline.steps ?? 0) - 1;
    expect(await besides(tab, { step, beside: 1e9 })).toEqual([step, last]);
  });

  it("is refused when nothing is shown", async () => {
    expect(await openTab(browser()).ask({ type: "seek", step: 1 }, "refused")).toBeTruthy();
  });

  it("works while something else is being run, on the run that is shown", async () => {
    const { tab, go } = slowTab();
    await go(load(tab));
    const done = act(tab, HEAL);
    expect((await show(tab, 7)).views[0]?.frame.step).toBe(7);
    expect((await go(done)).step).toBe(1);
  });
});

describe("what is done by hand", () => {
  it("is in the script with its moment, and stands at the next step", async () => {
    const tab = openTab(browser());
    const before = await load(tab);
    await show(tab, 19);
    const after = await act(tab, CRASH);
    expect(after.step).toBe(20);
    expect(after.scenario.script).toHaveLength(before.scenario.script.length + 1);
    expect(after.scenario.script).toContainEqual({
      anchor: { type: "at", time: before.outlines[0]?.outline.times[19], order: expect.anything() },
      action: CRASH,
    });
    const { views } = await show(tab, 20);
    expect(views[0]?.frame.servers.map(({ process }) => process)).toEqual(["up", "down"]);
  });

  it("leaves the past as it was, to the last byte", async () => {
    const tab = openTab(browser());
    await load(tab);
    const past = await frames(tab, 19);
    await act(tab, CRASH);
    expect(await frames(tab, 19)).toEqual(
      past.map((frame) => ({ ...frame, lastStep: expect.anything() })),
    );
  });

  it("leaves what the script does later where it was", async () => {
    const tab = openTab(browser());
    const before = await load(tab);
    await show(tab, 4);
    const after = await act(tab, HEAL);
    expect(after.scenario.script).toEqual(expect.arrayContaining([...before.scenario.script]));
    expect(texts(after)).toEqual(expect.arrayContaining(["power loss and restart: A, B"]));
  });

  it("comes before what is done later at the same step, and after what was done before", async () => {
    const tab = openTab(browser());
    await load(tab);
    await show(tab, 4);
    await act(tab, client("first"));
    await act(tab, client("second"));
    await show(tab, 4);
    const loaded = await act(tab, client("zeroth"));
    const asked = texts(loaded).flatMap((text) => /set (\w+) = 1$/.exec(text)?.[1] ?? []);
    expect(asked.filter((key) => key !== "leader").slice(0, 3)).toEqual([
      "zeroth",
      "first",
      "second",
    ]);
  });

  it("can precede the very first action", async () => {
    const tab = openTab(browser());
    await load(tab);
    await show(tab, 0);
    const loaded = await act(tab, client("early"));
    expect(texts(loaded)[0]).toContain("set early = 1");
  });

  it("gives, played again from the scenario, the same run: at any steps, with any script", async () => {
    const actions = fc.constantFrom(CRASH, HEAL, client("k"), boot("B"), restart("A"));
    const pairs = fc.array(fc.tuple(fc.nat(60), actions), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(pairs, fc.boolean(), fc.boolean(), async (done, told, twin) => {
        const tab = openTab(browser());
        let last = await load(tab, scenario({ ...(told ? TOLD : {}), twin: twin ? TWIN : null }));
        for (const [step, action] of done) {
          await show(tab, step);
          last = await act(tab, action);
        }
        const again = await load(openTab(browser()), last.scenario);
        expect(again.hash).toBe(last.hash);
        expect(again.outlines).toEqual(last.outlines);
      }),
      { numRuns: 15 },
    );
  });

  it("does not unsettle words that wait for something late in a long run", async () => {
    const write = (key: string) => ({ type: "client", key, value: "1" });
    const long = scenario({
      preset: "PR #202",
      until: 40_000_000,
      script: [
        ...scenario().script.slice(0, 2),
        { anchor: { type: "at", time: 36_000_000 }, action: write("late") },
      ],
      narration: [
        { anchor: { type: "when", match: { type: "return" }, count: 2 }, text: "Twice." },
      ],
    });
    const tab = openTab(browser());
    const { outlines } = await load(tab, long);
    const step = outlines[0]?.outline.times.findIndex((time) => time > 34_000_000) ?? -1;
    await show(tab, step);
    const last = await act(tab, HEAL);
    expect(last.unmet).toEqual([]);
    expect(last.hash).toBe((await load(openTab(browser()), last.scenario)).hash);
  });

  it("is refused when it makes no sense, and the run stays as it was", async () => {
    const tab = openTab(browser());
    await load(tab);
    await show(tab, 9);
    const refused = await tab.ask({ type: "act", action: boot("Z") }, "refused");
    expect(refused.reason).toContain("Z");
    expect((await act(tab, HEAL)).step).toBe(10);
  });

  it("waits for its turn: of two at once none is lost", async () => {
    const { tab, go } = slowTab();
    await go(load(tab));
    const [first, second] = [client("one"), client("two")].map((action) =>
      tab.post({ type: "act", action }),
    );
    await go(tab.ask({ type: "twin", on: false }, "loaded"));
    expect(answerTo(tab, first)).toMatchObject({ type: "loaded", step: 1 });
    expect(answerTo(tab, second)).toMatchObject({ type: "loaded", step: 2 });
    expect(lastLoaded(tab).scenario.script).toHaveLength(scenario().script.length + 2);
  });
});

describe("other bugs", () => {
  it("run the same script again, as if it had been loaded so", async () => {
    const tab = openTab(browser());
    await load(tab);
    const fixed = await tab.ask(
      { type: "bugs", side: "main", preset: "PR #202", bugs: null },
      "loaded",
    );
    const fresh = await load(openTab(browser()), scenario({ preset: "PR #202" }));
    expect(fixed.hash).toBe(fresh.hash);
    expect(fixed.scenario).toEqual(fresh.scenario);
  });

  it("show the time that was shown", async () => {
    const tab = openTab(browser());
    const before = await load(tab);
    await show(tab, 40);
    const after = await tab.ask(
      { type: "bugs", side: "main", preset: "PR #202", bugs: [] },
      "loaded",
    );
    const [was, is] = [before, after].map(({ outlines }) => outlines[0]?.outline.times);
    expect(is?.[after.step]).toBeLessThanOrEqual(was?.[40] ?? -1);
    expect(is?.[after.step + 1]).toBeGreaterThan(was?.[40] ?? -1);
  });

  it("of the twin leave the main side alone", async () => {
    const tab = openTab(browser());
    const before = await load(tab, scenario({ twin: TWIN }));
    await show(tab, 12);
    const bugs = ["vote-not-saved"];
    const after = await tab.ask({ type: "bugs", side: "twin", preset: "PR #202", bugs }, "loaded");
    expect(after).toMatchObject({ hash: before.hash, step: 12 });
    expect(after.outlines[0]).toEqual(before.outlines[0]);
    expect(after.scenario.twin).toEqual({ preset: "PR #202", bugs });
  });

  it("are refused when there are none of that name", async () => {
    const tab = openTab(browser());
    await load(tab);
    expect(
      await tab.ask({ type: "bugs", side: "main", preset: "x", bugs: null }, "refused"),
    ).toBeTruthy();
  });
});

describe("the twin", () => {
  it("decides when something is done by hand while it alone has gone on", async () => {
    const tab = openTab(browser());
    const loaded = await load(tab, scenario({ twin: TWIN }));
    const { step, beside } = onlyOfTwin(loaded);
    const time = loaded.outlines[1]?.outline.times[beside];
    await tab.ask({ type: "seek", step, beside }, "shown");
    const after = await act(tab, HEAL);
    expect(after.scenario.script.at(-1)?.anchor).toMatchObject({ type: "at", time });
    for (const { outline } of after.outlines) {
      expect(outline.marks).toContainEqual(expect.objectContaining({ kind: "action", time }));
    }
    expect(await besides(tab, { step: after.step })).toEqual([step + 1, beside + 1]);
    expect(after.step).toBe(step + 1);
  });

  it("is the other version when nobody says which", async () => {
    const tab = openTab(browser());
    await load(tab);
    const loaded = await tab.ask({ type: "twin", on: true }, "loaded");
    expect(loaded.scenario.twin).toEqual(TWIN);
    expect(loaded.outlines.map(({ side }) => side)).toEqual(["main", "twin"]);
  });

  it("is the last one again when it comes back", async () => {
    const tab = openTab(browser());
    const twin = { preset: "PR #202", bugs: ["vote-not-saved"] };
    await load(tab, scenario({ twin }));
    const without = await tab.ask({ type: "twin", on: false }, "loaded");
    expect(without.outlines.map(({ side }) => side)).toEqual(["main"]);
    expect((await tab.ask({ type: "twin", on: true }, "loaded")).scenario.twin).toEqual(twin);
  });

  it("is a version with other bugs, where nobody says which", async () => {
    const tab = openTab(browser());
    await load(tab, scenario({ system: "reference", preset: "correct" }));
    const { scenario: made } = await tab.ask({ type: "twin", on: true }, "loaded");
    expect(made.twin?.preset).not.toBe("correct");
    expect(made.twin).not.toBeNull();
  });
});

describe("a machine's files", () => {
  it("are shown as at that step", async () => {
    const tab = openTab(browser());
    await load(tab);
    const of = async (step: number) =>
      (await tab.ask({ type: "disk", side: "main", machine: "A", step }, "disk")).disk;
    expect(await of(0)).toMatchObject({ machine: "A", step: 0, files: [] });
    expect((await of(19)).files.map(({ path }) => path)).toContain("A/raft.journal");
  });

  it("are refused for a machine, or a twin, that is not there", async () => {
    const tab = openTab(browser());
    await load(tab);
    await tab.ask({ type: "disk", side: "main", machine: "Z", step: 0 }, "refused");
    await tab.ask({ type: "disk", side: "twin", machine: "A", step: 0 }, "refused");
  });
});

describe("a newer load", () => {
  it("supersedes the one under way and what waits behind it, each told once", async () => {
    const { tab, go } = slowTab();
    const first = tab.post({ type: "load", run: "one", scenario: scenario(), step: 0 });
    const waiting = tab.post({ type: "twin", on: true });
    await Promise.resolve();
    const loaded = await go(load(tab, scenario({ title: "Newer" })));
    expect(loaded.scenario.title).toBe("Newer");
    for (const id of [first, waiting]) {
      const answers = tab.told.filter((each) => "id" in each && each.id === id);
      expect(answers.filter(({ type }) => type !== "progress")).toEqual([
        { type: "refused", id, reason: "superseded" },
      ]);
    }
  });
});

describe("saving", () => {
  it("stores the step shown, with the disks of both sides at that moment", async () => {
    const shared = browser();
    const tab = openTab(shared);
    await load(tab, scenario({ twin: TWIN }));
    await show(tab, 19);
    await tab.ask({ type: "checkpoint" }, "done");
    const stored = shared.store.cuts.get("r");
    expect(stored).toMatchObject({ step: 19, title: "Two", engine: "test" });
    expect(stored?.sides.map(({ side, platters }) => [side, platters.length])).toEqual([
      ["main", 2],
      ["twin", 2],
    ]);
    expect(tab.steps("saved").at(-1)).toBe(19);
  });

  it("waits for the medium when the end is shown", async () => {
    const shared = browser();
    const tab = openTab(shared);
    await load(tab);
    await show(tab, 1e9);
    await expect.poll(() => shared.store.writes.at(-1)?.how.durability).toBe("strict");
  });

  it("does not stand in the way when it fails, and that is said", async () => {
    const shared = browser();
    shared.store.trouble = "No room.";
    const tab = openTab(shared);
    await load(tab);
    await show(tab, 3);
    await tab.ask({ type: "checkpoint" }, "done");
    expect((await act(tab, HEAL)).step).toBe(4);
    expect(tab.texts("storage")).toEqual([expect.stringContaining("No room.")]);
    expect(tab.steps("saved")).toEqual([]);
  });

  it("loses nothing when the browser is full: all that was done is saved once there is room", async () => {
    const shared = browser();
    shared.store.full = true;
    const tab = openTab(shared);
    await load(tab);
    await show(tab, 3);
    await act(tab, HEAL);
    await act(tab, CRASH);
    await tab.ask({ type: "checkpoint" }, "done");
    const told = tab.told.filter(({ type }) => type === "storage");
    expect(told).toEqual([{ type: "storage", text: "No room.", full: true }]);
    expect(tab.steps("saved")).toEqual([]);

    shared.store.full = false;
    await tab.ask({ type: "checkpoint", again: true }, "done");
    expect(tab.steps("saved")).toEqual([5]);
    expect(shared.store.cuts.get("r")?.edits).toMatchObject([{ action: HEAL }, { action: CRASH }]);
  });
});

describe("a cut", () => {
  it("is the same whatever was looked at before", async () => {
    const shared = browser();
    const tab = openTab(shared);
    await load(tab, scenario({ until: 30_000_000 }));
    const cutAt = async (step: number) => {
      await show(tab, step);
      await tab.ask({ type: "checkpoint" }, "done");
      return shared.store.cuts.get("r")?.sides;
    };
    for (const [step, other] of [
      [19, 30],
      [400, 410],
      [700, 3],
    ] as const) {
      const first = await cutAt(step);
      await cutAt(other);
      expect(await cutAt(step)).toEqual(first);
    }
  });

  it("has another digest when only the page cache differs", async () => {
    const shared = browser();
    const tab = openTab(shared);
    await load(tab);
    const diskAt = async (step: number) => {
      await show(tab, step);
      await tab.ask({ type: "checkpoint" }, "done");
      const { digest, record } = shared.store.cuts.get("r")?.sides[0]?.platters[0] ?? {};
      const { platterNames, inodes } = record as DiskRecord;
      return { digest, platter: { platterNames, pages: inodes.map(({ pages }) => pages) } };
    };
    const [before, after] = [await diskAt(14), await diskAt(17)];
    expect(after.platter).toEqual(before.platter);
    expect(after.digest).not.toBe(before.digest);
  });
});

describe("a stored run", () => {
  it("goes on where it was, with what was done by hand, the same to the last byte", async () => {
    const shared = browser();
    const before = openTab(shared);
    await load(before, scenario(TOLD));
    await show(before, 25);
    await act(before, client("k"));
    const last = await before.ask({ type: "twin", on: true }, "loaded");
    await show(before, 30);
    await before.ask({ type: "checkpoint" }, "done");
    const disks = shared.store.cuts.get("r")?.sides;
    close(shared);

    const tab = openTab(shared);
    const loaded = await tab.ask({ type: "resume", run: "r" }, "loaded");
    expect(loaded).toEqual({ ...last, id: loaded.id, step: 30 });
    expect(tab.steps("saved")[0]).toBe(30);
    expect(tab.texts("storage")).toEqual([]);
    await tab.ask({ type: "checkpoint" }, "done");
    expect(shared.store.cuts.get("r")?.sides).toEqual(disks);
  });

  it("goes on being saved under the same name", async () => {
    const shared = browser();
    await storeRun(shared, 9);
    const tab = openTab(shared);
    await tab.ask({ type: "resume", run: "r" }, "loaded");
    await show(tab, 12);
    await tab.ask({ type: "checkpoint" }, "done");
    expect([...shared.store.cuts.values()].map(({ run, step }) => [run, step])).toEqual([
      ["r", 12],
    ]);
  });

  it("that is gone is said to be gone; nothing is made up, and the run shown stays", async () => {
    const tab = openTab(browser());
    await load(tab);
    const refused = await tab.ask({ type: "resume", run: "gone" }, "refused");
    expect(refused.reason).toContain("no longer has the run");
    expect(tab.texts("storage")).toEqual([refused.reason]);
    expect((await show(tab, 3)).views).toHaveLength(1);
  });

  it("that cannot be read is refused with what is wrong", async () => {
    const shared = browser();
    await storeRun(shared, 9);
    tamper(shared, { base: { ...scenario(), until: -1 } });
    const refused = await openTab(shared).ask({ type: "resume", run: "r" }, "refused");
    expect(refused.reason).toContain("until");
    expect(shared.locked.size).toBe(0);
  });

  it("that another version replays differently is replayed, said, and left as it is", async () => {
    const shared = browser();
    await storeRun(shared, 9);
    const [main] = shared.store.cuts.get("r")?.sides ?? [];
    if (main === undefined) throw new Error("stored");
    const [a, b] = main.platters;
    if (a === undefined || b === undefined) throw new Error("two machines");
    tamper(shared, { engine: "old", sides: [{ ...main, platters: [a, { ...b, digest: "x" }] }] });
    const before = shared.store.cuts.get("r");

    const tab = openTab(shared, { engine: "new" });
    const loaded = await tab.ask({ type: "resume", run: "r" }, "loaded");
    expect(loaded).toMatchObject({ readOnly: true, step: 9 });
    expect(tab.texts("storage")).toEqual([expect.stringMatching(/old.*new.*the disk of B/)]);
    await show(tab, 10);
    const forked = await act(tab, HEAL);
    await tab.ask({ type: "checkpoint" }, "done");
    expect(forked.run).not.toBe("r");
    expect(shared.store.cuts.get("r")).toBe(before);
    expect(shared.store.cuts.get(forked.run)?.step).toBe(11);
  });

  it("is listed, and forgotten when asked to", async () => {
    const shared = browser();
    await storeRun(shared, 9);
    const tab = openTab(shared);
    expect((await tab.ask({ type: "runs" }, "runs")).runs).toMatchObject([{ run: "r", step: 9 }]);
    expect((await tab.ask({ type: "forget", run: "r" }, "runs")).runs).toEqual([]);
    expect(shared.locked.size).toBe(0);
  });

  it("that is forgotten while it is shown is not saved again", async () => {
    const shared = browser();
    const tab = openTab(shared);
    await load(tab);
    await tab.ask({ type: "forget", run: "r" }, "runs");
    await show(tab, 5);
    await tab.ask({ type: "checkpoint" }, "done");
    expect(shared.store.cuts.size).toBe(0);
  });
});

describe("a second tab on the same run", () => {
  it("may look, and writes nothing", async () => {
    const shared = browser();
    const first = openTab(shared);
    await load(first);
    await show(first, 9);
    await first.ask({ type: "checkpoint" }, "done");
    const second = openTab(shared);
    expect(await second.ask({ type: "resume", run: "r" }, "loaded")).toMatchObject({
      ...{ readOnly: true, run: "r", step: 9 },
    });
    await show(second, 15);
    await second.ask({ type: "checkpoint" }, "done");
    expect(shared.store.cuts.get("r")?.step).toBe(9);
  });

  it("forks when something is done in it", async () => {
    const shared = browser();
    const first = openTab(shared);
    await load(first);
    await first.ask({ type: "checkpoint" }, "done");
    const second = openTab(shared);
    await second.ask({ type: "resume", run: "r" }, "loaded");
    const forked = await act(second, HEAL);
    expect(forked).toMatchObject({ readOnly: false, step: 1 });
    expect(forked.run).not.toBe("r");
    await second.ask({ type: "checkpoint" }, "done");
    await show(first, 3);
    await first.ask({ type: "checkpoint" }, "done");
    expect(shared.store.cuts.get("r")).toMatchObject({ step: 3, edits: [] });
    expect(shared.store.cuts.get(forked.run)).toMatchObject({ step: 1, edits: [{ type: "act" }] });
  });

  it("may not forget it", async () => {
    const shared = browser();
    await load(openTab(shared));
    expect((await openTab(shared).ask({ type: "forget", run: "r" }, "refused")).reason).toContain(
      "Another tab",
    );
  });

  it("writes it once the first has gone on to another run", async () => {
    const shared = browser();
    const first = openTab(shared);
    await load(first);
    await first.ask({ type: "checkpoint" }, "done");
    await first.ask({ type: "load", run: "s", scenario: scenario(), step: 0 }, "loaded");
    expect(await openTab(shared).ask({ type: "resume", run: "r" }, "loaded")).toMatchObject({
      readOnly: false,
    });
  });

  it("that takes it over without a lock is noticed by the first, which then forks", async () => {
    const shared = browser();
    const first = openTab(shared);
    await load(first);
    await first.ask({ type: "checkpoint" }, "done");
    const second = openTab({ ...shared, locked: new Set() });
    await second.ask({ type: "resume", run: "r" }, "loaded");
    await show(second, 4);
    await second.ask({ type: "checkpoint" }, "done");
    await show(first, 9);
    await first.ask({ type: "checkpoint" }, "done");
    expect(first.texts("storage")).toEqual([expect.stringContaining("taken this run over")]);
    expect(shared.store.cuts.get("r")?.step).toBe(4);
    expect((await act(first, HEAL)).run).not.toBe("r");
  });
});

describe("real files", () => {
  const files = ["A", "B", "C"].flatMap((id) =>
    filesOf(id).map(({ path, base64 }) => ({
      path: `cluster/${path}`,
      content: new Blob([new Uint8Array(decodeBase64(base64) ?? [])]),
    })),
  );

  it("become the disks of machines that reboot as those of the incident did, diverge, and do not with the fix", async () => {
    const tab = openTab(browser());
    const { report } = await tab.ask({ type: "import", files }, "imported");
    expect(report.files).toHaveLength(6);
    if (report.scenario === null) throw new Error(report.findings.join("; "));
    await load(tab, { ...report.scenario, twin: TWIN });
    const { views } = await show(tab, 0);
    const broken = views.map(({ verdicts }) =>
      verdicts.filter(({ holds, family }) => !holds && family === "violation").map(({ id }) => id),
    );
    expect(broken[0]).toEqual(expect.arrayContaining(["C7", "C13", "C15"]));
    expect(broken[1]).toEqual([]);
  });

  it("come out of a run again as an archive, and only of machines that there are", async () => {
    const tab = openTab(browser());
    const { report } = await tab.ask({ type: "import", files }, "imported");
    if (report.bootOnly === null) throw new Error(report.findings.join("; "));
    await load(tab, report.bootOnly);
    const ask = { type: "export", side: "main", step: 3, which: "durable" } as const;
    const { zip } = await tab.ask({ ...ask, machines: ["B"] }, "exported");
    const exported = unzipSync(zip);
    const given = filesOf("B").map(({ path, base64 }) => [path, decodeBase64(base64)]);
    expect(Object.entries(exported).sort()).toEqual(given.sort());
    const { reason } = await tab.ask({ ...ask, machines: ["Q"] }, "refused");
    expect(reason).toBe("There is no machine Q to export.");
  });

  it("of another kind are named, with the reason, and the run shown stays", async () => {
    const tab = openTab(browser());
    await load(tab);
    const given = [{ path: "notes.txt", content: new Blob(["hi"]) }];
    const { report } = await tab.ask({ type: "import", files: given }, "imported");
    expect(report).toMatchObject({
      scenario: null,
      files: [{ path: "notes.txt", kind: "unknown" }],
    });
    expect((await show(tab, 3)).views).toHaveLength(1);
  });
});

/** Words that wait for something: their places in the script move when an action is added. */
const TOLD = {
  narration: [
    { anchor: { type: "at", time: 0 }, text: "It begins." },
    { anchor: { type: "when", match: { type: "role", to: "leader" } }, text: "A leader." },
    { anchor: { type: "when", match: { type: "recovered" }, count: 3 }, text: "Back again." },
  ],
};

function client(key: string): Action {
  return {
    ...{ type: "client", client: "hand", server: null, operation: "write" },
    ...{ key, value: "1", expected: null },
  } as const;
}

function boot(machine: string): Action {
  return { type: "boot", machines: [machine], stagger: 0 };
}

function restart(machine: string): Action {
  const survivors = { type: "none" } as const;
  return {
    ...{ type: "restart", machines: [machine], kind: "power", survivors },
    ...{ down: 50_000, stagger: 0 },
  } as const;
}

function load(tab: Tab, what: Scenario = scenario(), step = 0): Promise<Answer<"loaded">> {
  return tab.ask({ type: "load", run: "r", scenario: what, step }, "loaded");
}

function show(tab: Tab, step: number): Promise<Answer<"shown">> {
  return tab.ask({ type: "seek", step }, "shown");
}

async function besides(tab: Tab, at: { step: number; beside?: number }): Promise<number[]> {
  const { views } = await tab.ask({ type: "seek", ...at }, "shown");
  return views.map(({ frame }) => frame.step);
}

/** A step of the twin at a time at which the main side does nothing, and the step at which that side then stands. */
function onlyOfTwin({ outlines }: Answer<"loaded">): { step: number; beside: number } {
  const [main, twin] = outlines.map(({ outline }) => outline.times);
  if (main === undefined || twin === undefined) throw new Error("two sides");
  const beside = twin.findIndex(
    (time, at) => at > 12 && time !== twin[at + 1] && !main.includes(time),
  );
  const step = main.findLastIndex((time) => time < (twin[beside] ?? 0));
  expect(beside).toBeGreaterThan(0);
  return { step, beside };
}

function act(tab: Tab, action: Action): Promise<Answer<"loaded">> {
  return tab.ask({ type: "act", action }, "loaded");
}

async function frames(tab: Tab, last: number) {
  const all = [];
  for (let step = 0; step <= last; step++) all.push((await show(tab, step)).views[0]?.frame);
  return all;
}

/** What was done in a run, in order. */
function texts({ outlines }: Answer<"loaded">): string[] {
  const marks = outlines[0]?.outline.marks ?? [];
  return marks.flatMap(({ kind, text }) => (kind === "action" ? [text] : []));
}

function answerTo(tab: Tab, id: number | undefined) {
  return tab.told.find((each) => "id" in each && each.id === id && each.type !== "progress");
}

function lastLoaded(tab: Tab): Answer<"loaded"> {
  const loaded = tab.told.findLast((each) => each.type === "loaded");
  if (loaded?.type !== "loaded") throw new Error("something was loaded");
  return loaded;
}

/** A tab whose runs go on only while something is waited for with `go`. */
function slowTab() {
  let open = false;
  const breathe = async () => {
    do await new Promise((resolve) => setTimeout(resolve, 1));
    while (!open);
  };
  const tab = openTab(browser(), { breathe });
  const go = async <Value>(wanted: Promise<Value>): Promise<Value> => {
    open = true;
    const value = await wanted;
    open = false;
    return value;
  };
  return { tab, go };
}

async function storeRun(shared: Browser, step: number): Promise<void> {
  const tab = openTab(shared);
  await load(tab, scenario(), step);
  await tab.ask({ type: "checkpoint" }, "done");
  close(shared);
}

/** All tabs are closed: their locks are free. */
function close({ locked }: Browser): void {
  locked.clear();
}

function tamper({ store }: Browser, fields: object): void {
  const stored = store.cuts.get("r");
  if (stored !== undefined) store.cuts.set("r", { ...stored, ...fields });
}
