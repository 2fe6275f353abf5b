import { ok, type Result, refused } from "#base/result.ts";
import { recordedRunOf } from "#importer/recordings.ts";
import { documentOf } from "#scenario/canonical.ts";
import { diskOf, doubtsOf } from "#scenario/disk-rules.ts";
import { type Judged, judge, presetWith } from "#scenario/judge.ts";
import { bugsOf } from "#scenario/plan.ts";
import { problemText } from "#scenario/problem.ts";
import { problemsOf } from "#scenario/rules.ts";
import type { Scenario, ScenarioDisk } from "#scenario/types.ts";
import type { Verdict } from "#sim/frame.ts";
import { frameAt, type Timeline, traceHash, unmet } from "#sim/timeline.ts";
import { optionsOfPreset } from "#system/catalogue.ts";
import { type Answer, badInput } from "./answer.ts";
import { onDisks, settingText } from "./disk-option.ts";
import { type Run, runScenario } from "./engine.ts";
import { scenarioNamed } from "./input.ts";
import { secondsText } from "./text.ts";

export interface RunOptions {
  readonly preset: string | null;
  /** Separated by commas; an empty text means none at all. */
  readonly bugs: string | null;
  /** Other disks, each as `onDisks` reads it. */
  readonly disk: readonly string[];
  readonly json: boolean;
}

/** What `run --json` prints. */
export interface RunReport {
  readonly scenario: string;
  readonly system: string;
  /** Null: a choice of bugs that is no preset's. */
  readonly preset: string | null;
  readonly bugs: readonly string[];
  /** Of each machine. */
  readonly disks: Readonly<Record<string, ScenarioDisk>>;
  readonly steps: number;
  readonly checks: readonly CheckReport[];
  readonly hash: string;
}

export interface CheckReport {
  readonly id: string;
  readonly family: Verdict["family"];
  readonly holds: boolean;
  readonly firstStep: number | null;
  readonly explanation: readonly string[];
}

/** `blackstart run SCENARIO`: plays it to its end and compares the auditor's verdicts with what it expects. */
export async function runCommand(name: string, options: RunOptions): Promise<Answer> {
  const found = scenarioNamed(name);
  if (!found.ok) return badInput(...found.problem);
  const chosen = choose(found.value, options);
  if (!chosen.ok) return badInput(...chosen.problem);
  const { scenario, judgedAs } = chosen.value;
  const recorded = await recordedRunOf(scenario);
  if (!recorded.ok) return badInput(recorded.problem);
  const run = runScenario(scenario, "main", recorded.value);
  if (!run.ok) return badInput(run.problem);
  const judged = judge(scenario, judgedAs, run.value.verdicts);
  const report = reportOf(name, scenario, run.value);
  const missed = unmet(run.value.timeline);
  const doubts = doubtsOf(scenario);
  return {
    exit: judged.every(({ met }) => met) ? 0 : 1,
    out: options.json
      ? JSON.stringify(report)
      : [
          ...heading(scenario, report),
          ...steps(run.value.timeline),
          ...checks(run.value.verdicts),
          ...expectations(judged, run.value.verdicts),
          ...(missed.length === 0 ? [] : ["", "Not met by this run", ...missed.map(indented)]),
          ...(doubts.length === 0 ? [] : ["", "To be considered", ...doubts.map(indented)]),
          ...["", `trace hash ${report.hash}`],
        ].join("\n"),
    err: options.json ? [...missed, ...doubts].join("\n") : "",
  };
}

export interface Chosen {
  readonly scenario: Scenario;
  /** The preset whose expectations apply; null: only those for every preset do. */
  readonly judgedAs: string | null;
}

/**
 * The scenario under the bugs and on the disks that were asked for; a list of bugs goes before a preset. Refused: in lines.
 */
export function choose(
  scenario: Scenario,
  { preset, bugs, disk }: Omit<RunOptions, "json">,
): Result<Chosen, readonly string[]> {
  const list = bugs === null ? null : bugs.split(",").filter((bug) => bug !== "");
  const chosen: Scenario = {
    ...scenario,
    ...(preset === null ? {} : { preset, bugs: null }),
    ...(list === null ? {} : { bugs: list }),
  };
  const problems = problemsOf(chosen);
  if (problems.length > 0) return refused(problems.map(problemText));
  const onOther = onDisks(chosen, disk);
  if (!onOther.ok) return onOther;
  // A list of the document's own is what its author wrote the preset's expectations for.
  const judgedAs = list === null ? chosen.preset : presetWith(chosen.system, list);
  return ok({ scenario: onOther.value, judgedAs });
}

function reportOf(name: string, scenario: Scenario, run: Run): RunReport {
  const { system, preset, bugs } = scenario;
  return {
    scenario: name,
    system,
    preset: bugs === null ? preset : presetWith(system, bugs),
    bugs: bugsOf(system, scenario) ?? [],
    disks: Object.fromEntries(
      scenario.cluster.machines.map((machine) => [machine.id, diskOf(scenario, machine)]),
    ),
    steps: run.timeline.steps,
    checks: run.verdicts.map(({ id, family, holds, firstStep, explanation }) => ({
      id,
      family,
      holds,
      firstStep,
      explanation: explanation.map(({ text }) => text),
    })),
    hash: traceHash(run.timeline),
  };
}

/** What a version has other than bugs; nothing of most. */
function settingsText(system: string, preset: string | null): string {
  const settings = Object.entries(preset === null ? {} : optionsOfPreset(system, preset));
  if (settings.length === 0) return "";
  return `; settings: ${settings.map(([name, value]) => `${name}=${value}`).join(", ")}`;
}

function heading(scenario: Scenario, { system, preset, bugs }: RunReport): readonly string[] {
  const on = bugs.length === 0 ? "no bug on" : `bugs on: ${bugs.join(", ")}`;
  return [
    scenario.title,
    `${system} ${preset ?? "with chosen bugs"}; ${on}${settingsText(system, preset)}`,
    ...disksText(scenario),
    "",
    "Steps",
  ];
}

/** What is not as usual about the disks, as `--disk` takes it. */
function disksText(scenario: Scenario): readonly string[] {
  const { policy, ...others } = scenario.disk;
  const unusual = Object.keys(documentOf(scenario).disk ?? {});
  const said = Object.entries({ policy, ...others }).filter(([name]) => {
    return name === "policy" || unusual.includes(name);
  });
  return [
    `disk: ${said.map(settingText).join(", ")}`,
    ...scenario.cluster.machines.flatMap(({ id, disk }) =>
      disk === undefined
        ? []
        : [`disk of ${id}: ${Object.entries(disk).map(settingText).join(", ")}`],
    ),
  ];
}

function steps(timeline: Timeline): readonly string[] {
  const lines: string[] = [];
  for (let step = 1; step <= timeline.steps; step++) {
    const { time, feed } = frameAt(timeline, step);
    for (const [i, { text, tone }] of feed.entries()) {
      const at = i === 0 ? `${step}`.padStart(6) + secondsText(time).padStart(12) : " ".repeat(18);
      lines.push(`${at}  ${tone === "story" ? `-- ${text} --` : text}`);
    }
  }
  return lines;
}

function checks(verdicts: readonly Verdict[]): readonly string[] {
  return [
    "",
    "Checks",
    ...verdicts.flatMap(({ id, title, holds, firstStep, family, text, explanation }) => {
      const name = id.padEnd(4);
      if (holds) return [`  ${name} holds   ${title}`];
      const lines = explanation.map((line) => `${" ".repeat(15)}step ${line.step}: ${line.text}`);
      return [
        `  ${name} BROKEN  ${title} (${family}, first at step ${firstStep}): ${text}`,
        ...lines,
      ];
    }),
  ];
}

function expectations(judged: readonly Judged[], verdicts: readonly Verdict[]): readonly string[] {
  const met = judged.filter((each) => each.met).length;
  const wrong = judged.flatMap(({ expectation: { check, holds }, met: isMet }) => {
    if (isMet) return [];
    const known = verdicts.some(({ id }) => id === check);
    const came = known ? (holds ? "but it broke" : "but it held") : "but nobody checked it";
    return [indented(`${check} should ${holds ? "hold" : "break"}, ${came}`)];
  });
  return ["", `Expectations: ${met} of ${judged.length} met`, ...wrong];
}

function indented(text: string): string {
  return `  ${text}`;
}
