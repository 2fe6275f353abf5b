import type { Result } from "#base/result.ts";
import type { LitmusTable } from "#disk/litmus.ts";
import type { Timeline } from "#sim/timeline.ts";
import type { Compared, MeterRow, NotchReport, SweepAsk, SweepReport, ToUi } from "./protocol.ts";
import type { Run } from "./run.ts";

/** Crash states being tried, in slices. */
export interface Trial<Answer> {
  /** Goes on for at most so many recoveries. True: all is tried, and `answer` may be asked for. */
  advance(recoveries: number): boolean;
  /** Recoveries so far, and at most. */
  done(): number;
  of(): number;
  /** What is being tried, in words. */
  text(): string;
  answer(): Answer;
}

/** The places inside an event, and the step that it makes. */
export interface Notches {
  readonly step: number;
  readonly notches: readonly NotchReport[];
}

/** Who knows how crash states are tried. A trial begins at a step of a run; refused: in a sentence. */
export interface Examiner {
  sweep(timeline: Timeline, step: number, ask: SweepAsk): Result<Trial<SweepReport>>;
  compare(timeline: Timeline, step: number, ask: SweepAsk): Result<Trial<readonly Compared[]>>;
  meter(
    timeline: Timeline,
    step: number,
    machine: string,
    most: number,
  ): Result<Trial<readonly MeterRow[]>>;
  notches(timeline: Timeline, step: number, kind: "os" | "power"): Result<Trial<Notches>>;
  litmus(): readonly LitmusTable[];
}

/** A request that takes a trial. */
export interface TrialRequest<Answer> {
  readonly id: number;
  /** The run that is looked at: when it is replaced, what is found out about it is of no use. Null: it is about no run. */
  readonly run: Run | null;
  /** Refused: that cannot be tried, in a sentence. */
  begin(): Promise<Result<Trial<Answer>>>;
  tell(answer: Answer): ToUi;
}

/** Tries crash states beside whatever else is asked; a short question does not wait for a long one. */
export interface Trials {
  /** Settles when the request has been answered. */
  start<Answer>(request: TrialRequest<Answer>): Promise<void>;
  /** Ends this request, if it is one of a trial that is not over: it is refused with "cancelled". */
  cancel(request: number): void;
  /** Ends all trials of other runs than these. */
  keepOnly(runs: readonly Run[]): void;
}

export interface TrialPorts {
  tell(message: ToUi): void;
  /** Milliseconds since whenever. */
  now(): number;
  /** Lets requests in that have come meanwhile. */
  breathe(): Promise<void>;
}

/** Milliseconds that a slice takes: half a picture at 60 a second, so that a seek never waits for long. */
const SLICE_MS = 8;
/** Recoveries between two looks at the clock. */
const CHUNK = 16;
/** Between two words on how far it has come. */
const TELL_MS = 100;

const CANCELLED = "cancelled";
export const OVERTAKEN =
  "The run was changed before all crash states were tried: what was found so far was about the run as it had been.";

interface Entry {
  readonly id: number;
  readonly run: Run | null;
  ended: boolean;
}

export function createTrials({ tell, now, breathe }: TrialPorts): Trials {
  let open: readonly Entry[] = [];

  function end(entry: Entry, reason: string): void {
    if (entry.ended) return;
    entry.ended = true;
    open = open.filter((each) => each !== entry);
    tell({ type: "refused", id: entry.id, reason });
  }

  async function work<Answer>(entry: Entry, request: TrialRequest<Answer>): Promise<void> {
    const begun = await request.begin();
    if (entry.ended) return;
    if (!begun.ok) return end(entry, begun.problem);
    const trial = begun.value;
    let told = now();
    tell(progress(entry.id, trial));
    for (;;) {
      await breathe();
      if (entry.ended) return;
      const until = now() + SLICE_MS;
      let isOver = trial.advance(CHUNK);
      while (!isOver && now() < until) isOver = trial.advance(CHUNK);
      if (isOver) break;
      if (now() - told < TELL_MS) continue;
      told = now();
      tell(progress(entry.id, trial));
    }
    open = open.filter((each) => each !== entry);
    tell(request.tell(trial.answer()));
  }

  return {
    start(request) {
      const entry = { id: request.id, run: request.run, ended: false };
      open = [...open, entry];
      return work(entry, request);
    },
    cancel(request) {
      const entry = open.find(({ id }) => id === request);
      if (entry !== undefined) end(entry, CANCELLED);
    },
    keepOnly(runs) {
      for (const entry of open) {
        if (entry.run !== null && !runs.includes(entry.run)) end(entry, OVERTAKEN);
      }
    },
  };
}

function progress(id: number, trial: Trial<unknown>): ToUi {
  return { type: "progress", id, done: trial.done(), of: trial.of(), text: trial.text() };
}
