import { ok, type Result } from "#base/result.ts";
import { createTimeline, runToEnd, type Timeline } from "#sim/timeline.ts";
import { optionsOfPreset, type PresetEntry, systemEntry } from "#system/catalogue.ts";
import { advanceSweep, createSweep, progressOf, reportOf, type Sweep } from "./sweep.ts";
import type { Compared, ComparedMachine, SweepAsk } from "./types.ts";

/**
 * The same crash under every preset of a system. A preset writes and syncs in its own way and at its own times, so no state of
 * one is a state of another: each runs the same schedule from the start, with the same seed and choices, to the same virtual
 * time, and what is at stake on its disks then is swept.
 */
export interface Comparison {
  readonly timeline: Timeline;
  readonly step: number;
  /** Of that step: microseconds. */
  readonly time: number;
  readonly ask: SweepAsk;
  readonly open: Design[];
  readonly designs: number;
  run: { readonly design: Design; readonly timeline: Timeline } | null;
  sweep: { readonly design: Design; readonly work: Sweep } | null;
  readonly rows: Compared[];
}

interface Design {
  readonly preset: string | null;
  readonly title: string;
  readonly bugs: readonly string[];
  readonly options: Readonly<Record<string, number>>;
  /** It is that of the run itself. */
  readonly isOwn: boolean;
}

/** Events of a run, for each recovery that a sweep would take meanwhile. */
const EVENTS = 8;

/** Begins with the machines as they are right after a step. Refused: with the reason. */
export function createComparison(
  timeline: Timeline,
  step: number,
  ask: SweepAsk,
): Result<Comparison> {
  const tried = createSweep(timeline, step, ask);
  if (!tried.ok) return tried;
  const open = designsFor(timeline);
  const time = timeOf(timeline, step);
  const designs = open.length;
  return ok({ timeline, step, time, ask, open, designs, run: null, sweep: null, rows: [] });
}

/** Goes on for about so many recoveries. True: all rows are there. */
export function advanceComparison(comparison: Comparison, recoveries: number): boolean {
  const { sweep, run, open, rows, ask, time } = comparison;
  if (sweep !== null) {
    if (!advanceSweep(sweep.work, recoveries)) return false;
    rows.push(rowOf(comparison, sweep.design, sweep.work));
    comparison.sweep = null;
    return open.length === 0;
  }
  if (run !== null) {
    const { timeline, design } = run;
    const isOver = runToEnd(timeline, recoveries * EVENTS);
    if (!isOver && (timeline.observations.at(-1)?.time ?? 0) <= time) return false;
    comparison.run = null;
    begin(comparison, design, timeline, stepBy(timeline, time, ask.machines));
    return false;
  }
  const design = open.shift();
  if (design === undefined) return true;
  const { timeline, step } = comparison;
  if (design.isOwn) begin(comparison, design, timeline, step);
  else
    comparison.run = {
      design,
      timeline: createTimeline(planOf(timeline, design), timeline.system),
    };
  return false;
}

/** Presets so far, of all, and what is being done, in words. */
export function comparisonProgressOf({ designs, rows, run, sweep, open }: Comparison): {
  readonly done: number;
  readonly of: number;
  readonly text: string;
} {
  const title = (sweep ?? run)?.design.title ?? open[0]?.title ?? "";
  const what =
    run !== null ? ", being run" : sweep === null ? "" : `, ${progressOf(sweep.work).text}`;
  return { done: rows.length, of: designs, text: `${title}${what}` };
}

/** The rows so far, in the order of the catalogue. */
export function comparisonRowsOf({ rows }: Comparison): readonly Compared[] {
  return rows;
}

function begin(comparison: Comparison, design: Design, timeline: Timeline, step: number): void {
  const begun = createSweep(timeline, step, comparison.ask);
  // What was asked has been looked at, and the machines are the same.
  if (begun.ok) comparison.sweep = { design, work: begun.value };
}

/** All presets; first the run itself where it has a choice of bugs that is no preset's. */
function designsFor({ plan }: Timeline): Design[] {
  const presets = systemEntry(plan.system)?.presets ?? [];
  // Of presets with the same bugs the run is the one that says most of its settings.
  const [own] = presets
    .filter(({ bugs, options = {} }) => {
      const isSet = Object.entries(options).every(([name, value]) => plan.options[name] === value);
      return isSet && isSame(bugs, plan.bugs);
    })
    .toSorted((one, other) => settingsOf(other) - settingsOf(one));
  const designs = presets.map(({ id, title, bugs }): Design => {
    const options = { ...optionsOfPreset(plan.system, id), ...plan.options };
    return { preset: id, title, bugs, options, isOwn: id === own?.id };
  });
  if (designs.some(({ isOwn }) => isOwn)) return designs;
  const { bugs, options } = plan;
  return [{ preset: null, title: "as in this run", bugs, options, isOwn: true }, ...designs];
}

function settingsOf({ options = {} }: PresetEntry): number {
  return Object.keys(options).length;
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((bug) => other.includes(bug));
}

function planOf({ plan }: Timeline, { bugs, options }: Design): Timeline["plan"] {
  return { ...plan, bugs, options };
}

function timeOf({ observations }: Timeline, step: number): number {
  return observations.findLast((each) => each.step <= step)?.time ?? 0;
}

/** The last step by that time; of a crash of these machines right then the step before. */
function stepBy({ observations }: Timeline, time: number, machines: readonly string[]): number {
  const last = observations.findLast((each) => each.time <= time)?.step ?? 0;
  const crash = observations.find((each) => {
    return each.type === "crash" && each.time === time && machines.includes(each.machine);
  });
  return crash === undefined ? last : Math.min(last, crash.step - 1);
}

function rowOf({ time }: Comparison, { preset, title, isOwn }: Design, work: Sweep): Compared {
  const { machines, step } = reportOf(work);
  return {
    ...{ preset, title, isOwn, step, time },
    machines: machines.map(
      ({ machine, pieces, states, recoveries, cap, fates }): ComparedMachine => {
        return { machine, pieces, states, recoveries, capped: cap !== null, fates };
      },
    ),
  };
}
