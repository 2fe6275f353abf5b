import { type Auditor, catchUp, createAuditor, verdicts } from "#audit/auditor.ts";
import { digestOfPlain } from "#base/digest.ts";
import { ok, type Result } from "#base/result.ts";
import type { RecordedRun } from "#importer/recordings.ts";
import { planOf } from "#scenario/plan.ts";
import type { Scenario } from "#scenario/types.ts";
import type { Plan } from "#sim/faults.ts";
import type { Mark, Outline, Verdict } from "#sim/frame.ts";
import { judgedServers } from "#sim/looks.ts";
import { toldBy } from "#sim/recorded.ts";
import {
  anchorAt,
  createTimeline,
  forkTimeline,
  frameAt,
  observationsOf,
  outlineOf,
  plattersAt,
  runToEnd,
  type Timeline,
  traceHash,
} from "#sim/timeline.ts";
import type { System } from "#system/contract.ts";
import type { Edit, Moment } from "./edits.ts";
import type { RunView, Side } from "./protocol.ts";
import type { SideCut } from "./store.ts";

/** One side of a scenario being run, or run to its end. */
export interface Run {
  readonly side: Side;
  readonly timeline: Timeline;
  readonly auditor: Auditor;
  /** Known at the end. */
  result: RunResult | null;
}

type ActEdit = Extract<Edit, { type: "act" }>;

export interface RunResult {
  readonly outline: Outline;
  readonly verdicts: readonly Verdict[];
  readonly hash: string;
}

/** The runs of a scenario. */
export interface Runs {
  readonly main: Run;
  readonly twin: Run | null;
  /** What they tell; null: they are made. */
  readonly recorded: RecordedRun | null;
}

/** At the moment before anything happens. Refused: there is no such preset. */
export function startRuns(
  scenario: Scenario,
  system: System,
  recorded: RecordedRun | null = null,
): Result<Runs> {
  return mapRuns(scenario, recorded, (side) => startRun(scenario, system, side, recorded));
}

/** The runs after an edit has made this scenario of theirs: what it does not concern is kept. */
export function rerun(before: Runs, scenario: Scenario, edit: Edit): Result<Runs> {
  const known = (side: Side) => (side === "main" ? before.main : before.twin);
  const { recorded } = before;
  const start = (side: Side) => startRun(scenario, before.main.timeline.system, side, recorded);
  return mapRuns(scenario, recorded, (side) => {
    const run = known(side);
    switch (edit.type) {
      case "act":
        return run === null ? start(side) : forkRun(run, scenario, edit);
      case "bugs":
        return run === null || edit.side === side ? start(side) : ok(run);
      case "twin":
        return side === "main" ? ok(before.main) : start(side);
      case "disk":
        return start(side);
    }
  });
}

function mapRuns(
  scenario: Scenario,
  recorded: RecordedRun | null,
  make: (side: Side) => Result<Run>,
): Result<Runs> {
  const main = make("main");
  if (!main.ok) return main;
  if (scenario.twin === null) return ok({ main: main.value, twin: null, recorded });
  const twin = make("twin");
  return twin.ok ? ok({ main: main.value, twin: twin.value, recorded }) : twin;
}

function startRun(
  scenario: Scenario,
  system: System,
  side: Side,
  recorded: RecordedRun | null,
): Result<Run> {
  const planned = planOf(scenario, side);
  if (!planned.ok) return planned;
  const plan = recorded === null ? planned : ok(toldBy(planned.value, recorded, side));
  return ok(runOf(side, createTimeline(plan.value, system)));
}

/** The script has one more action: what came before it is shared where that can be. */
function forkRun(run: Run, scenario: Scenario, { anchor }: ActEdit): Result<Run> {
  const plan = planOf(scenario, run.side);
  if (!plan.ok) return plan;
  if (anchor.type !== "at" || !keepsPlaces(run.timeline.plan, plan.value)) {
    return startRun(scenario, run.timeline.system, run.side, null);
  }
  // From strictly before its time, so that whatever else is due then falls into its place again.
  const step = Math.max(0, firstStepAt(resultOf(run).outline, anchor.time) - 1);
  return ok(runOf(run.side, forkTimeline(run.timeline, plan.value, step)));
}

/** Goes on for at most `events` events. True when the run has come to its end. */
export function advanceRun(run: Run, events: number): boolean {
  if (run.result !== null) return true;
  const { timeline, auditor } = run;
  const ended = runToEnd(timeline, events);
  catchUp(auditor, timeline);
  if (!ended) return false;
  const judged = verdicts(auditor, timeline.observations);
  const outline = withViolations(outlineOf(timeline), judged);
  run.result = { outline, verdicts: judged, hash: traceHash(timeline) };
  return true;
}

/** How far it has come, in microseconds of virtual time. */
export function progressOf({ timeline, result }: Run): number {
  const { observations, plan } = timeline;
  return result === null ? (observations.at(-1)?.time ?? 0) : plan.until;
}

export function resultOf(run: Run): RunResult {
  if (run.result === null) throw new Error("broken invariant: a run is looked at before its end");
  return run.result;
}

export function viewAt(run: Run, step: number): RunView {
  return {
    side: run.side,
    frame: frameAt(run.timeline, step),
    verdicts: resultOf(run).verdicts,
  };
}

/** What storage keeps of a side. The digest is of the whole run, and so of all that happened up to the step. */
export function cutAt(run: Run, step: number): SideCut {
  return {
    side: run.side,
    step,
    trace: resultOf(run).hash,
    platters: plattersAt(run.timeline, step).map(({ machine, record }) => ({
      machine,
      // The engine's own digest is of what would survive; here the page cache counts too.
      digest: digestOfPlain(record),
      record,
    })),
  };
}

/** The last step that is not later than this time. */
export function stepAt(run: Run, time: number): number {
  return Math.max(0, firstStepAt(resultOf(run).outline, time + 1) - 1);
}

/**
 * The step of another run at the moment of this one. Steps at one and the same time go side by side in their order, and the
 * last is beside the last: what happens at that time on one side only is not there before its time on the other. Step 0 is
 * before anything happens on either.
 */
export function stepBeside(run: Run, step: number, other: Run): number {
  if (step === 0) return 0;
  const time = timeOf(run, step);
  const last = stepAt(other, time);
  if (step === stepAt(run, time)) return last;
  const [ours, theirs] = [run, other].map((each) => firstStepAt(resultOf(each).outline, time));
  const paired = (theirs ?? 0) + step - (ours ?? 0);
  return Math.max(0, (theirs ?? 0) - 1, Math.min(paired, last - 1));
}

export function timeOf(run: Run, step: number): number {
  return resultOf(run).outline.times[step] ?? 0;
}

/** The moment right after a step. */
export function momentAt(run: Run, step: number): Moment {
  const { timeline } = run;
  const anchor = anchorAt(timeline, step);
  const time = timeOf(run, step);
  let done = 0;
  for (let each = step; each > 0 && timeOf(run, each) === time; each--) {
    const byScript = observationsOf(timeline, each).filter(
      ({ type, cause }) => (type === "action" || type === "narration") && cause === null,
    );
    done += byScript.length;
  }
  return { time, order: anchor.type === "at" ? anchor.order : 0, done };
}

function runOf(side: Side, timeline: Timeline): Run {
  const auditor = createAuditor({ servers: judgedServers(timeline.plan) });
  return { side, timeline, auditor, result: null };
}

/** The scrubber's marks and, among them, where a check first broke. */
function withViolations(outline: Outline, judged: readonly Verdict[]): Outline {
  const broken = judged.flatMap(({ family, firstStep, id, text }): Mark[] => {
    if (firstStep === null) return [];
    const time = outline.times[firstStep] ?? 0;
    const kind = family === "violation" ? "violation" : "caution";
    return [{ step: firstStep, time, kind, server: null, text: `${id}: ${text}` }];
  });
  // Sorting keeps the order of equals: at one step what happened comes before what is wrong with it.
  return { ...outline, marks: [...outline.marks, ...broken].sort((a, b) => a.step - b.step) };
}

/** The first step at this time or later; one more than there are when none is. */
function firstStepAt({ times }: Outline, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Do the actions that wait for something have the same places in both scripts? A timeline knows them by their place. */
function keepsPlaces(before: Plan, after: Plan): boolean {
  const waiting = ({ script }: Plan) =>
    script.flatMap(({ anchor }, place) => (anchor.type === "when" ? [place] : [])).join();
  return waiting(before) === waiting(after);
}
