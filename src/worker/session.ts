import { unreachable } from "#base/assert.ts";
import { ok, type Result, refused } from "#base/result.ts";
import type { Scenario } from "#scenario/types.ts";
import { diskAt, type Timeline, unmet } from "#sim/timeline.ts";
import { actAt, type Edit, otherChoice } from "./edits.ts";
import { createImporting } from "./importing.ts";
import { createJobs, type Job } from "./jobs.ts";
import { createKeeper, type KeeperPorts } from "./keeper.ts";
import type { Side, ToUi, ToWorker } from "./protocol.ts";
import { differences, lastTwin, type Recording } from "./recording.ts";
import {
  advanceRun,
  cutAt,
  momentAt,
  progressOf,
  type Run,
  type Runs,
  rerun,
  resultOf,
  startRuns,
  stepBeside,
  timeOf,
  viewAt,
} from "./run.ts";
import type { RunLock, RunLocks } from "./run-lock.ts";
import type { Cut, StoredCut } from "./store.ts";
import { fetchSystem } from "./systems.ts";
import { createTrials, type Examiner, type Trial } from "./trials.ts";

/** Owns the runs of one scenario, and answers what is asked about them. */
export interface Session {
  /** Settles when the request has been answered. A throw is a mistake of ours. */
  handle(request: ToWorker): Promise<void>;
}

export interface SessionPorts extends Omit<KeeperPorts, "taken"> {
  readonly locks: RunLocks;
  /** Fetched when it is first asked for; fails when it cannot be fetched. */
  examiner(): Promise<Examiner>;
  /** The version of the engine, for words. */
  readonly engine: string;
  /** So many events are handled before requests are let in. */
  readonly sliceEvents: number;
  /** Lets requests in that have come meanwhile. */
  breathe(): Promise<void>;
  /** A name nobody else has. */
  newName(): string;
}

/** What is shown. Never changed but for the step, and for the lock when it is lost. */
interface Current {
  readonly run: string;
  /** Of this load of the run, in storage. */
  readonly writer: string;
  readonly recording: Recording;
  readonly runs: Runs;
  /** Null: this tab does not write the run. */
  lock: RunLock | null;
  /** The step shown, on the main side. */
  step: number;
  /** The twin's own step; null: the one at the moment of the main side. */
  beside: number | null;
}

type Ask<Type extends ToWorker["type"]> = Extract<ToWorker, { type: Type }>;

export function createSession(ports: SessionPorts): Session {
  const { tell, store, locks } = ports;
  const keeper = createKeeper({ ...ports, taken: loseRun });
  const jobs = createJobs((id) => refuse(id, "superseded"));
  const trials = createTrials(ports);
  const importing = createImporting({
    ...ports,
    importer: () => fetched(() => import("#importer/import-files.ts")),
  });
  let current: Current | null = null;

  function refuse(id: number, reason: string): void {
    tell({ type: "refused", id, reason });
  }

  /** Runs to the end, in slices. False: superseded meanwhile. */
  async function execute(job: Job, runs: Runs): Promise<boolean> {
    const all = listed(runs);
    const of = all.reduce((sum, { timeline }) => sum + timeline.plan.until, 0);
    for (const run of all) {
      while (!advanceRun(run, ports.sliceEvents)) {
        const done = all.reduce((sum, each) => sum + progressOf(each), 0);
        tell({ type: "progress", id: job.id, done, of });
        await ports.breathe();
        if (job.superseded) return false;
      }
    }
    return true;
  }

  async function load(job: Job, request: Ask<"load">): Promise<void> {
    const recording = await recordingOf(request);
    if (!recording.ok) return refuse(job.id, recording.problem);
    const runs = await begin(recording.value.scenario);
    if (!runs.ok) return refuse(job.id, runs.problem);
    if (!(await execute(job, runs.value))) return;
    await open(job, request.run, recording.value, runs.value, request.step);
  }

  /** The runs of a scenario; of one that replays a record, once that is there. */
  async function begin(scenario: Scenario): Promise<Result<Runs>> {
    const system = await fetched(() => fetchSystem(scenario.system));
    if (!system.ok) return system;
    if (system.value === null) return refused(`There is no system ${scenario.system}.`);
    if (scenario.recording === undefined) return startRuns(scenario, system.value);
    const importer = await fetched(() => import("#importer/recordings.ts"));
    const recorded = importer.ok ? await importer.value.recordedRunOf(scenario) : importer;
    return recorded.ok ? startRuns(scenario, system.value, recorded.value) : recorded;
  }

  /** Shows these runs as a run of this name, newly locked where it has no lock yet. */
  async function open(
    job: Job,
    run: string,
    recording: Recording,
    runs: Runs,
    step: number,
  ): Promise<void> {
    const lock = await lockFor(run);
    if (job.superseded) return letGo(lock);
    show(job, {
      run,
      writer: ports.newName(),
      recording,
      runs,
      lock,
      step: clamp(step, runs.main),
      beside: null,
    });
  }

  async function resume(job: Job, { run }: Ask<"resume">): Promise<void> {
    // The lock comes first: nobody writes between our reading and our going on.
    const lock = await lockFor(run);
    const stored = await readStored(run);
    const runs = stored.ok ? await begin(stored.value.recording.scenario) : stored;
    if (!job.superseded && !runs.ok) refuse(job.id, runs.problem);
    if (!stored.ok || !runs.ok || !(await execute(job, runs.value))) return letGo(lock);
    if (job.superseded) return letGo(lock);
    const { cut, recording } = stored.value;
    const step = clamp(cut.step, runs.value.main);
    const opened = {
      ...{ run, writer: ports.newName(), recording, runs: runs.value, lock, step },
      beside: null,
    };
    const changed = differences(cut, cutOf(opened, step));
    if (changed.length === 0) {
      show(job, opened);
      tell({ type: "saved", run, step });
      return;
    }
    // What is stored stays as it is: it is what another version made of this script.
    letGo(lock);
    show(job, { ...opened, lock: null });
    tell({ type: "storage", text: replayDiffers(cut.engine, ports.engine, changed) });
  }

  /** What is stored of a run. Refused: storage fails, or has lost it; then the user is told, whoever asked. */
  async function readStored(
    run: string,
  ): Promise<Result<{ cut: StoredCut; recording: Recording }>> {
    const read = await store.read(run);
    const lost = !read.ok ? read.problem.text : read.value === null ? LOST : null;
    if (lost !== null) tell({ type: "storage", text: lost });
    if (!read.ok || read.value === null) return refused(lost ?? LOST);
    const recording = await restored(read.value);
    if (recording.ok) return ok({ cut: read.value, recording: recording.value });
    const text = `The stored run cannot be read: ${recording.problem}`;
    tell({ type: "storage", text });
    return refused(text);
  }

  /** Changes the scenario, and runs again what that concerns. */
  async function change(job: Job, make: (shown: Current) => Result<Edit>): Promise<void> {
    if (current === null) return refuse(job.id, NOTHING_SHOWN);
    const before = current;
    const { step } = before;
    const edit = make(before);
    const recorder = await fetchRecorder();
    if (job.superseded) return;
    if (!recorder.ok) return refuse(job.id, recorder.problem);
    if (before.runs.recorded !== null && edit.ok && edit.value.type !== "twin") {
      return refuse(job.id, IS_RECORDED);
    }
    const recording = edit.ok ? recorder.value.extend(before.recording, edit.value) : edit;
    if (!edit.ok || !recording.ok) return refuse(job.id, recording.ok ? "" : recording.problem);
    const runs = rerun(before.runs, recording.value.scenario, edit.value);
    if (!runs.ok) return refuse(job.id, runs.problem);
    if (!(await execute(job, runs.value))) return;
    const next = stepAfter(edit.value, before.runs.main, step, runs.value.main);
    if (before.lock === null) {
      return open(job, ports.newName(), recording.value, runs.value, next);
    }
    const shown = { recording: recording.value, runs: runs.value, step: next, beside: null };
    show(job, { ...before, ...shown });
  }

  function show(job: Job, next: Current): void {
    const before = current;
    current = next;
    trials.keepOnly(listed(next.runs));
    // A lock is given back when nothing is being saved under it any more.
    if (before !== null && before.lock !== next.lock) {
      void keeper.drop().then(() => before.lock?.release());
    }
    const { run, recording, runs, lock, step } = next;
    tell({
      type: "loaded",
      id: job.id,
      run,
      scenario: recording.scenario,
      outlines: listed(runs).map((each) => ({ side: each.side, outline: resultOf(each).outline })),
      hash: resultOf(runs.main).hash,
      unmet: unmetIn(runs),
      obligations: runs.main.timeline.system.protocol.obligations,
      readOnly: lock === null,
      step,
    });
    keep(next);
    void keeper.checkpoint();
  }

  /** What is shown is to be in storage soon. */
  function keep(shown: Current): void {
    if (shown.lock === null) return;
    const { step } = shown;
    keeper.note(() => cutOf(shown, step));
  }

  function seek({ id, step, beside }: Ask<"seek">): void {
    if (current === null) {
      refuse(id, NOTHING_SHOWN);
      return;
    }
    const { main, twin } = current.runs;
    current.step = clamp(step, main);
    current.beside = twin === null || beside === undefined ? null : clamp(beside, twin);
    const views = [viewAt(main, current.step)];
    if (twin !== null) views.push(viewAt(twin, shownBeside(current)));
    tell({ type: "shown", id, views });
    keep(current);
    if (current.step === main.timeline.steps) void keeper.checkpoint();
  }

  function runOf(side: Side): Run | null {
    return (side === "main" ? current?.runs.main : current?.runs.twin) ?? null;
  }

  function showDisk({ id, side, machine: wanted, step, kind = "os" }: Ask<"disk">): void {
    const run = runOf(side);
    const machine = run?.timeline.plan.machines.find((each) => each.id === wanted)?.id;
    if (run === null || machine === undefined) {
      refuse(id, `There is no machine ${wanted} to look at.`);
      return;
    }
    if (run.timeline.plan.recorded !== undefined) {
      refuse(id, NO_DISK_RECORDED);
      return;
    }
    tell({ type: "disk", id, side, disk: diskAt(run.timeline, clamp(step, run), machine, kind) });
  }

  /** Tries crash states at a step of a side, beside whatever else is asked. */
  async function tryStates<Answer>(
    { id, side, step }: Ask<"sweep" | "compare" | "meter" | "notches">,
    begin: (examiner: Examiner, timeline: Timeline, step: number) => Result<Trial<Answer>>,
    answer: (answer: Answer) => ToUi,
  ): Promise<void> {
    const run = runOf(side);
    if (run === null) return refuse(id, NOTHING_SHOWN);
    if (run.timeline.plan.recorded !== undefined) return refuse(id, NO_DISK_RECORDED);
    await trials.start({
      id,
      run,
      begin: async () => {
        const examiner = await fetched(() => ports.examiner());
        return examiner.ok ? begin(examiner.value, run.timeline, clamp(step, run)) : examiner;
      },
      tell: answer,
    });
  }

  async function litmus(id: number): Promise<void> {
    const examiner = await fetched(() => ports.examiner());
    if (!examiner.ok) return refuse(id, examiner.problem);
    tell({ type: "litmus", id, tables: examiner.value.litmus() });
  }

  async function exportDisks({ id, side, step, machines, which }: Ask<"export">): Promise<void> {
    const run = runOf(side);
    if (run === null) return refuse(id, NOTHING_SHOWN);
    if (run.timeline.plan.recorded !== undefined) return refuse(id, NO_DISK_RECORDED);
    const known = run.timeline.plan.machines.map((machine) => machine.id);
    const unknown = machines.find((machine) => !known.includes(machine));
    if (unknown !== undefined) return refuse(id, `There is no machine ${unknown} to export.`);
    const exporter = await fetched(() => import("./exporting.ts"));
    if (!exporter.ok) return refuse(id, exporter.problem);
    const zip = exporter.value.exportZip(run.timeline, clamp(step, run), machines, which);
    if (zip === null) refuse(id, "There is no file on these disks at this step.");
    else tell({ type: "exported", id, zip });
  }

  async function list(id: number): Promise<void> {
    const runs = await store.list();
    if (runs.ok) tell({ type: "runs", id, runs: runs.value });
    else refuse(id, runs.problem.text);
  }

  async function forget({ id, run }: Ask<"forget">): Promise<void> {
    const lock = await lockFor(run);
    if (lock === null) return refuse(id, "Another tab has this run open.");
    if (current?.run === run) {
      current.lock = null;
      await keeper.drop();
    }
    const forgotten = await store.forget(run);
    lock.release();
    if (forgotten.ok) return list(id);
    refuse(id, forgotten.problem.text);
  }

  async function checkpoint({ id, again = false }: Ask<"checkpoint">): Promise<void> {
    if (again) keeper.complainAgain();
    await keeper.checkpoint();
    tell({ type: "done", id });
  }

  function lockFor(run: string): Promise<RunLock | null> {
    if (current?.run === run && current.lock !== null) return Promise.resolve(current.lock);
    return locks.acquire(run);
  }

  /** Of a lock that was taken for nothing. */
  function letGo(lock: RunLock | null): void {
    if (lock !== current?.lock) lock?.release();
  }

  function loseRun(run: string): void {
    if (current?.run !== run || current.lock === null) return;
    current.lock.release();
    current.lock = null;
    tell({ type: "storage", text: TAKEN });
  }

  return {
    async handle(request) {
      const { id } = request;
      switch (request.type) {
        case "load":
          jobs.supersede();
          return jobs.enqueue(id, (job) => load(job, request));
        case "resume":
          jobs.supersede();
          return jobs.enqueue(id, (job) => resume(job, request));
        case "act":
          return jobs.enqueue(id, (job) => change(job, (shown) => ok(act(shown, request))));
        case "bugs":
          return jobs.enqueue(id, (job) => change(job, () => ok(chooseBugs(request))));
        case "twin":
          return jobs.enqueue(id, (job) => change(job, (shown) => chooseTwin(shown, request)));
        case "seek":
          return seek(request);
        case "disk":
          return showDisk(request);
        case "runs":
          return list(id);
        case "forget":
          return forget(request);
        case "checkpoint":
          return checkpoint(request);
        case "sweep":
          return tryStates(
            request,
            (examiner, timeline, step) => examiner.sweep(timeline, step, request.ask),
            (report) => ({ type: "swept", id, report }),
          );
        case "compare":
          return tryStates(
            request,
            (examiner, timeline, step) => examiner.compare(timeline, step, request.ask),
            (presets) => ({ type: "compared", id, presets }),
          );
        case "meter":
          return tryStates(
            request,
            (examiner, timeline, step) =>
              examiner.meter(timeline, step, request.machine, request.most),
            (rows) => ({ type: "meter", id, rows }),
          );
        case "notches":
          return tryStates(
            request,
            (examiner, timeline, step) => examiner.notches(timeline, step, request.kind),
            (found) => ({ type: "notches", id, ...found }),
          );
        case "cancel":
          trials.cancel(request.request);
          importing.cancel(request.request);
          return tell({ type: "done", id });
        case "disk-settings":
          return jobs.enqueue(id, (job) => change(job, () => ok(chooseDisks(request))));
        case "matrix":
          return trials.start({
            id,
            run: null,
            begin: () => tryFixes(request.fixSet),
            tell: (cells) => ({ type: "matrix", id, cells }),
          });
        case "litmus":
          return litmus(id);
        case "import":
          return importing.start(id, request.files);
        case "export":
          return exportDisks(request);
        default:
          unreachable(request);
      }
    },
  };
}

/** What is loaded is checked, but for what came with the page. */
async function recordingOf(request: Ask<"load">): Promise<Result<Recording>> {
  if (request.isChecked === true) {
    const { scenario } = request;
    return ok({ base: scenario, edits: [], scenario });
  }
  return restored({ base: request.scenario, edits: [] });
}

async function restored(stored: Pick<StoredCut, "base" | "edits">): Promise<Result<Recording>> {
  const recorder = await fetchRecorder();
  return recorder.ok ? recorder.value.restore(stored) : recorder;
}

function fetchRecorder() {
  return fetched(() => import("./recorder.ts"));
}

/** A row of the table of fixes. */
async function tryFixes(fixSet: string) {
  const matrix = await fetched(() => import("./matrix-trial.ts"));
  return matrix.ok ? matrix.value.matrixTrial(fixSet) : matrix;
}

/** Code that the first picture does without. */
async function fetched<Part>(load: () => Promise<Part>): Promise<Result<Part>> {
  try {
    return ok(await load());
  } catch {
    return refused(NOT_FETCHED);
  }
}

function act(shown: Current, { action, inside }: Ask<"act">): Edit {
  const { scenario } = shown.recording;
  if (inside === undefined) {
    const { run, step } = latest(shown);
    return actAt(scenario, run.timeline.plan, momentAt(run, step), action);
  }
  // Whatever else falls before that event or into it goes first.
  const { time, order, notch } = inside;
  const place = scenario.script.length;
  return { type: "act", place, anchor: { type: "at", time, order, notch }, action };
}

function chooseDisks({ machine, settings }: Ask<"disk-settings">): Edit {
  return { type: "disk", machine, settings };
}

function chooseBugs({ side, preset, bugs }: Ask<"bugs">): Edit {
  return { type: "bugs", side, choice: { preset, bugs } };
}

function chooseTwin({ recording }: Current, { on }: Ask<"twin">): Result<Edit> {
  if (!on) return ok({ type: "twin", choice: null });
  const choice = lastTwin(recording) ?? otherChoice(recording.scenario);
  return choice === null ? refused(NO_OTHER) : ok({ type: "twin", choice });
}

/** What was done by hand is seen in the step after, or in the step into which it fell; else the same time is shown. */
function stepAfter(edit: Edit, old: Run, step: number, main: Run): number {
  if (edit.type === "act") return clamp(isInside(edit) ? step : step + 1, main);
  return old === main ? step : stepBeside(old, step, main);
}

function isInside({ anchor }: Extract<Edit, { type: "act" }>): boolean {
  return anchor.type === "at" && anchor.notch !== undefined;
}

/** The side that is shown at the later time, and its step; the main side when both are at one time. */
function latest(shown: Current): { readonly run: Run; readonly step: number } {
  const { main, twin } = shown.runs;
  const ours = { run: main, step: shown.step };
  if (twin === null) return ours;
  const theirs = { run: twin, step: shownBeside(shown) };
  return timeOf(twin, theirs.step) > timeOf(main, ours.step) ? theirs : ours;
}

function shownBeside({ runs, step, beside }: Current): number {
  return beside ?? twinStep(runs, step);
}

function twinStep({ main, twin }: Runs, step: number): number {
  return twin === null ? 0 : stepBeside(main, step, twin);
}

function cutOf({ run, writer, recording, runs }: Current, step: number): Cut {
  const { main, twin } = runs;
  const sides = [cutAt(main, step)];
  if (twin !== null) sides.push(cutAt(twin, twinStep(runs, step)));
  const { base, edits, scenario } = recording;
  const { steps } = resultOf(main).outline;
  return { run, writer, title: scenario.title, base, edits, step, steps, sides };
}

function unmetIn(runs: Runs): string[] {
  return listed(runs).flatMap(({ side, timeline }) =>
    unmet(timeline).map((text) => (side === "twin" ? `In the twin: ${text}` : text)),
  );
}

function listed({ main, twin }: Runs): readonly Run[] {
  return twin === null ? [main] : [main, twin];
}

function clamp(step: number, { timeline }: Run): number {
  return Math.max(0, Math.min(Math.trunc(step) || 0, timeline.steps));
}

const NOT_FETCHED =
  "A part of Blackstart could not be fetched. Nothing is lost: look after the connection, or reload the page for the present version.";
const IS_RECORDED =
  "This run is told as it was recorded: nothing in it can be changed. The incidents of the library play the same on the model, and there everything can.";
const NO_DISK_RECORDED =
  "The record tells what the servers did, not what was on their disks at each step: there is nothing to look at here.";
const NOTHING_SHOWN = "No run is shown.";
const NO_OTHER = "There is no other version of this system to compare with.";
const LOST =
  "This browser no longer has the run: it was forgotten, or the browser threw it away to make room. " +
  "Nothing is made up in its place.";
const TAKEN =
  "Another tab has taken this run over. What is done here from now on makes a run of its own.";

function replayDiffers(was: string, is: string, what: readonly string[]): string {
  return (
    `This run was saved by version ${was} of the engine; version ${is} replays it differently ` +
    `(${what.join(", ")}). The replay is shown, the saved run is left as it is, and what is done here makes a run of its own.`
  );
}
