import { ok, type Result, refused } from "#base/result.ts";
import { POLICIES, type Policy } from "#disk/types.ts";
import { advanceComparison, comparisonRowsOf, createComparison } from "#hunt/compare.ts";
import { advanceSweep, createSweep, reportOf } from "#hunt/sweep.ts";
import type { Compared, SweepAsk, SweepReport } from "#hunt/types.ts";
import { diskOf } from "#scenario/disk-rules.ts";
import type { Scenario } from "#scenario/types.ts";
import type { Observed } from "#sim/observation.ts";
import { diskAt, outlineOf, type Timeline } from "#sim/timeline.ts";
import { stepAtTime } from "#view/interesting.ts";
import { type Answer, badInput } from "./answer.ts";
import { runScenario } from "./engine.ts";
import { scenarioNamed } from "./input.ts";
import { choose, type RunOptions } from "./run.ts";
import { comparedLines, type Stake, sweepLines } from "./sweep-text.ts";
import { COLUMNS, secondsText, wrapped } from "./text.ts";

export interface SweepOptions extends RunOptions {
  /** Separated by commas; null: those that crash first, else all. */
  readonly machine: string | null;
  readonly step: string | null;
  /** Microseconds of virtual time. */
  readonly at: string | null;
  readonly crash: string | null;
  readonly policy: string | null;
  readonly allPolicies: boolean;
  /** Every preset of the system, side by side. */
  readonly allPresets: boolean;
  readonly most: string | null;
}

/** What `sweep --json` prints. */
export interface SweepAnswer {
  readonly scenario: string;
  readonly step: number;
  /** Microseconds. */
  readonly time: number;
  /** Why this step, in words. */
  readonly where: string;
  /** One a policy. */
  readonly reports: readonly SweepReport[];
}

/** What `sweep --all-presets --json` prints. */
export interface ComparedAnswer extends Pick<SweepAnswer, "scenario" | "step" | "time" | "where"> {
  readonly ask: SweepAsk;
  readonly presets: readonly Compared[];
}

const MOST = 10_000;
/** Recoveries at a time. */
const CHUNK = 1000;

/** `blackstart sweep SCENARIO`: tries every state that a crash at one step may leave, and judges what recovery makes of it. */
export function sweepCommand(name: string, options: SweepOptions): Answer {
  const found = scenarioNamed(name);
  if (!found.ok) return badInput(...found.problem);
  const chosen = choose(found.value, options);
  if (!chosen.ok) return badInput(...chosen.problem);
  const { scenario } = chosen.value;
  const run = runScenario(scenario);
  if (!run.ok) return badInput(run.problem);
  const { timeline } = run.value;
  const asked = askOf(scenario, timeline, options);
  if (!asked.ok) return badInput(asked.problem);
  const { step, where, asks } = asked.value;
  if (options.allPresets) return comparedAnswer(name, scenario, timeline, asked.value, options);
  const reports: SweepReport[] = [];
  for (const ask of asks) {
    const report = sweptAt(timeline, step, ask);
    if (!report.ok) return badInput(report.problem);
    reports.push(report.value);
  }
  const time = outlineOf(timeline).times[step] ?? 0;
  const answer: SweepAnswer = { scenario: name, step, time, where, reports };
  const out = options.json
    ? JSON.stringify(answer)
    : [
        scenario.title,
        ...wrapped(headline(answer, asks[0]), COLUMNS),
        "",
        ...sweepLines(reports, stakesOf(scenario, timeline, answer)),
      ].join("\n");
  return { exit: reports.some(isBad) ? 1 : 0, out, err: "" };
}

/** 1: some preset has an outcome that is not a good boot. */
function comparedAnswer(
  scenario: string,
  { title }: Scenario,
  timeline: Timeline,
  { step, where, asks }: Asked,
  { json, allPolicies }: SweepOptions,
): Answer {
  const [ask] = asks;
  if (ask === undefined || allPolicies) {
    return badInput("Say --all-presets or --all-policies, not both.");
  }
  const comparison = createComparison(timeline, step, ask);
  if (!comparison.ok) return badInput(comparison.problem);
  while (!advanceComparison(comparison.value, CHUNK));
  const presets = comparisonRowsOf(comparison.value);
  const { time } = comparison.value;
  const answer: ComparedAnswer = { scenario, step, time, where, ask, presets };
  const counts = presets.flatMap(({ machines }) => machines.flatMap(({ fates }) => fates));
  const out = json
    ? JSON.stringify(answer)
    : [title, ...wrapped(headline(answer, ask), COLUMNS), "", ...comparedLines(presets)].join("\n");
  return { exit: counts.some(({ fate }) => fate !== "boots") ? 1 : 0, out, err: "" };
}

/** Bad by the design: what a disk has brought about says nothing against it. */
function isBad({ machines, cluster }: SweepReport): boolean {
  const isMachineBad = machines.some(({ outcomes }) =>
    outcomes.some(({ family }) => family === "violation"),
  );
  return isMachineBad || (cluster !== null && cluster.bad !== "0");
}

function sweptAt(timeline: Timeline, step: number, ask: SweepAsk): Result<SweepReport> {
  const sweep = createSweep(timeline, step, ask);
  if (!sweep.ok) return sweep;
  while (!advanceSweep(sweep.value, CHUNK));
  return ok(reportOf(sweep.value));
}

function headline(
  { step, time, where }: Pick<SweepAnswer, "step" | "time" | "where">,
  ask: SweepAsk | undefined,
): string {
  const { machines = [], kind = "power" } = ask ?? {};
  const crash = kind === "os" ? "the operating system crashes" : "the power fails";
  return `Every state left when ${crash} on ${machines.join(", ")} at step ${step} (${secondsText(time)}), ${where}`;
}

function stakesOf(
  { cluster, ...scenario }: Scenario,
  timeline: Timeline,
  { step, reports }: SweepAnswer,
): ReadonlyMap<string, Stake> {
  const asked = new Set(reports.flatMap(({ ask }) => ask.machines));
  return new Map(
    cluster.machines
      .filter(({ id }) => asked.has(id))
      .map((machine) => {
        const { sectorSize } = diskOf({ cluster, ...scenario }, machine);
        return [machine.id, { sectorSize, ...diskAt(timeline, step, machine.id) }];
      }),
  );
}

interface Asked {
  readonly step: number;
  readonly where: string;
  readonly asks: readonly SweepAsk[];
}

/** What is to be swept, where nothing is said by the scenario's first crash. Refused: with what there is. */
function askOf(scenario: Scenario, timeline: Timeline, options: SweepOptions): Result<Asked> {
  const first = timeline.observations.find((seen) => seen.type === "crash");
  const step = stepOf(timeline, options, first ?? null);
  if (!step.ok) return step;
  const machines = machinesOf(scenario, timeline, options, step.value.ofCrash ? first : undefined);
  if (!machines.ok) return machines;
  const kind = kindOf(options, first ?? null);
  if (!kind.ok) return kind;
  const policies = policiesOf(options);
  if (!policies.ok) return policies;
  const most = options.most === null ? ok(MOST) : numberOf("--most", options.most, 1, 10_000_000);
  if (!most.ok) return most;
  const asks = policies.value.map((policy) => {
    return { machines: machines.value, kind: kind.value, policy, most: most.value };
  });
  return ok({ step: step.value.step, where: step.value.where, asks });
}

interface Place {
  readonly step: number;
  readonly where: string;
  /** It was chosen for the crash that follows it. */
  readonly ofCrash: boolean;
}

function stepOf(
  timeline: Timeline,
  { step, at }: SweepOptions,
  first: Observed<"crash"> | null,
): Result<Place> {
  const { steps } = timeline;
  if (step !== null && at !== null) return refused("Say --step or --at, not both.");
  if (step !== null) {
    const chosen = numberOf("--step", step, 0, steps);
    return chosen.ok
      ? ok({ step: chosen.value, where: "as was asked for", ofCrash: false })
      : chosen;
  }
  if (at !== null) {
    const time = numberOf("--at", at, 0, timeline.plan.until);
    if (!time.ok) return time;
    const last = stepAtTime(outlineOf(timeline), time.value);
    return ok({ step: last, where: `the last one by ${secondsText(time.value)}`, ofCrash: false });
  }
  return first === null
    ? ok({ step: steps, where: "the last one: nothing crashes in this run", ofCrash: false })
    : ok({
        step: first.step - 1,
        where: "the one before the first crash of the run",
        ofCrash: true,
      });
}

function machinesOf(
  { cluster }: Scenario,
  { observations }: Timeline,
  { machine }: SweepOptions,
  first: Observed<"crash"> | undefined,
): Result<readonly string[]> {
  const all = cluster.machines.map(({ id }) => id);
  if (machine === null) {
    if (first === undefined) return ok(all);
    const crashed = observations.flatMap((seen) =>
      seen.type === "crash" && seen.step === first.step ? [seen.machine] : [],
    );
    return ok(all.filter((id) => crashed.includes(id)));
  }
  const named = machine.split(",");
  const unknown = named.find((id) => !all.includes(id));
  if (unknown !== undefined) {
    return refused(`There is no machine ${JSON.stringify(unknown)}; there are ${all.join(", ")}.`);
  }
  return ok(all.filter((id) => named.includes(id)));
}

function kindOf(
  { crash }: SweepOptions,
  first: Observed<"crash"> | null,
): Result<SweepAsk["kind"]> {
  if (crash === "os" || crash === "power") return ok(crash);
  if (crash === null) return ok(first?.kind === "os" ? "os" : "power");
  const why =
    crash === "process"
      ? "a process crash loses nothing that was written"
      : "it is no kind of crash";
  return refused(`--crash is os or power, not ${JSON.stringify(crash)}: ${why}.`);
}

/** Null: each disk's own. */
function policiesOf({ policy, allPolicies }: SweepOptions): Result<readonly (Policy | null)[]> {
  if (policy !== null && allPolicies) return refused("Say --policy or --all-policies, not both.");
  if (allPolicies) return ok(POLICIES);
  if (policy === null) return ok([null]);
  const known = POLICIES.find((each) => each === policy);
  return known === undefined
    ? refused(`There is no policy ${JSON.stringify(policy)}; there are ${POLICIES.join(", ")}.`)
    : ok([known]);
}

function numberOf(option: string, text: string, least: number, most: number): Result<number> {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return number >= least && number <= most
    ? ok(number)
    : refused(`${option} is a whole number from ${least} to ${most}, not ${JSON.stringify(text)}.`);
}
