import { describe, expect, it } from "vitest";
import { runScenario } from "#cli/engine.ts";
import { recordedRunOf } from "#importer/recordings.ts";
import { judge } from "#scenario/judge.ts";
import { parseScenario } from "#scenario/schema.ts";
import type { Scenario } from "#scenario/types.ts";
import { unmet } from "#sim/timeline.ts";
import { CATALOGUE } from "#system/catalogue.ts";
import { LIBRARY, libraryScenario } from "./registry.ts";

const all = CATALOGUE.flatMap((system) =>
  system.bugs.map(({ beside = [], ...bug }) => ({ ...bug, beside, system: system.id })),
);
const bugs = all.flatMap(({ breaks, ...bug }) => (breaks === null ? [] : [{ ...bug, breaks }]));
const silent = all.filter(({ breaks }) => breaks === null);

describe.each(silent)("the bug $id of $system", ({ id, system, scenario }) => {
  it(`breaks nothing, but leaves unsaid in ${scenario} what is said without it`, () => {
    const { preset } = documentOf(scenario);
    const on = CATALOGUE.find((each) => each.id === system)?.presets ?? [];
    const released = on.find((each) => each.id === preset)?.bugs ?? [];
    const others = released.filter((bug) => bug !== id);
    expect(released).toContain(id);
    expect(said(scenario, released)).toEqual([]);
    expect(said(scenario, others)).not.toEqual([]);
    expect(broken(scenario, others)).toEqual(broken(scenario, released));
  });
});

describe.each(bugs)("the bug $id of $system", ({ id, system, scenario, breaks, beside }) => {
  const alone = beside.length === 0 ? "all alone" : `beside ${beside.join(", ")}`;

  it(`breaks ${breaks} in ${scenario} ${alone}`, () => {
    expect(broken(scenario, [...beside, id])).toContain(breaks);
  });

  it(`is what breaks ${breaks} there: without it, it holds`, () => {
    expect(broken(scenario, beside)).not.toContain(breaks);
  });

  it("is shown on its own system", () => {
    expect(documentOf(scenario).system).toBe(system);
  });
});

const PLAYED = LIBRARY.filter(({ kind }) => kind !== "recorded");
const RECORDED = LIBRARY.filter(({ kind }) => kind === "recorded");

describe.each(RECORDED)("$id", ({ id }) => {
  it("is told to its end on both sides, which part nowhere", async () => {
    const scenario = documentOf(id);
    const recorded = await recordedRunOf(scenario);
    expect(recorded).toMatchObject({ ok: true, value: { difference: null } });
    if (!recorded.ok) return;
    const [left, right] = (["main", "twin"] as const).map((side) => {
      const run = runScenario(scenario, side, recorded.value);
      return run.ok ? run.value : null;
    });
    expect(left?.timeline.steps).toBe(recorded.value?.record.length);
    expect(right?.timeline.steps).toBe(recorded.value?.model.length);
    expect(right?.verdicts).toEqual(left?.verdicts);
  });
});

describe.each(PLAYED)("$id", ({ id }) => {
  const scenario = documentOf(id);
  const all = CATALOGUE.find((system) => system.id === scenario.system)?.presets ?? [];
  const speaksOf = (preset: string): boolean => judge(scenario, preset, []).length > 0;
  const presets = all.filter(({ id: preset }) => speaksOf(preset));

  it.each(presets)("does what it says under $id", (preset) => {
    const { verdicts } = run({ ...scenario, preset: preset.id, bugs: null });
    expect(judge(scenario, preset.id, verdicts).filter(({ met }) => !met)).toEqual([]);
  });

  it("says something of both its sides, and under its own bugs does what it says", () => {
    expect(speaksOf(scenario.preset)).toBe(true);
    expect(speaksOf(scenario.twin?.preset ?? scenario.preset)).toBe(true);
    const { verdicts } = run(scenario);
    expect(judge(scenario, scenario.preset, verdicts).filter(({ met }) => !met)).toEqual([]);
  });

  it.each(["main", "twin"] as const)("ends on no open question (%s)", (side) => {
    if (side === "twin" && scenario.twin === null) return;
    const said = run(scenario, side).timeline.observations.flatMap((seen) =>
      seen.type === "narration" ? [seen.text] : [],
    );
    expect(said.at(-1)).not.toMatch(/\?$/);
  });

  it.each(["main", "twin"] as const)(
    "has no action and no choice that never comes (%s)",
    (side) => {
      if (side === "twin" && scenario.twin === null) return;
      expect(unmet(run(scenario, side).timeline)).toEqual([]);
    },
  );
});

/** Lines of the system's own log that call for somebody. */
function said(id: string, on: readonly string[]): readonly string[] {
  const { timeline } = run({ ...documentOf(id), bugs: on });
  return timeline.observations.flatMap((seen) =>
    seen.type === "notice" && seen.severity === "critical" ? [seen.text] : [],
  );
}

function broken(id: string, on: readonly string[]): readonly string[] {
  const { verdicts } = run({ ...documentOf(id), bugs: on });
  return verdicts.filter(({ holds }) => !holds).map((verdict) => verdict.id);
}

function run(scenario: Scenario, side: "main" | "twin" = "main") {
  const done = runScenario(scenario, side);
  if (!done.ok) throw new Error(done.problem);
  return done.value;
}

function documentOf(id: string): Scenario {
  const parsed = parseScenario(libraryScenario(id)?.scenario);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problem));
  return parsed.value;
}
