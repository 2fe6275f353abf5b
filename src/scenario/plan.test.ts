import { describe, expect, it } from "vitest";
import { bugsOfPreset } from "#system/catalogue.ts";
import { judge, presetWith } from "./judge.ts";
import { planOf } from "./plan.ts";
import { minimal, scenarioOf } from "./scenario.testkit.ts";

const narrated = scenarioOf({
  ...minimal(),
  twin: { preset: "PR #202" },
  cluster: {
    machines: [{ id: "A", files: [{ path: "A/raft.journal.meta", base64: "AQID" }] }, { id: "B" }],
  },
  network: { delay: [5, 7] },
  script: [{ anchor: { type: "at", time: 9 }, action: { type: "boot", machines: ["A", "B"] } }],
  narration: [{ anchor: { type: "at", time: 9 }, text: "Power returns." }],
});

describe("the plan of a scenario", () => {
  it("turns on the bugs of the preset, and of the twin's preset on the other side", () => {
    const all = bugsOfPreset("pysyncobj", "0.3.14");
    expect(plan("main").bugs).toEqual(all);
    expect(plan("twin").bugs).toEqual(bugsOfPreset("pysyncobj", "PR #202"));
    expect(all).toContain("vote-not-saved");
    expect(plan("twin").bugs).not.toContain("vote-not-saved");
  });

  it("takes an explicit list of bugs before a preset", () => {
    const planned = planOf({ ...narrated, bugs: ["vote-not-saved"] }, "main");
    expect(planned.ok && planned.value.bugs).toEqual(["vote-not-saved"]);
  });

  it("is the same on both sides but for the bugs", () => {
    expect({ ...plan("twin"), bugs: null }).toEqual({ ...plan("main"), bugs: null });
  });

  it("has the files as bytes", () => {
    expect(plan("main").machines[0]?.files).toEqual([
      { path: "A/raft.journal.meta", bytes: Uint8Array.of(1, 2, 3) },
    ]);
  });

  it("tells the story after the deeds of the same moment", () => {
    expect(plan("main").script.map(({ action }) => action.type)).toEqual(["boot", "narrate"]);
  });

  it("spreads the delay into its ends", () => {
    expect(plan("main").network).toMatchObject({ delayMin: 5, delayMax: 7 });
  });

  it("is refused where there is no twin, no such preset, or no base64", () => {
    expect(planOf({ ...narrated, twin: null }, "twin")).toMatchObject({ ok: false });
    expect(planOf({ ...narrated, preset: "9" }, "main")).toMatchObject({ ok: false });
    const files = [{ path: "A/x", base64: "?" }];
    const machines = narrated.cluster.machines.map((machine) => ({ ...machine, files }));
    expect(planOf({ ...narrated, cluster: { machines } }, "main")).toMatchObject({ ok: false });
  });

  function plan(side: "main" | "twin") {
    const planned = planOf(narrated, side);
    if (!planned.ok) throw new Error(planned.problem);
    return planned.value;
  }
});

describe("expectations", () => {
  const expecting = scenarioOf({
    ...minimal(),
    expect: [
      { check: "C1", holds: true },
      { check: "C7", holds: false, preset: "0.3.14" },
      { check: "C7", holds: true, preset: "PR #202" },
    ],
  });
  const asked = (preset: string | null) =>
    judge(expecting, preset, []).map(({ expectation }) => expectation.preset);

  it("are those of the run's preset and those of every preset", () => {
    expect(asked("0.3.14")).toEqual([null, "0.3.14"]);
    expect(asked("PR #202")).toEqual([null, "PR #202"]);
    expect(asked(null)).toEqual([null]);
  });

  it("are met by the verdict they name, and not by a missing one", () => {
    const verdicts = [{ id: "C7", holds: false }];
    expect(judge(expecting, "0.3.14", verdicts).map(({ met }) => met)).toEqual([false, true]);
    expect(judge(expecting, "PR #202", verdicts).map(({ met }) => met)).toEqual([false, false]);
  });

  it("of a preset are found by its bugs, in any order", () => {
    const all = bugsOfPreset("pysyncobj", "0.3.14")?.toReversed() ?? [];
    expect(presetWith("pysyncobj", all)).toBe("0.3.14");
    expect(presetWith("pysyncobj", [])).toBe("all fixes");
    expect(presetWith("pysyncobj", ["vote-not-saved"])).toBeNull();
  });
});
