import { ok, type Result } from "#base/result.ts";
import { litmusMatrix, voteMatrix } from "#disk/litmus.ts";
import { advanceMeter, createMeter, meterProgressOf, meterRowsOf } from "#hunt/meter.ts";
import {
  advanceNotches,
  createNotchTrial,
  notchProgressOf,
  notchReportsOf,
} from "#hunt/notch-verdicts.ts";
import { advanceSweep, createSweep, progressOf, reportOf } from "#hunt/sweep.ts";
import type { Examiner, Trial } from "./trials.ts";

/** The enumerator of crash states, as trials. */
export const examiner: Examiner = {
  sweep(timeline, step, ask) {
    const sweep = createSweep(timeline, step, ask);
    return trialOf(sweep, { advance: advanceSweep, progress: progressOf, answer: reportOf });
  },
  meter(timeline, step, machine, most) {
    const meter = createMeter(timeline, step, machine, most);
    return trialOf(meter, {
      advance: advanceMeter,
      progress: meterProgressOf,
      answer: meterRowsOf,
    });
  },
  notches(timeline, step, kind) {
    const trial = createNotchTrial(timeline, step, kind);
    return trialOf(trial, {
      advance: advanceNotches,
      progress: notchProgressOf,
      answer: notchReportsOf,
    });
  },
  litmus: () => [litmusMatrix(), voteMatrix()],
};

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
