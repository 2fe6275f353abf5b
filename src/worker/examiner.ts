import { ok, type Result } from "#base/result.ts";
import { litmusMatrix, voteMatrix } from "#disk/litmus.ts";
import {
  advanceComparison,
  comparisonProgressOf,
  comparisonRowsOf,
  createComparison,
} from "#hunt/compare.ts";
import { advanceMeter, createMeter, meterProgressOf, meterRowsOf } from "#hunt/meter.ts";
import {
  advanceNotches,
  createNotchTrial,
  notchProgressOf,
  notchReportsOf,
} from "#hunt/notch-verdicts.ts";
import { advanceSweep, createSweep, progressOf, reportOf, type Sweep } from "#hunt/sweep.ts";
import { notchesAt } from "#sim/notches.ts";
import type { Timeline } from "#sim/timeline.ts";
import { lastByMachine, lastNotch } from "./last-notch.ts";
import type { NotchReport } from "./protocol.ts";
import type { Examiner, Notches, Trial } from "./trials.ts";

/** The enumerator of crash states, as trials. */
export const examiner: Examiner = {
  sweep: sweepTrial,
  compare(timeline, step, ask) {
    return trialOf(createComparison(timeline, step, ask), {
      advance: advanceComparison,
      progress: comparisonProgressOf,
      answer: comparisonRowsOf,
    });
  },
  meter(timeline, step, machine, most) {
    const meter = createMeter(timeline, step, machine, most);
    return trialOf(meter, {
      advance: advanceMeter,
      progress: meterProgressOf,
      answer: meterRowsOf,
    });
  },
  notches: notchTrial,
  litmus: () => [litmusMatrix(), voteMatrix()],
};

/** Recoveries at the end of an event, at most. */
const END_MOST = 200;

/** So far back the last event of a machine is looked for. Steps. */
const BACK_MOST = 100;

/** The last step up to this one in which a machine does something; this one when there is none. */
function eventAt(timeline: Timeline, shown: number): number {
  const least = Math.max(1, shown - BACK_MOST);
  for (let step = shown; step >= least; step--) {
    if (notchesAt(timeline, step).length > 0) return step;
  }
  return shown;
}

/** The places inside an event, and then the end of it on each of its machines. */
function notchTrial(
  timeline: Timeline,
  shown: number,
  kind: "os" | "power",
): Result<Trial<Notches>> {
  const step = eventAt(timeline, shown);
  const begun = createNotchTrial(timeline, step, kind);
  if (!begun.ok) return begun;
  const inside = begun.value;
  let ends: { readonly before: NotchReport; readonly sweep: Sweep }[] | null = null;
  const begin = () =>
    lastByMachine(notchReportsOf(inside)).flatMap((before) => {
      const ask = { machines: [before.machine], kind, policy: null, most: END_MOST };
      const sweep = createSweep(timeline, step, ask);
      return sweep.ok ? [{ before, sweep: sweep.value }] : [];
    });
  return ok({
    advance(recoveries) {
      if (ends === null && !advanceNotches(inside, recoveries)) return false;
      ends ??= begin();
      return ends.every(({ sweep }) => advanceSweep(sweep, recoveries));
    },
    done: () => notchProgressOf(inside).done,
    of: () => notchProgressOf(inside).of,
    text: () => notchProgressOf(inside).text,
    answer: () => ({
      step,
      notches: [
        ...notchReportsOf(inside),
        ...(ends ?? []).map(({ before, sweep }) => lastNotch(before, reportOf(sweep))),
      ],
    }),
  });
}

function sweepTrial(...asked: Parameters<typeof createSweep>) {
  return trialOf(createSweep(...asked), {
    advance: advanceSweep,
    progress: progressOf,
    answer: reportOf,
  });
}

interface Steps<Work, Answer> {
  advance(work: Work, recoveries: number): boolean;
  progress(work: Work): { readonly done: number; readonly of: number; readonly text: string };
  answer(work: Work): Answer;
}

function trialOf<Work, Answer>(
  begun: Result<Work>,
  { advance, progress, answer }: Steps<Work, Answer>,
): Result<Trial<Answer>> {
  if (!begun.ok) return begun;
  const work = begun.value;
  return ok({
    advance: (recoveries) => advance(work, recoveries),
    done: () => progress(work).done,
    of: () => progress(work).of,
    text: () => progress(work).text,
    answer: () => answer(work),
  });
}
